/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pci_regs.h>
#include <stdlib.h>

#include "diff.h"
#include "qemu/qemu.h"
#include "qemu/qtest.h"

#define WHOLE_BAR  (64 * 1024) /* BARs up to this size are read from end to end */
#define END_BYTES  512	       /* of larger ones both ends, this much */
#define EDGE_BYTES 16	       /* around an edge */
#define SAMPLES	   1000	       /* seeded offsets in larger ones */
#define FEW	   200	       /* of them, where nothing is read from end to end */
#define CHUNK	   32768
#define PORT_BYTES 256
#define CLASS_XHCI 0x0c0330

/* Reads that are queued on both sides and not yet compared. */
struct reads {
	struct diff_case *c;
	unsigned int count;
	int rc;
	struct read {
		uint64_t offset;
		uint64_t value[SIDES];
		uint8_t bar, width;
	} list[CHUNK];
};

/*
 * Whether the device itself changes what is there, at another time in either. Source: xHCI 1.2,
 * 5.5.1; RTSOFF is what QEMU's controllers have, the only ones that are compared.
 */
static bool counts_time(const struct diff_case *c, const struct read *e)
{
	static const uint64_t mfindex = 0x1000;
	struct pci_ids ids;

	pci_cfg_ids(c->desc->cfg, c->desc->cfg_size, &ids);
	return !c->description && ids.class_code == CLASS_XHCI && e->bar == 0 &&
	       e->offset < mfindex + 4 && e->offset + e->width > mfindex;
}

static void flush(struct reads *r)
{
	if (!r->rc)
		r->rc = diff_sync(r->c);
	for (unsigned int i = 0; !r->rc && i < r->count; i++) {
		const struct read *e = &r->list[i];

		if (e->value[NATIVE] != e->value[SHIM] && counts_time(r->c, e))
			diff_excused(r->c, DIFF_CLOCK);
		else
			diff_equal(r->c, e->value[NATIVE], e->value[SHIM],
				   "bar%d+0x%llx, %d bytes read", e->bar,
				   (unsigned long long)e->offset, e->width);
	}
	r->count = 0;
}

/*
 * Behind a BAR below a page QEMU maps the rest of the host's page. Where the page size is only
 * told (see page_size.c) no page is that long, and what is there belongs to QEMU itself.
 */
static bool in_page_rest(const struct diff_case *c, int bar, uint64_t offset, unsigned int width)
{
	uint64_t size = desc_bar_size(c->desc, (unsigned int)bar);
	const struct guest_view *view = &c->side[NATIVE].views[bar];

	if (!c->preload || !view->count || offset + width <= size || offset >= c->page_size)
		return false;
	return view->ranges[0].backing == GUEST_DIRECT && view->ranges[0].end > size;
}

static void add(struct reads *r, int bar, uint64_t offset, unsigned int width)
{
	if (in_page_rest(r->c, bar, offset, width))
		return;

	struct read *e = &r->list[r->count++];

	*e = (struct read){.offset = offset, .bar = (uint8_t)bar, .width = (uint8_t)width};
	for (int s = 0; s < SIDES; s++) {
		const struct guest *g = &r->c->side[s].guest;

		if (g->bars[bar].kind == BAR_IO)
			qtest_in(g->qemu, (uint16_t)(g->addr[bar] + offset), width, &e->value[s]);
		else
			qtest_read(g->qemu, g->addr[bar] + offset, width, &e->value[s]);
	}
	if (r->count == CHUNK)
		flush(r);
}

/* [start, end) at every width, naturally aligned. */
static void add_aligned(struct reads *r, int bar, uint64_t start, uint64_t end,
			unsigned int max_width)
{
	for (unsigned int width = 1; width <= max_width; width *= 2)
		for (uint64_t at = start; at + width <= end; at += width)
			add(r, bar, at, width);
}

/* Every width at every offset, aligned or not, from `bytes` before `edge` to `bytes` behind. */
static void add_edge(struct reads *r, int bar, uint64_t edge, uint64_t size)
{
	uint64_t at = edge > EDGE_BYTES ? edge - EDGE_BYTES : 0;

	for (; at < size && at < edge + EDGE_BYTES; at++)
		for (unsigned int width = 1; width <= 8 && at + width <= size; width *= 2)
			add(r, bar, at, width);
}

