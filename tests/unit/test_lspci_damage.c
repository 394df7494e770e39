/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of lspci that lost something on their way: refused, or what is missing is told. */
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>

#include "core/le.h"
#include "desc/lspci/lspci.h"
#include "unit.h"

#define HEAD	"01:00.0 NVMe [0108]: Intel [8086:f1a6]\n"
#define REGION0 "\tRegion 0: Memory at fe800000 (64-bit, non-prefetchable) [size=16K]\n"
#define MSIX	"\tCapabilities: [b0] MSI-X: Enable- Count=8 Masked-\n"
#define TABLE	"\t\tVector table: BAR=0 offset=00002000\n"
#define PBA	"\t\tPBA: BAR=0 offset=00003000\n"

static const char table_at_start[] = "place of the MSI-X table unknown: the start of BAR0 assumed";
static const char table_near_pba[] = "place of the MSI-X table unknown: next to the PBA assumed";
static const char pba_near_table[] = "place of the MSI-X PBA unknown: next to the table assumed";
static const char no_table_bar[] = "holds the MSI-X table, but the text has no Region for it";
static const char no_pba_bar[] = "holds the MSI-X PBA, but the text has no Region for it";

static struct desc dev;
static struct desc_notes notes;

static bool parse(const char *text, struct desc_error *err)
{
	size_t count;

	desc_notes_free(&notes);
	return desc_parse_lspci(text, strlen(text), &dev, 1, &count, &notes, err);
}

static bool noted(int bar, const char *text)
{
	for (size_t i = 0; i < notes.count; i++) {
		if (notes.list[i].bar == bar && strcmp(notes.list[i].text, text) == 0)
			return true;
	}
	return false;
}

static void assert_refused(const char *text, uint32_t line, uint32_t column, const char *reason)
{
	struct desc_error err;

	assert_false(parse(text, &err));
	assert_string_equal(err.reason, reason);
	assert_int_equal(err.line, line);
	assert_int_equal(err.column, column);
}

static struct pci_msix assert_taken(const char *text)
{
	struct pci_msix m = {.pos = 0};
	struct desc_error err;

	if (!parse(text, &err))
		fail_msg("%u:%u: %s", err.line, err.column, err.reason);
	pci_cfg_msix(dev.cfg, dev.cfg_size, &m);
	return m;
}

static void test_impossible(void **state)
{
	static const char count[] = "expected 1 to 2048 vectors";
	static const char offset[] = "expected an offset in hexadecimal, a multiple of 8";
	static const char size[] = "expected a size that is a power of two, as in [size=16K]";
	static const struct {
		const char *line;
		uint32_t row, column;
		const char *reason; /* NULL: it is possible */
	} rows[] = {
		{"\tCapabilities: [b0] MSI-X: Enable- Count=4096 Masked-", 3, 42, count},
		{"\tCapabilities: [b0] MSI-X: Enable- Count=0 Masked-", 3, 42, count},
		{"\tCapabilities: [b0] MSI-X: Enable- Count=", 3, 42, count},
		{"\tCapabilities: [b0] MSI-X: Enable- Count=2048 Masked-", 0, 0, NULL},
		{MSIX "\t\tVector table: BAR=0 offset=00003ffc", 4, 30, offset},
		{MSIX "\t\tVector table: BAR=0 offset=0000g000", 4, 30, offset},
		{MSIX "\t\tVector table: BAR=8 offset=00003000", 4, 21, "expected a BAR number"},
		{MSIX "\t\tPBA: BAR=0 offset=100000000", 4, 21, offset},
		{MSIX "\t\tPBA: BAR=0 offset=", 4, 21, offset},
		{"\tRegion 2: Memory at fe900000 (32-bit) [size=15K]", 3, 46, size},
		{"\tRegion 2: Memory at fe900000 (32-bit) [size=0]", 3, 46, size},
		{"\tRegion 2: Memory at fe900000 (32-bit) [size=16", 3, 46, size},
		{"\tRegion 2: [enhanced] Memory at fe900000 (32-bit) [size=12K]", 0, 0, NULL},
		{"\tRegion 2: I/O ports at e000 [size=3]", 3, 36, size},
		{"\tExpansion ROM at fe900000 [disabled] [size=60K]", 3, 45, size},
	};
	char text[400];

	for (size_t i = 0; i < COUNT(rows); i++) {
		sprintf(text, HEAD REGION0 "%s\n", rows[i].line);
		if (rows[i].reason)
			assert_refused(text, rows[i].row, rows[i].column, rows[i].reason);
		else
			assert_taken(text);
	}
}

