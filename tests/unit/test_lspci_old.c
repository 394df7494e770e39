/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of lspci before 3.1, dumps that were cut, VirtIO's lines, and what "[virtual]" means. */
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/le.h"
#include "desc/lspci/lspci.h"
#include "unit.h"

#define REGION1 "\tRegion 1: Memory at df1b0000 (64-bit, non-prefetchable) [size=64K]\n"
#define ROW	"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
#define HEADER                                                                                     \
	"01:00.0 NVMe\n"                                                                           \
	"00: 4d 14 24 a8 06 00 10 00 00 02 08 01 00 00 00 00\n"                                    \
	"10: 04 00 00 80 00 00 00 00 00 00 00 00 00 00 00 00\n"                                    \
	"20: 00 00 00 00 00 00 00 00 00 00 00 00 4d 14 01 a8\n"                                    \
	"30: 00 00 00 00 40 00 00 00 00 00 00 00 00 01 00 00\n"
#define PM   "40: 01 50 03 00 08 00 00 00 00 00 00 00 00 00 00 00\n"
#define MSIX "50: 11 70 87 00 00 20 00 00 00 30 00 00 00 00 00 00\n"

static struct desc dev;
static struct desc_notes notes;

static struct pci_msix parse(const char *text)
{
	struct pci_msix m = {.pos = 0};
	struct desc_error err;
	size_t count;

	desc_notes_free(&notes);
	if (!desc_parse_lspci(text, strlen(text), &dev, 1, &count, &notes, &err))
		fail_msg("%u: %s:\n%s", err.line, err.reason, text);
	pci_cfg_msix(dev.cfg, dev.cfg_size, &m);
	return m;
}

static bool noted(const char *part)
{
	for (size_t i = 0; i < notes.count; i++) {
		if (strstr(notes.list[i].text, part))
			return true;
	}
	return false;
}

static void test_msix(void **state)
{
	static const struct {
		const char *text;
		unsigned int vectors;
	} rows[] = {
		{"MSI-X: Enable- Mask- TabSize=96", 96},
		{"MSI-X: Enable+ Mask+ TabSize=1", 1},
		{"MSI-X: Enable- Mask- TabSize=2048", 2048},
		{"MSI-X: Enable- Masked- TabSize=8", 8},
	};
	char text[400];

	for (size_t i = 0; i < COUNT(rows); i++) {
		sprintf(text,
			"01:00.0 SCSI storage controller: LSI\n" REGION1 "\tCapabilities: [c0] %s\n"
			"\t\tVector table: BAR=1 offset=0000e000\n\t\tPBA: BAR=1 offset=0000f000\n",
			rows[i].text);
		assert_int_equal(parse(text).vectors, rows[i].vectors);
		assert_false(noted("MSI-X"));
	}
}

static void test_capabilities(void **state)
{
	uint16_t msi;

	parse("01:00.0 SCSI\n" REGION1 "\tCapabilities: [68] Express Endpoint IRQ 0\n"
	      "\tCapabilities: [a8] Message Signalled Interrupts: 64bit+ Queue=0/3 Enable-\n"
	      "\tCapabilities: [100] Advanced Error Reporting\n"
	      "\tCapabilities: [138] Power Budgeting\n");
	msi = pci_cfg_find_cap(dev.cfg, PCI_CFG_SIZE, PCI_CAP_ID_MSI);
	assert_int_equal(msi, 0xa8);
	assert_int_equal(le16_get(dev.cfg + msi + PCI_MSI_FLAGS), 3 << 1 | PCI_MSI_FLAGS_64BIT);
	assert_int_equal(le32_get(dev.cfg + 0x100), 0x13810001);
	assert_int_equal(le32_get(dev.cfg + 0x138), 0x00010004);
	assert_false(noted("unknown name"));
	assert_false(noted("impossible"));
}

