/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resizable BAR, function-level reset, and hostile configuration spaces in the view. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "core/cfg_view.h"
#include "core/le.h"

#define REBAR_POS 0x200
#define EXP_POS	  0x60
#define AF_POS	  0x98

/* Entries of a Resizable BAR capability: register pairs from REBAR_POS + 4 on. */
static void put_rebar(uint8_t *cfg, unsigned int listed, const uint8_t *bars, size_t n)
{
	config_put_ext_cap(cfg, PCI_CFG_SIZE, 0x01, REBAR_POS);
	config_put_ext_cap(cfg, REBAR_POS, PCI_EXT_CAP_ID_REBAR, 0);
	for (size_t i = 0; i < n; i++) {
		le32_put(cfg + REBAR_POS + 4 + 8 * i, 0x0ffffff5);
		le32_put(cfg + REBAR_POS + 8 + 8 * i,
			 bars[i] | (i ? 0 : listed) << 5 | 0x00c00000 | 0xea00);
	}
}

static void test_rebar_entry(void **state)
{
	static const struct {
		const char *what;
		unsigned int listed;
		uint8_t bars[7];
		uint32_t len;
		uint16_t entry;	   /* of BAR2 */
		uint8_t resizable; /* all that are listed; the array's rest lists BAR0 */
	} facts[] = {
		{"alone", 1, {2}, 4096, 0x204, 4},
		{"third", 3, {0, 4, 2}, 4096, 0x214, 0x15},
		{"sixth", 6, {0, 1, 3, 4, 5, 2}, 4096, 0x22c, 0x3f},
		{"of two the first", 2, {2, 2}, 4096, 0x204, 4},
		{"another BAR", 1, {0}, 4096, 0, 1},
		{"past the count", 1, {0, 2}, 4096, 0, 1},
		{"none counted", 0, {2}, 4096, 0, 0},
		{"seven counted: six BARs are all", 7, {0, 1, 3, 4, 5, 7, 2}, 4096, 0, 0x3b},
		{"seven counted, the first is it", 7, {2}, 4096, 0x204, 5},
		{"cut after it", 1, {2}, 0x20c, 0x204, 4},
		{"cut in it", 1, {2}, 0x20b, 0, 0},
		{"cut in the second", 2, {0, 2}, 0x213, 0, 1},
		{"cut in the header", 1, {2}, 0x203, 0, 0},
		{"conventional PCI", 1, {2}, 256, 0, 0},
	};
	struct plan plan = device_plan(&coral, 4 * KIB, 2);

	for (size_t i = 0; i < COUNT(facts); i++) {
		uint8_t cfg[PCI_CFG_EXT_SIZE];
		struct cfg_view view;

		config_fill(cfg, &coral);
		put_rebar(cfg, facts[i].listed, facts[i].bars, COUNT(facts[i].bars));
		cfg_view_init(&view, &plan, cfg, facts[i].len);
		if (view.patches[CFG_REBAR].pos != facts[i].entry)
			fail_msg("%s: entry at %#x", facts[i].what, view.patches[CFG_REBAR].pos);
		if (pci_cfg_resizable(cfg, facts[i].len) != facts[i].resizable)
			fail_msg("%s: resizable is %#x", facts[i].what,
				 pci_cfg_resizable(cfg, facts[i].len));
	}
}

/*
 * Capability: bit 4 is 1 MiB; Control: 0 is 1 MiB. Other bits and other entries stay. (trap K20,
 * trap V15)
 */
static void test_rebar_size(void **state)
{
	static const struct {
		uint64_t hardware;
		uint32_t cap, ctrl;
	} facts[] = {
		{MIB, 0x00000025, 0xc142},	 {2 * MIB, 0x00000045, 0xc242},
		{128 * MIB, 0x00001005, 0xc842}, {256 * MIB, 0x00002005, 0xc942},
		{GIB, 0x00008005, 0xcb42},	 {2 * GIB, 0x00010005, 0xcc42},
	};
	static const uint8_t bars[] = {0, 2};

	for (size_t i = 0; i < COUNT(facts); i++) {
		uint8_t cfg[PCI_CFG_EXT_SIZE], whole[PCI_CFG_EXT_SIZE];
		struct device device = coral;
		struct cfg_view view;

		device.bars[2].size = facts[i].hardware;

		struct plan plan = device_plan(&device, 4 * KIB, 2);

		config_fill(cfg, &device);
		put_rebar(cfg, 2, bars, COUNT(bars));
		cfg[REBAR_POS + 16] |= 0x40; /* only the first entry's count counts */
		cfg_view_init(&view, &plan, cfg, sizeof(cfg));
		memcpy(whole, cfg, sizeof(whole));
		cfg_view_read(&view, 0, whole, sizeof(whole));
		assert_int_equal(le32_get(whole + REBAR_POS + 12), facts[i].cap);
		assert_int_equal(le32_get(whole + REBAR_POS + 16), facts[i].ctrl);
		assert_memory_equal(whole + PCI_CFG_SIZE, cfg + PCI_CFG_SIZE,
				    REBAR_POS + 12 - PCI_CFG_SIZE);
		assert_memory_equal(whole + REBAR_POS + 20, cfg + REBAR_POS + 20,
				    sizeof(cfg) - REBAR_POS - 20);
		for (uint64_t pos = REBAR_POS - 8; pos < REBAR_POS + 32; pos++) {
			for (uint64_t len = 1; len <= 16; len++) {
				uint8_t buf[16];

				memcpy(buf, cfg + pos, len);
				cfg_view_read(&view, pos, buf, len);
				assert_memory_equal(buf, whole + pos, len);
			}
		}
	}
}

