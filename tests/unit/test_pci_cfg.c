/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "core/le.h"
#include "core/pci_cfg.h"

static void test_type0(void **state)
{
	static const struct {
		uint8_t header_type;
		uint32_t len;
		bool type0;
	} facts[] = {
		{0x00, 256, true},  {0x80, 256, true},	{0x01, 256, false}, {0x81, 256, false},
		{0x02, 256, false}, {0x7f, 256, false}, {0xff, 256, false}, {0x00, 4096, true},
		{0x00, 64, true},   {0x00, 63, false},	{0x00, 0, false},
	};
	uint8_t cfg[PCI_CFG_EXT_SIZE] = {0};

	for (size_t i = 0; i < COUNT(facts); i++) {
		cfg[PCI_HEADER_TYPE] = facts[i].header_type;
		assert_int_equal(pci_cfg_is_type0(cfg, facts[i].len), facts[i].type0);
	}
}

struct link {
	uint8_t pos, id, next;
};

/* Lists of up to three capabilities, in 256 bytes unless `len` says otherwise. Wanted: id 0x11. */
static void test_find_cap(void **state)
{
	static const struct {
		const char *what;
		uint8_t head;
		struct link links[3];
		uint32_t len;
		uint16_t found;
	} facts[] = {
		{"empty", 0, {{0}}, 256, 0},
		{"first", 0x40, {{0x40, 0x11, 0}}, 256, 0x40},
		{"second", 0x40, {{0x40, 0x01, 0x50}, {0x50, 0x11, 0}}, 256, 0x50},
		{"backwards", 0x80, {{0x80, 0x01, 0x50}, {0x50, 0x11, 0}}, 256, 0x50},
		{"of two the first", 0x40, {{0x40, 0x11, 0x50}, {0x50, 0x11, 0}}, 256, 0x40},
		{"not there", 0x40, {{0x40, 0x01, 0x50}, {0x50, 0x05, 0}}, 256, 0},
		{"reserved low bits", 0x43, {{0x40, 0x01, 0x52}, {0x50, 0x11, 0}}, 256, 0x50},
		{"last dword", 0xfc, {{0xfc, 0x11, 0}}, 256, 0xfc},
		{"into the header", 0x40, {{0x40, 0x01, 0x3c}, {0x3c, 0x11, 0}}, 256, 0},
		{"head in the header", 0x3c, {{0x3c, 0x11, 0}}, 256, 0},
		{"points to itself", 0x40, {{0x40, 0x01, 0x40}}, 256, 0},
		{"a ring", 0x40, {{0x40, 0x01, 0x50}, {0x50, 0x05, 0x40}}, 256, 0},
		{"id 0xff ends", 0x40, {{0x40, 0xff, 0x50}, {0x50, 0x11, 0}}, 256, 0},
		{"id 0 does not", 0x40, {{0x40, 0x00, 0x50}, {0x50, 0x11, 0}}, 256, 0x50},
		{"cut off", 0x80, {{0x80, 0x11, 0}}, 128, 0},
		{"cut in it", 0x80, {{0x80, 0x11, 0}}, 131, 0},
		{"just there", 0x80, {{0x80, 0x11, 0}}, 132, 0x80},
		{"next cut off", 0x40, {{0x40, 0x01, 0x80}, {0x80, 0x11, 0}}, 128, 0},
		{"header alone", 0x40, {{0x40, 0x11, 0}}, 64, 0},
		{"not even that", 0x40, {{0x40, 0x11, 0}}, 63, 0},
		{"nothing", 0x40, {{0x40, 0x11, 0}}, 0, 0},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		uint8_t cfg[PCI_CFG_SIZE] = {[PCI_STATUS] = PCI_STATUS_CAP_LIST};
		uint16_t found;

		cfg[PCI_CAPABILITY_LIST] = facts[i].head;
		for (size_t k = 0; k < COUNT(facts[i].links); k++) {
			const struct link *link = &facts[i].links[k];

			if (link->pos) {
				cfg[link->pos] = link->id;
				cfg[link->pos + 1] = link->next;
			}
		}
		found = pci_cfg_find_cap(cfg, facts[i].len, 0x11);
		if (found != facts[i].found)
			fail_msg("%s: found %#x", facts[i].what, found);

		/* The header has the last word: no list, no capability. */
		cfg[PCI_STATUS] = 0;
		assert_int_equal(pci_cfg_find_cap(cfg, facts[i].len, 0x11), 0);
	}
}

