/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a container's IOMMU driver does: vfio_iommu_type1.c. No DMA happens. */
#include "fake/pci/type1.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stddef.h>
#include <string.h>

#include "fake/iommu.h"
#include "fake/log.h"
#include "fake/page.h"
#include "fake/pci/container.h"
#include "fake/user.h"

/* What an x86 IOMMU lets be mapped: all but the interrupt window. */
static const struct vfio_iova_range iova_ranges[] = {
	{0, FAKE_MSI_START - 1},
	{FAKE_MSI_LAST + 1, FAKE_IOVA_LAST},
};

bool type1_has(unsigned long extension)
{
	return extension == VFIO_TYPE1_IOMMU || extension == VFIO_TYPE1v2_IOMMU ||
	       extension == VFIO_UNMAP_ALL;
}

long type1_read_info(const void *arg, struct type1_info *info)
{
	const size_t minsz = offsetof(struct type1_info, cap_offset);

	*info = (struct type1_info){0};
	if (user_read(info, arg, minsz))
		return -EFAULT;
	return info->argsz < minsz ? -EINVAL : 0;
}

void type1_log(long ret, const char *who, unsigned int cmd, unsigned long value)
{
	switch (cmd) {
	case VFIO_GET_API_VERSION:
		log_result(ret, "%s GET_API_VERSION", who);
		break;
	case VFIO_CHECK_EXTENSION:
		log_result(ret, "%s CHECK_EXTENSION %lu", who, value);
		break;
	case VFIO_SET_IOMMU:
		log_result(ret, "%s SET_IOMMU %lu", who, value);
		break;
	default:
		log_result(ret, "%s ioctl 0x%x", who, cmd);
		break;
	}
}

void type1_log_map(long ret, const char *who, const struct vfio_iommu_type1_dma_map *m)
{
	log_result(ret, "%s MAP_DMA iova=0x%llx size=0x%llx flags=0x%x", who,
		   (unsigned long long)m->iova, (unsigned long long)m->size, m->flags);
}

void type1_log_unmap(long ret, const char *who, const struct vfio_iommu_type1_dma_unmap *u)
{
	log_result(ret, "%s UNMAP_DMA iova=0x%llx size=0x%llx flags=0x%x", who,
		   (unsigned long long)u->iova, (unsigned long long)u->size, u->flags);
}

struct iommu_caps {
	struct vfio_info_cap_header iova;
	uint32_t nr_iovas;
	uint32_t reserved;
	struct vfio_iova_range ranges[2];
	struct vfio_info_cap_header avail;
	uint32_t avail_count;
	uint32_t pad;
};

static long get_info(const struct fake_container *c, void *arg)
{
	struct type1_info info;
	struct iommu_caps caps = {
		.iova = {TYPE1_CAP_IOVA_RANGE, 1,
			 sizeof(info) + offsetof(struct iommu_caps, avail)},
		.nr_iovas = 2,
		.ranges = {iova_ranges[0], iova_ranges[1]},
		.avail = {TYPE1_CAP_DMA_AVAIL, 1, 0},
		.avail_count = TYPE1_MAPPINGS - c->nr_mappings,
	};
	long ret = type1_read_info(arg, &info);

	if (ret)
		return ret;
	info.flags = VFIO_IOMMU_INFO_PGSIZES | TYPE1_INFO_CAPS;
	info.pgsizes = ~page_mask();

	size_t given = info.argsz;

	if (given < sizeof(info) + sizeof(caps)) {
		info.argsz = sizeof(info) + sizeof(caps);
	} else {
		info.cap_offset = sizeof(info);
		if (user_write((uint8_t *)arg + sizeof(info), &caps, sizeof(caps)))
			return -EFAULT;
	}
	return user_write(arg, &info, given < sizeof(info) ? given : sizeof(info));
}

