/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The description language: what it makes of a text, and where it says that one is wrong. */
#include <linux/pci_regs.h>
#include <string.h>

#include "core/le.h"
#include "desc/lspci/lspci.h"
#include "unit.h"

static struct desc devs[3];

static bool parse(const char *text, size_t *count, struct desc_error *err)
{
	return desc_parse(text, strlen(text), devs, COUNT(devs), count, err);
}

static const struct desc *parse_one(const char *text)
{
	struct desc_error err;
	size_t count;

	if (!parse(text, &count, &err))
		fail_msg("%u:%u: %s", err.line, err.column, err.reason);
	assert_int_equal(count, 1);
	return devs;
}

#define BOM "\xef\xbb\xbf"
#define NEITHER                                                                                    \
	"neither a description nor lspci's output, which starts with an address such as 01:00.0"

static void test_errors(void **state)
{
	static const struct {
		const char *text;
		uint32_t line, column;
		const char *reason;
	} rows[] = {
		{"", 1, 1, "no device in this text"},
		{"# only\n\n", 3, 1, "no device in this text"},
		{"id 1:2", 1, 1, "expected device first"},
		{"Region 0: Memory at 80000000\n", 1, 1, NEITHER},
		{"\n  a sentence\nand another\n", 2, 3, NEITHER},
		{"\x1f\x8b\x08\x01", 1, 1, NEITHER},
		{"\xff\xfex", 1, 1, NEITHER},
		{BOM "device 1:2", 1, 8, "expected a PCI address as SSSS:BB:DD.F"},
		{"device 1:2", 1, 8, "expected a PCI address as SSSS:BB:DD.F"},
		{"device 01:20.0", 1, 8, "expected a PCI address as SSSS:BB:DD.F"},
		{"device 01:00.0\nid 12345:1", 2, 4, "expected ids as VVVV:DDDD"},
		{"device 01:00.0\n\tid", 2, 4, "expected ids as VVVV:DDDD"},
		{"device 01:00.0\ngroup -1", 2, 7, "expected an IOMMU group number"},
		{"device 01:00.0\nfoo", 2, 1, "unknown statement"},
		{"device 01:00.0\nrevision 1 2", 2, 12, "nothing more expected on this line"},
		{"device 01:00.0\nbar 6 io 4", 2, 5, "expected a BAR number, 0 to 5"},
		{"device 01:00.0\nbar 0 mem16 4", 2, 7, "expected io, mem32 or mem64"},
		{"device 01:00.0\nbar 5 mem64 4K", 2, 7, "a 64-bit BAR needs the next slot"},
		{"device 01:00.0\nbar 0 mem64 4K\nbar 1 io 4", 3, 5, "this slot is taken"},
		{"device 01:00.0\nbar 0 mem64 1T", 2, 13,
		 "expected a size: 64K I/O, 2G 32-bit, 512G 64-bit at most"},
		{"device 01:00.0\nbar 0 mem32 4K pretty", 2, 16, "unknown BAR option"},
		{"device 01:00.0\nmsix vectors 2049", 2, 14, "expected 1 to 2048 vectors"},
		{"device 01:00.0\nmsix table 0:4", 2, 12,
		 "expected BAR:OFFSET, 8-byte aligned and below 4G"},
		{"device 01:00.0\nextcap 3 1 at 0x104", 2, 20,
		 "the first extended capability must be at 0x100"},
		{"device 01:00.0\npm at 0x40\naf at 0x40", 3, 7, "another capability is there"},
		{"device 01:00.0\npcie at 0xc4\npcie at 0xc8", 3, 13,
		 "a capability must be dword aligned and lie in [0x40, 0x100)"},
		{"device 01:00.0\nextcap 3 1\nextcap 4 1 at 0x100", 3, 20,
		 "another capability is there"},
		{"device 01:00.0\nbar 0 mem32 4K sparse 0+1 1+1 2+1 3+1 4+1 5+1 6+1 7+1 8+1", 2, 55,
		 "too many sparse areas"},
		{"device 01:00.0\nrebar 0", 2, 8,
		 "a resizable BAR has 1M or more, and its line comes before this one"},
		{"device 01:00.0\nbytes 0xfff 11 22", 2, 16, "past the end of configuration space"},
		{"device 01:00.0\nconfig-size 512", 2, 13, "expected 256 or 4096"},
		{"device 01:00.0\ndevice 01:00.0", 2, 8, "a second device with this address"},
		{"device 1:0.0\ndevice 1:0.1\ndevice 1:0.2\ndevice 1:0.3", 4, 8,
		 "too many devices"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct desc_error err;
		size_t count;

		assert_false(parse(rows[i].text, &count, &err));
		assert_string_equal(err.reason, rows[i].reason);
		assert_int_equal(err.line, rows[i].line);
		assert_int_equal(err.column, rows[i].column);
	}
}

/* Any prefix of a text, and any text with one byte changed, is read or refused. */
static void test_hostile(void **state)
{
	static const char text[] =
		"device ffff:ff:1f.7\nid 1:2\nbar 0 mem64 1M at 0x100000 sparse 0+4K\n"
		"msix at 0xb0 vectors 2048 table 7:0xfffffff8 pba 6:0\nrebar 0\nvendor 1 2\n";
	char copy[sizeof(text)];
	struct desc_error err;
	size_t count;

	for (size_t n = 0; n < sizeof(text); n++) {
		desc_parse(text, n, devs, COUNT(devs), &count, &err);
		for (unsigned int c = 0; c < 256; c += 5) {
			memcpy(copy, text, sizeof(text));
			copy[n] = (char)c;
			desc_parse(copy, sizeof(text) - 1, devs, COUNT(devs), &count, &err);
		}
	}
}

/* Editors put a mark in front; UTF-16 and what is binary are neither of the two. */
static void test_encodings(void **state)
{
	static const char utf16[] = "\xff\xfe\x64\0e\0v\0i\0c\0e\0";
	struct desc_error err;
	size_t count;

	assert_int_equal(parse_one(BOM "device 02:00.0\n")->bdf.bus, 2);
	assert_false(desc_is_lspci(utf16, sizeof(utf16) - 1));
	assert_false(desc_parse(utf16, sizeof(utf16) - 1, devs, COUNT(devs), &count, &err));
	assert_string_equal(err.reason, NEITHER);
}

static void test_sas3008(void **state)
{
	static const uint8_t head[64] = {
		0x00, 0x10, 0x97, 0x00, 0x46, 0x05, 0x10, 0x00, 0x02, 0x00, 0x07, 0x01, 0x00,
		0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x04, 0x00, 0x14, 0x80, 0x00, 0x00,
		0x00, 0x00, 0x04, 0x00, 0x10, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0xd9, 0x15, 0x08, 0x08, 0x00, 0x00, 0x00, 0x00,
		0x50, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
	};
	const struct desc *d = parse_one("device 0000:01:00.0\nid 1000:0097\n"
					 "subsystem 15d9:0808\nrevision 02\nclass 010700\n"
					 "command 0546\nbar 0 io 256 dropped\n"
					 "bar 1 mem64 64K at 0x80140000\n"
					 "bar 3 mem64 256K at 0x80100000\npm at 0x50\n"
					 "msix at 0xc0 vectors 96 table 1:0xe000 pba 1:0xf000\n");
	struct pci_msix msix;

	assert_memory_equal(d->cfg, head, sizeof(head));
	assert_int_equal(desc_bar_size(d, 0), 0);
	assert_int_equal(desc_bar_size(d, 1), 64 * KIB);
	assert_int_equal(desc_bar_size(d, 2), 0);
	assert_int_equal(d->bars[2].bar.kind, BAR_UPPER);
	assert_true(pci_cfg_msix(d->cfg, d->cfg_size, &msix));
	assert_int_equal(msix.pos, 0xc0);
	assert_int_equal(msix.vectors, 96);
	assert_int_equal(msix.table_bir, 1);
	assert_int_equal(msix.table_offset, 0xe000);
	assert_int_equal(msix.pba_offset, 0xf000);
}

static void test_options(void **state)
{
	const struct desc *d =
		parse_one("device 12ab:01:00.0 # comment\ngroup 42\nvf\nno reset\nno hot-reset\n"
			  "no msix-mappable\nconfig-size 256\nbar 0 mem64 512G prefetchable\n"
			  "bar 2 mem32 1M nommap zero\nbar 3 mem32 4K unassigned\nbar 4 mem64 0\n"
			  "msix vectors 22 table 0:0x2000 pba 0:0x2100 after-reset 16 available 8 "
			  "noresize\n");

	assert_int_equal(d->bdf.segment, 0x12ab);
	assert_int_equal(d->group, 42);
	assert_true(d->vf && d->no_reset && d->no_hot_reset && d->msix_unmapped);
	assert_true(d->msix_noresize);
	assert_int_equal(d->msix_after_reset, 16);
	assert_int_equal(d->msix_available, 8);
	assert_int_equal(d->cfg_size, 256);
	assert_int_equal(desc_bar_size(d, 0), DESC_SIZE_MAX);
	assert_true(d->bars[0].bar.prefetchable);
	assert_true(d->bars[2].nommap && d->bars[2].zero);
	assert_true(d->bars[3].unassigned && !d->bars[3].address);
	assert_int_equal(desc_bar_size(d, 4), 0);
	/* A virtual function's BAR registers are not its own. */
	for (unsigned int i = 0; i < 24; i++)
		assert_int_equal(d->cfg[PCI_BASE_ADDRESS_0 + i], 0);
}

static void test_fill_and_areas(void **state)
{
	const struct desc *d = parse_one("device 1:0.0\nbar 1 mem32 4K\nfill zero\n"
					 "bar 0 mem32 4K sparse 0+1 1+1 2+1 3+1 4+1 5+1 6+1 7+1\n"
					 "bar 2 io 64K\n");

	assert_true(d->bars[1].zero);
	assert_false(d->bars[0].zero);
	assert_int_equal(d->bars[0].nr_sparse, 8);
	assert_int_equal(d->bars[0].areas[7].offset, 7);
	assert_int_equal(d->bars[2].address, 64 * KIB);
}

/* What is given no address gets one that it is a multiple of, no two the same. */
static void test_addresses(void **state)
{
	const struct desc *d = parse_one("device 1:0.0\nbar 0 mem32 16M\nbar 1 mem32 1G\n"
					 "bar 2 mem64 64G\nbar 4 io 64\nbar 5 mem32 2K\nrom 64K\n");

	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct desc_bar *b = &d->bars[i];

		if (!b->bar.size)
			continue;
		assert_true(b->address != 0);
		assert_int_equal(b->address % b->bar.size, 0);
		assert_true(b->bar.kind == BAR_MEM64 || b->address + b->bar.size <= 4 * GIB);
		for (unsigned int j = 0; j < i; j++)
			assert_true(!d->bars[j].bar.size || b->bar.kind != d->bars[j].bar.kind ||
				    b->address >= d->bars[j].address + d->bars[j].bar.size ||
				    d->bars[j].address >= b->address + b->bar.size);
	}
	assert_int_equal(le32_get(d->cfg + PCI_ROM_ADDRESS), d->rom_address);
}

