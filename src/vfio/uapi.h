/* SPDX-License-Identifier: GPL-2.0-or-later */
/* <linux/vfio.h>, and what its older versions lack. */
#ifndef MSIXSHIM_VFIO_UAPI_H
#define MSIXSHIM_VFIO_UAPI_H

#include <linux/vfio.h>
#include <stdbool.h>
#include <stdint.h>

/* Linux 6.6: devices without a group. The numbers have other meanings on a container of SPAPR. */
#ifndef VFIO_DEVICE_BIND_IOMMUFD
#define VFIO_DEVICE_BIND_IOMMUFD      _IO(VFIO_TYPE, VFIO_BASE + 18)
#define VFIO_DEVICE_ATTACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 19)
#define VFIO_DEVICE_DETACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 20)
#endif

/*
 * Whether it is the number of one of VFIO's ioctls, all of which are made by _IO(). The kernel
 * looks at 32 bits; callers sign-extend them at will. What _IO() sets beside type and number
 * differs: nothing on x86, a bit on powerpc, mips, sparc and alpha.
 */
static inline bool vfio_uapi_is_ioctl(unsigned long request)
{
	return (uint32_t)request >> _IOC_TYPESHIFT == _IO(VFIO_TYPE, 0) >> _IOC_TYPESHIFT;
}

#endif
