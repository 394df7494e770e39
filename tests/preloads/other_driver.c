/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preloaded behind the shim: a driver that uses VFIO's ioctl numbers for something else. */
#include <linux/vfio.h>

__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...);

int ioctl(int fd, unsigned long request, ...)
{
	return request == VFIO_GROUP_GET_DEVICE_FD ? fd : -1;
}
