/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "diff.h"

struct edges {
	uint64_t *list;
	uint64_t size; /* of the BAR */
	uint64_t page; /* of the host */
	unsigned int count;
};

static void add(struct edges *e, uint64_t offset)
{
	if (offset <= e->size && e->count < DIFF_EDGES)
		e->list[e->count++] = offset;
}

/* Both ends of [start, start + size) and of the pages that hold it. */
static void add_structure(struct edges *e, uint64_t start, uint64_t size)
{
	add(e, start);
	add(e, start + size);
	add(e, start & ~(e->page - 1));
	add(e, (start + size + e->page - 1) & ~(e->page - 1));
}

static void add_msix(struct edges *e, const struct pci_msix *m, int bar)
{
	if (m->table_bir == bar) {
		add_structure(e, m->table_offset, pci_msix_table_size(m->vectors));
		add(e, m->table_offset + pci_msix_table_size(m->vectors) / 2);
		add(e, m->table_offset + 16);
	}
	if (m->pba_bir == bar)
		add_structure(e, m->pba_offset, pci_msix_pba_size(m->vectors));
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static unsigned int unique(struct edges *e)
{
	unsigned int n = 0;

	qsort(e->list, e->count, sizeof(e->list[0]), compare);
	for (unsigned int i = 0; i < e->count; i++)
		if (n == 0 || e->list[i] != e->list[n - 1])
			e->list[n++] = e->list[i];
	return n;
}

unsigned int diff_edges(const struct diff_case *c, int bar, uint64_t edges[DIFF_EDGES])
{
	const struct guest *g = &c->side[NATIVE].guest;
	struct edges e = {.list = edges, .size = g->bars[bar].size, .page = c->page_size};
	struct pci_msix hw;

	add(&e, 0);
	add(&e, e.size / 2);
	add(&e, e.size);
	add(&e, desc_bar_size(c->desc, (unsigned int)bar));
	if (pci_cfg_msix(c->desc->cfg, c->desc->cfg_size, &hw))
		add_msix(&e, &hw, bar);
	if (g->has_msix)
		add_msix(&e, &g->msix, bar);
	for (int s = 0; s < SIDES; s++)
		for (size_t i = 0; i < c->side[s].views[bar].count; i++)
			add(&e, c->side[s].views[bar].ranges[i].start);
	return unique(&e);
}
