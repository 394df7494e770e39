/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans over whole spaces: invariants, the zones, and QEMU's algorithm told again. */
#include "layouts.h"

#include <string.h>

static uint32_t cases;

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
	layouts_check_plan(facts, &plan);
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

static void check_layout_of_slots(const struct pci_bar *bars, unsigned int salt)
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

static void test_all_slot_layouts(void **state)
{
	cases = 0;
	layouts_visit(0, check_layout_of_slots);
	assert_int_equal(cases, LAYOUTS * 6 * 3 * 6);
	print_message("# %u layouts of the slots, %u plans\n", LAYOUTS, cases);
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
