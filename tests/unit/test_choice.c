/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `auto` and `any` on single devices; test_choice_all.c goes through whole spaces of them. */
#include "unit.h"

#include <string.h>

#include "core/choice.h"

/* A letter for each verdict, so that a device's six stand in one word. */
static const char letters[] = {
	[VERDICT_CHOSEN] = 'C',	     [VERDICT_REFUSED] = 'r',	   [VERDICT_KNOWN_FAIL] = 'F',
	[VERDICT_KNOWN_OTHER] = 'O', [VERDICT_BEFORE_FIRST] = 'B', [VERDICT_DISPLAY] = 'D',
	[VERDICT_EXTENDS] = 'E',     [VERDICT_IN_BETWEEN] = 'I',   [VERDICT_NARROW] = 'N',
	[VERDICT_HIGHER_SLOT] = 'H', [VERDICT_RESIZABLE] = 'Z',	   [VERDICT_MORE_MMIO] = 'M',
	[VERDICT_LOWER_SLOT] = 'L',  [VERDICT_MEASURED] = 'S',
};

static void verdicts(const struct choice *choice, char word[PCI_BARS + 1])
{
	for (int t = 0; t < PCI_BARS; t++)
		word[t] = letters[choice->targets[t].verdict];
	word[PCI_BARS] = '\0';
}

/* What must hold of every choice. */
static void check_choice(const struct plan_facts *facts, int target, const struct choice *c)
{
	struct plan plan;
	int chosen = 0;

	for (int t = 0; t < PCI_BARS; t++) {
		enum plan_reason reason = plan_make(facts, t, &plan);

		chosen += c->targets[t].verdict == VERDICT_CHOSEN;
		assert_int_equal(c->targets[t].reason, reason);
		assert_int_equal(c->targets[t].verdict == VERDICT_REFUSED, reason != PLAN_OK);
		assert_int_equal(c->targets[t].additional,
				 reason == PLAN_OK ? plan.bar.size - plan.phys_size : 0);
		assert_non_null(choice_why_not(c, t));
	}
	assert_true(chosen <= 1);
	assert_non_null(choice_why(c));
	if (c->target != PLAN_OFF)
		assert_int_equal(c->targets[c->target].verdict, VERDICT_CHOSEN);
	if (target == PLAN_ANY && c->cause != CHOICE_NOTHING)
		assert_int_equal(c->target != PLAN_OFF, chosen);
}

static const struct pci_ids sas3008_ids = {0x1000, 0x0097, 0x15d9, 0x0808, 0x010700};
static const struct pci_ids nvme_ids = {0x144d, 0xa824, 0x144d, 0xa801, 0x010802};
static const struct pci_ids cd8p_ids = {0x1e0f, 0x002c, 0x1e0f, 0x0001, 0x010802};
static const struct pci_ids intel_760p_ids = {0x8086, 0xf1a6, 0x8086, 0x390b, 0x010802};
static const struct pci_ids coral_ids = {0x1ac1, 0x089a, 0x1ac1, 0x089a, 0x0880ff};
static const struct pci_ids i82576_ids = {0x8086, 0x10c9, 0x8086, 0xa03c, 0x020000};
static const struct pci_ids t5_vf_ids = {0x1425, 0x5801, 0x1425, 0x0000, 0x020000};
static const struct pci_ids kunlun_vf_ids = {0x1d22, 0x3685, 0x1d22, 0x0000, 0x120000};
static const struct pci_ids unknown_ids = {0xfffe, 0x0001, 0, 0, 0xff0000};

/* BAR3 holds nothing but MSI-X. */
static const struct device i82576 = {
	.bars = {{BAR_MEM32, false, 128 * KIB},
		 {BAR_MEM32, false, 4 * MIB},
		 {BAR_IO, false, 32},
		 {BAR_MEM32, false, 16 * KIB}},
	.msix = {0x70, 10, 3, 3, 0, 0x2000},
};

/* A virtual function; all slots are taken, and the PBA is outside of its BAR. */
static const struct device t5_vf = {
	.bars = {{BAR_MEM64, true, 4 * KIB},
		 {.kind = BAR_UPPER},
		 {BAR_MEM64, true, 64 * KIB},
		 {.kind = BAR_UPPER},
		 {BAR_MEM64, true, 8 * KIB},
		 {.kind = BAR_UPPER}},
	.msix = {0xb0, 4, 4, 4, 0, 0x8000},
};

