/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel tells of a descriptor without touching its device: whether VFIO is behind it,
 * and which device. By /proc and sysfs, never by an ioctl, which could be another driver's. For the
 * moment of the hand-out; errno is untouched.
 */
#ifndef SHIM_IDENTIFY_H
#define SHIM_IDENTIFY_H

#include <stdbool.h>
#include <stddef.h>

enum identity {
	IDENTITY_OTHER,	     /* no VFIO device, or no open descriptor */
	IDENTITY_GROUP,	     /* a device that a group handed out */
	IDENTITY_CDEV,	     /* a node, /dev/vfio/devices/vfioN, which may not be bound yet */
	IDENTITY_UNREADABLE, /* it is open, and /proc does not tell what it is */
};

enum identity identify(int fd);

/*
 * The name of the device behind `fd`, of the kind `kind`: "0000:01:00.0" for a PCI device. By
 * "vfio-device-syspath:" of the fdinfo in /proc, which newer kernels have; for IDENTITY_CDEV by
 * sysfs, too. "" where neither tells it, or where it does not fit.
 */
void identify_name(int fd, enum identity kind, char *buf, size_t size);

/*
 * Whether two descriptors are duplicates of each other, wherever they were made. False also where
 * the kernel has no kcmp(2), or does not allow it.
 */
bool identify_same(int fd, int other);

#endif
