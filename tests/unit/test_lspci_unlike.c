/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several sections of one address: of one device, of two, of one in two states, or of one that
 * does not answer. BARs that can't be.
 */
#include <stdio.h>
#include <string.h>

#include "core/le.h"
#include "desc/lspci/lspci.h"
#include "unit.h"

#define SSD	"01:00.0 Non-Volatile memory controller [0108]: Samsung Device [144d:a824]\n"
#define NIC	"01:00.0 Ethernet controller [0200]: Virtio network device [1af4:1041]\n"
#define REGION0 "\tRegion 0: Memory at 80000000 (64-bit, non-prefetchable) [size=16K]\n"
#define MSIX	"\tCapabilities: [b0] MSI-X: Enable+ Count=136 Masked-\n"
#define TABLE	"\t\tVector table: BAR=0 offset=00002000\n"
#define PBA	"\t\tPBA: BAR=0 offset=00003000\n"
#define HOST	SSD REGION0 MSIX TABLE PBA
#define DUMP                                                                                       \
	"00: 4d 14 24 a8 06 04 10 00 00 02 08 01 10 00 00 00\n"                                    \
	"10: 04 00 00 80 00 00 00 00 00 00 00 00 00 00 00 00\n"                                    \
	"20: 00 00 00 00 00 00 00 00 00 00 00 00 4d 14 01 a8\n"                                    \
	"30: 00 00 00 00 40 00 00 00 00 00 00 00 0b 01 00 00\n"
#define FF	  "ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff\n"
#define SILENT	  "01:00.0 Non-Volatile memory controller [0108]: Samsung [144d:a824] (rev ff)\n"
#define NO_HEADER "\t!!! Unknown header type 7f\n"

static const char ids[] =
	"another device than in an earlier section of this address: the ids differ";
static const char bars[] =
	"an earlier section of this address has other BARs: keep the section that is meant";
static const char msix[] =
	"an earlier section of this address has another MSI-X: keep the section that is meant";
static const char silent[] =
	"the device did not answer, all is ff: it was in D3cold, or was lost after a reset";
static const char slot[] = "two BARs in one slot: a 64-bit BAR takes the next slot, too";

static struct desc devs[4];
static struct desc_notes notes;
static struct desc_error error;
static size_t count;

static bool parse(const char *text)
{
	desc_notes_free(&notes);
	return desc_parse_lspci(text, strlen(text), devs, COUNT(devs), &count, &notes, &error);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *reason;
		uint32_t line;
	} rows[] = {
		/* The host and a guest. */
		{HOST NIC "\tRegion 1: Memory at fe800000 (32-bit, non-prefetchable) [size=4K]\n",
		 ids, 6},
		{HOST SSD REGION0
		 "\tRegion 2: Memory at c0000000 (64-bit, prefetchable) [size=4K]\n" MSIX
		 "\t\tVector table: BAR=2 offset=00000000\n\t\tPBA: BAR=2 offset=00000880\n",
		 msix, 6},
		{HOST SSD REGION0 "\tCapabilities: [50] MSI-X: Enable+ Count=136 Masked-\n", msix,
		 6},
		/* Before and after. */
		{HOST SSD REGION0 "\tCapabilities: [b0] MSI-X: Enable+ Count=8 Masked-\n", msix, 6},
		{HOST SSD "\tRegion 0: Memory at 80000000 (64-bit, non-prefetchable) [size=32K]\n",
		 bars, 6},
		{HOST SSD "\tRegion 0: Memory at 80000000 (32-bit, non-prefetchable) [size=16K]\n",
		 bars, 6},
		{HOST SSD "\tRegion 1: Memory at 80000000 (32-bit, non-prefetchable) [size=16K]\n",
		 bars, 6},
		/* Two machines: a dump of another device. */
		{"01:00.0 NVMe [0108]: Some SSD [144d:a808]\n" REGION0 "01:00.0 NVMe\n" DUMP, ids,
		 3},
		{"01:00.0 NVMe\n" DUMP "01:00.0 VGA compatible controller [0300]: X [144d:a824]\n",
		 "another device than in an earlier section of this address: the classes differ",
		 6},
		/* Nobody answers. */
		{SILENT NO_HEADER, silent, 1},
		{SILENT "00: " FF "10: " FF "20: " FF "30: " FF, silent, 1},
		{"01:00.0 NVMe [0108]: Some SSD [144d:a824]\n00: " FF, silent, 1},
		{SILENT NO_HEADER SILENT "00: " FF, silent, 1},
		{SILENT REGION0 "\tKernel driver in use: vfio-pci\n", silent, 1},
		/* BARs in any order. */
		{SSD "\tRegion 1: Memory at 4000000000 (64-bit, non-prefetchable) [size=16K]\n"
		     "\tRegion 0: Memory at 4100000000 (64-bit, non-prefetchable) [size=16K]\n",
		 slot, 3},
		{SSD REGION0
		 "\tRegion 1: Memory at 90000000 (32-bit, non-prefetchable) [size=16K]\n",
		 slot, 3},
		{SSD "\tRegion 3: I/O ports at e000 [size=32]\n"
		     "\tRegion 2: Memory at 90000000 (64-bit, prefetchable) [size=1M]\n",
		 slot, 3},
		{SSD "\tRegion 5: Memory at 4000000000 (64-bit, non-prefetchable) [size=8G]\n",
		 "a 64-bit BAR in slot 5, which has no next one", 2},
		{SSD "\tRegion 0: Memory at 4000000000 (32-bit, non-prefetchable) [size=64G]\n",
		 "a 32-bit BAR of more than 2 GiB", 2},
		{SSD "\tRegion 0: Memory at 80000000 (32-bit, non-prefetchable) [size=4G]\n",
		 "a 32-bit BAR of more than 2 GiB", 2},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (parse(rows[i].text))
			fail_msg("taken:\n%s", rows[i].text);
		assert_string_equal(error.reason, rows[i].reason);
		assert_int_equal(error.line, rows[i].line);
	}
}

