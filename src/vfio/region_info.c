/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vfio/region_info.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "core/align.h"
#include "core/msix_place.h"

#define INFO_SIZE sizeof(struct vfio_region_info)
#define AREAS_MAX ((REGION_CHAIN_MAX - sizeof(struct vfio_region_info_cap_sparse_mmap)) / 16)

/* A chain taken apart: what the plan has a say in, and the rest as it came. */
struct chain {
	bool sparse;
	bool msix_mappable;
	uint32_t nr_areas;
	struct extent areas[AREAS_MAX];
	uint32_t others_len;
	uint8_t others[REGION_CHAIN_MAX];
};

int region_info_query(const struct vfio_ops *ops, int fd, uint32_t index, struct region_info *ret)
{
	struct {
		struct vfio_region_info info;
		uint8_t chain[REGION_CHAIN_MAX];
	} q = {.info = {.argsz = sizeof(q), .index = index}};
	int rc = ops->ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &q.info);

	if (rc < 0)
		return rc;
	if (q.info.argsz > sizeof(q))
		return -E2BIG;
	*ret = (struct region_info){
		.index = index,
		.flags = q.info.flags,
		.size = q.info.size,
		.offset = q.info.offset,
	};
	if ((q.info.flags & VFIO_REGION_INFO_FLAG_CAPS) && q.info.cap_offset == INFO_SIZE) {
		ret->chain_len = sizeof(q.chain);
		memcpy(ret->chain, q.chain, sizeof(q.chain));
	}
	return 0;
}

static void chain_take_sparse(struct chain *c, const uint8_t *cap, uint32_t room)
{
	const struct vfio_region_info_cap_sparse_mmap *s = (const void *)cap;

	if (room < sizeof(*s))
		return;
	c->sparse = true;
	for (uint32_t i = 0; i < s->nr_areas && c->nr_areas < AREAS_MAX; i++) {
		if (sizeof(*s) + (i + 1) * sizeof(s->areas[0]) > room)
			return;
		c->areas[c->nr_areas++] =
			(struct extent){s->areas[i].offset, s->areas[i].offset + s->areas[i].size};
	}
}

/* The bytes of the capability at `pos`: to the next one, or for the last one what its id says. */
static uint32_t cap_size(const struct region_info *info, uint32_t pos, uint32_t next)
{
	const struct vfio_info_cap_header *h = (const void *)(info->chain + pos);

	if (next > pos && next <= info->chain_len)
		return next - pos;
	if (h->id == VFIO_REGION_INFO_CAP_TYPE)
		return sizeof(struct vfio_region_info_cap_type);
	return sizeof(*h);
}

static void chain_parse(const struct region_info *info, struct chain *c)
{
	uint32_t pos = 0;

	*c = (struct chain){0};
	/* every capability takes 8 bytes at least: more of them would be a loop */
	for (uint32_t ttl = info->chain_len / 8; ttl > 0; ttl--) {
		const struct vfio_info_cap_header *h = (const void *)(info->chain + pos);
		uint32_t next = h->next < INFO_SIZE ? 0 : h->next - (uint32_t)INFO_SIZE;

		if (h->id == VFIO_REGION_INFO_CAP_SPARSE_MMAP) {
			chain_take_sparse(c, info->chain + pos, info->chain_len - pos);
		} else if (h->id == VFIO_REGION_INFO_CAP_MSIX_MAPPABLE) {
			c->msix_mappable = true;
		} else {
			uint32_t size = (cap_size(info, pos, next) + 7) & ~7U;

			if (size > info->chain_len - pos || size > REGION_CHAIN_MAX - c->others_len)
				return;
			memcpy(c->others + c->others_len, info->chain + pos, size);
			((struct vfio_info_cap_header *)(void *)(c->others + c->others_len))->next =
				size;
			c->others_len += size;
		}
		if (next % 8 || next <= pos || next + sizeof(*h) > info->chain_len)
			return;
		pos = next;
	}
}

/* Appends a capability; its `next` links to where one more would be. */
static bool chain_append(struct region_info *info, const void *cap, uint32_t size)
{
	if (size > REGION_CHAIN_MAX - info->chain_len)
		return false;

	struct vfio_info_cap_header *h = (void *)(info->chain + info->chain_len);

	memcpy(h, cap, size);
	info->chain_len += size;
	h->next = (uint32_t)INFO_SIZE + info->chain_len;
	return true;
}

