/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lspci's output as a description: both halves, each alone, and what people paste. */
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>

#include "core/le.h"
#include "desc/lspci/lspci.h"
#include "unit.h"

#define BOM "\xef\xbb\xbf"

static const char verbose[] =
	"01:00.0 Serial Attached SCSI controller [0107]: Broadcom / LSI SAS3008 [1000:0097] "
	"(rev 02)\n"
	"\tSubsystem: Super Micro Computer Inc AOC-S3008L-L8e [15d9:0808]\n"
	"\tControl: I/O+ Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr- DisINTx+\n"
	"\tInterrupt: pin A routed to IRQ 16\n"
	"\tIOMMU group: 14\n"
	"\tRegion 0: I/O ports at e000 [size=256]\n"
	"\tRegion 1: Memory at fb240000 (64-bit, non-prefetchable) [size=64K]\n"
	"\tRegion 3: Memory at fb200000 (64-bit, prefetchable) [size=256K]\n"
	"\tExpansion ROM at fb100000 [disabled] [size=1M]\n"
	"\tCapabilities: [50] Power Management version 3\n"
	"\tCapabilities: [68] Express (v2) Endpoint, MSI 00\n"
	"\t\t\tExtTag+ AttnBtn- AttnInd- PwrInd- RBE+ FLReset+ SlotPowerLimit 0W\n"
	"\tCapabilities: [a8] MSI: Enable- Count=1/4 Maskable+ 64bit+\n"
	"\tCapabilities: [c0] MSI-X: Enable+ Count=96 Masked-\n"
	"\t\tVector table: BAR=1 offset=0000e000\n"
	"\t\tPBA: BAR=1 offset=0000f000\n"
	"\tCapabilities: [100 v2] Advanced Error Reporting\n"
	"\tKernel driver in use: mpt3sas\n";

static struct desc devs[2];
static struct desc_notes notes;

static const struct desc *parse(const char *text)
{
	struct desc_error err;
	size_t count;

	desc_notes_free(&notes);
	assert_true(desc_is_lspci(text, strlen(text)));
	if (!desc_parse_lspci(text, strlen(text), devs, COUNT(devs), &count, &notes, &err))
		fail_msg("%u: %s", err.line, err.reason);
	assert_int_equal(count, 1);
	return devs;
}

static bool noted(int bar, const char *text)
{
	for (size_t i = 0; i < notes.count; i++) {
		if (notes.list[i].bar == bar && strcmp(notes.list[i].text, text) == 0)
			return true;
	}
	return false;
}

/* What lspci -xxxx prints of d. */
static void dump(const struct desc *d, uint32_t len, char *out)
{
	for (uint32_t i = 0; i < len; i++)
		out += sprintf(out, i % 16 ? " %02x" : "\n%02x: %02x", i % 16 ? d->cfg[i] : i,
			       d->cfg[i]);
	memcpy(out, "\n", 2);
}

static void assert_msix(const struct desc *d)
{
	struct pci_msix m;

	assert_true(pci_cfg_msix(d->cfg, d->cfg_size, &m));
	assert_int_equal(m.pos, 0xc0);
	assert_int_equal(m.vectors, 96);
	assert_int_equal(m.table_bir, 1);
	assert_int_equal(m.table_offset, 0xe000);
	assert_int_equal(m.pba_bir, 1);
	assert_int_equal(m.pba_offset, 0xf000);
	/* A driver had it on; vfio-pci finds it off. */
	assert_int_equal(le16_get(d->cfg + 0xc2) & PCI_MSIX_FLAGS_ENABLE, 0);
}