static void test_ids(void **state)
{
	static const char *const heads[] = {
		"00:08.0 Class 0680: 10de:0373 (rev a2)\n",
		"00:08.0 0680: 10de:0373 (rev a2)\n",
		"00:08.0 Bridge [0680]: nVidia Corporation MCP55 Ethernet [10de:0373] (rev a2)\n",
	};

	for (size_t i = 0; i < COUNT(heads); i++) {
		parse(heads[i]);
		assert_int_equal(le32_get(dev.cfg), 0x037310de);
		assert_int_equal(le16_get(dev.cfg + PCI_CLASS_DEVICE), 0x0680);
		assert_int_equal(dev.cfg[PCI_REVISION_ID], 0xa2);
	}
}

/* What is in the bytes that are there is known. */
static void test_cut(void **state)
{
	static const struct {
		const char *text;
		unsigned int vectors, lacks;
	} rows[] = {
		{HEADER, 0, 1},
		{HEADER PM, 0, 1},				 /* the next one is not there */
		{HEADER PM MSIX, 136, 0},			 /* nor the one after MSI-X */
		{HEADER PM "50: 11 00 87 00 00 20 00 00", 0, 1}, /* a part of it */
		{HEADER PM "50: 11 00 87 00 00 20 00 00 00 30 00 00", 136, 0},
		{HEADER PM MSIX "60: " ROW "70: 05 00 80 00\n", 136, 0},
		{HEADER "40: 01 00 03 00 08 00 00 00\n", 0, 0}, /* the list ends */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned int lacks = 0;
		struct pci_msix m = parse(rows[i].text);

		assert_int_equal(m.vectors, rows[i].vectors);
		if (m.vectors) {
			assert_int_equal(m.table_offset, 0x2000);
			assert_int_equal(m.pba_offset, 0x3000);
		}
		for (size_t k = 0; k < notes.count; k++)
			lacks |= desc_note_lacks_caps(notes.list[k].kind);
		assert_int_equal(lacks, rows[i].lacks);
	}
}

/* A virtual function has no pin and no ports, and is not what a hypervisor or a chipset has. */
static void test_virtual(void **state)
{
	static const char region[] =
		"\tRegion 0: [virtual] Memory at fe800000 (64-bit, prefetchable) [size=16K]\n";
	static const struct {
		const char *head, *more;
		bool vf;
	} rows[] = {
		{"02:10.0 Ethernet controller [0200]: Intel [8086:10ed]", "", true},
		{"02:10.0 Ethernet controller [0200]: Intel [8086:10ed]",
		 "\tInterrupt: pin A routed to IRQ 16\n", false},
		{"00:1f.2 SATA controller [0106]: Intel [8086:2922]",
		 "\tRegion 4: [virtual] I/O ports at e000 [size=32]\n", false},
		{"00:1f.1 IDE interface [0101]: Intel [8086:7010]", "", false},
		{"00:04.0 SCSI storage controller [0100]: Red Hat [1af4:1042]", "", false},
	};
	char text[400];

	for (size_t i = 0; i < COUNT(rows); i++) {
		sprintf(text, "%s\n%s%s", rows[i].head, rows[i].more, region);
		parse(text);
		assert_int_equal(dev.vf, rows[i].vf);
	}
}

static void test_pin(void **state)
{
	parse("01:00.1 NVMe\n\tInterrupt: pin B routed to IRQ 40\n" REGION1);
	assert_int_equal(dev.cfg[PCI_INTERRUPT_PIN], 2);
	parse("01:00.3 NVMe\n\tInterrupt: pin D routed to IRQ 40\n" REGION1);
	assert_int_equal(dev.cfg[PCI_INTERRUPT_PIN], 4);
	parse("01:00.0 NVMe\n\tInterrupt: pin ? routed to IRQ 40\n" REGION1);
	assert_int_equal(dev.cfg[PCI_INTERRUPT_PIN], 1);
}

/* Enhanced Allocation: BARs of any address, in a description, too; the register of a narrow one
 * holds none. */
