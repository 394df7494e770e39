/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An iommufd in the place of a container: iommufd's vfio_compat.c. */
#include "fake/iommufd/vfio_compat.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stddef.h>

#include "fake/iommufd/abi.h"
#include "fake/iommufd/io_pagetable.h"
#include "fake/iommufd/iommufd.h"
#include "fake/log.h"
#include "fake/page.h"
#include "fake/pci/type1.h"
#include "fake/user.h"

#define DOMAIN_PAGE_SIZES 0x40201000ULL /* 4K, 2M, 1G */

long iommufd_vfio_create(struct fake_iommufd *i)
{
	if (!i->vfio_ioas)
		i->vfio_ioas = iommu_object_new(i, OBJ_IOAS);
	return i->vfio_ioas ? 0 : -ENOMEM;
}

static long check_extension(const struct fake_iommufd *i, unsigned long extension)
{
	if (extension == VFIO_DMA_CC_IOMMU)
		return i->vfio_ioas ? 1 : -ENODEV;
	return type1_has(extension);
}

/* TYPE1 lets a mapping be cut anywhere, which only small pages allow. */
static long set_iommu(struct fake_iommufd *i, unsigned long type)
{
	if (type != VFIO_TYPE1_IOMMU && type != VFIO_TYPE1v2_IOMMU)
		return -EINVAL;
	if (!i->vfio_ioas)
		return -ENODEV;
	return type == VFIO_TYPE1_IOMMU ? iopt_set_small_pages(i, i->vfio_ioas, true) : 0;
}

static uint64_t page_sizes(struct fake_iommufd *i)
{
	uint64_t sizes = UINT64_MAX;
	struct abi_range reserved[IOPT_RESERVED_MAX];

	/* The page table's end is reserved as soon as there is one. */
	if (iopt_reserved(i, i->vfio_ioas, reserved))
		sizes = DOMAIN_PAGE_SIZES;
	return sizes & page_mask() ? page_down(sizes) | page_size() : sizes;
}

struct iova_caps {
	struct vfio_info_cap_header avail;
	uint32_t avail_count;
	uint32_t pad;
	struct vfio_info_cap_header iova;
	uint32_t nr_iovas;
	uint32_t reserved;
	struct abi_range ranges[IOPT_RESERVED_MAX + 1];
};

/* Returns how long they are. */
static size_t fill_caps(struct fake_iommufd *i, struct iova_caps *caps)
{
	*caps = (struct iova_caps){
		.avail = {TYPE1_CAP_DMA_AVAIL, 1,
			  sizeof(struct type1_info) + offsetof(struct iova_caps, iova)},
		.avail_count = UINT32_MAX,
		.iova = {TYPE1_CAP_IOVA_RANGE, 1, 0},
	};
	caps->nr_iovas = iopt_usable(i, i->vfio_ioas, caps->ranges);
	return offsetof(struct iova_caps, ranges) + caps->nr_iovas * sizeof(caps->ranges[0]);
}

/* If not all capabilities fit, the kernel still gives the first one, if that fits. */
static long get_info(struct fake_iommufd *i, void *arg)
{
	struct type1_info info;
	struct iova_caps caps;
	size_t len, room;
	long ret = type1_read_info(arg, &info);

	if (ret)
		return ret;
	if (!i->vfio_ioas)
		return -ENODEV;
	room = info.argsz;
	len = fill_caps(i, &caps);
	info = (struct type1_info){.argsz = (uint32_t)(sizeof(info) + len),
				   .flags = VFIO_IOMMU_INFO_PGSIZES | TYPE1_INFO_CAPS,
				   .pgsizes = page_sizes(i)};
	if (room >= sizeof(info) + len)
		info.cap_offset = sizeof(info);
	else if (room >= sizeof(info) + offsetof(struct iova_caps, iova))
		len = offsetof(struct iova_caps, iova);
	else
		len = 0;
	if (user_write((uint8_t *)arg + sizeof(info), &caps, len))
		return -EFAULT;
	return user_write(arg, &info, room < sizeof(info) ? room : sizeof(info));
}