/* 48 capabilities fill the space, and 960 the extended one; the last one is found. */
static void test_longest_list(void **state)
{
	uint8_t cfg[PCI_CFG_SIZE] = {0};
	uint8_t ext[PCI_CFG_EXT_SIZE] = {0};

	for (int pos = 0xfc; pos >= 0x40; pos -= 4)
		config_add_cap(cfg, (uint8_t)pos, pos == 0xfc ? 0x11 : 0x09);
	assert_int_equal(pci_cfg_find_cap(cfg, sizeof(cfg), 0x11), 0xfc);

	for (uint32_t pos = 0x100; pos < sizeof(ext); pos += 4)
		config_put_ext_cap(ext, (uint16_t)pos, pos == 0xffc ? 0x15 : 0x0b,
				   (uint16_t)(pos + 4));
	assert_int_equal(pci_cfg_find_ext_cap(ext, sizeof(ext), 0x15), 0xffc);
}

static void test_find_ext_cap(void **state)
{
	static const struct {
		const char *what;
		struct {
			uint16_t pos, id, next;
		} links[3];
		uint32_t len;
		uint16_t found;
	} facts[] = {
		{"first", {{0x100, 0x15, 0}}, 4096, 0x100},
		{"second", {{0x100, 0x01, 0x140}, {0x140, 0x15, 0}}, 4096, 0x140},
		{"after a hidden first one", {{0x100, 0, 0x140}, {0x140, 0x15, 0}}, 4096, 0x140},
		{"last dword", {{0x100, 0x01, 0xffc}, {0xffc, 0x15, 0}}, 4096, 0xffc},
		{"reserved low bits", {{0x100, 0x01, 0x143}, {0x140, 0x15, 0}}, 4096, 0x140},
		{"not there", {{0x100, 0x01, 0x140}, {0x140, 0x02, 0}}, 4096, 0},
		{"into the header", {{0x100, 0x01, 0x0fc}, {0x0fc, 0x15, 0}}, 4096, 0},
		{"points to itself", {{0x100, 0x01, 0x100}}, 4096, 0},
		{"a ring", {{0x100, 0x01, 0x140}, {0x140, 0x02, 0x100}}, 4096, 0},
		{"cut off", {{0x100, 0x01, 0x140}, {0x140, 0x15, 0}}, 0x140, 0},
		{"cut in it", {{0x100, 0x01, 0x140}, {0x140, 0x15, 0}}, 0x143, 0},
		{"just there", {{0x100, 0x01, 0x140}, {0x140, 0x15, 0}}, 0x144, 0x140},
		{"conventional PCI", {{0x100, 0x15, 0}}, 256, 0},
		{"nothing", {{0x100, 0x15, 0}}, 0, 0},
	};
	uint8_t cfg[PCI_CFG_EXT_SIZE];

	for (size_t i = 0; i < COUNT(facts); i++) {
		uint16_t found;

		memset(cfg, 0, sizeof(cfg));
		for (size_t k = 0; k < COUNT(facts[i].links); k++)
			if (facts[i].links[k].pos)
				config_put_ext_cap(cfg, facts[i].links[k].pos, facts[i].links[k].id,
						   facts[i].links[k].next);
		found = pci_cfg_find_ext_cap(cfg, facts[i].len, 0x15);
		if (found != facts[i].found)
			fail_msg("%s: found %#x", facts[i].what, found);
	}
	/* a space without any reads as zeros, or as ones where nothing answers */
	memset(cfg, 0, sizeof(cfg));
	assert_int_equal(pci_cfg_find_ext_cap(cfg, sizeof(cfg), 0x15), 0);
	memset(cfg, 0xff, sizeof(cfg));
	assert_int_equal(pci_cfg_find_ext_cap(cfg, sizeof(cfg), 0x15), 0);
}

static void check_msix(const struct pci_msix *got, const struct pci_msix *want)
{
	assert_int_equal(got->pos, want->pos);
	assert_int_equal(got->vectors, want->vectors);
	assert_int_equal(got->table_bir, want->table_bir);
	assert_int_equal(got->pba_bir, want->pba_bir);
	assert_int_equal(got->table_offset, want->table_offset);
	assert_int_equal(got->pba_offset, want->pba_offset);
}

static void test_msix_of_devices(void **state)
{
	static const struct device *const devices[] = {&sas3008, &nvme, &cd8p, &sm2262, &coral};
	uint8_t cfg[PCI_CFG_EXT_SIZE];

	for (size_t i = 0; i < COUNT(devices); i++) {
		struct pci_msix msix;

		config_fill(cfg, devices[i]);
		assert_true(pci_cfg_msix(cfg, sizeof(cfg), &msix));
		check_msix(&msix, &devices[i]->msix);
		assert_true(pci_cfg_msix(cfg, PCI_CFG_SIZE, &msix));
		check_msix(&msix, &devices[i]->msix);
	}
}

