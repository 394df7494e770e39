/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/plan/layout.h"

#include "core/align.h"
#include "core/msix_place.h"

/* One BAR of one side, while its extents are sought. */
struct view {
	const struct desc_bar *host;
	uint64_t page_size;
	enum bar_kind kind;
	uint64_t size;	  /* as shown */
	uint64_t real;	  /* bytes of it that the hardware has */
	bool emulated;	  /* a target: what is past `real` is the shim's */
	bool holes;	  /* a kernel that does not let the old table's pages be mapped */
	bool starts_page; /* on the host, or is larger than a page */
	bool crowded;	  /* something else is in its page on the host */
	bool hide;	  /* option old=hide: pages of the old structures alone are not mapped */
	struct msix_place msix; /* as shown */
	struct msix_place old;	/* the hardware's, where they are not shown any more */
};

static struct extent pages_of(const struct view *v, struct extent e)
{
	return extent_widen(e, v->page_size);
}

/* The whole pages of a mappable area. */
static struct extent area_pages(const struct view *v, const struct desc_range *area)
{
	return (struct extent){align_up(area->offset, v->page_size),
			       align_down(area->offset + area->size, v->page_size)};
}

static enum layout_what what_at(const struct view *v, uint64_t offset)
{
	if (extent_holds(v->msix.table, offset))
		return extent_holds(v->msix.pba, offset) ? LAYOUT_OVERLAP : LAYOUT_TABLE;
	if (extent_holds(v->msix.pba, offset))
		return LAYOUT_PBA;
	if (offset >= v->real)
		return LAYOUT_PADDING;
	if (extent_holds(v->old.table, offset))
		return LAYOUT_OLD_TABLE;
	return extent_holds(v->old.pba, offset) ? LAYOUT_OLD_PBA : LAYOUT_REGISTERS;
}

static bool hidden(const struct view *v, uint64_t offset)
{
	return v->hide &&
	       msix_place_fills_page(&v->old, align_down(offset, v->page_size), v->page_size);
}

static bool mappable(const struct view *v, uint64_t offset)
{
	if (v->host->nommap || (v->holes && extent_holds(pages_of(v, v->old.table), offset)))
		return false;
	if (!v->host->sparse)
		return true;
	for (unsigned int i = 0; i < v->host->nr_sparse; i++) {
		if (extent_holds(area_pages(v, &v->host->areas[i]), offset))
			return true;
	}
	return false;
}

/* Why the kernel refuses to map the hardware's byte at `offset`; LAYOUT_DIRECT if it does not. */
static enum layout_access kernel_refusal(const struct view *v, uint64_t offset)
{
	if (hidden(v, offset))
		return LAYOUT_HIDDEN;
	if (!mappable(v, offset))
		return LAYOUT_UNMAPPED;
	if (!v->starts_page)
		return LAYOUT_MISALIGNED;
	return v->crowded ? LAYOUT_CROWDED : LAYOUT_DIRECT;
}

static enum layout_access access_at(const struct view *v, uint64_t offset)
{
	enum layout_access refusal;

	if (v->kind == BAR_IO)
		return LAYOUT_PORTS;
	if (v->kind == BAR_UNASSIGNED)
		return LAYOUT_NO_ADDRESS;
	if (extent_holds(v->msix.table, offset) ||
	    (v->emulated && offset >= align_up(v->real, v->page_size)))
		return LAYOUT_EMULATED;
	refusal = kernel_refusal(v, offset);
	if (refusal != LAYOUT_DIRECT)
		return offset < v->real ? refusal : LAYOUT_EMULATED;
	return extent_holds(pages_of(v, v->msix.table), offset) ? LAYOUT_SHARED : LAYOUT_DIRECT;
}

/* Offsets where what_at() or access_at() may change. */
struct cuts {
	uint64_t at[LAYOUT_EXTENTS];
	size_t count;
};

/* Keeps them in order, each once. */
static void cut(struct cuts *c, const struct view *v, uint64_t offset)
{
	size_t i = c->count;

	if (offset >= v->size)
		return;
	while (i && c->at[i - 1] > offset)
		i--;
	if (i && c->at[i - 1] == offset)
		return;
	for (size_t j = c->count++; j > i; j--)
		c->at[j] = c->at[j - 1];
	c->at[i] = offset;
}

static void cut_around(struct cuts *c, const struct view *v, struct extent e)
{
	if (e.start >= e.end)
		return;
	cut(c, v, e.start);
	cut(c, v, e.end);
}

static void cut_all(struct cuts *c, const struct view *v)
{
	cut(c, v, 0);
	cut(c, v, v->real);
	cut(c, v, align_up(v->real, v->page_size));
	cut_around(c, v, v->msix.table);
	cut_around(c, v, pages_of(v, v->msix.table));
	cut_around(c, v, v->msix.pba);
	cut_around(c, v, v->old.table);
	cut_around(c, v, pages_of(v, v->old.table));
	cut_around(c, v, v->old.pba);
	cut_around(c, v, pages_of(v, v->old.pba));
	for (unsigned int i = 0; i < v->host->nr_sparse; i++)
		cut_around(c, v, area_pages(v, &v->host->areas[i]));
}