/* xorshift64*: the same offsets in every run. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

static void add_samples(struct reads *r, int bar, uint64_t size)
{
	uint64_t state = 0x9e3779b97f4a7c15 + (uint64_t)bar;

	for (int i = 0; i < (r->c->sample ? FEW : SAMPLES); i++) {
		uint64_t at = next_random(&state) % (size - 8);

		for (unsigned int width = 1; width <= 8; width *= 2)
			add(r, bar, i % 4 ? at & ~(uint64_t)(width - 1) : at, width);
	}
}

static void add_memory_bar(struct reads *r, int bar)
{
	uint64_t size = r->c->side[NATIVE].guest.bars[bar].size, edges[DIFF_EDGES];
	unsigned int n = diff_edges(r->c, bar, edges);

	if (size <= (r->c->sample ? 2 * END_BYTES : WHOLE_BAR)) {
		add_aligned(r, bar, 0, size, 8);
	} else {
		add_aligned(r, bar, 0, END_BYTES, 8);
		add_aligned(r, bar, size - END_BYTES, size, 8);
		add_samples(r, bar, size);
	}
	for (unsigned int i = 0; i < n; i++)
		add_edge(r, bar, edges[i], size);
}

static struct reads *reads_new(struct diff_case *c)
{
	struct reads *r = calloc(1, sizeof(*r));

	if (r)
		r->c = c;
	else
		diff_failed(c, "out of memory");
	return r;
}

static int reads_end(struct reads *r)
{
	flush(r);

	int rc = r->rc;

	free(r);
	return rc;
}

int diff_values(struct diff_case *c)
{
	struct reads *r = reads_new(c);

	if (!r)
		return -1;
	for (int bar = 0; bar < PCI_BARS; bar++) {
		const struct guest *g = &c->side[NATIVE].guest;

		if (g->bars[bar].kind == BAR_IO && g->addr[bar])
			add_aligned(r, bar, 0,
				    g->bars[bar].size < PORT_BYTES ? g->bars[bar].size : PORT_BYTES,
				    4);
		else if (guest_bar_mapped(g, bar))
			add_memory_bar(r, bar);
		else if (g->bars[bar].size)
			diff_skip(c, "a BAR without room for it");
	}
	return reads_end(r);
}

/*
 * Software never writes the PBA. Where the fake lets it (its registers are memory), a pending bit
 * would appear in the relocated PBA, which natively does not show the hardware's.
 */
static bool in_hardware_pba(const struct diff_case *c, int bar, uint64_t offset, unsigned int width)
{
	struct pci_msix hw;

	return pci_cfg_msix(c->desc->cfg, c->desc->cfg_size, &hw) && hw.pba_bir == bar &&
	       offset < hw.pba_offset + pci_msix_pba_size(hw.vectors) &&
	       offset + width > hw.pba_offset;
}

static void write_both(struct diff_case *c, int bar, uint64_t offset, unsigned int width,
		       uint64_t value)
{
	if (in_page_rest(c, bar, offset, width))
		return;
	for (int s = 0; s < SIDES; s++)
		qtest_write(c->side[s].qemu, c->side[s].guest.addr[bar] + offset, width, value);
}

/* Writes of `width` that end at, straddle and start at the edge. */
static void write_edge(struct reads *r, int bar, uint64_t edge, unsigned int width, uint64_t value)
{
	uint64_t size = r->c->side[NATIVE].guest.bars[bar].size;
	const int shifts[] = {-(int)width, -(int)width / 2 - 1, 0, 1, (int)width};

	for (unsigned int i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++) {
		uint64_t at = edge + (uint64_t)(int64_t)shifts[i];

		if (at < size && at + width <= size && !in_hardware_pba(r->c, bar, at, width))
			write_both(r->c, bar, at, width, value * (i + 1));
	}
	for (uint64_t at = edge > EDGE_BYTES ? edge - EDGE_BYTES : 0;
	     at + 8 <= size && at < edge + EDGE_BYTES; at += 4)
		add(r, bar, at, 4);
	for (uint64_t at = edge > 8 ? edge - 8 : 0; at < size && at < edge + 8; at++)
		add(r, bar, at, 1);
}

int diff_writes(struct diff_case *c)
{
	struct reads *r = reads_new(c);
	uint64_t state = 0x2545f4914f6cdd1d;

	if (!r)
		return -1;
	for (int bar = 0; bar < PCI_BARS; bar++) {
		uint64_t edges[DIFF_EDGES];
		unsigned int n = guest_bar_mapped(&c->side[NATIVE].guest, bar)
					 ? diff_edges(c, bar, edges)
					 : 0;

		for (unsigned int i = 0; i < n; i++)
			for (unsigned int width = 1; width <= 8; width *= 2)
				write_edge(r, bar, edges[i], width, next_random(&state));
	}
	return reads_end(r);
}

int diff_table(struct diff_case *c)
{
	const struct guest *g = &c->side[NATIVE].guest;
	const struct pci_msix *m = &g->msix;

	if (!g->has_msix || !guest_bar_mapped(g, m->table_bir) || !guest_bar_mapped(g, m->pba_bir))
		return diff_skip(c, "table or PBA (no MSI-X in a mapped BAR)");

	struct reads *r = reads_new(c);

	if (!r)
		return -1;
	for (uint64_t at = 0; at < pci_msix_table_size(m->vectors); at += 4)
		add(r, m->table_bir, m->table_offset + at, 4);
	for (uint64_t at = 0; at < pci_msix_pba_size(m->vectors); at += 4)
		add(r, m->pba_bir, m->pba_offset + at, 4);
	return reads_end(r);
}
