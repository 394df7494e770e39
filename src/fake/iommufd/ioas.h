/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ioctls of an iommufd's address spaces (IOAS): iommufd's ioas.c. Each does what the kernel's
 * iommufd_NAME() does, on call->args, and returns 0 or -errno.
 */
#ifndef FAKE_IOAS_H
#define FAKE_IOAS_H

struct iommu_call;

long ioas_alloc(struct iommu_call *call);
/* EMSGSIZE with the number of ranges if there is no room for all. */
long ioas_iova_ranges(struct iommu_call *call);
long ioas_allow_iovas(struct iommu_call *call);
/* Maps memory of the program, part of a file, or what another IOAS maps. */
long ioas_map(struct iommu_call *call);
long ioas_map_file(struct iommu_call *call);
long ioas_copy(struct iommu_call *call);
/* Tells how many bytes were unmapped. */
long ioas_unmap(struct iommu_call *call);

#endif
