/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is noted of an lspci text that does not say all: what each note is about. */
#include <string.h>

#include "desc/lspci/lspci.h"
#include "unit.h"

#define HEAD	 "01:00.0 Non-Volatile memory controller [0108]: Some SSD [144d:a824]\n"
#define CONTROL	 "\tControl: I/O- Mem+ BusMaster+\n"
#define CAP_LIST "\tStatus: Cap+ 66MHz-\n"
#define REGION0	 "\tRegion 0: Memory at fe800000 (64-bit, non-prefetchable) [size=16K]\n"
#define DENIED	 "\tCapabilities: <access denied>\n"
#define MSIX	 "\tCapabilities: [b0] MSI-X: Enable+ Count=8 Masked-\n"
#define TABLE	 "\t\tVector table: BAR=0 offset=00002000\n"
#define PBA	 "\t\tPBA: BAR=0 offset=00003000\n"
#define HEADER                                                                                     \
	"00: 4d 14 24 a8 06 04 10 00 00 02 08 01 10 00 00 00\n"                                    \
	"10: 04 00 80 fe 00 00 00 00 00 00 00 00 00 00 00 00\n"                                    \
	"20: 00 00 00 00 00 00 00 00 00 00 00 00 4d 14 01 a8\n"                                    \
	"30: 00 00 00 00 40 00 00 00 00 00 00 00 0b 01 00 00\n"

static struct desc_notes notes;

static void parse(const char *text)
{
	static struct desc dev;
	struct desc_error err;
	size_t count;

	desc_notes_free(&notes);
	if (!desc_parse_lspci(text, strlen(text), &dev, 1, &count, &notes, &err))
		fail_msg("%u: %s", err.line, err.reason);
}

/* Bit k: there is a note of kind k. */
static unsigned int kinds(void)
{
	unsigned int ret = 0;

	for (size_t i = 0; i < notes.count; i++)
		ret |= 1U << notes.list[i].kind;
	return ret & ~(1U << DESC_NOTE_OTHER);
}

static void test_kinds(void **state)
{
	static const struct {
		const char *text;
		unsigned int kinds;
	} rows[] = {
		{HEAD CONTROL REGION0, 0},
		{HEAD CONTROL REGION0 MSIX TABLE PBA, 0},
		{HEAD CONTROL REGION0 DENIED, 1U << DESC_NOTE_CAPS_DENIED},
		{HEAD CONTROL REGION0 DENIED HEADER,
		 1U << DESC_NOTE_CAPS_DENIED | 1U << DESC_NOTE_CAPS_HEADER},
		{HEAD CONTROL REGION0 HEADER, 1U << DESC_NOTE_CAPS_HEADER},
		{HEAD HEADER, 1U << DESC_NOTE_CAPS_UNASKED | 1U << DESC_NOTE_CAPS_HEADER},
		{HEAD, 1U << DESC_NOTE_CAPS_UNASKED},
		{HEAD CONTROL CAP_LIST REGION0, 1U << DESC_NOTE_CAPS_CUT},
		{HEAD CONTROL REGION0 MSIX TABLE, 1U << DESC_NOTE_MSIX_PBA},
		{HEAD CONTROL REGION0 MSIX PBA, 1U << DESC_NOTE_MSIX_TABLE},
		{HEAD CONTROL REGION0 MSIX, 1U << DESC_NOTE_MSIX_TABLE | 1U << DESC_NOTE_MSIX_PBA},
		{HEAD CONTROL REGION0 "\tCapabilities: [b0] MSI-X: Enable+\n" TABLE PBA,
		 1U << DESC_NOTE_MSIX_VECTORS},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		parse(rows[i].text);
		assert_int_equal(kinds(), rows[i].kinds);
	}
}

/* What is assumed of a BAR or of the MSI-X structures counts; what is not known else does not. */
static void test_of_msix(void **state)
{
	size_t of_msix = 0;

	parse(HEAD CONTROL
	      "\tRegion 0: Memory at fe800000 (64-bit, non-prefetchable)\n" MSIX TABLE);
	for (size_t i = 0; i < notes.count; i++)
		of_msix += desc_note_of_msix(&notes.list[i]);
	assert_int_equal(of_msix, 2); /* the size of BAR 0, and the PBA's place */
	assert_true(notes.count > 2);
	for (int kind = 0; kind <= DESC_NOTE_MSIX_PBA; kind++)
		assert_int_equal(desc_note_lacks_caps(kind),
				 kind == DESC_NOTE_CAPS_SILENT || kind == DESC_NOTE_CAPS_DENIED ||
					 kind == DESC_NOTE_CAPS_HEADER ||
					 kind == DESC_NOTE_CAPS_UNASKED ||
					 kind == DESC_NOTE_CAPS_CUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_of_msix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
