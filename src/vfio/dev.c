/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device's life and its ioctls. */
#include "vfio/dev.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stddef.h>
#include <string.h>

static int query_and_plan(struct vfio_dev *dev, int fd, uint32_t index, struct region_info *ret)
{
	int rc = region_info_query(dev->ops, fd, index, ret);

	return rc < 0 ? rc : region_info_plan(&dev->plan, &dev->style, ret);
}

/* The answers for the two regions that the plan changes. */
static int make_answers(struct vfio_dev *dev, int fd)
{
	uint32_t target = (uint32_t)dev->plan.target;
	uint32_t old = dev->plan.hw.table_bir;
	int rc = query_and_plan(dev, fd, target, &dev->target);

	if (rc < 0 || old >= PCI_BARS || old == target)
		return rc;
	return query_and_plan(dev, fd, old, &dev->old);
}

int vfio_dev_start(struct vfio_dev *dev, int fd, const struct plan *plan,
		   const struct region_style *style, const uint8_t *cfg)
{
	dev->plan = *plan;
	dev->style = *style;
	dev->target.index = VFIO_DEV_NO_REGION;
	dev->old.index = VFIO_DEV_NO_REGION;
	dev->reset_count = 0;
	pthread_mutex_init(&dev->lock, NULL);
	if (plan->target == PLAN_OFF)
		return 0;

	uint8_t byte;
	int rc = make_answers(dev, fd);

	if (rc < 0)
		return rc;
	dev->config_end = dev->ops->pread(fd, &byte, 1, dev->config_offset + dev->config_size);
	dev->table.bytes = dev->table_bytes;
	if (dev->behind)
		dev->table.bytes = dev->behind + (plan->table.start -
						  vfio_dev_real_pages(plan, style->page_size));
	cfg_view_init(&dev->cfg, &dev->plan, cfg, (uint32_t)dev->config_size);
	msix_table_reset(&dev->table, plan->hw.vectors);
	return 0;
}

/* What the kernel overwrites in the caller's struct; the caller's if it can be read. */
static void region_info_before(const struct vfio_ops *ops, const void *arg,
			       struct vfio_region_info *ret)
{
	*ret = (struct vfio_region_info){.argsz = sizeof(*ret)};
	if (arg && ops->readable(arg, sizeof(*ret)))
		memcpy(ret, arg, sizeof(*ret));
}

static int get_region_info(struct vfio_dev *dev, int fd, unsigned long request, void *arg,
			   struct vfio_effect *effect)
{
	struct vfio_region_info before, after;
	const struct region_info *shown = NULL;

	region_info_before(dev->ops, arg, &before);

	int rc = dev->ops->ioctl(fd, request, arg);

	if (rc < 0)
		return rc;
	memcpy(&after, arg, sizeof(after));
	if (after.index == dev->target.index)
		shown = &dev->target;
	else if (after.index == dev->old.index)
		shown = &dev->old;
	if (!shown)
		return rc;
	effect->stale = after.offset != shown->offset;
	if (effect->stale)
		return rc;
	return region_info_show(dev->ops, shown, before.argsz, before.cap_offset, arg);
}

/* A function as VFIO_DEVICE_GET_PCI_HOT_RESET_INFO names it. */
static uint32_t pack(uint16_t segment, uint8_t bus, uint8_t devfn)
{
	return (uint32_t)segment << 16 | (uint32_t)bus << 8 | devfn;
}

/* Remembers which functions a hot reset resets, as the kernel told the VMM. */
static void note_reset_set(struct vfio_dev *dev, const void *arg)
{
	struct vfio_pci_hot_reset_info info;
	const uint8_t *devices = (const uint8_t *)arg + sizeof(info);
	struct vfio_pci_dependent_device d;

	memcpy(&info, arg, sizeof(info));
	if (info.count > VFIO_RESET_SET_MAX || !dev->ops->readable(devices, info.count * sizeof(d)))
		return;
	pthread_mutex_lock(&dev->lock);
	dev->reset_count = info.count;
	for (uint32_t i = 0; i < info.count; i++) {
		memcpy(&d, devices + i * sizeof(d), sizeof(d));
		dev->reset_set[i] = pack(d.segment, d.bus, d.devfn);
	}
	pthread_mutex_unlock(&dev->lock);
}

/*
 * A container that got the number unseen has VFIO_IOMMU_MAP_DMA there. A hot reset has no flags; a
 * mapping is refused without any, and both have them at one place.
 */
static bool was_hot_reset(const void *arg)
{
	struct vfio_pci_hot_reset reset;

	memcpy(&reset, arg, sizeof(reset));
	return reset.flags == 0;
}

int vfio_dev_ioctl(struct vfio_dev *dev, int fd, unsigned long request, void *arg,
		   struct vfio_effect *effect)
{
	/* the kernel looks at 32 bits of the number; callers sign-extend it at will */
	uint32_t number = (uint32_t)request;
	int rc = number == VFIO_DEVICE_GET_REGION_INFO
			 ? get_region_info(dev, fd, request, arg, effect)
			 : dev->ops->ioctl(fd, request, arg);

	/* every device knows these */
	if (number >= VFIO_DEVICE_GET_INFO && number <= VFIO_DEVICE_GET_IRQ_INFO && rc == -ENOTTY)
		effect->stale = true;
	if (rc < 0)
		return rc;
	if (number == VFIO_DEVICE_RESET)
		vfio_dev_reset(dev);
	else if (number == VFIO_DEVICE_GET_PCI_HOT_RESET_INFO)
		note_reset_set(dev, arg);
	else if (number == VFIO_DEVICE_PCI_HOT_RESET && was_hot_reset(arg))
		effect->hot_reset = true;
	else if (number == VFIO_DEVICE_PCI_HOT_RESET)
		effect->stale = true;
	return rc;
}

void vfio_dev_reset(struct vfio_dev *dev)
{
	if (dev->plan.target == PLAN_OFF)
		return;
	pthread_mutex_lock(&dev->lock);
	msix_table_reset(&dev->table, dev->plan.hw.vectors);
	pthread_mutex_unlock(&dev->lock);
}

bool vfio_dev_hot_resets(struct vfio_dev *dev, const struct pci_bdf *self,
			 const struct pci_bdf *other)
{
	uint32_t number = pack((uint16_t)other->segment, other->bus,
			       (uint8_t)(other->slot << 3 | other->function));
	bool found = false;

	if (self && self->segment != other->segment)
		return false;
	pthread_mutex_lock(&dev->lock);
	for (uint32_t i = 0; i < dev->reset_count && !found; i++)
		found = dev->reset_set[i] == number;
	if (dev->reset_count == 0)
		found = self && self->bus == other->bus;
	pthread_mutex_unlock(&dev->lock);
	return found;
}