static const struct device kunlun_vf = {
	.bars = {{BAR_MEM64, true, 64 * KIB}, {.kind = BAR_UPPER}},
	.msix = {0xb0, 8, 0, 0, 0xb000, 0x460000},
};

/* SM2262 as it is before a reset: the table ends where the PBA begins. */
static const struct device sm2262_16 = {
	.bars = {{BAR_MEM64, false, 16 * KIB}, {.kind = BAR_UPPER}},
	.msix = {0xb0, 16, 0, 0, 0x2000, 0x2100},
};

#define NO   CHOICE_NO_GAIN
#define BAD  CHOICE_BROKEN
#define PAGE CHOICE_SHARED_PAGE

/* Real devices with pages of 4, 16 and 64 KiB: what auto does; the verdicts are those of any. */
static void test_devices(void **state)
{
	static const struct {
		const char *what;
		const struct device *device;
		const struct pci_ids *ids;
		enum choice_cause cause[3];
		const char *verdicts;
	} facts[] = {
		{"SAS3008", &sas3008, &sas3008_ids, {NO, PAGE, PAGE}, "FOrOrC"},
		{"one like it", &sas3008, &unknown_ids, {NO, PAGE, PAGE}, "BErErC"},
		{"NVMe", &nvme, &nvme_ids, {NO, PAGE, PAGE}, "ErCHHN"},
		{"CD8P", &cd8p, &cd8p_ids, {CHOICE_SHARED_BLOCK, PAGE, PAGE}, "ErCHHN"},
		{"760p", &sm2262, &intel_760p_ids, {BAD, BAD, BAD}, "OrCOOO"},
		{"760p before its reset",
		 &sm2262_16,
		 &intel_760p_ids,
		 {CHOICE_KNOWN, CHOICE_KNOWN, CHOICE_KNOWN},
		 "OrCOOO"},
		{"one like it", &sm2262_16, &unknown_ids, {NO, PAGE, PAGE}, "ErCHHN"},
		{"Coral", &coral, &coral_ids, {CHOICE_SHARED_BLOCK, PAGE, PAGE}, "ErErCN"},
		{"82576", &i82576, &i82576_ids, {NO, NO, NO}, "EErECN"},
		{"T5 VF", &t5_vf, &t5_vf_ids, {BAD, BAD, BAD}, NULL},
		{"Kunlun VF", &kunlun_vf, &kunlun_vf_ids, {BAD, BAD, BAD}, "SrCHHN"},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		for (size_t p = 0; p < COUNT(page_sizes); p++) {
			struct plan_facts shown = device_facts(facts[i].device, page_sizes[p]);
			struct choice auto_choice, any_choice;
			char word[PCI_BARS + 1];

			shown.ids = *facts[i].ids;
			choice_make(&shown, PLAN_AUTO, false, &auto_choice);
			choice_make(&shown, PLAN_ANY, false, &any_choice);
			check_choice(&shown, PLAN_AUTO, &auto_choice);
			check_choice(&shown, PLAN_ANY, &any_choice);
			verdicts(&any_choice, word);
			if (auto_choice.cause != facts[i].cause[p] ||
			    (facts[i].verdicts && strcmp(word, facts[i].verdicts) != 0))
				fail_msg("%s with pages of %ju: %s, %s", facts[i].what,
					 (uintmax_t)page_sizes[p],
					 choice_cause_text(auto_choice.cause), word);
			assert_memory_equal(auto_choice.targets, any_choice.targets,
					    sizeof(any_choice.targets));
			if (auto_choice.cause == CHOICE_NO_GAIN) {
				assert_int_equal(auto_choice.target, PLAN_OFF);
				assert_int_equal(any_choice.cause, CHOICE_ASKED);
			} else {
				assert_int_equal(auto_choice.target, any_choice.target);
				assert_int_equal(any_choice.cause, auto_choice.cause);
			}
		}
	}
}

