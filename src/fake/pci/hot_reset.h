/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hot reset of a bus: vfio_pci_core.c. The caller holds the lock. */
#ifndef FAKE_HOT_RESET_H
#define FAKE_HOT_RESET_H

struct fake_dev;

/*
 * vfio_pci_ioctl_get_pci_hot_reset_info(): the devices on the bus. ENOSPC with their number if
 * there is no room for all, ENODEV if the bus can't be reset, EINVAL, EFAULT.
 */
long dev_hot_reset_info(struct fake_dev *d, void *arg);
/*
 * vfio_pci_ioctl_pci_hot_reset(): resets each one that is open. EINVAL unless the caller owns all
 * of them, ENODEV, EBADF, EFAULT.
 */
long dev_hot_reset(struct fake_dev *d, void *arg);

#endif