/* Sections that add to each other, or say the same. */
static void test_taken(void **state)
{
	static const char *const texts[] = {
		HOST HOST,
		HOST SSD DUMP,
		SSD HOST,
		"01:00.0 NVMe\n" HOST,
		HOST "01:00.0 Non-Volatile memory controller: Samsung Device\n" DUMP,
		SSD "\tMemory at 80000000 (64-bit, non-prefetchable) [size=16K]\n" HOST,
		SSD "\tRegion 0: Memory at 80000000 (64-bit, non-prefetchable)\n" HOST,
		SSD REGION0 "\tCapabilities: <access denied>\n" HOST,
		SSD
		"\tRegion 0: Memory at <unassigned> (64-bit, non-prefetchable) [size=16K]\n" HOST,
		/* Another section says that it did not answer: before, or after. */
		HOST SILENT NO_HEADER,
		SILENT NO_HEADER HOST,
		HOST SILENT "00: " FF "10: " FF "20: " FF "30: " FF,
		HOST SILENT NO_HEADER REGION0 "00: " FF SSD,
		/* A revision alone is no reason. */
		SILENT REGION0 MSIX TABLE PBA,
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		if (!parse(texts[i]))
			fail_msg("%u: %s:\n%s", error.line, error.reason, texts[i]);
		assert_int_equal(count, 1);
		assert_int_equal(le32_get(devs[0].cfg), 0xa824144d);
		assert_int_equal(devs[0].bars[0].bar.size, 16384);
		assert_int_equal(devs[0].bars[0].bar.kind, BAR_MEM64);
		assert_int_equal(devs[0].bars[1].bar.kind, BAR_UPPER);
	}
}

/* Regions in another order than lspci's are the same BARs. */
static void test_order(void **state)
{
	static const char
		last[] = "\tRegion 4: Memory at a0000000 (64-bit, prefetchable) [size=1M]\n",
		first[] = "\tRegion 1: Memory at b0000000 (32-bit, prefetchable) [size=8K]\n",
		io[] = "\tRegion 0: I/O ports at e000 [size=32]\n";
	const char *const orders[][3] = {{io, first, last}, {last, first, io}, {first, last, io}};
	char text[600];

	for (size_t i = 0; i < COUNT(orders); i++) {
		snprintf(text, sizeof(text), "%s%s%s%s", SSD, orders[i][0], orders[i][1],
			 orders[i][2]);
		assert_true(parse(text));
		assert_int_equal(devs[0].bars[0].bar.kind, BAR_IO);
		assert_int_equal(devs[0].bars[1].bar.size, 8192);
		assert_int_equal(devs[0].bars[4].bar.size, 1 << 20);
		assert_int_equal(devs[0].bars[5].bar.kind, BAR_UPPER);
	}
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t size;
	} rows[] = {
		{"256G", UINT64_C(1) << 38},  {"512G", UINT64_C(1) << 39},
		{"1T", UINT64_C(1) << 40},    {"16T", UINT64_C(1) << 44},
		{"1024T", UINT64_C(1) << 50}, {"8388608T", UINT64_C(1) << 63},
	};
	char text[300];

	for (size_t i = 0; i < COUNT(rows); i++) {
		sprintf(text, SSD "\tRegion 2: Memory at 0 (64-bit, prefetchable) [size=%s]\n",
			rows[i].text);
		assert_true(parse(text));
		assert_int_equal(devs[0].bars[2].bar.size, rows[i].size);
	}
	assert_false(parse(SSD "\tRegion 2: Memory at 0 (64-bit) [size=16777216T]\n"));
}

/* A device that can't be does not keep its neighbours away. */
static void test_left_out(void **state)
{
	static const char other[] = "02:00.0 NVMe [0108]: Some SSD [144d:a808]\n" REGION0;
	const struct pci_bdf first = {.bus = 1}, second = {.bus = 2}, third = {.bus = 3};
	char text[1000];
	size_t len = (size_t)sprintf(text, "%s%s%s", HOST, other, NIC);

	assert_true(parse(text));
	assert_int_equal(count, 1);
	assert_int_equal(devs[0].bdf.bus, 2);
	assert_int_equal(notes.nr_left, 1);
	assert_int_equal(notes.left[0].bdf.bus, 1);
	assert_string_equal(notes.left[0].error.reason, ids);
	assert_int_equal(notes.left[0].error.line, 8);
	for (size_t i = 0; i < notes.count; i++)
		assert_int_equal(notes.list[i].device, 0);

	desc_notes_free(&notes);
	assert_true(desc_parse_lspci_one(text, len, &second, devs, &count, &notes, &error));
	assert_int_equal(count, 1);
	assert_int_equal(notes.nr_left, 0);
	desc_notes_free(&notes);
	assert_true(desc_parse_lspci_one(text, len, &third, devs, &count, &notes, &error));
	assert_int_equal(count, 0);
	desc_notes_free(&notes);
	assert_false(desc_parse_lspci_one(text, len, &first, devs, &count, &notes, &error));
	assert_string_equal(error.reason, ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),	 cmocka_unit_test(test_taken),
		cmocka_unit_test(test_order),	 cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_left_out),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	desc_notes_free(&notes);
	return ret;
}