/* What a user is told of the SAS3008 with pages of 64 KiB. */
static void test_sas3008_says_why(void **state)
{
	struct plan_facts facts = device_facts(&sas3008, 64 * KIB);
	struct choice choice;

	facts.ids = sas3008_ids;
	choice_make(&facts, PLAN_AUTO, false, &choice);
	assert_int_equal(choice.target, 5);
	assert_non_null(strstr(choice_why(&choice), "page of the host"));
	assert_non_null(strstr(choice_why_not(&choice, 0), "mpt3sas"));
	assert_non_null(strstr(choice_why_not(&choice, 1), "known to work"));
	assert_non_null(strstr(choice_why_not(&choice, 2), "upper half"));
	assert_non_null(strstr(choice_why_not(&choice, 6), "no such BAR"));
}

#define EMPTY                                                                                      \
	{                                                                                          \
		.kind = BAR_EMPTY                                                                  \
	}
#define UPPER                                                                                      \
	{                                                                                          \
		.kind = BAR_UPPER                                                                  \
	}
#define IO                                                                                         \
	{                                                                                          \
		BAR_IO, false, 32                                                                  \
	}
#define MEM32(size)                                                                                \
	{                                                                                          \
		BAR_MEM32, false, size                                                             \
	}
#define MEM64(size)                                                                                \
	{                                                                                          \
		BAR_MEM64, false, size                                                             \
	}
#define PREF64(size)                                                                               \
	{                                                                                          \
		BAR_MEM64, true, size                                                              \
	}
#define LOST(size)                                                                                 \
	{                                                                                          \
		BAR_UNASSIGNED, false, size                                                        \
	}

