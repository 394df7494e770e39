/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ioctls on a device's file. The caller holds the lock. */
#ifndef FAKE_DEV_IOCTL_H
#define FAKE_DEV_IOCTL_H

struct fake_dev;

/* vfio_pci_core_ioctl(): what the ioctl returns, or -errno; and its line of the transcript. */
long dev_ioctl(struct fake_dev *d, unsigned int cmd, void *arg);

#endif
