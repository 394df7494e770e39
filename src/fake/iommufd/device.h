/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices that are bound to an iommufd, and the page tables that they use: iommufd's device.c.
 * The caller holds the lock.
 */
#ifndef FAKE_DEVICE_H
#define FAKE_DEVICE_H

#include <stdint.h>

struct fake_dev;
struct fake_iommufd;
struct iommu_call;

/*
 * iommufd_device_bind(): the device becomes an object of the iommufd. EPERM if another one owns
 * its group, ENOMEM.
 */
long iommu_bind(struct fake_dev *d, struct fake_iommufd *i);
/* iommufd_device_unbind(): undoes what a bind did, if it did; detaches. */
void iommu_unbind(struct fake_dev *d);
/*
 * iommufd_device_attach(), iommufd_device_replace(), of one that is bound: to an IOAS or a page
 * table; *pt_id becomes the page table's id. A second time, instead of the first. ENOENT, EINVAL,
 * EADDRINUSE; what hwpt_new() says.
 */
long iommu_attach(struct fake_dev *d, uint32_t *pt_id);
/* iommufd_device_detach() */
void iommu_detach(struct fake_dev *d);
/* iommufd_get_hw_info(), IOMMU_GET_HW_INFO: 0 or -errno. */
long iommu_hw_info(struct iommu_call *call);

#endif