static void test_msix_fields(void **state)
{
	static const struct {
		uint16_t flags;
		uint32_t table, pba;
		struct pci_msix msix;
	} facts[] = {
		{0x0000, 0, 0, {0xa0, 1, 0, 0, 0, 0}},
		{0x07ff, 0, 0x8000, {0xa0, 2048, 0, 0, 0, 0x8000}},
		{0xf800, 8, 16, {0xa0, 1, 0, 0, 8, 16}}, /* Enable, Function Mask, reserved */
		{0xc05f, 0xe001, 0xf001, {0xa0, 96, 1, 1, 0xe000, 0xf000}},
		{0x003f, 0x46802, 0x4606d, {0xa0, 64, 2, 5, 0x46800, 0x46068}},
		{0xffff, 0xffffffff, 0xffffffff, {0xa0, 2048, 7, 7, 0xfffffff8, 0xfffffff8}},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		uint8_t cfg[PCI_CFG_SIZE] = {0};
		struct pci_msix msix;

		config_add_cap(cfg, 0xa0, PCI_CAP_ID_MSIX);
		le16_put(cfg + 0xa2, facts[i].flags);
		le32_put(cfg + 0xa4, facts[i].table);
		le32_put(cfg + 0xa8, facts[i].pba);
		assert_true(pci_cfg_msix(cfg, sizeof(cfg), &msix));
		check_msix(&msix, &facts[i].msix);
	}
}

static void test_msix_cut(void **state)
{
	static const struct {
		uint8_t pos;
		uint32_t len;
		bool whole;
	} facts[] = {
		{0xa0, 0xac, true},  {0xa0, 0xab, false}, {0xa0, 0xa4, false}, {0xa0, 0xa0, false},
		{0xa0, 64, false},   {0xa0, 0, false},	  {0xf4, 256, true},   {0xf8, 256, false},
		{0xf8, 4096, false}, {0xfc, 4096, false}, /* never into the extended space */
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		uint8_t cfg[PCI_CFG_EXT_SIZE] = {0};
		struct pci_msix msix = {.vectors = 4711};

		config_add_cap(cfg, facts[i].pos, PCI_CAP_ID_MSIX);
		assert_int_equal(pci_cfg_msix(cfg, facts[i].len, &msix), facts[i].whole);
		assert_int_equal(msix.vectors, facts[i].whole ? 1 : 4711);
	}
}

static void test_structure_sizes(void **state)
{
	static const struct {
		uint16_t vectors;
		uint64_t table, pba;
	} facts[] = {
		{1, 16, 8},	  {22, 0x160, 8},      {63, 0x3f0, 8},	    {64, 0x400, 8},
		{65, 0x410, 16},  {96, 0x600, 16},     {128, 0x800, 16},    {129, 0x810, 24},
		{136, 0x880, 24}, {2047, 0x7ff0, 256}, {2048, 0x8000, 256},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		assert_int_equal(pci_msix_table_size(facts[i].vectors), facts[i].table);
		assert_int_equal(pci_msix_pba_size(facts[i].vectors), facts[i].pba);
	}
}

static void test_bar_decode(void **state)
{
	static const struct {
		uint8_t reg;
		enum bar_kind kind;
		bool prefetchable;
		uint8_t flags;
	} facts[] = {
		{0x0, BAR_MEM32, false, 0x0}, {0x8, BAR_MEM32, true, 0x8},
		{0x4, BAR_MEM64, false, 0x4}, {0xc, BAR_MEM64, true, 0xc},
		{0x1, BAR_IO, false, 0x1},    {0xd, BAR_IO, false, 0x1},    /* bit 0 decides */
		{0x2, BAR_MEM32, false, 0x0}, {0x6, BAR_MEM32, false, 0x0}, /* reserved types */
	};

	for (unsigned int address = 0; address < 256; address += 16) {
		for (size_t i = 0; i < COUNT(facts); i++) {
			struct pci_bar bar = {.prefetchable = true, .size = 4711};

			pci_bar_decode((uint8_t)(facts[i].reg | address), &bar);
			assert_int_equal(bar.kind, facts[i].kind);
			assert_int_equal(bar.prefetchable, facts[i].prefetchable);
			assert_int_equal(bar.size, 4711);
			assert_int_equal(pci_bar_flags(&bar), facts[i].flags);
		}
	}
}

static void test_bar_flags_of_no_bar(void **state)
{
	static const enum bar_kind kinds[] = {BAR_EMPTY, BAR_UPPER, BAR_UNASSIGNED};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct pci_bar bar = {.kind = kinds[i], .prefetchable = true};

		assert_int_equal(pci_bar_flags(&bar), 0);
	}
}