static void find_extents(const struct view *v, struct layout_bar *ret)
{
	struct cuts c = {.count = 0};

	cut_all(&c, v);
	for (size_t i = 0; i < c.count; i++) {
		struct layout_extent e = {
			.bytes = {c.at[i], i + 1 < c.count ? c.at[i + 1] : v->size},
			.what = what_at(v, c.at[i]),
			.access = access_at(v, c.at[i]),
		};
		struct layout_extent *last = ret->count ? &ret->list[ret->count - 1] : NULL;

		if (last && last->what == e.what && last->access == e.access)
			last->bytes.end = e.bytes.end;
		else
			ret->list[ret->count++] = e;
		if (e.access == LAYOUT_DIRECT)
			ret->direct += e.bytes.end - e.bytes.start;
	}
}

static void make_bar(const struct desc *d, const struct plan_facts *facts, const struct plan *plan,
		     unsigned int i, const struct layout_host *host, struct layout_bar *ret)
{
	bool target = plan->target == (int)i;
	struct view v = {
		.host = &d->bars[i],
		.page_size = host->page_size,
		.kind = facts->bars[i].kind,
		.real = facts->bars[i].size,
		.emulated = target,
		.holes = d->msix_unmapped,
		.hide = host->old_hide && facts->msix.table_bir == i,
	};

	struct extent rest;

	v.starts_page = desc_bar_page(d, i, host->page_size, &rest);
	v.crowded = desc_is_in(d, rest);
	*ret = (struct layout_bar){.state = LAYOUT_AS_IS, .bar = facts->bars[i]};
	if (plan->target == PLAN_OFF)
		v.msix = msix_place_in(&facts->msix, i);
	else
		v.old = msix_place_in(&facts->msix, i);
	if (target) {
		ret->state = plan->new_bar ? LAYOUT_NEW : LAYOUT_EXTENDED;
		ret->bar = plan->bar;
		v.kind = plan->bar.kind;
		v.msix = (struct msix_place){plan->table, plan->pba};
	} else if (!ret->bar.size) {
		ret->state = d->bars[i].dropped ? LAYOUT_DROPPED : LAYOUT_NONE;
	}
	v.size = ret->bar.size;
	find_extents(&v, ret);
}

static uint64_t useful_bytes(const struct layout_bar *bar)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < bar->count; i++) {
		const struct layout_extent *e = &bar->list[i];

		if (e->access == LAYOUT_DIRECT && e->what != LAYOUT_PADDING)
			bytes += e->bytes.end - e->bytes.start;
	}
	return bytes;
}

static void make_side(const struct desc *d, const struct plan_facts *facts, const struct plan *plan,
		      const struct layout_host *host, struct layout_side *ret)
{
	*ret = (struct layout_side){.memory = 0};
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		struct layout_bar *bar = &ret->bars[i];

		make_bar(d, facts, plan, i, host, bar);
		if (bar->bar.kind != BAR_IO)
			ret->memory += bar->bar.size;
		ret->direct += bar->direct;
		ret->useful += useful_bytes(bar);
	}
}

void layout_make(const struct desc *d, const struct plan_facts *facts, const struct plan *plan,
		 const struct layout_host *host, struct layout *ret)
{
	static const struct plan off = {.target = PLAN_OFF};

	make_side(d, facts, &off, host, &ret->before);
	make_side(d, facts, plan, host, &ret->after);
}

void layout_share(const struct layout_bar *bar, unsigned int width, unsigned int least,
		  unsigned int *ret)
{
	uint64_t rest = width - least * bar->count;

	for (size_t i = 0; i < bar->count; i++) {
		struct extent e = bar->list[i].bytes;

		/* BARs have at most 40 bits, widths far less than 24. */
		ret[i] = least + (unsigned int)(e.end * rest / bar->bar.size -
						e.start * rest / bar->bar.size);
	}
}

const char *layout_what_text(enum layout_what what)
{
	static const char *const texts[] = {
		[LAYOUT_REGISTERS] = "registers",
		[LAYOUT_TABLE] = "MSI-X table",
		[LAYOUT_PBA] = "PBA",
		[LAYOUT_OVERLAP] = "table and PBA",
		[LAYOUT_OLD_TABLE] = "old table",
		[LAYOUT_OLD_PBA] = "old PBA",
		[LAYOUT_PADDING] = "padding",
	};

	return texts[what];
}

const char *layout_access_text(enum layout_access access)
{
	static const char *const texts[] = {
		[LAYOUT_DIRECT] = "direct",
		[LAYOUT_EMULATED] = "emulated",
		[LAYOUT_SHARED] = "shares a host page with the table",
		[LAYOUT_UNMAPPED] = "the kernel does not map it",
		[LAYOUT_HIDDEN] = "hidden by old=hide",
		[LAYOUT_MISALIGNED] = "its host address starts no host page",
		[LAYOUT_CROWDED] = "another BAR is in its host page",
		[LAYOUT_PORTS] = "I/O ports",
		[LAYOUT_NO_ADDRESS] = "the host gave it no address",
	};

	return texts[access];
}