/* A new BAR is in no list of the hardware's, and one below 1 MiB can't be resizable. */
static void test_rebar_left_alone(void **state)
{
	static const struct {
		const struct device *device;
		int target;
		uint64_t page_size;
	} facts[] = {
		{&coral, 0, 4 * KIB}, {&coral, 4, 4 * KIB}, {&coral, 5, 2 * MIB},
		{&nvme, 0, 4 * KIB},  {&nvme, 2, 2 * MIB},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct plan plan =
			device_plan(facts[i].device, facts[i].page_size, facts[i].target);
		uint8_t bars[] = {(uint8_t)facts[i].target};
		uint8_t cfg[PCI_CFG_EXT_SIZE], whole[PCI_CFG_EXT_SIZE];
		struct cfg_view view;

		config_fill(cfg, facts[i].device);
		put_rebar(cfg, 1, bars, 1);
		cfg_view_init(&view, &plan, cfg, sizeof(cfg));
		memcpy(whole, cfg, sizeof(whole));
		cfg_view_read(&view, 0, whole, sizeof(whole));
		assert_memory_equal(whole + PCI_CFG_SIZE, cfg + PCI_CFG_SIZE,
				    sizeof(cfg) - PCI_CFG_SIZE);
	}
}

static void put_reset_caps(uint8_t *cfg, bool exp_flr, uint8_t af_cap)
{
	config_fill(cfg, &coral);
	config_add_cap(cfg, EXP_POS, PCI_CAP_ID_EXP);
	config_add_cap(cfg, AF_POS, PCI_CAP_ID_AF);
	le32_put(cfg + EXP_POS + PCI_EXP_DEVCAP,
		 exp_flr ? PCI_EXP_DEVCAP_FLR : ~PCI_EXP_DEVCAP_FLR);
	cfg[AF_POS + PCI_AF_CAP] = af_cap;
}

/* Whether a write of [pos, pos + len) with `byte` everywhere but at `reg` starts a reset. */
static bool write_starts_reset(struct cfg_view *view, uint64_t pos, uint64_t len, uint16_t reg,
			       uint8_t at_reg, uint8_t byte)
{
	uint8_t buf[16];

	memset(buf, byte, sizeof(buf));
	if (reg >= pos && reg < pos + len)
		buf[reg - pos] = at_reg;
	return cfg_view_write(view, pos, buf, len);
}

/* Every width and place; the bit alone starts a reset, everything but the bit does not. */
static void check_reset_bit(struct cfg_view *view, uint16_t reg, uint8_t bit, bool advertised)
{
	for (uint64_t pos = reg - 20U; pos < reg + 20U; pos++) {
		for (uint64_t len = 0; len <= 16; len++) {
			bool hit = advertised && reg >= pos && reg < pos + len;

			assert_int_equal(write_starts_reset(view, pos, len, reg, bit, 0), hit);
			assert_false(write_starts_reset(view, pos, len, reg, (uint8_t)~bit, 0));
			assert_false(write_starts_reset(view, pos, len, reg, 0, 0));
			assert_int_equal(write_starts_reset(view, pos, len, reg, bit, 0xff), hit);
			assert_false(write_starts_reset(view, pos, len, reg, (uint8_t)~bit, 0xff));
		}
	}
}

static void test_flr(void **state)
{
	static const struct {
		bool exp;
		uint8_t af;
		bool af_works; /* needs Transactions Pending and FLR */
	} facts[] = {
		{false, 0x00, false}, {true, 0x00, false}, {false, 0x03, true}, {true, 0x03, true},
		{true, 0x01, false},  {true, 0x02, false}, {true, 0xff, true},	{true, 0xfc, false},
	};
	struct plan plan = device_plan(&coral, 4 * KIB, 4);

	for (size_t i = 0; i < COUNT(facts); i++) {
		uint8_t cfg[PCI_CFG_EXT_SIZE];
		struct cfg_view view;

		put_reset_caps(cfg, facts[i].exp, facts[i].af);
		cfg_view_init(&view, &plan, cfg, sizeof(cfg));
		/* bit 15 of Device Control, bit 0 of AF Control */
		check_reset_bit(&view, EXP_POS + 9, 0x80, facts[i].exp);
		check_reset_bit(&view, AF_POS + 4, 0x01, facts[i].af_works);
	}
}