static void test_enhanced(void **state)
{
	static const struct {
		const char *line;
		unsigned int bar;
		uint64_t address;
		enum bar_kind kind;
		uint32_t low;
	} rows[] = {
		{"\tRegion 0: [enhanced] Memory at 843000000000 (32-bit, non-prefetchable) "
		 "[size=1G]\n",
		 0, 0x843000000000, BAR_MEM32, 0},
		{"\tRegion 4: [enhanced] Memory at 100000000 (32-bit, prefetchable) [size=1M]\n", 4,
		 0x100000000, BAR_MEM32, PCI_BASE_ADDRESS_MEM_PREFETCH},
		{"\tRegion 2: [enhanced] Memory at 810f00000000 (64-bit, non-prefetchable) "
		 "[size=2M]\n",
		 2, 0x810f00000000, BAR_MEM64, PCI_BASE_ADDRESS_MEM_TYPE_64},
		{"\tRegion 5: [enhanced] Memory at 80000000 (32-bit, non-prefetchable) "
		 "[size=64K]\n",
		 5, 0x80000000, BAR_MEM32, 0x80000000},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct desc_bar *b = &dev.bars[rows[i].bar];
		const char *why = "";
		char text[200], *made = NULL;

		snprintf(text, sizeof(text), "0002:01:00.0 Ethernet [0200]: Cavium [177d:a01e]\n%s",
			 rows[i].line);
		parse(text);
		assert_int_equal(b->address, rows[i].address);
		assert_int_equal(b->bar.kind, rows[i].kind);
		assert_int_equal(le32_get(dev.cfg + PCI_BASE_ADDRESS_0 + 4 * rows[i].bar),
				 rows[i].low);
		if (desc_print(&dev, &made, &why))
			fail_msg("row %zu: no description: %s", i, why);
		free(made);
	}
}

#define VIRTIO "\tCapabilities: [4c] Vendor Specific Information: VirtIO: "

/* In which BARs registers are, as VirtIO's lines have it. */
static void test_virtio(void **state)
{
	static const struct {
		const char *vendor, *lines;
		uint8_t registers;
	} facts[] = {
		{"1af4", VIRTIO "CommonCfg\n\t\tBAR=0 offset=00003000 size=0000003c\n", 1},
		{"1af4",
		 VIRTIO "Notify\n\t\tBAR=4 offset=00003040 size=00000008 multiplier=00000004\n",
		 0x10},
		{"1af4",
		 VIRTIO "ISR\n\t\tBAR=2 offset=0000303c size=00000004\n"
			"\tCapabilities: [60] Vendor Specific Information: VirtIO: DeviceCfg\n"
			"\t\tBAR=5 offset=00000000 size=0000002c\n",
		 0x24},
		{"1af4", VIRTIO "<unknown>\n\t\tBAR=2 offset=00000000 size=00000000\n", 0},
		{"1af4", VIRTIO "CommonCfg\n\t\tBAR=6 offset=00000000 size=00000000\n", 0},
		{"1af4", "\tCapabilities: [4c] Vendor Specific Information: Len=10 <?>\n", 0},
		{"8086", VIRTIO "CommonCfg\n\t\tBAR=0 offset=00003000 size=0000003c\n", 0},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		char text[1024];

		snprintf(text, sizeof(text),
			 "01:00.0 Mass storage controller [0180]: Device [%s:105a]\n"
			 "\tControl: I/O- Mem+\n" REGION1
			 "\tCapabilities: [40] MSI-X: Enable+ Count=3 Masked-\n"
			 "\t\tVector table: BAR=1 offset=00000000\n"
			 "\t\tPBA: BAR=1 offset=00002000\n%s",
			 facts[i].vendor, facts[i].lines);
		assert_int_equal(parse(text).vectors, 3);
		if (pci_cfg_registers(dev.cfg, dev.cfg_size) != facts[i].registers)
			fail_msg("%s: %#x", facts[i].lines,
				 pci_cfg_registers(dev.cfg, dev.cfg_size));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_msix),	cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_ids),	cmocka_unit_test(test_cut),
		cmocka_unit_test(test_virtual), cmocka_unit_test(test_pin),
		cmocka_unit_test(test_virtio),	cmocka_unit_test(test_enhanced),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	desc_notes_free(&notes);
	return ret;
}