static long map_dma(struct fake_iommufd *i, const struct vfio_iommu_type1_dma_map *m)
{
	const struct iommu_area pages = {
		.start = m->vaddr, .size = m->size, .writable = m->flags & VFIO_DMA_MAP_FLAG_WRITE};
	uint64_t iova = m->iova;

	if (m->argsz < sizeof(*m) || m->flags & ~TYPE1_MAP_RW)
		return -EINVAL;
	return i->vfio_ioas ? iopt_map(i, i->vfio_ioas, &pages, &iova, true) : -ENODEV;
}

static long map_ioctl(struct fake_iommufd *i, void *arg)
{
	struct vfio_iommu_type1_dma_map m = {0};
	long ret = user_read(&m, arg, sizeof(m));

	if (!ret)
		ret = map_dma(i, &m);
	type1_log_map(ret, "iommu", &m);
	return ret;
}

/* Cut at both ends, so that what is asked for can be removed without the rest. */
static long cut(struct fake_iommufd *i, uint64_t iova, uint64_t size)
{
	long ret = iopt_cut(i, i->vfio_ioas, iova + size - 1);

	return ret || !iova ? ret : iopt_cut(i, i->vfio_ioas, iova - 1);
}

static long unmap_range(struct fake_iommufd *i, uint64_t iova, uint64_t size, uint64_t *done)
{
	if (!size)
		return -EINVAL;
	if (iova + size - 1 < iova)
		return -EOVERFLOW;
	return iopt_unmap(i, i->vfio_ioas, iova, iova + size - 1, done);
}

/* iommufd_vfio_unmap_dma(): tells how much was unmapped even if it fails. */
static long unmap_dma(struct fake_iommufd *i, struct vfio_iommu_type1_dma_unmap *u, void *arg)
{
	uint64_t done = 0;
	long ret;

	if (user_read(u, arg, TYPE1_UNMAP_MINSZ))
		return -EFAULT;
	if (u->argsz < TYPE1_UNMAP_MINSZ || u->flags & ~(uint32_t)VFIO_DMA_UNMAP_FLAG_ALL)
		return -EINVAL;
	if (!i->vfio_ioas)
		return -ENODEV;
	if (u->flags & VFIO_DMA_UNMAP_FLAG_ALL) {
		if (u->iova || u->size)
			return -EINVAL;
		ret = iopt_unmap(i, i->vfio_ioas, 0, UINT64_MAX, &done);
	} else {
		if (i->objects[i->vfio_ioas - 1].small_pages) {
			ret = cut(i, u->iova, u->size);
			if (ret)
				return ret;
		}
		ret = unmap_range(i, u->iova, u->size, &done);
	}

	struct vfio_iommu_type1_dma_unmap answer = *u;

	answer.size = done;
	return user_write(arg, &answer, TYPE1_UNMAP_MINSZ) ? -EFAULT : ret;
}

static long unmap_ioctl(struct fake_iommufd *i, void *arg)
{
	struct vfio_iommu_type1_dma_unmap u = {0};
	long ret = unmap_dma(i, &u, arg);

	type1_log_unmap(ret, "iommu", &u);
	return ret;
}

static long answer(struct fake_iommufd *i, unsigned int cmd, void *arg)
{
	switch (cmd) {
	case VFIO_GET_API_VERSION:
		return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		return check_extension(i, (unsigned long)(uintptr_t)arg);
	case VFIO_SET_IOMMU:
		return set_iommu(i, (unsigned long)(uintptr_t)arg);
	case VFIO_IOMMU_GET_INFO:
		return get_info(i, arg);
	default:
		return -ENOTTY;
	}
}

long iommufd_vfio_ioctl(struct fake_iommufd *i, unsigned int cmd, void *arg)
{
	long ret;

	if (cmd == VFIO_IOMMU_MAP_DMA)
		return map_ioctl(i, arg);
	if (cmd == VFIO_IOMMU_UNMAP_DMA)
		return unmap_ioctl(i, arg);
	ret = answer(i, cmd, arg);
	if (cmd == VFIO_IOMMU_GET_INFO)
		log_result(ret, "iommu GET_INFO");
	else
		type1_log(ret, "iommu", cmd, (unsigned long)(uintptr_t)arg);
	return ret;
}