/* What the text does not say of MSI-X's places is assumed, and that is told. */
static void test_places(void **state)
{
	static const struct {
		const char *text;
		const char *notes[2];
		uint32_t table, pba;
	} rows[] = {
		{HEAD REGION0 MSIX TABLE PBA, {NULL}, 0x2000, 0x3000},
		{HEAD REGION0 MSIX TABLE, {pba_near_table}, 0x2000, 0x2080},
		{HEAD REGION0 MSIX PBA, {table_at_start}, 0, 0x3000},
		{HEAD REGION0 MSIX, {table_at_start, pba_near_table}, 0, 0x80},
		{HEAD REGION0 MSIX "\t\tPBA: BAR=0 offset=00000040\n",
		 {table_near_pba},
		 0x48,
		 0x40},
		/* The table ends with its BAR. */
		{HEAD REGION0 MSIX "\t\tVector table: BAR=0 offset=00003f80\n",
		 {pba_near_table},
		 0x3f80,
		 0x3f78},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct pci_msix m = assert_taken(rows[i].text);

		for (size_t n = 0; n < 2 && rows[i].notes[n]; n++)
			assert_true(noted(-1, rows[i].notes[n]));
		assert_int_equal(noted(-1, pba_near_table),
				 rows[i].notes[0] == pba_near_table ||
					 rows[i].notes[1] == pba_near_table);
		assert_int_equal(m.table_offset, rows[i].table);
		assert_int_equal(m.pba_offset, rows[i].pba);
		assert_int_equal(m.vectors, 8);
	}
	assert_int_equal(assert_taken(HEAD "\tCapabilities: [b0] MSI-X: Enable-\n").vectors, 1);
	assert_true(noted(-1, "number of MSI-X vectors unknown: 1 assumed"));
}

static void test_no_region(void **state)
{
	assert_taken(HEAD REGION0 MSIX TABLE PBA);
	assert_false(noted(0, no_table_bar) || noted(0, no_pba_bar));
	assert_taken(HEAD MSIX TABLE PBA);
	assert_true(noted(0, no_table_bar));
	assert_false(noted(0, no_pba_bar));
	assert_taken(HEAD REGION0 "\tRegoin 4: Memory at fe900000 (64-bit) [size=16K]\n" MSIX TABLE
				  "\t\tPBA: BAR=4 offset=00003000\n");
	assert_false(noted(0, no_table_bar));
	assert_true(noted(4, no_pba_bar));
}

/* The verbose half, and a dump of the same device, which has another `value` in its register. */
static void with_dump(char *text, unsigned int reg, uint8_t value)
{
	static uint8_t cfg[256];
	int n = sprintf(text, HEAD REGION0 MSIX TABLE PBA);

	assert_taken(text);
	memcpy(cfg, dev.cfg, sizeof(cfg));
	cfg[reg] = value;
	for (unsigned int i = 0; i < sizeof(cfg); i++)
		n += sprintf(text + n, i % 16 ? " %02x" : "\n%02x: %02x", i % 16 ? cfg[i] : i,
			     cfg[i]);
}

