/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device's life and its ioctls. */
#include "vfio/dev.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stddef.h>
#include <string.h>

#include "core/align.h"
#include "vfio/stale.h"

static int query_and_plan(struct vfio_dev *dev, int fd, uint32_t index, struct region_info *ret)
{
	int rc = region_info_query(dev->ops, fd, index, ret);

	return rc < 0 ? rc : region_info_plan(&dev->plan, &dev->style, ret);
}

/* The answers for the regions that the plan changes: two, or for a kept device at most one. */
static int make_answers(struct vfio_dev *dev, int fd)
{
	uint32_t target = (uint32_t)dev->plan.target;
	uint32_t old = dev->plan.hw.table_bir;

	if (dev->plan.target == PLAN_OFF)
		return dev->style.table_hide ? query_and_plan(dev, fd, old, &dev->old) : 0;

	int rc = query_and_plan(dev, fd, target, &dev->target);

	if (rc < 0 || old >= PCI_BARS || old == target)
		return rc;
	return query_and_plan(dev, fd, old, &dev->old);
}

uint64_t vfio_dev_real_pages(const struct plan *plan, uint64_t page_size)
{
	return align_up(plan->phys_size, page_size);
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

	uint8_t byte;
	int rc = make_answers(dev, fd);

	if (rc < 0 || plan->target == PLAN_OFF)
		return rc;
	dev->past_config = dev->ops->pread(fd, &byte, 1, dev->config_offset + dev->config_size);
	dev->table.bytes = dev->table_bytes;
	if (dev->extension)
		dev->table.bytes = dev->extension + (plan->table.start -
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

const struct region_info *vfio_dev_shown(const struct vfio_dev *dev, uint32_t index)
{
	if (index == dev->target.index)
		return &dev->target;
	return index == dev->old.index ? &dev->old : NULL;
}

/* The kernel has written its answer over `before`, what the caller had put at `arg`. */
static int show_region_info(const struct vfio_dev *dev, const struct vfio_region_info *before,
			    void *arg, int rc)
{
	struct vfio_region_info after;

	memcpy(&after, arg, sizeof(after));

	const struct region_info *shown = vfio_dev_shown(dev, after.index);

	return shown ? region_info_show(dev->ops, shown, before->argsz, before->cap_offset, arg)
		     : rc;
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

int vfio_dev_ioctl(struct vfio_dev *dev, int fd, unsigned long request, void *arg,
		   struct vfio_effect *effect)
{
	/* the kernel looks at 32 bits of the number; callers sign-extend it at will */
	const uint32_t number = (uint32_t)request;
	struct vfio_region_info before;

	if (number == VFIO_DEVICE_GET_REGION_INFO)
		region_info_before(dev->ops, arg, &before);

	int rc = dev->ops->ioctl(fd, request, arg);

	effect->stale = stale_ioctl(dev, number, rc, arg);
	if (rc < 0 || effect->stale)
		return rc;
	switch (number) {
	case VFIO_DEVICE_GET_REGION_INFO:
		return show_region_info(dev, &before, arg, rc);
	case VFIO_DEVICE_RESET:
		vfio_dev_reset(dev);
		break;
	case VFIO_DEVICE_GET_PCI_HOT_RESET_INFO:
		note_reset_set(dev, arg);
		break;
	case VFIO_DEVICE_PCI_HOT_RESET:
		effect->hot_reset = true;
		break;
	}
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