static bool chain_append_sparse(struct region_info *info, const struct chain *c)
{
	struct vfio_region_info_cap_sparse_mmap *s = (void *)(info->chain + info->chain_len);
	uint32_t size = (uint32_t)(sizeof(*s) + c->nr_areas * sizeof(s->areas[0]));

	if (size > REGION_CHAIN_MAX - info->chain_len)
		return false;
	*s = (struct vfio_region_info_cap_sparse_mmap){
		.header = {.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP, .version = 1},
		.nr_areas = c->nr_areas,
	};
	for (uint32_t i = 0; i < c->nr_areas; i++) {
		s->areas[i].offset = c->areas[i].start;
		s->areas[i].size = c->areas[i].end - c->areas[i].start;
	}
	info->chain_len += size;
	s->header.next = (uint32_t)INFO_SIZE + info->chain_len;
	return true;
}

/* The chain is complete: its last capability links nowhere. */
static void chain_end(struct region_info *info)
{
	uint32_t pos = 0;

	info->flags &= ~(uint32_t)VFIO_REGION_INFO_FLAG_CAPS;
	if (info->chain_len == 0)
		return;
	info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
	for (;;) {
		struct vfio_info_cap_header *h = (void *)(info->chain + pos);

		if (h->next == INFO_SIZE + info->chain_len) {
			h->next = 0;
			return;
		}
		pos = h->next - (uint32_t)INFO_SIZE;
	}
}

/* SPARSE_MMAP before MSIX_MAPPABLE: cloud-hypervisor goes by whichever comes first. */
static int chain_build(struct region_info *info, const struct chain *c)
{
	static const struct vfio_info_cap_header mappable = {
		.id = VFIO_REGION_INFO_CAP_MSIX_MAPPABLE,
		.version = 1,
	};
	uint32_t size;

	info->chain_len = 0;
	if (c->sparse && !chain_append_sparse(info, c))
		return -E2BIG;
	if (c->msix_mappable && !chain_append(info, &mappable, sizeof(mappable)))
		return -E2BIG;
	for (uint32_t pos = 0; pos < c->others_len; pos += size) {
		size = ((const struct vfio_info_cap_header *)(const void *)(c->others + pos))->next;
		if (!chain_append(info, c->others + pos, size))
			return -E2BIG;
	}
	chain_end(info);
	return 0;
}

uint32_t region_info_old_pages(const struct plan *plan, uint64_t page_size, struct extent *list,
			       uint32_t max)
{
	const struct msix_place place = msix_place_in(&plan->hw, plan->hw.table_bir);
	const struct extent structures[2] = {place.table, place.pba};
	uint32_t n = 0;

	for (int i = 0; i < 2; i++) {
		uint64_t page = align_down(structures[i].start, page_size);

		for (; page < structures[i].end; page += page_size) {
			struct extent this = {page, page + page_size};

			if (!msix_place_fills_page(&place, page, page_size) ||
			    (n > 0 && extent_overlaps(this, list[0])))
				continue;
			if (n > 0 && page == list[n - 1].end)
				list[n - 1].end = this.end;
			else if (n < max)
				list[n++] = this;
		}
	}
	return n;
}

/* What may be mapped of a BAR of `size` physical bytes, where the kernel set MMAP. */
static void chain_limit_areas(const struct plan *plan, uint64_t page_size, struct chain *c,
			      uint32_t index, uint64_t size)
{
	struct extent whole = {0, align_up(size, page_size)};

	if (c->sparse) {
		c->nr_areas = extent_list_clip(c->areas, c->nr_areas, whole);
		return;
	}
	c->sparse = true;
	c->areas[0] = whole;
	c->nr_areas = 1;
	/* a kernel before 4.16, which refuses to map the table's pages */
	if (index == plan->hw.table_bir && !c->msix_mappable)
		c->nr_areas = extent_list_cut(c->areas, 1, AREAS_MAX,
					      extent_widen(msix_place_table(&plan->hw), page_size));
}

