/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What <linux/vfio.h> has on the ioctls of a container, where older versions have less of it. */
#ifndef FAKE_TYPE1_H
#define FAKE_TYPE1_H

#include <linux/vfio.h>
#include <stdint.h>

#ifndef VFIO_UNMAP_ALL
#define VFIO_UNMAP_ALL 9
#endif

#define TYPE1_INFO_CAPS	     (1 << 1)
#define TYPE1_CAP_IOVA_RANGE 1
#define TYPE1_CAP_DMA_AVAIL  3

/* struct vfio_iommu_type1_info of all versions since capabilities came. */
struct type1_info {
	uint32_t argsz;
	uint32_t flags;
	uint64_t pgsizes;
	uint32_t cap_offset;
	uint32_t pad;
};

#endif