/* Six slots, and what becomes of each under `any`; 4 vectors, pages of 4 KiB. */
static void test_criteria(void **state)
{
	static const struct {
		struct pci_bar bars[PCI_BARS];
		uint64_t class_code; /* in its upper half a vendor, or 0 */
		uint8_t resizable;
		const char *verdicts;
	} facts[] = {
		/* 1: not before the first memory BAR, even if nothing else is left */
		{{EMPTY, EMPTY, MEM64(MIB), UPPER, EMPTY, EMPTY}, 0, 0, "BBErCN"},
		{{EMPTY, EMPTY, EMPTY, EMPTY, MEM64(MIB), UPPER}, 0, 0, "BBBBCr"},
		{{EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, MEM32(2 * GIB)}, 0, 0, "BBBBBr"},
		{{IO, EMPTY, EMPTY, MEM32(MIB), IO, EMPTY}, 0, 0, "rBBErC"},
		{{LOST(MIB), LOST(0), EMPTY, MEM32(MIB), EMPTY, EMPTY}, 0, 0, "rrBECN"},
		{{IO, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY}, 0, 0, "rCHHHN"}, /* there is none */
		{{EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY}, 0, 0, "CHHHHN"},
		/* 2: not at slots 1, 4 and 5 of a display controller */
		{{MEM64(MIB), UPPER, EMPTY, EMPTY, EMPTY, EMPTY}, 0x030000, 0, "ErCHDD"},
		{{MEM32(MIB), EMPTY, EMPTY, EMPTY, EMPTY, EMPTY}, 0x038000, 0, "EDCHDD"},
		{{MEM32(MIB), EMPTY, IO, IO, EMPTY, EMPTY}, 0x030000, 0, "CDrrDD"},
		{{MEM32(2 * GIB), EMPTY, IO, IO, EMPTY, EMPTY}, 0x030200, 0, "rDrrDD"},
		{{MEM32(MIB), EMPTY, IO, IO, EMPTY, EMPTY}, 0x040000, 0, "EIrrCN"},
		{{MEM32(MIB), MEM32(MIB), IO, IO, MEM32(MIB), IO}, 0x030000, 0, "LLrrCr"},
		/* 3: a new BAR before an extended one, also where the new one is in between */
		{{MEM32(16), MEM32(16), MEM32(16), MEM32(16), MEM32(16), EMPTY}, 0, 0, "EEEEEC"},
		{{MEM32(MIB), EMPTY, MEM64(MIB), UPPER, MEM64(MIB), UPPER}, 0, 0, "ECErEr"},
		/* 4: after the last one, then 64-bit, then the lowest slot */
		{{MEM32(MIB), EMPTY, EMPTY, MEM32(MIB), EMPTY, EMPTY}, 0, 0, "EIIECN"},
		{{MEM32(MIB), EMPTY, EMPTY, EMPTY, IO, EMPTY}, 0, 0, "EIIIrC"},
		{{MEM32(MIB), EMPTY, EMPTY, EMPTY, MEM64(MIB), UPPER}, 0, 0, "ECHNEr"},
		{{MEM32(MIB), EMPTY, IO, EMPTY, EMPTY, LOST(32)}, 0, 0, "ENrCNr"},
		{{MEM32(MIB), EMPTY, EMPTY, EMPTY, EMPTY, EMPTY}, 0, 0, "ECHHHN"},
		/* 5: the least additional space, then the highest slot; resizable ones last */
		{{MEM32(MIB), MEM32(MIB), MEM32(MIB), MEM32(MIB), MEM32(MIB), MEM32(MIB)},
		 0,
		 0,
		 "LLLLLC"},
		{{MEM32(MIB), MEM32(64 * KIB), MEM64(MIB), UPPER, MEM64(64 * KIB), UPPER},
		 0,
		 0,
		 "MLMrCr"},
		{{MEM32(4 * KIB), MEM32(16), MEM64(MIB), UPPER, MEM64(MIB), UPPER}, 0, 0, "CMMrMr"},
		{{MEM32(4 * KIB), IO, MEM64(MIB), UPPER, MEM64(MIB), UPPER}, 0, 0x01, "ZrLrCr"},
		{{MEM32(4 * KIB), IO, MEM64(MIB), UPPER, MEM64(MIB), UPPER}, 0, 0x11, "ZrCrZr"},
		{{MEM32(4 * KIB), IO, MEM64(MIB), UPPER, MEM64(MIB), UPPER}, 0, 0x15, "CrMrMr"},
		{{MEM32(MIB), EMPTY, MEM64(MIB), UPPER, MEM64(MIB), UPPER}, 0, 0x3f, "ECErEr"},
		/* not a BAR of which drivers take the length, even if nothing else is left */
		{{MEM64(MIB), UPPER, MEM64(MIB), UPPER, MEM64(MIB), UPPER}, 0x010802, 0, "CrSrSr"},
		{{MEM64(MIB), UPPER, MEM64(MIB), UPPER, MEM64(MIB), UPPER}, 0x010700, 0, "LrLrCr"},
		{{IO, IO, MEM64(MIB), UPPER, MEM64(MIB), UPPER}, 0x010802, 0, "rrSrSr"},
		{{MEM32(MIB), PREF64(MIB), UPPER, PREF64(MIB), UPPER, IO}, 0x030000, 0, "CSrSrr"},
		{{MEM32(MIB), PREF64(MIB), UPPER, PREF64(MIB), UPPER, IO},
		 0x100200030000,
		 0,
		 "SSrSrr"},
		{{MEM32(MIB), PREF64(MIB), UPPER, PREF64(MIB), UPPER, IO}, 0x020000, 0, "LLrCrr"},
		{{MEM32(MIB), PREF64(MIB), UPPER, PREF64(MIB), UPPER, IO}, 0x068000, 0, "SSrSrr"},
		{{MEM32(MIB), PREF64(MIB), UPPER, PREF64(MIB), UPPER, IO}, 0x060400, 0, "LLrCrr"},
		{{MEM32(MIB), PREF64(MIB), UPPER, PREF64(MIB), UPPER, IO}, 0x050000, 0, "SSrSrr"},
		{{MEM32(MIB), PREF64(MIB), UPPER, PREF64(MIB), UPPER, IO}, 0x120100, 0, "SSrSrr"},
		{{MEM32(MIB), EMPTY, PREF64(MIB), UPPER, EMPTY, EMPTY}, 0x050000, 0, "SISrCN"},
		/* nothing is possible */
		{{IO, IO, IO, IO, IO, IO}, 0, 0, "rrrrrr"},
		{{MEM64(8 * GIB), UPPER, MEM64(8 * GIB), UPPER, MEM32(3 * MIB), IO},
		 0,
		 0,
		 "rrrrrr"},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		uint16_t vendor = (uint16_t)(facts[i].class_code >> 32);
		struct plan_facts shown = {
			.msix = {0x40, 4, 7, 7, 0, 0x800}, /* broken: auto and any agree */
			.page_size = 4 * KIB,
			.ids = {.vendor = vendor ? vendor : 0xfffe,
				.class_code = (uint32_t)facts[i].class_code},
			.resizable = facts[i].resizable,
		};
		struct choice choice;
		char word[PCI_BARS + 1];

		memcpy(shown.bars, facts[i].bars, sizeof(shown.bars));
		for (int t = 0; t < PCI_BARS; t++)
			shown.room[t] = 1024 * GIB;
		choice_make(&shown, PLAN_AUTO, false, &choice);
		check_choice(&shown, PLAN_ANY, &choice);
		verdicts(&choice, word);
		if (strcmp(word, facts[i].verdicts) != 0)
			fail_msg("row %zu: %s, not %s", i, word, facts[i].verdicts);
		assert_int_equal(choice.cause, CHOICE_BROKEN);
		if (choice.target == PLAN_OFF)
			assert_non_null(strstr(choice_why(&choice), "no target is left"));
	}
}

