/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ioctls on a device's file, which its own node /dev/vfio/devices/vfioN may have opened. The caller
 * holds the lock. */
#ifndef FAKE_CDEV_H
#define FAKE_CDEV_H

struct fake_ref;

/*
 * vfio_device_fops_unl_ioctl(): an ioctl on a file of the device, however that was opened. EINVAL
 * for all but BIND_IOMMUFD before a bind.
 */
long dev_file_ioctl(struct fake_ref *ref, unsigned int cmd, void *arg);

#endif