/* The first mapping that does not end before iova; nr_mappings if there is none. */
static uint32_t first_mapping(const struct fake_container *c, uint64_t iova)
{
	uint32_t low = 0, high = c->nr_mappings;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct fake_mapping *m = &c->mappings[middle];

		if (m->iova + (m->size - 1) < iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool in_ranges(uint64_t iova, uint64_t size)
{
	for (unsigned int i = 0; i < 2; i++) {
		if (iova >= iova_ranges[i].start && iova + size - 1 <= iova_ranges[i].end)
			return true;
	}
	return false;
}

/* Whether the program has memory there: the kernel pins it. */
static bool backed(uint64_t vaddr, uint64_t size)
{
	uint8_t byte = 0;

	return !user_read(&byte, user_pointer(vaddr), 1) &&
	       !user_read(&byte, user_pointer(vaddr + size - 1), 1);
}

/* vfio_dma_do_map() */
static long map_dma(struct fake_container *c, const struct vfio_iommu_type1_dma_map *m)
{
	uint32_t at = first_mapping(c, m->iova);

	if (m->argsz < sizeof(*m) || m->flags & ~TYPE1_MAP_RW || !(m->flags & TYPE1_MAP_RW))
		return -EINVAL;
	if (!m->size || (m->size | m->iova | m->vaddr) & page_mask())
		return -EINVAL;
	if (m->iova + m->size - 1 < m->iova || m->vaddr + m->size - 1 < m->vaddr)
		return -EINVAL;
	if (at < c->nr_mappings && c->mappings[at].iova <= m->iova + (m->size - 1))
		return -EEXIST;
	if (c->nr_mappings == TYPE1_MAPPINGS)
		return -ENOSPC;
	if (!in_ranges(m->iova, m->size))
		return -EINVAL;
	if (!backed(m->vaddr, m->size))
		return -EFAULT;
	memmove(&c->mappings[at + 1], &c->mappings[at],
		(c->nr_mappings - at) * sizeof(c->mappings[0]));
	c->mappings[at] = (struct fake_mapping){m->iova, m->size};
	c->nr_mappings++;
	return 0;
}

/* Whether the mappings from the first on reach out of a range, at either end. */
static bool cuts_one(const struct fake_container *c, uint32_t first, uint32_t end, uint64_t iova,
		     uint64_t last)
{
	const struct fake_mapping *m = &c->mappings[first], *n = &c->mappings[end - 1];

	return first < end && (m->iova < iova || n->iova + (n->size - 1) > last);
}

/* vfio_dma_do_unmap(): whole mappings alone; *done is what was unmapped. */
static long unmap_dma(struct fake_container *c, const struct vfio_iommu_type1_dma_unmap *u,
		      uint64_t *done)
{
	uint64_t last = UINT64_MAX;
	uint32_t first, end;
	bool all = u->flags & VFIO_DMA_UNMAP_FLAG_ALL;

	if (u->flags & ~(uint32_t)VFIO_DMA_UNMAP_FLAG_ALL || (u->iova | u->size) & page_mask())
		return -EINVAL;
	if (all ? u->iova || u->size : !u->size || u->iova + u->size - 1 < u->iova)
		return -EINVAL;
	if (!all)
		last = u->iova + (u->size - 1);
	first = end = first_mapping(c, u->iova);
	while (end < c->nr_mappings && c->mappings[end].iova <= last)
		end++;
	if (c->iommu == VFIO_TYPE1v2_IOMMU && cuts_one(c, first, end, u->iova, last))
		return -EINVAL;
	for (uint32_t i = first; i < end; i++)
		*done += c->mappings[i].size;
	memmove(&c->mappings[first], &c->mappings[end],
		(c->nr_mappings - end) * sizeof(c->mappings[0]));
	c->nr_mappings -= end - first;
	return 0;
}

static long map_ioctl(struct fake_container *c, void *arg)
{
	struct vfio_iommu_type1_dma_map m = {0};
	long ret = user_read(&m, arg, sizeof(m));

	if (!ret)
		ret = map_dma(c, &m);
	type1_log_map(ret, "container", &m);
	return ret;
}

static long unmap_ioctl(struct fake_container *c, void *arg)
{
	struct vfio_iommu_type1_dma_unmap u = {0};
	uint64_t done = 0;
	long ret = user_read(&u, arg, TYPE1_UNMAP_MINSZ);

	if (!ret && u.argsz < TYPE1_UNMAP_MINSZ)
		ret = -EINVAL;
	if (!ret)
		ret = unmap_dma(c, &u, &done);
	type1_log_unmap(ret, "container", &u);
	u.size = done;
	return ret ? ret : user_write(arg, &u, TYPE1_UNMAP_MINSZ);
}

long type1_ioctl(struct fake_container *c, unsigned int cmd, void *arg)
{
	long ret;

	switch (cmd) {
	case VFIO_IOMMU_MAP_DMA:
		return map_ioctl(c, arg);
	case VFIO_IOMMU_UNMAP_DMA:
		return unmap_ioctl(c, arg);
	case VFIO_IOMMU_GET_INFO:
		ret = get_info(c, arg);
		break;
	default:
		ret = -ENOTTY;
		break;
	}
	type1_log(ret, "container", cmd, 0);
	return ret;
}