/* Where the target that is known to work is not possible, the criteria decide. */
static void test_known_but_impossible(void **state)
{
	struct plan_facts facts = device_facts(&sm2262, 4 * KIB);
	struct choice choice;

	facts.ids = intel_760p_ids;
	facts.bars[2] = (struct pci_bar)IO;
	choice_make(&facts, PLAN_AUTO, false, &choice);
	check_choice(&facts, PLAN_AUTO, &choice);
	assert_int_equal(choice.target, 3);
	facts = device_facts(&sas3008, 64 * KIB);
	facts.ids = sas3008_ids;
	facts.room[5] = 0;
	choice_make(&facts, PLAN_AUTO, false, &choice);
	check_choice(&facts, PLAN_AUTO, &choice);
	assert_int_equal(choice.target, 1); /* 64 KiB more instead of 256 */
	assert_int_equal(choice.targets[0].verdict, VERDICT_KNOWN_FAIL);
}

/* Places of table and PBA in BAR2 and BAR3 of given sizes: the defect, and who shares pages. */
static void test_capabilities(void **state)
{
	static const struct {
		uint16_t vectors;
		uint8_t table_bir, pba_bir;
		uint32_t table, pba;
		uint64_t sizes[2];
		enum msix_defect defect;
		bool shares[3]; /* pages, with 4, 16 and 64 KiB */
		enum choice_cause at_4k;
	} facts[] = {
		/* defects */
		{4, 0, 2, 0, 0, {16, 16}, MSIX_TABLE_NOWHERE, {0}, CHOICE_BROKEN},
		{4, 1, 2, 0, 0, {16, 16}, MSIX_TABLE_NOWHERE, {0}, CHOICE_BROKEN},
		{4, 6, 2, 0, 0, {16, 16}, MSIX_TABLE_NOWHERE, {0}, CHOICE_BROKEN},
		{4, 2, 7, 0, 0, {64, 16}, MSIX_PBA_NOWHERE, {0}, CHOICE_BROKEN},
		{4, 2, 0, 0, 0, {64, 16}, MSIX_PBA_NOWHERE, {0}, CHOICE_BROKEN},
		{4, 2, 3, 0, 0, {64, 16}, MSIX_SOUND, {0}, CHOICE_NO_GAIN},
		{5, 2, 3, 0, 0, {64, 16}, MSIX_TABLE_OUTSIDE, {0}, CHOICE_BROKEN},
		{4, 2, 3, 8, 0, {64, 16}, MSIX_TABLE_OUTSIDE, {0}, CHOICE_BROKEN},
		{4, 2, 3, 0xfffffff8, 0, {64, 16}, MSIX_TABLE_OUTSIDE, {0}, CHOICE_BROKEN},
		{4, 2, 3, 0, 8, {64, 16}, MSIX_SOUND, {0}, CHOICE_NO_GAIN},
		{65, 2, 3, 0, 8, {2048, 16}, MSIX_PBA_OUTSIDE, {0}, CHOICE_BROKEN},
		{4, 2, 3, 0, 16, {64, 16}, MSIX_PBA_OUTSIDE, {0}, CHOICE_BROKEN},
		{4, 2, 2, 0, 64, {128, 16}, MSIX_SOUND, {0}, CHOICE_NO_GAIN},
		{4, 2, 2, 0, 56, {128, 16}, MSIX_OVERLAP, {0}, CHOICE_BROKEN},
		{4, 2, 2, 8, 0, {128, 16}, MSIX_SOUND, {0}, CHOICE_NO_GAIN},
		{65, 2, 2, 8, 0, {2048, 16}, MSIX_OVERLAP, {0}, CHOICE_BROKEN},
		/* (b): pages of the BAR that hold more than MSI-X */
		{4, 2, 2, 0x2000, 0x3000, {16 * KIB, 16}, MSIX_SOUND, {0, 1, 1}, CHOICE_NO_GAIN},
		{4, 2, 2, 0x4000, 0x5000, {64 * KIB, 16}, MSIX_SOUND, {0, 1, 1}, CHOICE_NO_GAIN},
		{4, 2, 2, 0x4000, 0x5000, {24 * KIB, 16}, MSIX_SOUND, {0, 0, 1}, CHOICE_NO_GAIN},
		{512, 2, 2, 0x4000, 0x6000, {28 * KIB, 16}, MSIX_SOUND, {0, 0, 1}, CHOICE_NO_GAIN},
		{4, 2, 3, 0, 0, {4 * KIB, 8 * KIB}, MSIX_SOUND, {0, 1, 1}, CHOICE_NO_GAIN},
		/* dedicated ones: a BAR of the structures' own size, whatever the host's pages */
		{4, 2, 3, 0, 0, {4 * KIB, 4 * KIB}, MSIX_SOUND, {0}, CHOICE_NO_GAIN},
		{4, 2, 2, 0, 0x800, {4 * KIB, 16}, MSIX_SOUND, {0}, CHOICE_NO_GAIN},
		{4, 2, 2, 0, 0x800, {8 * KIB, 16}, MSIX_SOUND, {0, 1, 1}, CHOICE_NO_GAIN},
		{4, 2, 2, 0, 0x800, {32 * KIB, 16}, MSIX_SOUND, {0, 1, 1}, CHOICE_NO_GAIN},
		{4, 2, 2, 0, 0x2000, {16 * KIB, 16}, MSIX_SOUND, {0}, CHOICE_NO_GAIN},
		{4, 2, 2, 0x2000, 0, {16 * KIB, 16}, MSIX_SOUND, {0}, CHOICE_NO_GAIN},
		{4, 2, 2, 0x10, 0x2000, {16 * KIB, 16}, MSIX_SOUND, {0, 1, 1}, CHOICE_SHARED_BLOCK},
		{4, 2, 3, 0, 0x4000, {4 * KIB, 32 * KIB}, MSIX_SOUND, {0, 1, 1}, CHOICE_NO_GAIN},
		/* (c): what stands at the start of the table's 4K block */
		{4, 2, 2, 0x2010, 0x2000, {16 * KIB, 16}, MSIX_SOUND, {0, 1, 1}, CHOICE_NO_GAIN},
		{4,
		 2,
		 2,
		 0x2010,
		 0x2008,
		 {16 * KIB, 16},
		 MSIX_SOUND,
		 {0, 1, 1},
		 CHOICE_SHARED_BLOCK},
		{4,
		 2,
		 3,
		 0x2010,
		 0x2000,
		 {16 * KIB, 16 * KIB},
		 MSIX_SOUND,
		 {0, 1, 1},
		 CHOICE_SHARED_BLOCK},
		{65, 2, 2, 0x2010, 0x1ff8, {16 * KIB, 16}, MSIX_SOUND, {0, 1, 1}, CHOICE_NO_GAIN},
		{64,
		 2,
		 2,
		 0x2010,
		 0x1ff8,
		 {16 * KIB, 16},
		 MSIX_SOUND,
		 {0, 1, 1},
		 CHOICE_SHARED_BLOCK},
		{4, 2, 2, 0x2000, 0x3800, {16 * KIB, 16}, MSIX_SOUND, {0, 1, 1}, CHOICE_NO_GAIN},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		for (size_t p = 0; p < COUNT(page_sizes); p++) {
			struct plan_facts shown = {
				.bars = {[0] = IO,
					 [2] = MEM32(facts[i].sizes[0]),
					 [3] = MEM32(facts[i].sizes[1])},
				.msix = {0x40, facts[i].vectors, facts[i].table_bir,
					 facts[i].pba_bir, facts[i].table, facts[i].pba},
				.page_size = page_sizes[p],
				.ids = unknown_ids,
			};
			struct choice choice;

			choice_make(&shown, PLAN_AUTO, false, &choice);
			if (choice.defect != facts[i].defect)
				fail_msg("row %zu: %s", i, choice_defect_text(choice.defect));
			if (choice.defect == MSIX_SOUND &&
			    choice_shares_page(&shown) != facts[i].shares[p])
				fail_msg("row %zu, pages of %ju: shared is %d", i,
					 (uintmax_t)page_sizes[p], !facts[i].shares[p]);
			if (p == 0 && choice.cause != facts[i].at_4k)
				fail_msg("row %zu: %s", i, choice_cause_text(choice.cause));
		}
	}
}

