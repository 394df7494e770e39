/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans over whole spaces: invariants, the zones, and QEMU's algorithm told again. */
#include "unit.h"

#include <string.h>

static uint32_t cases;

/* What QEMU's x-msix-relocation=barN does with a target that it is given. */
struct oracle {
	bool refused, new_bar, wide, prefetchable;
	uint64_t size, table, pba;
};

/*
 * Two steps, as in QEMU: the structures' bytes are rounded up to host pages and
 * then to a power of two; then an absent BAR is made of that size, and a present
 * one doubled until its upper half holds them.
 */
static struct oracle oracle_relocate(const struct plan_facts *facts, int target)
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

static void check_invariants(const struct plan_facts *facts, const struct plan *plan)
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

static void check_against_oracle(const struct plan_facts *facts, int target)
{
	struct oracle o = oracle_relocate(facts, target);
	struct plan_facts before = *facts;
	struct plan plan;
	enum plan_reason reason = plan_make(facts, target, &plan);

	cases++;
	assert_memory_equal(facts, &before, sizeof(before));
	if (o.refused != plan_reason_refuses(reason))
		fail_msg("bar%d: %s, in QEMU %s", target, plan_reason_text(reason),
			 o.refused ? "refused" : "accepted");
	if (o.refused)
		return;
	assert_int_equal(reason, PLAN_OK);
	assert_int_equal(plan.new_bar, o.new_bar);
	assert_int_equal(plan.bar.kind, o.wide ? BAR_MEM64 : BAR_MEM32);
	assert_int_equal(plan.bar.prefetchable, o.prefetchable);
	assert_int_equal(plan.bar.size, o.size);
	assert_int_equal(plan.table.start, o.table);
	assert_int_equal(plan.pba.start, o.pba);
	check_invariants(facts, &plan);
}

/* Every vector count on every page size, in a new BAR and in extended ones. */
static void test_all_vector_counts(void **state)
{
	static const uint64_t sizes[] = {0, 16, 4 * KIB, 64 * KIB, MIB, GIB};

	cases = 0;
	for (size_t p = 0; p < COUNT(page_sizes); p++) {
		for (uint16_t n = 1; n <= 2048; n++) {
			for (size_t s = 0; s < COUNT(sizes); s++) {
				struct plan_facts facts = device_facts(&nvme, page_sizes[p]);

				facts.msix.vectors = n;
				facts.bars[2].kind = sizes[s] ? BAR_MEM32 : BAR_EMPTY;
				facts.bars[2].size = sizes[s];
				check_against_oracle(&facts, 2);
			}
		}
	}
	print_message("# %u plans\n", cases);
}

/* Size of a new BAR where a vector more takes another page, power of two, or QWORD of PBA. */
static void test_boundary_counts(void **state)
{
	static const struct {
		uint16_t vectors;
		uint64_t need[3]; /* with pages of 4, 16 and 64 KiB */
		uint64_t pba_size;
	} facts[] = {
		{1, {4 * KIB, 16 * KIB, 64 * KIB}, 8},
		{63, {4 * KIB, 16 * KIB, 64 * KIB}, 8},
		{64, {4 * KIB, 16 * KIB, 64 * KIB}, 8},
		{65, {4 * KIB, 16 * KIB, 64 * KIB}, 16},
		{128, {4 * KIB, 16 * KIB, 64 * KIB}, 16},
		{129, {4 * KIB, 16 * KIB, 64 * KIB}, 24},
		{254, {4 * KIB, 16 * KIB, 64 * KIB}, 32}, /* 4096 bytes */
		{255, {8 * KIB, 16 * KIB, 64 * KIB}, 32},
		{256, {8 * KIB, 16 * KIB, 64 * KIB}, 32},
		{508, {8 * KIB, 16 * KIB, 64 * KIB}, 64}, /* 8192 */
		{509, {16 * KIB, 16 * KIB, 64 * KIB}, 64},
		{1016, {16 * KIB, 16 * KIB, 64 * KIB}, 128}, /* 16384 */
		{1017, {32 * KIB, 32 * KIB, 64 * KIB}, 128},
		{1024, {32 * KIB, 32 * KIB, 64 * KIB}, 128},
		{1025, {32 * KIB, 32 * KIB, 64 * KIB}, 136},
		{2032, {32 * KIB, 32 * KIB, 64 * KIB}, 256}, /* 32768 */
		{2033, {64 * KIB, 64 * KIB, 64 * KIB}, 256},
		{2048, {64 * KIB, 64 * KIB, 64 * KIB}, 256},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		for (size_t p = 0; p < COUNT(page_sizes); p++) {
			struct plan_facts shown = device_facts(&nvme, page_sizes[p]);
			struct plan plan;

			shown.msix.vectors = facts[i].vectors;
			assert_int_equal(plan_make(&shown, 2, &plan), PLAN_OK);
			assert_int_equal(plan.bar.size, facts[i].need[p]);
			assert_int_equal(plan.pba.end - plan.pba.start, facts[i].pba_size);
			assert_int_equal(plan_make(&shown, 0, &plan), PLAN_OK);
			assert_int_equal(plan.bar.size, facts[i].need[p] > 16 * KIB
								? 2 * facts[i].need[p]
								: 32 * KIB);
		}
	}
}

