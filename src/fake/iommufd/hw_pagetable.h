/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables of an iommufd: iommufd's hw_pagetable.c, for an IOMMU with nothing optional: no
 * nesting, no dirty tracking.
 */
#ifndef FAKE_HW_PAGETABLE_H
#define FAKE_HW_PAGETABLE_H

#include <stdbool.h>
#include <stdint.h>

struct fake_iommufd;
struct iommu_call;

/*
 * iommufd_hwpt_paging_alloc(): makes one for all that is mapped in the IOAS; *id is its id. An
 * automatic one goes with the last device that uses it. ENOMEM; what iopt_can_add_domain() says.
 */
long hwpt_new(struct fake_iommufd *i, uint32_t ioas, bool automatic, uint32_t *id);
/* iommufd_hw_pagetable_put(): no device uses it any more, unless id is 0. */
void hwpt_put(struct fake_iommufd *i, uint32_t id);
/* iommufd_hwpt_alloc(), IOMMU_HWPT_ALLOC: 0 or -errno. */
long hwpt_alloc(struct iommu_call *call);

#endif