static void test_verbose(void **state)
{
	const struct desc *d = parse(verbose);

	assert_int_equal(d->bdf.bus, 1);
	assert_int_equal(d->group, 14);
	assert_int_equal(le32_get(d->cfg), 0x00971000);
	assert_int_equal(le32_get(d->cfg + PCI_SUBSYSTEM_VENDOR_ID), 0x080815d9);
	assert_int_equal(le32_get(d->cfg + PCI_CLASS_REVISION), 0x01070002);
	assert_int_equal(d->bars[0].bar.kind, BAR_IO);
	assert_int_equal(d->bars[0].bar.size, 256);
	assert_int_equal(d->bars[1].bar.kind, BAR_MEM64);
	assert_int_equal(d->bars[1].bar.size, 64 * KIB);
	assert_int_equal(d->bars[1].address, 0xfb240000);
	assert_false(d->bars[1].bar.prefetchable);
	assert_true(d->bars[3].bar.prefetchable);
	assert_int_equal(d->rom_size, MIB);
	assert_int_equal(pci_cfg_find_ext_cap(d->cfg, 4096, PCI_EXT_CAP_ID_ERR), 0x100);
	assert_true(le32_get(d->cfg + 0x68 + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLR);
	assert_int_equal(le16_get(d->cfg + 0xa8 + PCI_MSI_FLAGS),
			 2 << 1 | PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT);
	assert_msix(d);
	assert_true(noted(-1, "no dump: contents of the capabilities are unknown"));
}

/* Both halves of the same device: nothing is assumed, and the bytes are the dump's. */
static void test_round_trip(void **state)
{
	static char text[sizeof(verbose) + 4 * 4096];
	struct desc first;

	first = *parse(verbose);
	first.cfg[0xc3] |= PCI_MSIX_FLAGS_ENABLE >> 8;
	first.cfg[0x200] = 0x5a;
	memcpy(text, verbose, sizeof(verbose));
	dump(&first, 4096, text + strlen(text));
	parse(text);
	assert_int_equal(notes.count, 0);
	first.cfg[0xc3] &= (uint8_t) ~(PCI_MSIX_FLAGS_ENABLE >> 8);
	assert_memory_equal(devs[0].cfg, first.cfg, sizeof(first.cfg));
	assert_memory_equal(devs[0].bars, first.bars, sizeof(first.bars));
	assert_msix(devs);

	/* -x shows the header alone: the capabilities stay the verbose half's. */
	dump(&first, 64, text + strlen(verbose));
	parse(text);
	assert_int_equal(notes.count, 0);
	assert_msix(devs);
}

/* `lspci -vvnn` and then `lspci -xxxx`, each with a head line: one device, and the same one. */
static void test_two_runs(void **state)
{
	static const char head[] = "\n01:00.0 Serial Attached SCSI controller: Broadcom SAS3008\n";
	static char text[3 * sizeof(verbose) + 4 * 4096], hex[4 * 4096];
	struct desc whole;

	whole = *parse(verbose);
	dump(&whole, 4096, hex);
	sprintf(text, "%s%s", verbose, hex);
	whole = *parse(text);

	sprintf(text, "%s%s%s", verbose, head, hex);
	parse(text);
	assert_int_equal(notes.count, 0);
	assert_memory_equal(devs[0].cfg, whole.cfg, sizeof(whole.cfg));
	assert_memory_equal(devs[0].bars, whole.bars, sizeof(whole.bars));
	assert_int_equal(devs[0].group, 14);

	/* The other order. */
	sprintf(text, "%s%s%s", head + 1, hex, verbose);
	parse(text);
	assert_int_equal(notes.count, 0);
	assert_memory_equal(devs[0].cfg, whole.cfg, sizeof(whole.cfg));
	assert_memory_equal(devs[0].bars, whole.bars, sizeof(whole.bars));
}

/* What a section says again changes nothing, and one that says less takes nothing away. */
static void test_same_twice(void **state)
{
	static const char brief[] = "01:00.0 SCSI controller: Broadcom SAS3008\n"
				    "\tI/O ports at e000 [size=256]\n"
				    "\tMemory at fb240000 (64-bit, non-prefetchable) [size=64K]\n"
				    "\tCapabilities: <access denied>\n";
	static char text[3 * sizeof(verbose)];
	struct desc once;
	size_t said;

	once = *parse(verbose);
	said = notes.count;
	sprintf(text, "%s\n%s\n%s", verbose, verbose, brief);
	parse(text);
	assert_int_equal(notes.count, said);
	assert_memory_equal(devs[0].cfg, once.cfg, sizeof(once.cfg));
	assert_memory_equal(devs[0].bars, once.bars, sizeof(once.bars));
}

static void test_dump_alone(void **state)
{
	static char text[4 * 4096];
	struct desc first;
	const struct desc *d;

	first = *parse(verbose);
	dump(&first, 256, text);
	d = parse(text);
	assert_int_equal(d->cfg_size, 256);
	assert_int_equal(d->bars[1].bar.kind, BAR_MEM64);
	assert_int_equal(d->bars[1].bar.size, 64 * KIB); /* what holds the PBA at 0xf000 */
	assert_int_equal(d->bars[3].bar.size, 4096);
	assert_msix(d);
	assert_true(noted(-1, "PCI address unknown: 0000:01:00.0 assumed"));
	assert_true(noted(-1, "IOMMU group unknown: one of its own assumed"));
	assert_true(noted(-1, "extended configuration space unknown: left out"));
	assert_true(noted(3, "size unknown: the smallest that holds its MSI-X structures assumed"));
}

/* A register of I/O type and no region line: the SAS3008 of a host without I/O space. */
static void test_dropped(void **state)
{
	static char text[sizeof(verbose) + 4 * 4096];
	struct desc first;
	char *line;

	first = *parse(verbose);
	le32_put(first.cfg + PCI_BASE_ADDRESS_0, PCI_BASE_ADDRESS_SPACE_IO);
	memcpy(text, verbose, sizeof(verbose));
	line = strstr(text, "\tRegion 0");
	memmove(line, strchr(line, '\n') + 1, strlen(strchr(line, '\n')));
	dump(&first, 4096, text + strlen(text));
	parse(text);
	assert_true(devs[0].bars[0].dropped);
	assert_int_equal(desc_bar_size(&devs[0], 0), 0);
	assert_true(noted(0, "a register without a region: the host dropped this BAR"));
}

static void test_pasted(void **state)
{
	static const struct {
		const char *text, *note;
		int bar;
	} rows[] = {
		{"0000:01:00.0 0108: 8086:f1a6 (rev 03)\n  Memory at fe800000 (64-bit, "
		 "non-prefetchable) [size=16K]\n",
		 "number of this BAR unknown: the next free one assumed", 0},
		{"> 01:00.0 Non-Volatile memory controller: Intel Corporation SSD\r\n",
		 "vendor and device unknown: lspci needs -nn or -x", -1},
		{"01:00.0 NVMe [0108]: Intel [8086:f1a6]\n\tCapabilities: <access denied>\n",
		 "capabilities unknown: lspci was not allowed to read them", -1},
		{"01:00.0 NVMe [0108]: Intel [8086:f1a6]\n\tRegion 0: Memory at <unassigned> "
		 "(64-bit, non-prefetchable)\n",
		 "size unknown: the smallest that holds its MSI-X structures assumed", 0},
		{"$ sudo lspci -vvnn -s 01:00.0\n01:00.0 NVMe: Intel\n",
		 "vendor and device unknown: lspci needs -nn or -x", -1},
		{"This device here does not work:\n\n# lspci -v\n> > 01:00.0 NVMe: Intel\n",
		 "vendor and device unknown: lspci needs -nn or -x", -1},
		{"device under test\n01:00.0 NVMe: Intel\n",
		 "vendor and device unknown: lspci needs -nn or -x", -1},
		{"01:00.0 NVMe [0108]: Intel [8086:f1a6]\n\tCapabilities: [80] Something New\n",
		 "a capability of an unknown name was left out", -1},
		{"01:00.0 NVMe [0108]: Intel [8086:f1a6]\n\tCapabilities: [b0] MSI-X: Enable- "
		 "Count=8\n",
		 "place of the MSI-X table unknown: the start of BAR0 assumed", -1},
		{"01:00.0 NVMe [0108]: Intel [8086:f1a6]\n\tKernel driver in use: nvme\n",
		 "capabilities unknown: lspci needs -vv or -xxxx", -1},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		parse(rows[i].text);
		assert_true(noted(rows[i].bar, rows[i].note));
	}
	parse(BOM "02:00.0 NVMe [0108]: Intel [8086:f1a6]\n");
	assert_int_equal(devs[0].bdf.bus, 2);
	parse(rows[0].text);
	assert_int_equal(le32_get(devs[0].cfg), 0xf1a68086);
	assert_int_equal(devs[0].bars[0].bar.size, 16 * KIB);
	parse(rows[3].text);
	assert_true(devs[0].bars[0].unassigned);
}

/* What real devices say, however odd, is not unknown. */
static void test_odd(void **state)
{
	uint16_t pos;

	parse("01:00.0 Ethernet [0200]: Atheros [168c:001c]\n"
	      "\tCapabilities: [90] MSI-X: Enable- Count=1 Masked-\n"
	      "\t\tVector table: BAR=0 offset=00000000\n\t\tPBA: BAR=0 offset=00000000\n");
	assert_false(noted(-1, "place of the MSI-X table unknown: the start of BAR0 assumed"));
	parse("01:00.0 Ethernet [0200]: Intel [8086:10d3]\n"
	      "\tCapabilities: [e0] Express (v1) Endpoint, MSI 00\n");
	assert_false(noted(-1, "a capability at an impossible position was left out"));
	pos = pci_cfg_find_cap(devs[0].cfg, 256, PCI_CAP_ID_EXP);
	assert_int_equal(pos, 0xe0);
	assert_int_equal(le16_get(devs[0].cfg + pos + PCI_EXP_FLAGS) & PCI_EXP_FLAGS_VERS, 1);
}

/* What stands in front of a BAR's or the ROM's type is no part of it. */
static void test_prefixes(void **state)
{
	static const struct {
		const char *line;
		uint64_t bar0, rom;
		bool vf;
	} rows[] = {
		{"Region 0: Memory at f6000000 (32-bit) [size=16K]", 16 * KIB, 0, false},
		{"Region 0: [virtual] Memory at f6000000 (32-bit) [size=16K]", 16 * KIB, 0, true},
		{"Region 0: [enhanced] Memory at f6000000 (32-bit) [size=16K]", 16 * KIB, 0, false},
		{"[virtual] Memory at f6000000 (32-bit) [size=16K]", 16 * KIB, 0, true},
		{"[enhanced] Memory at f6000000 (32-bit) [size=16K]", 16 * KIB, 0, false},
		{"Expansion ROM at fe900000 [disabled] [size=64K]", 0, 64 * KIB, false},
		{"[virtual] Expansion ROM at fe900000 [disabled] [size=64K]", 0, 64 * KIB, false},
		{"[enhanced] Expansion ROM at fe900000 [size=64K]", 0, 64 * KIB, false},
	};
	char text[160];

	for (size_t i = 0; i < COUNT(rows); i++) {
		sprintf(text, "01:00.0 VGA [0300]: NVIDIA [10de:1b80]\n\t%s\n", rows[i].line);
		parse(text);
		assert_int_equal(devs[0].bars[0].bar.size, rows[i].bar0);
		assert_int_equal(devs[0].rom_size, rows[i].rom);
		assert_int_equal(devs[0].vf, rows[i].vf);
	}
}

/* An 82599: what is below SR-IOV tells of the virtual functions' BARs, at whatever depth. */
static void test_sriov(void **state)
{
	static const char pf[] =
		"03:00.0 Ethernet controller [0200]: Intel 82599ES [8086:10fb]\n"
		"%sRegion 0: Memory at f7c20000 (64-bit, prefetchable) [size=128K]\n"
		"%sRegion 2: I/O ports at e020 [size=32]\n"
		"%sRegion 4: Memory at f7c44000 (64-bit, prefetchable) [size=16K]\n"
		"%sCapabilities: [70] MSI-X: Enable+ Count=64 Masked-\n"
		"%s%sVector table: BAR=4 offset=00000000\n"
		"%s%sPBA: BAR=4 offset=00002000\n";
	static const char vf[] =
		"%sCapabilities: [160 v1] Single Root I/O Virtualization (SR-IOV)\n"
		"%s%sInitial VFs: 64, Total VFs: 64, Number of VFs: 0\n%s"
		"%s%sRegion 0: Memory at 00000000f7c64000 (64-bit, prefetchable)\n"
		"%s%sRegion 3: Memory at 00000000f7d64000 (64-bit, prefetchable)\n"
		"%sKernel driver in use: ixgbe\n";
	static const struct {
		const char *in, *gap;
	} rows[] = {{"\t", ""}, {"        ", ""}, {"> \t", ""}, {"", ""}, {"", "\n"}, {"\t", "\n"}};
	static char text[2048];
	struct desc own;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *in = rows[i].in;
		int n = sprintf(text, pf, in, in, in, in, in, in, in, in);

		own = *parse(text);
		assert_int_equal(own.bars[3].bar.kind, BAR_EMPTY);
		assert_int_equal(own.bars[4].bar.kind, BAR_MEM64);
		sprintf(text + n, vf, in, in, in, rows[i].gap, in, in, in, in, in);
		parse(text);
		assert_memory_equal(devs[0].bars, own.bars, sizeof(own.bars));
		assert_false(noted(3, "size unknown: the smallest that holds its MSI-X structures "
				      "assumed"));
	}

	/* Depth alone tells, if the capability's own line is lost. */
	assert_non_null(strstr(text, "[160 v1] Single"));
	*strstr(text, "[160 v1] Single") = '?';
	parse(text);
	assert_memory_equal(devs[0].bars, own.bars, sizeof(own.bars));

	/* Another section, or a line of the device's own depth, is the device's again. */
	sprintf(text + strlen(text), "%s",
		"\tRegion 3: Memory at f7000000 (32-bit, prefetchable) [size=4K]\n");
	parse(text);
	assert_int_equal(devs[0].bars[3].bar.kind, BAR_MEM32);
	sprintf(text, "%s",
		"03:00.0 Ethernet: Intel\nCapabilities: [160 v1] Single Root I/O Virtualization\n"
		"03:00.0 Ethernet: Intel\nRegion 1: Memory at f7000000 (32-bit)\n");
	parse(text);
	assert_int_equal(devs[0].bars[1].bar.kind, BAR_MEM32);
}

