/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layouts.h"

#include <string.h>

struct oracle oracle_relocate(const struct plan_facts *facts, int target)
{
	const struct pci_bar *bar = &facts->bars[target];
	uint64_t bytes = 0, need = facts->page_size;
	struct oracle o = {0};

	for (unsigned int v = 0; v < facts->msix.vectors; v++)
		bytes += 16 + (v % 64 == 0 ? 8 : 0);
	while (need < bytes)
		need *= 2;

	o.refused = bar->kind == BAR_IO ||
		    (bar->size == 0 && target > 0 && facts->bars[target - 1].kind == BAR_MEM64) ||
		    (bar->kind == BAR_MEM32 && bar->size > GIB);
	if (o.refused)
		return o;
	o.new_bar = bar->size == 0;
	if (o.new_bar) {
		o.size = need;
		o.prefetchable = true;
		o.wide = target < 5 && facts->bars[target + 1].size == 0;
	} else {
		o.size = bar->size + bar->size;
		if (o.size < need + need)
			o.size = need + need;
		o.table = o.size / 2;
		o.prefetchable = bar->prefetchable;
		o.wide = bar->kind == BAR_MEM64;
	}
	o.pba = o.table + 16U * facts->msix.vectors;
	return o;
}

/* Zones, walked from 0: without gap or overlap, in order, and where the plan says. */
static void check_zones(const struct plan *plan)
{
	uint64_t at = 0, bytes[4] = {0};
	struct extent zone;
	enum plan_zone kind, last = ZONE_PADDING;

	for (int n = 0; at < plan->bar.size; at = zone.end, last = kind, n++) {
		struct extent again;

		kind = plan_zone_at(plan, at, &zone);
		assert_true(n < 5 && zone.start == at && zone.end > at);
		assert_true(n == 0 || kind != last);
		assert_int_equal(plan_zone_at(plan, zone.end - 1, &again), kind);
		assert_memory_equal(&zone, &again, sizeof(zone));
		bytes[kind] += zone.end - zone.start;
	}
	assert_int_equal(at, plan->bar.size);
	assert_int_equal(bytes[ZONE_REAL], plan->phys_size);
	assert_int_equal(bytes[ZONE_TABLE], pci_msix_table_size(plan->hw.vectors));
	assert_int_equal(bytes[ZONE_PBA], pci_msix_pba_size(plan->hw.vectors));
	assert_int_equal(plan_zone_at(plan, plan->table.start, &zone), ZONE_TABLE);
	assert_int_equal(plan_zone_at(plan, plan->pba.start, &zone), ZONE_PBA);
}

/* The slots as the guest finds them are the hardware's but for the target and its upper half. */
static void check_slots(const struct plan_facts *facts, const struct plan *plan)
{
	int t = plan->target;
	bool wide = plan->bar.kind == BAR_MEM64;

	if (plan->new_bar) {
		assert_int_equal(facts->bars[t].kind, BAR_EMPTY);
		assert_true(!wide || (t < 5 && facts->bars[t + 1].kind == BAR_EMPTY));
		assert_true(plan->bar.prefetchable);
	} else {
		assert_int_equal(plan->bar.kind, facts->bars[t].kind);
		assert_int_equal(plan->bar.prefetchable, facts->bars[t].prefetchable);
		assert_true(plan->bar.size >= 2 * plan->phys_size);
	}
}

void layouts_check_plan(const struct plan_facts *facts, const struct plan *plan)
{
	uint64_t size = plan->bar.size;

	assert_true(size && !(size & (size - 1)) && size >= facts->page_size);
	assert_true(plan->table.start % facts->page_size == 0);
	assert_true(plan->pba.start % 8 == 0 && plan->pba.start <= UINT32_MAX);
	assert_true(plan->table.start >= plan->phys_size);
	assert_true(plan->table.start < plan->table.end && plan->pba.start == plan->table.end);
	assert_true(plan->pba.start < plan->pba.end && plan->pba.end <= size);
	check_slots(facts, plan);
	check_zones(plan);
}

/* All ways to fill slots slot..5; sizes and prefetchability vary with what stands before. */
static uint32_t fill_slots(struct pci_bar *bars, int slot, unsigned int salt,
			   void (*visit)(const struct pci_bar *bars, unsigned int salt))
{
	static const uint64_t sizes[] = {128, 4 * KIB, 16 * KIB, 64 * KIB, MIB, 2 * GIB, GIB};
	uint64_t size = sizes[salt % COUNT(sizes)];
	bool pref = salt % 3 == 0;
	uint32_t layouts = 0;

	if (slot == PCI_BARS) {
		visit(bars, salt);
		return 1;
	}
	bars[slot] = (struct pci_bar){.kind = BAR_EMPTY};
	layouts += fill_slots(bars, slot + 1, salt * 5 + 1, visit);
	bars[slot] = (struct pci_bar){.kind = BAR_IO, .size = 256};
	layouts += fill_slots(bars, slot + 1, salt * 5 + 2, visit);
	bars[slot] = (struct pci_bar){.kind = BAR_MEM32, .prefetchable = pref, .size = size};
	layouts += fill_slots(bars, slot + 1, salt * 5 + 3, visit);
	if (slot + 1 < PCI_BARS) {
		bars[slot] = (struct pci_bar){BAR_MEM64, pref, size};
		bars[slot + 1] = (struct pci_bar){.kind = BAR_UPPER};
		layouts += fill_slots(bars, slot + 2, salt * 5 + 4, visit);
	}
	return layouts;
}

void layouts_visit(unsigned int salt, void (*visit)(const struct pci_bar *bars, unsigned int salt))
{
	struct pci_bar bars[PCI_BARS];

	assert_int_equal(fill_slots(bars, 0, salt, visit), LAYOUTS);
}