/* With share=bar a BAR that holds more than MSI-X is reason enough, on every page size. */
static void test_share_bar(void **state)
{
	static const struct {
		const struct device *device;
		enum choice_cause cause;
		int target;
	} facts[] = {
		{&nvme, CHOICE_SHARED_BAR, 2},	     {&sas3008, CHOICE_SHARED_BAR, 5},
		{&i82576, CHOICE_NO_GAIN, PLAN_OFF}, {&cd8p, CHOICE_SHARED_BLOCK, 2},
		{&sm2262, CHOICE_BROKEN, 2},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct plan_facts shown = device_facts(facts[i].device, 4 * KIB);
		struct choice choice;

		choice_make(&shown, PLAN_AUTO, true, &choice);
		check_choice(&shown, PLAN_AUTO, &choice);
		assert_int_equal(choice.cause, facts[i].cause);
		assert_int_equal(choice.target, facts[i].target);
	}
}

static void test_nothing(void **state)
{
	struct plan_facts none = device_facts(&nvme, 64 * KIB);
	struct plan_facts lost = device_facts(&sas3008, 64 * KIB);
	struct choice choice;

	none.msix = (struct pci_msix){.pos = 0};
	lost.bars[1] = (struct pci_bar)LOST(64 * KIB);
	for (int target = PLAN_ANY; target <= PLAN_AUTO; target++) {
		choice_make(&none, target, true, &choice);
		check_choice(&none, target, &choice);
		assert_int_equal(choice.target, PLAN_OFF);
		assert_int_equal(choice.cause, CHOICE_NOTHING);
		assert_int_equal(choice.nothing, PLAN_NO_MSIX);
		assert_int_equal(choice.defect, MSIX_SOUND);
		assert_non_null(strstr(choice_why(&choice), "no MSI-X"));
		choice_make(&lost, target, true, &choice);
		check_choice(&lost, target, &choice);
		assert_int_equal(choice.target, PLAN_OFF);
		assert_int_equal(choice.nothing, PLAN_TABLE_UNASSIGNED);
	}
	assert_false(choice_shares_page(&none) || choice_shares_block(&none));
}