static void check_layout_of_slots(const struct pci_bar *bars)
{
	static const uint16_t counts[] = {1, 64, 65, 2048};

	for (size_t p = 0; p < COUNT(page_sizes); p++) {
		struct plan_facts facts = device_facts(&nvme, page_sizes[p]);

		memcpy(facts.bars, bars, sizeof(facts.bars));
		for (unsigned int bir = 0; bir < PCI_BARS; bir++) {
			facts.msix.table_bir = (uint8_t)bir;
			facts.msix.pba_bir = (uint8_t)bir;
			facts.msix.vectors = counts[(bir + p) % COUNT(counts)];
			for (int target = 0; target < PCI_BARS; target++)
				check_against_oracle(&facts, target);
		}
	}
}

/* All ways to fill slots slot..5; sizes and prefetchability vary with what stands before. */
static uint32_t fill_slots(struct pci_bar *bars, int slot, unsigned int salt)
{
	static const uint64_t sizes[] = {128, 4 * KIB, 16 * KIB, 64 * KIB, MIB, 2 * GIB, GIB};
	uint64_t size = sizes[salt % COUNT(sizes)];
	bool pref = salt % 3 == 0;
	uint32_t layouts = 0;

	if (slot == PCI_BARS) {
		check_layout_of_slots(bars);
		return 1;
	}
	bars[slot] = (struct pci_bar){.kind = BAR_EMPTY};
	layouts += fill_slots(bars, slot + 1, salt * 5 + 1);
	bars[slot] = (struct pci_bar){.kind = BAR_IO, .size = 256};
	layouts += fill_slots(bars, slot + 1, salt * 5 + 2);
	bars[slot] = (struct pci_bar){.kind = BAR_MEM32, .prefetchable = pref, .size = size};
	layouts += fill_slots(bars, slot + 1, salt * 5 + 3);
	if (slot + 1 < PCI_BARS) {
		bars[slot] = (struct pci_bar){BAR_MEM64, pref, size};
		bars[slot + 1] = (struct pci_bar){.kind = BAR_UPPER};
		layouts += fill_slots(bars, slot + 2, salt * 5 + 4);
	}
	return layouts;
}

static void test_all_slot_layouts(void **state)
{
	struct pci_bar bars[PCI_BARS];

	cases = 0;
	assert_int_equal(fill_slots(bars, 0, 0), 1189);
	assert_int_equal(cases, 1189 * 6 * 3 * 6);
	print_message("# 1189 layouts of the slots, %u plans\n", cases);
}

/* Where QEMU would go on and lay the table over something else, the shim refuses. */
static void test_stricter_than_qemu(void **state)
{
	static const uint64_t sizes[] = {4 * GIB, 8 * GIB, 256 * GIB};

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct plan_facts facts = device_facts(&nvme, 4 * KIB);
		struct plan plan;

		facts.bars[0].size = sizes[i];
		assert_false(oracle_relocate(&facts, 0).refused);
		assert_true(oracle_relocate(&facts, 0).table > UINT32_MAX);
		assert_int_equal(plan_make(&facts, 0, &plan), PLAN_OFFSET_ABOVE_4G);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_vector_counts),
		cmocka_unit_test(test_boundary_counts),
		cmocka_unit_test(test_all_slot_layouts),
		cmocka_unit_test(test_stricter_than_qemu),
	};

	return cmocka_run_group_tests_name("plan_all", tests, NULL, NULL);
}
