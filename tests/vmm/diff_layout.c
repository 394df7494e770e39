/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `msixshim plan` says that a guest reaches directly, against what QEMU maps. */
#include "cli/plan/layout.h"
#include "diff.h"

#define REALTEK 0x10ec
#define RTL8168 0x8168

static uint64_t overlap(struct extent a, struct extent b)
{
	uint64_t start = a.start > b.start ? a.start : b.start, end = a.end < b.end ? a.end : b.end;

	return start < end ? end - start : 0;
}

/* Bytes of `e` in whole pages that are mapped into the guest. */
static uint64_t mapped(const struct guest_view *view, uint64_t page, struct extent e)
{
	uint64_t size = view->ranges[view->count - 1].end, bytes = 0;

	if (size < page)
		return guest_view_whole_pages(view, page) ? e.end - e.start : 0;
	for (size_t i = 0; i < view->count; i++) {
		const struct guest_range *r = &view->ranges[i];
		struct extent pages = {(r->start + page - 1) & ~(page - 1), r->end & ~(page - 1)};

		if (r->backing == GUEST_DIRECT)
			bytes += overlap(pages, e);
	}
	return bytes;
}

/* Source: vfio_probe_rtl8168_bar2_quirk() of QEMU, a window to the hardware's own table. */
static bool has_quirk(const struct diff_case *c, int bar)
{
	struct pci_ids ids;

	pci_cfg_ids(c->desc->cfg, c->desc->cfg_size, &ids);
	return ids.vendor == REALTEK && ids.device == RTL8168 && bar == 2;
}

static void compare_bar(struct diff_case *c, int bar, const struct layout_bar *layout)
{
	const struct guest_view *view = &c->side[SHIM].views[bar];

	for (size_t i = 0; view->count && i < layout->count; i++) {
		const struct layout_extent *e = &layout->list[i];
		uint64_t bytes = mapped(view, c->page_size, e->bytes), want = 0;

		if (e->access == LAYOUT_DIRECT && !c->way.no_mmap)
			want = e->bytes.end - e->bytes.start;
		if (bytes < want && has_quirk(c, bar))
			diff_excused(c, DIFF_QUIRK);
		else
			diff_equal(c, want, bytes,
				   "direct bytes of bar%d 0x%llx-0x%llx by plan, against what is "
				   "mapped",
				   bar, (unsigned long long)e->bytes.start,
				   (unsigned long long)e->bytes.end - 1);
	}
}

void diff_layout(struct diff_case *c)
{
	const struct layout_host host = {.page_size = c->page_size};
	static struct layout layout;
	struct plan_facts facts;
	struct plan plan;

	desc_facts(c->desc, c->page_size, &facts);
	diff_equal(c, 0, plan_reason_refuses(plan_make(&facts, c->target, &plan)),
		   "whether plan refuses, against what QEMU does");
	if (c->counts.differing)
		return;
	layout_make(c->desc, &facts, &plan, &host, &layout);
	for (int bar = 0; bar < PCI_BARS; bar++)
		compare_bar(c, bar, &layout.after.bars[bar]);
}
