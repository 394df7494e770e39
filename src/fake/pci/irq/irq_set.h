/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VFIO_DEVICE_SET_IRQS. The caller holds the lock. */
#ifndef FAKE_IRQ_SET_H
#define FAKE_IRQ_SET_H

struct fake_dev;

/*
 * vfio_pci_ioctl_set_irqs(), vfio_pci_set_irqs_ioctl(): 0, -errno, or how many vectors there could
 * be if there are too few. EINVAL for what the kernel refuses, ENOTTY for an action that the index
 * does not have, EFAULT, EBADF.
 */
long irq_set(struct fake_dev *d, void *arg);

#endif
