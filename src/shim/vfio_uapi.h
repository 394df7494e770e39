/* SPDX-License-Identifier: GPL-2.0-or-later */
/* <linux/vfio.h>, and what its older versions lack. */
#ifndef SHIM_VFIO_UAPI_H
#define SHIM_VFIO_UAPI_H

#include <linux/vfio.h>

/* Linux 6.6: devices without a group. The numbers have other meanings on a container of SPAPR. */
#ifndef VFIO_DEVICE_BIND_IOMMUFD
#define VFIO_DEVICE_BIND_IOMMUFD      _IO(VFIO_TYPE, VFIO_BASE + 18)
#define VFIO_DEVICE_ATTACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 19)
#define VFIO_DEVICE_DETACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 20)
#endif

#endif