/* Capabilities that the space cuts off, and spaces that have none. */
static void test_flr_cut(void **state)
{
	struct plan plan = device_plan(&coral, 4 * KIB, 4);
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct cfg_view view;

	put_reset_caps(cfg, true, 0x03);
	for (uint32_t len = 0; len <= PCI_CFG_SIZE; len++) {
		cfg_view_init(&view, &plan, cfg, len);
		/* the list: AF, PCI Express, MSI-X; a cut in front of the first hides all */
		assert_int_equal(view.flr_af, len >= AF_POS + 5 ? AF_POS + 4 : 0);
		assert_int_equal(view.flr_exp, len >= AF_POS + 4 ? EXP_POS + 9 : 0);
	}
	config_fill(cfg, &coral);
	config_add_cap(cfg, EXP_POS, PCI_CAP_ID_EXP);
	le32_put(cfg + EXP_POS + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_FLR);
	for (uint32_t len = 0; len <= PCI_CFG_SIZE; len++) {
		cfg_view_init(&view, &plan, cfg, len);
		assert_int_equal(view.flr_exp, len >= EXP_POS + 10 ? EXP_POS + 9 : 0);
	}
	config_fill(cfg, &coral);
	cfg_view_init(&view, &plan, cfg, sizeof(cfg));
	assert_int_equal(view.flr_exp | view.flr_af, 0);
	assert_false(write_starts_reset(&view, 0, 16, 0, 0xff, 0xff));
}

/* A 64-bit BAR in the last slot has no second register: what comes after it stays. */
static void test_last_slot_claims_64_bit(void **state)
{
	struct device device = sas3008;
	uint8_t cfg[PCI_CFG_EXT_SIZE], buf[8] = {0};
	struct cfg_view view;

	device.bars[5] = (struct pci_bar){BAR_MEM64, false, 64 * KIB};

	struct plan plan = device_plan(&device, 4 * KIB, 5);

	config_fill(cfg, &device);
	le32_put(cfg + 0x28, 0x12345678);
	cfg_view_init(&view, &plan, cfg, sizeof(cfg));
	memcpy(buf, cfg + 0x24, sizeof(buf));
	cfg_view_read(&view, 0x24, buf, sizeof(buf));
	assert_int_equal(le32_get(buf + 4), 0x12345678);
}

static const struct {
	const struct device *device;
	int target;
} hostile_targets[] = {{&coral, 2}, {&coral, 4}, {&nvme, 0}, {&sas3008, 5}};

/* An access at `pos` in memory of exactly its size; what lies beyond 4 KiB stays as it is. */
static void check_access(struct cfg_view *view, uint64_t pos, uint64_t len)
{
	uint8_t *buf = malloc(len ? len : 1);

	assert_non_null(buf);
	memset(buf, 0x77, len);
	cfg_view_write(view, pos, buf, len);
	cfg_view_read(view, pos, buf, len);
	for (uint64_t i = 0; i < len && pos >= PCI_CFG_EXT_SIZE && pos <= UINT64_MAX - len; i++)
		assert_int_equal(buf[i], 0x77);
	free(buf);
}

static void test_random_bytes(void **state)
{
	static const uint32_t lens[] = {0, 52, 53, 63, 64, 68, 76, 128, 250, 255, 256, 260, 512};
	uint64_t seed = 5;

	for (int round = 0; round < 100000; round++) {
		uint64_t bits = random_next(&seed);
		size_t which = bits % COUNT(hostile_targets);
		uint32_t len = round % 50 ? lens[(bits >> 8) % COUNT(lens)] : 4096;
		uint8_t *cfg = malloc(len ? len : 1);
		struct plan plan = device_plan(hostile_targets[which].device, 4 * KIB,
					       hostile_targets[which].target);
		struct cfg_view view;

		assert_non_null(cfg);
		for (uint32_t i = 0; i < len; i++)
			cfg[i] = (uint8_t)(random_next(&seed) >> 9);
		if (len > PCI_STATUS)
			cfg[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
		for (uint32_t i = 64; i < len && i < 256; i += 16)
			cfg[i] = bits >> 20 & 1 ? PCI_CAP_ID_EXP : PCI_CAP_ID_AF;
		if (len >= 0x104)
			config_put_ext_cap(cfg, 0x100, PCI_EXT_CAP_ID_REBAR, 0x100);
		cfg_view_init(&view, &plan, cfg, len);
		assert_true(view.patches[CFG_REBAR].pos + 8U <= len ||
			    !view.patches[CFG_REBAR].pos);
		assert_true(view.flr_exp < len || !view.flr_exp);
		assert_true(view.flr_af < len || !view.flr_af);
		check_access(&view, bits >> 24 & 0x1fff, bits >> 40 & 0x1f);
		check_access(&view, UINT64_MAX - (bits >> 24 & 0xff), bits >> 40 & 0x1f);
		free(cfg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rebar_entry),
		cmocka_unit_test(test_rebar_size),
		cmocka_unit_test(test_rebar_left_alone),
		cmocka_unit_test(test_flr),
		cmocka_unit_test(test_flr_cut),
		cmocka_unit_test(test_last_slot_claims_64_bit),
		cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests_name("cfg_caps", tests, NULL, NULL);
}