/* Bridges are passed over; devices without a group get different ones. */
static void test_several(void **state)
{
	static const char text[] = "00:01.0 PCI bridge [0604]: Intel [8086:1901]\n"
				   "\tBus: primary=00, secondary=01, subordinate=01\n\n"
				   "01:00.0 VGA [0300]: NVIDIA [10de:1b80]\n\tIOMMU group: 1\n\n"
				   "01:00.1 Audio [0403]: NVIDIA [10de:10f0]\n";
	struct desc_error err;
	size_t count;

	desc_notes_free(&notes);
	assert_true(desc_parse_lspci(text, strlen(text), devs, COUNT(devs), &count, &notes, &err));
	assert_int_equal(count, 2);
	assert_int_equal(devs[0].group, 1);
	assert_int_equal(devs[1].group, 2);
	assert_int_equal(devs[1].bdf.function, 1);
}

/* Two runs over several devices: the sections of each are put together. */
static void test_several_twice(void **state)
{
	static const char text[] = "00:01.0 PCI bridge [0604]: Intel [8086:1901]\n"
				   "\tBus: primary=00, secondary=01, subordinate=01\n\n"
				   "01:00.0 VGA [0300]: NVIDIA [10de:1b80]\n\tIOMMU group: 1\n\n"
				   "01:00.1 Audio [0403]: NVIDIA [10de:10f0]\n"
				   "00:01.0 PCI bridge: Intel\n"
				   "01:00.0 VGA: NVIDIA\n"
				   "\tRegion 0: Memory at f6000000 (32-bit) [size=16M]\n"
				   "01:00.1 Audio: NVIDIA\n"
				   "\tRegion 0: Memory at f7080000 (32-bit) [size=16K]\n";
	struct desc_error err;
	size_t count;

	desc_notes_free(&notes);
	assert_true(desc_parse_lspci(text, strlen(text), devs, COUNT(devs), &count, &notes, &err));
	assert_int_equal(count, 2);
	assert_int_equal(le32_get(devs[0].cfg), 0x1b8010de);
	assert_int_equal(devs[0].bars[0].bar.size, 16 * MIB);
	assert_int_equal(le32_get(devs[1].cfg), 0x10f010de);
	assert_int_equal(devs[1].bars[0].bar.size, 16 * KIB);

	desc_notes_free(&notes);
	assert_false(desc_parse_lspci(text, strlen(text), devs, 1, &count, &notes, &err));
	assert_int_equal(err.line, 7);
	assert_string_equal(err.reason, "too many devices");
	desc_notes_free(&notes);
}

