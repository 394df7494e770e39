/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about single plans; test_plan_all.c goes through whole spaces of them. */
#include "unit.h"

#include <string.h>

/* A plan as its user sees it. V, table and PBA are 0 where it is refused. */
struct layout {
	enum plan_reason reason;
	enum bar_kind kind;
	uint64_t size, table, pba;
};

static struct layout layout_of(const struct plan_facts *facts, int target)
{
	struct plan plan = {.target = 99};
	struct layout layout = {.reason = plan_make(facts, target, &plan)};

	if (layout.reason != PLAN_OK) {
		assert_true(plan_reason_refuses(layout.reason));
		assert_int_equal(plan.target, 99);
		return layout;
	}
	layout.kind = plan.bar.kind;
	layout.size = plan.bar.size;
	layout.table = plan.table.start;
	layout.pba = plan.pba.start;
	assert_int_equal(plan.target, target);
	assert_int_equal(plan.new_bar, facts->bars[target].kind == BAR_EMPTY);
	assert_int_equal(plan.phys_size, facts->bars[target].size);
	assert_int_equal(plan.bar.prefetchable, plan.new_bar || facts->bars[target].prefetchable);
	assert_int_equal(plan.page_size, facts->page_size);
	assert_memory_equal(&plan.hw, &facts->msix, sizeof(plan.hw));
	return layout;
}

static void check_layout(const struct plan_facts *facts, int target, const struct layout *want)
{
	struct layout got = layout_of(facts, target);

	if (got.reason == want->reason && got.kind == want->kind && got.size == want->size &&
	    got.table == want->table && got.pba == want->pba)
		return;
	fail_msg("bar%d with %ju KiB pages: %s, kind %d, size %#jx, table %#jx, PBA %#jx", target,
		 (uintmax_t)facts->page_size / 1024, plan_reason_text(got.reason), got.kind,
		 (uintmax_t)got.size, (uintmax_t)got.table, (uintmax_t)got.pba);
}

/* Every target of five devices; V with pages of 4, 16 and 64 KiB, 0 where it is refused. */
static void test_devices(void **state)
{
	static const struct {
		const struct device *device;
		int target;
		enum plan_reason reason;
		enum bar_kind kind;
		uint64_t size[3];
		uint64_t table_size;
	} facts[] = {
		/* 96 vectors. No slot is free after slot 0 nor after slot 5: 32-bit BARs */
		{&sas3008, 0, PLAN_OK, BAR_MEM32, {0x1000, 0x4000, 0x10000}, 0x600},
		{&sas3008, 1, PLAN_OK, BAR_MEM64, {0x20000, 0x20000, 0x20000}, 0x600},
		{&sas3008, 2, PLAN_UPPER_HALF, BAR_EMPTY, {0}, 0},
		{&sas3008, 3, PLAN_OK, BAR_MEM64, {0x80000, 0x80000, 0x80000}, 0x600},
		{&sas3008, 4, PLAN_UPPER_HALF, BAR_EMPTY, {0}, 0},
		{&sas3008, 5, PLAN_OK, BAR_MEM32, {0x1000, 0x4000, 0x10000}, 0x600},
		/* 136 vectors. The BAR is smaller than a page of 64 KiB */
		{&nvme, 0, PLAN_OK, BAR_MEM64, {0x8000, 0x8000, 0x20000}, 0x880},
		{&nvme, 1, PLAN_UPPER_HALF, BAR_EMPTY, {0}, 0},
		{&nvme, 2, PLAN_OK, BAR_MEM64, {0x1000, 0x4000, 0x10000}, 0x880},
		{&nvme, 3, PLAN_OK, BAR_MEM64, {0x1000, 0x4000, 0x10000}, 0x880},
		{&nvme, 4, PLAN_OK, BAR_MEM64, {0x1000, 0x4000, 0x10000}, 0x880},
		{&nvme, 5, PLAN_OK, BAR_MEM32, {0x1000, 0x4000, 0x10000}, 0x880},
		/* 129 vectors */
		{&cd8p, 0, PLAN_OK, BAR_MEM64, {0x20000, 0x20000, 0x20000}, 0x810},
		{&cd8p, 1, PLAN_UPPER_HALF, BAR_EMPTY, {0}, 0},
		{&cd8p, 2, PLAN_OK, BAR_MEM64, {0x1000, 0x4000, 0x10000}, 0x810},
		{&cd8p, 3, PLAN_OK, BAR_MEM64, {0x1000, 0x4000, 0x10000}, 0x810},
		{&cd8p, 4, PLAN_OK, BAR_MEM64, {0x1000, 0x4000, 0x10000}, 0x810},
		{&cd8p, 5, PLAN_OK, BAR_MEM32, {0x1000, 0x4000, 0x10000}, 0x810},
		/* 22 vectors */
		{&sm2262, 0, PLAN_OK, BAR_MEM64, {0x8000, 0x8000, 0x20000}, 0x160},
		{&sm2262, 1, PLAN_UPPER_HALF, BAR_EMPTY, {0}, 0},
		{&sm2262, 2, PLAN_OK, BAR_MEM64, {0x1000, 0x4000, 0x10000}, 0x160},
		{&sm2262, 3, PLAN_OK, BAR_MEM64, {0x1000, 0x4000, 0x10000}, 0x160},
		{&sm2262, 4, PLAN_OK, BAR_MEM64, {0x1000, 0x4000, 0x10000}, 0x160},
		{&sm2262, 5, PLAN_OK, BAR_MEM32, {0x1000, 0x4000, 0x10000}, 0x160},
		/* 128 vectors */
		{&coral, 0, PLAN_OK, BAR_MEM64, {0x8000, 0x8000, 0x20000}, 0x800},
		{&coral, 1, PLAN_UPPER_HALF, BAR_EMPTY, {0}, 0},
		{&coral, 2, PLAN_OK, BAR_MEM64, {0x200000, 0x200000, 0x200000}, 0x800},
		{&coral, 3, PLAN_UPPER_HALF, BAR_EMPTY, {0}, 0},
		{&coral, 4, PLAN_OK, BAR_MEM64, {0x1000, 0x4000, 0x10000}, 0x800},
		{&coral, 5, PLAN_OK, BAR_MEM32, {0x1000, 0x4000, 0x10000}, 0x800},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		for (size_t p = 0; p < COUNT(page_sizes); p++) {
			struct plan_facts shown = device_facts(facts[i].device, page_sizes[p]);
			bool is_new = shown.bars[facts[i].target].kind == BAR_EMPTY;
			uint64_t table = is_new ? 0 : facts[i].size[p] / 2;
			struct layout want = {facts[i].reason, facts[i].kind, facts[i].size[p],
					      table, table + facts[i].table_size};

			check_layout(&shown, facts[i].target, &want);
		}
	}
}

