/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's IOMMU, an x86 one: what containers and iommufds have of it. */
#ifndef FAKE_IOMMU_H
#define FAKE_IOMMU_H

/* Mappings: of one container, type1's dma_entry_limit; of one iommufd, which knows no limit. */
#define TYPE1_MAPPINGS 65535
#define FAKE_MAPPINGS  4096

/* What it does not let be mapped: the interrupt window, and all past 48 bits. */
#define FAKE_MSI_START 0xfee00000ULL
#define FAKE_MSI_LAST  0xfeefffffULL
#define FAKE_IOVA_LAST 0xffffffffffffULL

#endif