static void check_random(const uint8_t *cfg, uint32_t len, uint64_t bits)
{
	uint8_t id = (uint8_t)(bits >> 8);
	uint16_t ext_id = (uint16_t)(bits >> 16) & 0x1f;
	uint16_t cap = pci_cfg_find_cap(cfg, len, id);
	uint16_t ext = pci_cfg_find_ext_cap(cfg, len, ext_id);
	struct pci_msix msix = {0};

	assert_true(!cap || (cap >= 64 && cap % 4 == 0 && cap + 4U <= len && cfg[cap] == id));
	assert_true(!ext || (ext >= 256 && ext % 4 == 0 && ext + 4U <= len &&
			     le16_get(cfg + ext) == ext_id));
	if (pci_cfg_msix(cfg, len, &msix)) {
		assert_true(msix.pos >= 64 && msix.pos + 12U <= len && msix.pos + 12U <= 256);
		assert_true(msix.vectors >= 1 && msix.vectors <= 2048);
		assert_true(msix.table_bir < 8 && msix.pba_bir < 8);
		assert_true(msix.table_offset % 8 == 0 && msix.pba_offset % 8 == 0);
	}
	assert_true(!pci_cfg_is_type0(cfg, len) || len >= 64);
}

/* Random bytes of every interesting length, in memory of exactly that size. */
static void test_random_bytes(void **state)
{
	static const uint32_t lens[] = {0,  1,	4,  6,	7,  8,	16, 52,	 53,  60,  62,
					63, 64, 65, 66, 67, 68, 76, 128, 255, 256, 300};
	uint64_t seed = 3;
	uint32_t msix_found = 0;

	for (int round = 0; round < 100000; round++) {
		uint64_t bits = random_next(&seed);
		uint32_t len = round % 50 ? lens[(bits & 0xff) % COUNT(lens)] : 4096;
		uint8_t *cfg = malloc(len ? len : 1);
		struct pci_msix msix;

		assert_non_null(cfg);
		for (uint32_t i = 0; i < len; i++)
			cfg[i] = (uint8_t)(random_next(&seed) >> 7);
		/* most rounds reach the walk, and one list in three comes by an MSI-X capability */
		if (len > PCI_STATUS && bits >> 32 & 7)
			cfg[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
		for (uint32_t i = 64; i < len && bits >> 35 & 1; i += 16)
			cfg[i] = PCI_CAP_ID_MSIX;
		check_random(cfg, len, bits);
		msix_found += pci_cfg_msix(cfg, len, &msix);
		free(cfg);
	}
	print_message("# 100000 random spaces, %u with an MSI-X capability\n", msix_found);
	assert_true(msix_found > 1000);
}

/* The header of an Intel 760p; what is cut off is 0. */
static void test_ids(void **state)
{
	static const struct {
		uint32_t len;
		struct pci_ids ids;
	} facts[] = {
		{4096, {0x8086, 0xf1a6, 0x8086, 0x390b, 0x010802}},
		{64, {0x8086, 0xf1a6, 0x8086, 0x390b, 0x010802}},
		{48, {0x8086, 0xf1a6, 0x8086, 0x390b, 0x010802}},
		{47, {0x8086, 0xf1a6, 0, 0, 0x010802}},
		{12, {0x8086, 0xf1a6, 0, 0, 0x010802}},
		{11, {0x8086, 0xf1a6, 0, 0, 0}},
		{4, {0x8086, 0xf1a6, 0, 0, 0}},
		{3, {0}},
		{0, {0}},
	};
	uint8_t cfg[PCI_CFG_EXT_SIZE];

	memset(cfg, 0x5a, sizeof(cfg));
	le32_put(cfg + PCI_VENDOR_ID, 0xf1a68086);
	le32_put(cfg + PCI_CLASS_REVISION, 0x01080203);
	le32_put(cfg + PCI_SUBSYSTEM_VENDOR_ID, 0x390b8086);
	for (size_t i = 0; i < COUNT(facts); i++) {
		struct pci_ids ids = {1, 1, 1, 1, 1};

		pci_cfg_ids(cfg, facts[i].len, &ids);
		assert_memory_equal(&ids, &facts[i].ids, sizeof(ids));
	}
}

/* One letter a slot: e(mpty), i(/o), 3(2-bit), 6(4-bit), u(pper half), x for unassigned. */
static void test_settle(void **state)
{
	static const char letters[] = {
		[BAR_EMPTY] = 'e', [BAR_IO] = 'i',    [BAR_MEM32] = '3',
		[BAR_MEM64] = '6', [BAR_UPPER] = 'u', [BAR_UNASSIGNED] = 'x',
	};
	static const struct {
		const char *found, *settled; /* "-": a slot without a size */
	} facts[] = {
		{"------", "eeeeee"}, {"6-----", "6ueeee"}, /* only the next slot */
		{"6-6-6-", "6u6u6u"}, {"i6-6-3", "i6u6u3"}, /* SAS3008 */
		{"3-i-3-", "3eie3e"}, {"x-----", "xxeeee"},
		{"-x-x-6", "exxxx6"}, /* 64-bit in the last slot: nothing is after it */
		{"xx-3--", "xxx3ee"},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct pci_bar bars[PCI_BARS];
		char settled[PCI_BARS + 1] = "";

		for (int b = 0; b < PCI_BARS; b++) {
			const char *at = memchr(letters, facts[i].found[b], sizeof(letters));

			/* what was there before does not count where there is no size */
			bars[b] = (struct pci_bar){.kind = BAR_MEM64, .prefetchable = true};
			if (at)
				bars[b] = (struct pci_bar){
					.kind = (enum bar_kind)(at - letters),
					.size = 4 * KIB,
				};
		}
		pci_bars_settle(bars);
		for (int b = 0; b < PCI_BARS; b++) {
			settled[b] = letters[bars[b].kind];
			assert_false(bars[b].prefetchable);
		}
		assert_string_equal(settled, facts[i].settled);
	}
}

/* One capability of VirtIO at 0x80, or a ring of two, with the other at 0xf4. */
static void test_registers(void **state)
{
	static const struct {
		const char *what;
		uint16_t vendor;
		uint8_t id, type, bar, next;
		uint32_t len;
		uint8_t registers;
	} facts[] = {
		{"common configuration", 0x1af4, 9, 1, 0, 0, 4096, 1},
		{"notifications", 0x1af4, 9, 2, 4, 0, 256, 0x10},
		{"interrupt status", 0x1af4, 9, 3, 5, 0, 256, 0x20},
		{"device configuration", 0x1af4, 9, 4, 2, 0, 256, 4},
		{"a window to configuration space", 0x1af4, 9, 5, 2, 0, 256, 0},
		{"shared memory", 0x1af4, 9, 8, 2, 0, 256, 4},
		{"a vendor's data", 0x1af4, 9, 9, 2, 0, 256, 0},
		{"no type", 0x1af4, 9, 0, 2, 0, 256, 0},
		{"a type beyond all", 0x1af4, 9, 33, 2, 0, 256, 0},
		{"a BAR that there is not", 0x1af4, 9, 1, 6, 0, 256, 0},
		{"another vendor", 0x8086, 9, 1, 0, 0, 256, 0},
		{"another capability", 0x1af4, 5, 1, 0, 0, 256, 0},
		{"a ring of two", 0x1af4, 9, 1, 0, 0xf4, 256, 9},
		{"two, the second cut", 0x1af4, 9, 1, 0, 0xfc, 256, 1},
		{"cut off", 0x1af4, 9, 1, 0, 0, 128, 0},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		uint8_t cfg[PCI_CFG_EXT_SIZE] = {0};
		const uint8_t one[] = {facts[i].id, facts[i].next, 16, facts[i].type, facts[i].bar};
		const uint8_t two[] = {9, 0x80, 16, 2, 3};

		le16_put(cfg + PCI_VENDOR_ID, facts[i].vendor);
		cfg[PCI_STATUS] = PCI_STATUS_CAP_LIST;
		cfg[PCI_CAPABILITY_LIST] = 0x80;
		memcpy(cfg + 0xf4, two, sizeof(two));
		memcpy(cfg + 0x80, one, sizeof(one));
		cfg[0xfc] = 9;
		if (pci_cfg_registers(cfg, facts[i].len) != facts[i].registers)
			fail_msg("%s: %#x", facts[i].what, pci_cfg_registers(cfg, facts[i].len));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_type0),
		cmocka_unit_test(test_find_cap),
		cmocka_unit_test(test_registers),
		cmocka_unit_test(test_longest_list),
		cmocka_unit_test(test_find_ext_cap),
		cmocka_unit_test(test_msix_of_devices),
		cmocka_unit_test(test_msix_fields),
		cmocka_unit_test(test_msix_cut),
		cmocka_unit_test(test_structure_sizes),
		cmocka_unit_test(test_bar_decode),
		cmocka_unit_test(test_bar_flags_of_no_bar),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_settle),
	};

	return cmocka_run_group_tests_name("pci_cfg", tests, NULL, NULL);
}
