/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An iommufd in the place of a container: iommufd's vfio_compat.c. The caller holds the lock. */
#ifndef FAKE_VFIO_COMPAT_H
#define FAKE_VFIO_COMPAT_H

struct fake_iommufd;

/* iommufd_vfio_ioctl(): the ioctls of a container. What the ioctl returns, or -errno. */
long iommufd_vfio_ioctl(struct fake_iommufd *i, unsigned int cmd, void *arg);
/* iommufd_vfio_compat_ioas_create(): makes the IOAS that they work on, if need be. 0, ENOMEM. */
long iommufd_vfio_create(struct fake_iommufd *i);

#endif