/* One memory BAR of a given kind and size as the target; 64 vectors, 4 KiB pages. (trap K23) */
static void test_refusals(void **state)
{
	static const struct {
		struct pci_bar bar;
		enum plan_reason reason;
		uint64_t size; /* where it is a plan */
	} facts[] = {
		{{.kind = BAR_IO, .size = 32}, PLAN_IO_BAR, 0},
		{{.kind = BAR_UPPER}, PLAN_UPPER_HALF, 0},
		{{.kind = BAR_UNASSIGNED, .size = 4 * KIB}, PLAN_UNASSIGNED, 0},
		{{BAR_MEM32, false, 12 * KIB}, PLAN_NOT_POWER_OF_TWO, 0},
		{{BAR_MEM64, false, GIB + 1}, PLAN_NOT_POWER_OF_TWO, 0},
		{{BAR_MEM64, false, 8 * GIB - 4}, PLAN_NOT_POWER_OF_TWO, 0},
		{{BAR_MEM32, false, 16}, PLAN_OK, 8 * KIB},
		{{BAR_MEM32, false, 2 * KIB}, PLAN_OK, 8 * KIB},
		{{BAR_MEM32, false, 4 * KIB}, PLAN_OK, 8 * KIB},
		{{BAR_MEM32, false, GIB / 2}, PLAN_OK, GIB},
		{{BAR_MEM32, false, GIB}, PLAN_OK, 2 * GIB},
		{{BAR_MEM32, false, 2 * GIB}, PLAN_ABOVE_1G, 0},
		{{BAR_MEM64, false, 2 * GIB}, PLAN_OK, 4 * GIB},
		{{BAR_MEM64, false, 4 * GIB}, PLAN_OFFSET_ABOVE_4G, 0},
		{{BAR_MEM64, false, 8 * GIB}, PLAN_OFFSET_ABOVE_4G, 0},
		{{BAR_MEM64, false, UINT64_C(1) << 63}, PLAN_OFFSET_ABOVE_4G, 0},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct plan_facts shown = {
			.bars = {[1] = facts[i].bar, [3] = {BAR_MEM32, false, 64 * KIB}},
			.msix = {0x40, 64, 3, 3, 0, 0x400},
			.page_size = 4 * KIB,
		};
		uint64_t half = facts[i].size / 2;
		struct layout want = {facts[i].reason, BAR_EMPTY, facts[i].size, half, 0};

		shown.room[1] = 1024 * GIB;
		if (facts[i].reason == PLAN_OK) {
			want.kind = facts[i].bar.kind;
			want.pba = half + 0x400;
		}
		check_layout(&shown, 1, &want);
	}
}