static void test_capability_list(void **state)
{
	const struct desc *d = parse_one("device 1:0.0\nbar 0 mem64 2M\npm\npcie flr\naf\n"
					 "vendor aa bb\ncap 0d 00 00 11 22\n"
					 "extcap 0001 2\nrebar 0\n");
	static const uint8_t ids[] = {PCI_CAP_ID_PM, PCI_CAP_ID_EXP, PCI_CAP_ID_AF, PCI_CAP_ID_VNDR,
				      PCI_CAP_ID_SSVID};
	uint16_t pos = 0;

	for (size_t i = 0; i < COUNT(ids); i++) {
		uint16_t next = pci_cfg_find_cap(d->cfg, 256, ids[i]);

		assert_true(next > pos);
		pos = next;
	}
	pos = pci_cfg_find_cap(d->cfg, 256, PCI_CAP_ID_EXP);
	assert_true(le32_get(d->cfg + pos + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLR);
	pos = pci_cfg_find_ext_cap(d->cfg, 4096, PCI_EXT_CAP_ID_REBAR);
	assert_int_equal(le32_get(d->cfg + pos + 8), 1 << 8 | 1 << 5 | 0);
}

/* What VFIO makes of each kind of BAR, and where the next region starts. */
static void test_facts(void **state)
{
	static const struct {
		const char *text;
		struct plan_facts facts;
		uint64_t room[PCI_BARS]; /* in regions */
	} rows[] = {
		{"bar 0 io 256 dropped\nbar 1 mem64 64K\nbar 3 mem64 256K prefetchable\n",
		 {.bars = {{BAR_EMPTY, false, 0},
			   {BAR_MEM64, false, 64 * KIB},
			   {BAR_UPPER, false, 0},
			   {BAR_MEM64, true, 256 * KIB},
			   {BAR_UPPER, false, 0}}},
		 {1, 2, 1, 4, 3, 2}},
		{"vf\nbar 0 mem64 16K dropped\nbar 2 mem32 4K\nbar 3 io 32\nrom 2K\n",
		 {.bars = {[2] = {BAR_MEM32, false, 4 * KIB}, [3] = {BAR_IO, false, 32}}},
		 {2, 1, 1, 3, 2, 1}},
		{"bar 0 mem64 4K unassigned\nbar 2 mem32 8K unassigned\nbar 3 mem32 1M\n"
		 "bar 5 io 64 unassigned\nrebar 3\n",
		 {.bars = {{BAR_UNASSIGNED, false, 4 * KIB},
			   {BAR_UNASSIGNED, false, 0},
			   {BAR_UNASSIGNED, false, 8 * KIB},
			   {BAR_MEM32, false, MIB},
			   {BAR_EMPTY, false, 0},
			   {BAR_UNASSIGNED, false, 64}},
		  .resizable = 8},
		 {2, 1, 1, 2, 1, 2}},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan_facts facts;
		char text[256] = "device 1:0.0\nid 8086:f1a6\nclass 010802\nsubsystem 8086:390b\n";

		strncat(text, rows[i].text, sizeof(text) - strlen(text) - 1);
		strncat(text, "msix vectors 4 table 3:0x10 pba 3:0x80\n",
			sizeof(text) - strlen(text) - 1);
		desc_facts(parse_one(text), 16 * KIB, &facts);
		assert_memory_equal(facts.bars, rows[i].facts.bars, sizeof(facts.bars));
		for (unsigned int bar = 0; bar < PCI_BARS; bar++)
			assert_int_equal(facts.room[bar], rows[i].room[bar] << 40);
		assert_int_equal(facts.resizable, rows[i].facts.resizable);
		assert_int_equal(facts.page_size, 16 * KIB);
		assert_int_equal(facts.ids.vendor, 0x8086);
		assert_int_equal(facts.ids.class_code, 0x010802);
		assert_int_equal(facts.msix.vectors, 4);
		assert_int_equal(facts.msix.table_offset, 0x10);
	}
}

static void test_policy_device(void **state)
{
	static const struct policy_device want = {POLICY_ADDRESS_PCI,
						  {0x10001, 0xe1, 0x1f, 7},
						  {0x8086, 0xf1a6, 0x8086, 0x390b, 0x010802}};
	struct policy_device dev;

	desc_policy_device(parse_one("device 10001:e1:1f.7\nid 8086:f1a6\nsubsystem 8086:390b\n"
				     "class 010802\n"),
			   &dev);
	assert_int_equal(dev.address, want.address);
	assert_true(pci_bdf_equal(&dev.bdf, &want.bdf));
	assert_memory_equal(&dev.ids, &want.ids, sizeof(dev.ids));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_hostile),		cmocka_unit_test(test_sas3008),
		cmocka_unit_test(test_options),		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_capability_list), cmocka_unit_test(test_fill_and_areas),
		cmocka_unit_test(test_facts),		cmocka_unit_test(test_policy_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