static void test_texts(void **state)
{
	for (int i = MSIX_SOUND; i <= MSIX_OVERLAP + 1; i++) {
		check_text(choice_defect_text((enum msix_defect)i));
		assert_int_equal(!!strstr(choice_defect_text((enum msix_defect)i), "unknown"),
				 i > MSIX_OVERLAP);
	}
	for (int i = CHOICE_NOTHING; i <= CHOICE_KNOWN + 1; i++) {
		check_text(choice_cause_text((enum choice_cause)i));
		assert_int_equal(!!strstr(choice_cause_text((enum choice_cause)i), "unknown"),
				 i > CHOICE_KNOWN);
	}
	for (int i = VERDICT_CHOSEN; i <= VERDICT_LOWER_SLOT + 1; i++) {
		check_text(choice_verdict_text((enum choice_verdict)i));
		assert_int_equal(!!strstr(choice_verdict_text((enum choice_verdict)i), "unknown"),
				 i > VERDICT_LOWER_SLOT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devices),	     cmocka_unit_test(test_sas3008_says_why),
		cmocka_unit_test(test_criteria),     cmocka_unit_test(test_known_but_impossible),
		cmocka_unit_test(test_capabilities), cmocka_unit_test(test_share_bar),
		cmocka_unit_test(test_nothing),	     cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