static void test_hostile(void **state)
{
	char copy[sizeof(verbose)];
	struct desc_error err;
	size_t count;

	for (size_t n = 0; n < sizeof(verbose); n++) {
		desc_notes_free(&notes);
		desc_parse_lspci(verbose, n, devs, COUNT(devs), &count, &notes, &err);
		memcpy(copy, verbose, sizeof(copy));
		copy[n] = (char)(n * 7);
		desc_notes_free(&notes);
		desc_parse_lspci(copy, sizeof(copy) - 1, devs, COUNT(devs), &count, &notes, &err);
	}
}

static void test_neither(void **state)
{
	static const char *const texts[] = {
		"",
		"device 01:00.0\n",
		"# 01:00.0\n\n  device\t0000:01:00.0 # 01:00.0\n",
		"device 01:00.0\nbytes 0 86 80\n01:00.0 NVMe\n",
		"device 0x1:00.0\nid 8086:f1a6\n",
		"a sentence\nand another\n",
	};

	for (size_t i = 0; i < COUNT(texts); i++)
		assert_false(desc_is_lspci(texts[i], strlen(texts[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbose),	   cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_two_runs),   cmocka_unit_test(test_same_twice),
		cmocka_unit_test(test_dump_alone), cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_pasted),	   cmocka_unit_test(test_odd),
		cmocka_unit_test(test_several),	   cmocka_unit_test(test_several_twice),
		cmocka_unit_test(test_prefixes),   cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_neither),	   cmocka_unit_test(test_sriov),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
