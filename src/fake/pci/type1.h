/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ioctls of a container's IOMMU driver, vfio_iommu_type1.c. An iommufd in the place of a
 * container answers the same ones: what both do alike is here.
 */
#ifndef FAKE_TYPE1_H
#define FAKE_TYPE1_H

#include <linux/vfio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_container;

/* What <linux/vfio.h> has on these ioctls, where older versions have less of it. */
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

#define TYPE1_MAP_RW	  ((uint32_t)(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE))
#define TYPE1_UNMAP_MINSZ (offsetof(struct vfio_iommu_type1_dma_unmap, size) + sizeof(uint64_t))

/*
 * vfio_iommu_type1_ioctl(): maps, unmaps, tells what can be mapped. EINVAL for arguments that
 * the kernel refuses, EEXIST, ENOSPC, EFAULT for memory that is not there, ENOTTY.
 */
long type1_ioctl(struct fake_container *c, unsigned int cmd, void *arg);

/* vfio_iommu_type1_check_extension(): whether it always has the extension. */
bool type1_has(unsigned long extension);
/* Reads what a program gives to GET_INFO: 0, EFAULT, EINVAL if argsz is too small. */
long type1_read_info(const void *arg, struct type1_info *info);
/* Lines of the transcript, of an ioctl on `who` that returned ret. */
void type1_log(long ret, const char *who, unsigned int cmd, unsigned long value);
void type1_log_map(long ret, const char *who, const struct vfio_iommu_type1_dma_map *m);
void type1_log_unmap(long ret, const char *who, const struct vfio_iommu_type1_dma_unmap *u);

#endif
