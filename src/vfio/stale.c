/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vfio/stale.h"

#include <errno.h>
#include <linux/vfio.h>
#include <string.h>

enum stale stale_past_end(ssize_t result)
{
	if (result >= 0 || result == -ESPIPE || result == -EISDIR || result == -EBADF)
		return STALE_YES;
	/* else: a device that does not wake up, a flag of preadv2, a filter */
	return result == -EINVAL ? STALE_NO : STALE_UNKNOWN;
}

bool stale_count(uint64_t count, uint64_t room)
{
	return count > room;
}

bool stale_past_config(ssize_t result, ssize_t at_start)
{
	if (at_start >= 0 || result == at_start)
		return false;
	/* EINVAL is what a BAR of another VFIO device says, or a file with O_DIRECT */
	return stale_past_end(result) != STALE_UNKNOWN;
}

bool stale_mmap(const struct vfio_dev *dev, uint64_t offset, uint64_t len)
{
	const struct plan *plan = &dev->plan;
	uint64_t base = dev->region[plan->target].offset;
	struct extent added = {
		base + vfio_dev_real_pages(plan, dev->style.page_size),
		base + plan->bar.size,
	};

	return extent_overlaps(added, (struct extent){offset, offset + len});
}

static bool has_moved(const struct vfio_dev *dev, const void *arg)
{
	struct vfio_region_info info;

	memcpy(&info, arg, sizeof(info));

	const struct region_info *shown = vfio_dev_shown(dev, info.index);

	return shown && info.offset != shown->offset;
}

/*
 * 0x3b71 is VFIO_DEVICE_PCI_HOT_RESET on a device and VFIO_IOMMU_MAP_DMA on a container. If a
 * container got this fd's number unseen, the call that just succeeded was a DMA map. Its flags, at
 * the same offset, are never 0; those of a hot reset always are.
 */
static bool was_map_dma(const void *arg)
{
	struct vfio_pci_hot_reset reset;

	memcpy(&reset, arg, sizeof(reset));
	return reset.flags != 0;
}

bool stale_ioctl(const struct vfio_dev *dev, uint32_t number, int rc, const void *arg)
{
	switch (number) {
	case VFIO_DEVICE_GET_INFO:
	case VFIO_DEVICE_GET_IRQ_INFO:
		return rc == -ENOTTY;
	case VFIO_DEVICE_GET_REGION_INFO:
		return rc < 0 ? rc == -ENOTTY : has_moved(dev, arg);
	case VFIO_DEVICE_PCI_HOT_RESET:
		return rc >= 0 && was_map_dma(arg);
	default:
		return false;
	}
}
