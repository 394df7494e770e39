/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ioctls on a device fd: vfio_pci_core_ioctl(). */
#include "fake/pci/dev_ioctl.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stddef.h>
#include <string.h>

#include "core/pci_cfg.h"
#include "desc/desc.h"
#include "fake/log.h"
#include "fake/pci/dev.h"
#include "fake/pci/feature.h"
#include "fake/pci/hot_reset.h"
#include "fake/pci/ioeventfd.h"
#include "fake/pci/irq/irq.h"
#include "fake/pci/irq/irq_set.h"
#include "fake/user.h"

#define CAPS_MAX (8 + 16 + 16 * DESC_SPARSE_MAX)

/* What newer headers call struct vfio_device_info: 24 bytes since Linux 6.6. */
struct info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
	uint32_t cap_offset;
	uint32_t pad;
};

#ifndef VFIO_DEVICE_FLAGS_CAPS
#define VFIO_DEVICE_FLAGS_CAPS (1 << 7)
#endif

static long get_info(struct fake_dev *d, void *arg)
{
	const size_t minsz = offsetof(struct info, cap_offset);
	struct info info = {0};

	if (user_read(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	info.flags = VFIO_DEVICE_FLAGS_PCI | (d->desc.no_reset ? 0 : VFIO_DEVICE_FLAGS_RESET);
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return user_write(arg, &info, info.argsz < sizeof(info) ? info.argsz : sizeof(info));
}

static void put_cap(uint8_t *caps, size_t *len, uint16_t id, const void *body, size_t n)
{
	struct vfio_info_cap_header *h = (void *)(caps + *len);

	h->id = id;
	h->version = 1;
	h->next = 0;
	if (n)
		memcpy(h + 1, body, n);
	*len += sizeof(*h) + n;
}

/* The capability chain of BAR `bar`, as it follows the 32 bytes of the structure. */
static size_t region_caps(const struct fake_dev *d, unsigned int bar, uint8_t *caps)
{
	const struct desc_bar *b = &d->desc.bars[bar];
	uint8_t sparse[8 + 16 * DESC_SPARSE_MAX] = {0};
	uint32_t areas = b->nr_sparse;
	size_t len = 0;

	if (b->sparse) {
		memcpy(sparse, &areas, sizeof(areas));
		memcpy(sparse + 8, b->areas, areas * sizeof(b->areas[0]));
		put_cap(caps, &len, VFIO_REGION_INFO_CAP_SPARSE_MMAP, sparse, 8 + 16 * areas);
	}
	if (d->msix.pos && d->msix.table_bir == bar && !d->desc.msix_unmapped) {
		if (len)
			((struct vfio_info_cap_header *)(void *)caps)->next =
				(uint32_t)(sizeof(struct vfio_region_info) + len);
		put_cap(caps, &len, VFIO_REGION_INFO_CAP_MSIX_MAPPABLE, NULL, 0);
	}
	return len;
}

static size_t region_fill(const struct fake_dev *d, struct vfio_region_info *info, uint8_t *caps)
{
	uint32_t index = info->index;

	info->offset = REGION_OFFSET(index);
	info->size = dev_region_size(d, index);
	info->flags = 0;
	if (!info->size)
		return 0;
	info->flags = VFIO_REGION_INFO_FLAG_READ;
	if (index == VFIO_PCI_ROM_REGION_INDEX)
		return 0;
	info->flags |= VFIO_REGION_INFO_FLAG_WRITE;
	if (index >= PCI_BARS || !dev_bar_mappable(d, index))
		return 0;
	info->flags |= VFIO_REGION_INFO_FLAG_MMAP;
	return region_caps(d, index, caps);
}

static long region_info(struct fake_dev *d, void *arg, struct vfio_region_info *info)
{
	uint8_t caps[CAPS_MAX] __attribute__((aligned(8)));
	size_t len;

	if (user_read(info, arg, sizeof(*info)))
		return -EFAULT;
	if (info->argsz < sizeof(*info) || info->index >= VFIO_PCI_NUM_REGIONS ||
	    info->index == VFIO_PCI_VGA_REGION_INDEX)
		return -EINVAL;
	len = region_fill(d, info, caps);
	if (len) {
		info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
		if (info->argsz < sizeof(*info) + len) {
			info->argsz = (uint32_t)(sizeof(*info) + len);
			info->cap_offset = 0;
		} else {
			info->cap_offset = sizeof(*info);
			if (user_write((uint8_t *)arg + sizeof(*info), caps, len))
				return -EFAULT;
		}
	}
	return user_write(arg, info, sizeof(*info));
}

static long get_region_info(struct fake_dev *d, void *arg)
{
	struct vfio_region_info info = {0};
	long ret = region_info(d, arg, &info);

	log_result(ret, "%s GET_REGION_INFO index=%u argsz=%u flags=0x%x size=0x%llx", d->name,
		   info.index, info.argsz, info.flags, (unsigned long long)info.size);
	return ret;
}

static long device_reset(struct fake_dev *d)
{
	if (d->desc.no_reset)
		return -EINVAL;
	dev_reset(d, "ioctl");
	return 0;
}

long dev_ioctl(struct fake_dev *d, unsigned int cmd, void *arg)
{
	long ret;

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		ret = get_info(d, arg);
		log_result(ret, "%s GET_INFO", d->name);
		return ret;
	case VFIO_DEVICE_GET_REGION_INFO:
		return get_region_info(d, arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return irq_get_info(d, arg);
	case VFIO_DEVICE_SET_IRQS:
		return irq_set(d, arg);
	case VFIO_DEVICE_RESET:
		ret = device_reset(d);
		log_result(ret, "%s RESET", d->name);
		return ret;
	case VFIO_DEVICE_GET_PCI_HOT_RESET_INFO:
		return dev_hot_reset_info(d, arg);
	case VFIO_DEVICE_PCI_HOT_RESET:
		return dev_hot_reset(d, arg);
	case VFIO_DEVICE_IOEVENTFD:
		return dev_ioeventfd(d, arg);
	case VFIO_DEVICE_FEATURE:
		return dev_feature(d, arg);
	default:
		log_result(-ENOTTY, "%s ioctl 0x%x", d->name, cmd);
		return -ENOTTY;
	}
}