/* A new BAR takes the next slot too where nothing at all is there. */
static void test_next_slot(void **state)
{
	static const struct {
		int target;
		struct pci_bar next;
		enum bar_kind kind;
	} facts[] = {
		{2, {.kind = BAR_EMPTY}, BAR_MEM64},
		{2, {BAR_IO, false, 32}, BAR_MEM32},
		{2, {BAR_MEM32, false, 4 * KIB}, BAR_MEM32},
		{2, {BAR_MEM64, true, 4 * KIB}, BAR_MEM32},
		{2, {BAR_UNASSIGNED, false, 4 * KIB}, BAR_MEM32},
		{4, {.kind = BAR_EMPTY}, BAR_MEM64},
		{5, {.kind = BAR_EMPTY}, BAR_MEM32}, /* there is no slot 6 */
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct plan_facts shown = device_facts(&nvme, 4 * KIB);
		struct layout want = {PLAN_OK, facts[i].kind, 4 * KIB, 0, 0x880};

		if (facts[i].target + 1 < PCI_BARS)
			shown.bars[facts[i].target + 1] = facts[i].next;
		check_layout(&shown, facts[i].target, &want);
	}
}

/* What a plan fills must fit between its region and the next one, to the byte. */
static void test_room(void **state)
{
	static const struct {
		int target;
		uint64_t room;
		enum plan_reason reason;
	} facts[] = {
		{0, 32 * KIB, PLAN_OK},		{0, 32 * KIB - 1, PLAN_NO_ROOM},
		{0, 16 * KIB, PLAN_NO_ROOM},	{2, 4 * KIB, PLAN_OK},
		{2, 4 * KIB - 1, PLAN_NO_ROOM}, {2, 0, PLAN_NO_ROOM},
		{5, 4 * KIB, PLAN_OK},		{5, 1, PLAN_NO_ROOM},
		{1, 0, PLAN_UPPER_HALF}, /* the reason that no other room would change */
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct plan_facts shown = device_facts(&nvme, 4 * KIB);

		shown.room[facts[i].target] = facts[i].room;
		assert_int_equal(layout_of(&shown, facts[i].target).reason, facts[i].reason);
	}
}

/* A reason is one line that names its cause. */
static void test_reasons(void **state)
{
	static const struct {
		enum plan_reason reason;
		bool refuses;
		const char *word;
	} facts[] = {
		{PLAN_OK, false, "possible"},
		{PLAN_NO_MSIX, false, "no MSI-X"},
		{PLAN_TABLE_UNASSIGNED, false, "no address"},
		{PLAN_IO_BAR, true, "I/O"},
		{PLAN_UPPER_HALF, true, "upper half"},
		{PLAN_UNASSIGNED, true, "no address"},
		{PLAN_NOT_POWER_OF_TWO, true, "power of two"},
		{PLAN_ABOVE_1G, true, "1 GiB"},
		{PLAN_OFFSET_ABOVE_4G, true, "4 GiB"},
		{PLAN_NO_ROOM, true, "next VFIO region"},
		{(enum plan_reason)99, true, "unknown"},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		const char *text = plan_reason_text(facts[i].reason);

		assert_int_equal(plan_reason_refuses(facts[i].reason), facts[i].refuses);
		assert_non_null(strstr(text, facts[i].word));
		assert_null(strpbrk(text, "\n."));
	}
}

/* Such a device is shown as it is, whichever target is asked for. */
static void test_nothing_to_relocate(void **state)
{
	struct plan_facts none = device_facts(&nvme, 4 * KIB);
	struct plan_facts lost = device_facts(&sas3008, 4 * KIB);

	memset(&none.msix, 0, sizeof(none.msix));
	lost.bars[1] = (struct pci_bar){.kind = BAR_UNASSIGNED, .size = 64 * KIB};
	for (int target = 0; target < PCI_BARS; target++) {
		struct plan plan = {.target = 99};

		assert_int_equal(plan_make(&none, target, &plan), PLAN_NO_MSIX);
		assert_int_equal(plan.target, PLAN_OFF);
		plan.target = 99;
		assert_int_equal(plan_make(&lost, target, &plan), PLAN_TABLE_UNASSIGNED);
		assert_int_equal(plan.target, PLAN_OFF);
	}
}

static void test_off(void **state)
{
	static const struct device *const devices[] = {&sas3008, &nvme, &cd8p, &sm2262, &coral};

	for (size_t i = 0; i < COUNT(devices); i++) {
		struct plan_facts facts = device_facts(devices[i], 4 * KIB);
		struct plan plan = {.target = 99};

		assert_int_equal(plan_make(&facts, PLAN_OFF, &plan), PLAN_OK);
		assert_int_equal(plan.target, PLAN_OFF);
		facts.msix.pos = 0;
		assert_int_equal(plan_make(&facts, PLAN_OFF, &plan), PLAN_OK);
		assert_int_equal(plan.target, PLAN_OFF);
	}
}