static void test_contradiction(void **state)
{
	static const char none[] =
		"the two halves contradict each other: the dump has no such capability";
	static const char other[] =
		"the two halves contradict each other: the dump has another MSI-X";
	static const struct {
		unsigned int reg;
		uint8_t value;
		const char *reason;
	} rows[] = {
		{0xb0, 0x12, none},    {PCI_CAPABILITY_LIST, 0, none},
		{PCI_STATUS, 0, none}, {0xb2, 6, other},
		{0xb4, 4, other},      {0xb5, 0x28, other},
		{0xb8, 0x08, other},   {0xb3, 0x80, NULL},
	};
	static char text[2048];

	for (size_t i = 0; i < COUNT(rows); i++) {
		with_dump(text, rows[i].reg, rows[i].value);
		if (rows[i].reason)
			assert_refused(text, 3, 21, rows[i].reason);
		else
			assert_taken(text);
	}
}

/* A dump without one of its lines, or with half of it, does not show other registers. */
static void test_hole(void **state)
{
	static const char reason[] = "a line of the dump before this one is missing, or cut short";
	static char text[2048], copy[2048];
	const char *line, *next;

	with_dump(text, 0, 0x86);
	line = strstr(text, "\nb0: ");
	next = strstr(text, "\nc0: ");
	sprintf(copy, "%.*s%s", (int)(line - text), text, next);
	assert_refused(copy, 18, 5, reason);
	sprintf(copy, "%.*s%s", (int)(line - text) + 30, text, next);
	assert_refused(copy, 19, 5, reason);
	assert_taken(text);
}

static void test_cut(void **state)
{
	assert_taken(HEAD "\tControl: I/O- Mem+\n\tStatus: Cap+ 66MHz- UDF-\n" REGION0);
	assert_true(noted(-1, "capabilities unknown: the text ends before them"));
	assert_taken(HEAD "\tControl: I/O- Mem+\n\tStatus: Cap- 66MHz- UDF-\n" REGION0);
	assert_false(noted(-1, "capabilities unknown: the text ends before them"));
	assert_taken(HEAD "\tControl: I/O- Mem+\n\tStatus: Cap+ 66MHz- UDF-\n" REGION0 MSIX);
	assert_false(noted(-1, "capabilities unknown: the text ends before them"));
}

/* What is left of a line that was damaged says that something is missing. */
static void test_remains(void **state)
{
	static const struct {
		const char *text;
		int bar;
		const char *note; /* NULL: nothing is missing */
	} rows[] = {
		{"01:00.0 USB controller [0c03]: Renesas [1912:0015] (rev 02) (prog-if\n" REGION0,
		 -1, "its programming interface is unknown: 00 assumed"},
		{HEAD REGION0 TABLE PBA, -1,
		 "MSI-X is told of without its capability: a line is missing"},
		{HEAD "\tegion 0: Memory at fe800000 (64-bit, non-prefetchable) [size=16K]\n", -1,
		 "a line that tells of a BAR is damaged: left out"},
		{HEAD "\tRegion 0: Memory at fe800000 (64-bit, prefetcha [size=16K]\n", 0,
		 "whether it is prefetchable is unknown: no assumed"},
		{HEAD "\tRegion 0: Memory at fe800000 (, prefetchable) [size=16K]\n", 0,
		 "its width is unknown: 32 bits assumed"},
		/* a message of the kernel before and after a blank; a soft break with blanks */
		{HEAD "\tRegion[   12.345678] usb 1-1: reset\n 0: Memory at fe800000 (64-bit, "
		      "non-prefetchable) [size=16K]\n" MSIX TABLE PBA,
		 0, NULL},
		{HEAD "\tRegion [   12.345678] usb 1-1: reset\n0: Memory at fe800000 (64-bit, "
		      "non-prefetchable) [size=16K]\n" MSIX TABLE PBA,
		 0, NULL},
		{HEAD
		 "\tRegion 0: Memory at fe800000 (64-bit, non-prefetchable) = \n[size=3D16K]\n" MSIX
			 TABLE PBA,
		 0, NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_taken(rows[i].text);
		if (rows[i].note)
			assert_true(noted(rows[i].bar, rows[i].note));
		else
			assert_int_equal(dev.bars[rows[i].bar].bar.size, 16 * KIB);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_remains),	      cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_places),	      cmocka_unit_test(test_no_region),
		cmocka_unit_test(test_contradiction), cmocka_unit_test(test_hole),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