/* Where no area is left, MMAP goes as well: all VMMs understand that. */
static void chain_drop_mmap(struct chain *c, struct region_info *info)
{
	if (!c->sparse || c->nr_areas > 0)
		return;
	info->flags &= ~(uint32_t)VFIO_REGION_INFO_FLAG_MMAP;
	c->sparse = false;
	c->msix_mappable = false;
}

static void chain_hide_old(const struct plan *plan, uint64_t page_size, struct chain *c,
			   struct region_info *info)
{
	struct extent pages[REGION_HIDDEN_MAX];
	uint32_t n = region_info_old_pages(plan, page_size, pages, REGION_HIDDEN_MAX);

	if (info->index != plan->hw.table_bir || !(info->flags & VFIO_REGION_INFO_FLAG_MMAP) ||
	    n == 0)
		return;
	if (!c->sparse)
		chain_limit_areas(plan, page_size, c, info->index, info->size);
	for (uint32_t i = 0; i < n; i++)
		c->nr_areas = extent_list_cut(c->areas, c->nr_areas, AREAS_MAX, pages[i]);
	chain_drop_mmap(c, info);
}

static int plan_target(const struct plan *plan, const struct region_style *style,
		       struct region_info *info)
{
	struct chain c;

	info->size = plan->bar.size;
	if (plan->new_bar) {
		info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE |
			      (style->new_mmap ? VFIO_REGION_INFO_FLAG_MMAP : 0);
		info->chain_len = 0;
		return 0;
	}
	chain_parse(info, &c);
	if (info->flags & VFIO_REGION_INFO_FLAG_MMAP) {
		chain_limit_areas(plan, style->page_size, &c, info->index, plan->phys_size);
		c.msix_mappable = !style->caps_sparse;
		if (style->old_hide)
			chain_hide_old(plan, style->page_size, &c, info);
	}
	return chain_build(info, &c);
}

static int plan_old(const struct plan *plan, const struct region_style *style,
		    struct region_info *info)
{
	struct chain c;

	chain_parse(info, &c);
	if ((info->flags & VFIO_REGION_INFO_FLAG_MMAP) && !c.msix_mappable && !c.sparse)
		chain_limit_areas(plan, style->page_size, &c, info->index, info->size);
	if (style->old_hide)
		chain_hide_old(plan, style->page_size, &c, info);
	c.msix_mappable = false; /* only now: up to here it says what the kernel maps */
	return chain_build(info, &c);
}

/* Where the kernel gave no areas, none are made: a VMM that finds no capability maps around. */
static int plan_kept(const struct plan *plan, const struct region_style *style,
		     struct region_info *info)
{
	struct chain c;

	chain_parse(info, &c);
	c.msix_mappable = false;
	c.nr_areas = extent_list_cut(c.areas, c.nr_areas, AREAS_MAX,
				     extent_widen(msix_place_table(&plan->hw), style->page_size));
	chain_drop_mmap(&c, info);
	return chain_build(info, &c);
}

int region_info_plan(const struct plan *plan, const struct region_style *style,
		     struct region_info *info)
{
	if (plan->target == PLAN_OFF)
		return plan_kept(plan, style, info);
	if ((int)info->index == plan->target)
		return plan_target(plan, style, info);
	return plan_old(plan, style, info);
}

int region_info_show(const struct vfio_ops *ops, const struct region_info *shown, uint32_t argsz,
		     uint32_t cap_offset, void *user)
{
	struct vfio_region_info info;
	uint32_t needed = (uint32_t)INFO_SIZE + shown->chain_len;
	uint8_t *chain = (uint8_t *)user + INFO_SIZE;

	memcpy(&info, user, INFO_SIZE);
	info.size = shown->size;
	info.flags = shown->flags;
	info.argsz = argsz;
	info.cap_offset = cap_offset;
	if (shown->chain_len && argsz < needed) {
		info.argsz = needed;
		info.cap_offset = 0;
	} else if (shown->chain_len) {
		if (!ops->writable(chain, shown->chain_len))
			return -EFAULT;
		memcpy(chain, shown->chain, shown->chain_len);
		info.cap_offset = INFO_SIZE;
	}
	memcpy(user, &info, INFO_SIZE);
	return 0;
}