/* BIRs 6 and 7 are reserved, and what VFIO shows may be nonsense; the target is what counts. */
static void test_hostile_capability(void **state)
{
	for (unsigned int bir = 0; bir < 8; bir++) {
		struct plan_facts facts = device_facts(&nvme, 4 * KIB);

		facts.msix.table_bir = (uint8_t)bir;
		facts.msix.pba_bir = (uint8_t)bir;
		facts.msix.table_offset = 0xfffffff8;
		facts.msix.pba_offset = 0xfffffff8;
		assert_int_equal(layout_of(&facts, 2).reason, PLAN_OK);
		assert_false(plan_pba_is_sound(&facts));
	}
}

static void test_pba_soundness(void **state)
{
	static const struct {
		enum bar_kind kind; /* of slot 2, 8 KiB */
		uint16_t vectors;
		uint8_t table_bir, pba_bir;
		uint32_t table, pba;
		bool sound;
	} facts[] = {
		{BAR_MEM64, 64, 2, 2, 0, 0x400, true},	     /* right after the table */
		{BAR_MEM64, 64, 2, 2, 0x1000, 0, true},	     /* before it */
		{BAR_MEM64, 64, 2, 2, 0x1000, 0xff8, true},  /* touches it from below */
		{BAR_MEM64, 65, 2, 2, 0x1000, 0xff8, false}, /* 65 bits are two QWORDs */
		{BAR_MEM64, 64, 2, 2, 0, 0x3f8, false},	     /* over its last bytes */
		{BAR_MEM64, 22, 2, 2, 0, 0x100, false},	     /* as in SM2262 */
		{BAR_MEM64, 64, 0, 2, 0, 0, true},	     /* the table is in another BAR */
		{BAR_MEM64, 64, 2, 2, 0, 0x1ff8, true},	     /* ends with the BAR */
		{BAR_MEM64, 65, 2, 2, 0, 0x1ff8, false},     /* one QWORD too far */
		{BAR_MEM64, 64, 2, 2, 0, 0x2000, false},     /* past the BAR */
		{BAR_MEM64, 2048, 2, 2, 0xfffffff8, 0, true},
		{BAR_MEM64, 64, 2, 2, 0, 0xfffffff8, false},
		{BAR_MEM32, 64, 2, 2, 0, 0x400, true},
		{BAR_IO, 64, 2, 2, 0, 0x400, false},
		{BAR_UNASSIGNED, 64, 2, 2, 0, 0x400, false},
		{BAR_EMPTY, 64, 2, 2, 0, 0x400, false},
		{BAR_UPPER, 64, 2, 2, 0, 0x400, false},
		{BAR_MEM64, 64, 2, 6, 0, 0x400, false},
		{BAR_MEM64, 64, 2, 7, 0, 0x400, false},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		/* after bars[5] comes what would pass for a large BAR 6 */
		struct plan_facts shown = {.bars = {[2] = {facts[i].kind, false, 8 * KIB}},
					   .room = {1024 * GIB + BAR_MEM64, 1024 * GIB},
					   .page_size = 4 * KIB};

		shown.msix = (struct pci_msix){
			.pos = 0x40,
			.vectors = facts[i].vectors,
			.table_bir = facts[i].table_bir,
			.pba_bir = facts[i].pba_bir,
			.table_offset = facts[i].table,
			.pba_offset = facts[i].pba,
		};
		if (plan_pba_is_sound(&shown) != facts[i].sound)
			fail_msg("row %zu: sound is %d", i, !facts[i].sound);
		shown.msix.pos = 0;
		assert_false(plan_pba_is_sound(&shown));
	}
}

static void test_device_pbas(void **state)
{
	static const struct {
		const struct device *device;
		int target;
		bool sound;
	} facts[] = {
		{&sas3008, 5, true}, {&nvme, 2, true},	{&cd8p, 2, true},
		{&sm2262, 2, false}, {&coral, 4, true},
	};

	for (size_t i = 0; i < COUNT(facts); i++)
		assert_int_equal(device_plan(facts[i].device, 4 * KIB, facts[i].target).pba_sound,
				 facts[i].sound);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devices),	      cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_next_slot),     cmocka_unit_test(test_room),
		cmocka_unit_test(test_reasons),	      cmocka_unit_test(test_nothing_to_relocate),
		cmocka_unit_test(test_off),	      cmocka_unit_test(test_hostile_capability),
		cmocka_unit_test(test_pba_soundness), cmocka_unit_test(test_device_pbas),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
