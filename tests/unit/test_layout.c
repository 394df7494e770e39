/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which bytes of a BAR a guest reaches directly: the model of layout.h, case by case. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/plan/layout.h"
#include "unit.h"

#define OFF PLAN_OFF

struct given {
	const char *what;
	const char *desc; /* behind "device 0000:01:00.0\n" */
	uint64_t page_size;
	int target;
	int bar;
	/* Of that BAR afterwards: first-last byte, what it is, how it is reached. */
	const char *extents;
};

#define MSIX_0	"msix vectors 96 table 0:0xe000 pba 0:0xf000\n"
#define MSIX_2K "msix vectors 4 table 0:0x400 pba 0:0x600\n"

static const struct given cases[] = {
	/* As the device is. */
	{"the table's page traps", "bar 0 mem64 64K\n" MSIX_0, 4 * KIB, OFF, 0,
	 "0-dfff registers: direct\n"
	 "e000-e5ff MSI-X table: emulated\n"
	 "e600-efff registers: shares a host page with the table\n"
	 "f000-f00f PBA: direct\n"
	 "f010-ffff registers: direct\n"},
	{"all of a larger page traps", "bar 0 mem64 64K\n" MSIX_0, 64 * KIB, OFF, 0,
	 "0-dfff registers: shares a host page with the table\n"
	 "e000-e5ff MSI-X table: emulated\n"
	 "e600-efff registers: shares a host page with the table\n"
	 "f000-f00f PBA: shares a host page with the table\n"
	 "f010-ffff registers: shares a host page with the table\n"},
	{"table over PBA", "bar 0 mem64 4K\nmsix vectors 22 table 0:0 pba 0:0x100\n", 4 * KIB, OFF,
	 0,
	 "0-ff MSI-X table: emulated\n"
	 "100-107 table and PBA: emulated\n"
	 "108-15f MSI-X table: emulated\n"
	 "160-fff registers: shares a host page with the table\n"},
	{"a table that runs out of its BAR",
	 "bar 0 mem64 4K\nmsix vectors 9 table 0:0xff8 pba 1:0\n", 4 * KIB, OFF, 0,
	 "0-ff7 registers: shares a host page with the table\n"
	 "ff8-fff MSI-X table: emulated\n"},
	{"I/O ports", "bar 0 mem64 64K\nbar 2 io 256\n" MSIX_0, 4 * KIB, OFF, 2,
	 "0-ff registers: I/O ports\n"},
	{"no address", "bar 0 mem64 64K\nbar 2 mem32 4K unassigned\n" MSIX_0, 4 * KIB, OFF, 2,
	 "0-fff registers: the host gave it no address\n"},
	{"a BAR that is not mapped", "bar 0 mem64 64K\nbar 2 mem32 4K nommap\n" MSIX_0, 4 * KIB,
	 OFF, 2, "0-fff registers: the kernel does not map it\n"},
	{"sparse areas, in whole host pages",
	 "bar 0 mem64 64K\nbar 2 mem32 128K sparse 4K+68K\n" MSIX_0, 64 * KIB, OFF, 2,
	 "0-1ffff registers: the kernel does not map it\n"},
	{"the same with smaller pages", "bar 0 mem64 64K\nbar 2 mem32 128K sparse 4K+68K\n" MSIX_0,
	 4 * KIB, OFF, 2,
	 "0-fff registers: the kernel does not map it\n"
	 "1000-11fff registers: direct\n"
	 "12000-1ffff registers: the kernel does not map it\n"},
	{"a BAR below a page that starts one",
	 "bar 0 mem64 64K\nbar 2 mem32 4K at 0x10000\n" MSIX_0, 64 * KIB, OFF, 2,
	 "0-fff registers: direct\n"},
	{"and one that does not", "bar 0 mem64 64K\nbar 2 mem32 4K at 0x11000\n" MSIX_0, 64 * KIB,
	 OFF, 2, "0-fff registers: its host address starts no host page\n"},
	{"two BARs in one page: the one that starts it",
	 "bar 0 mem64 64K\nbar 2 mem32 4K at 0x80010000\nbar 3 mem32 16K at 0x80018000\n" MSIX_0,
	 64 * KIB, OFF, 2, "0-fff registers: another BAR is in its host page\n"},
	{"and the other",
	 "bar 0 mem64 64K\nbar 2 mem32 4K at 0x80010000\nbar 3 mem32 16K at 0x80018000\n" MSIX_0,
	 64 * KIB, OFF, 3, "0-3fff registers: its host address starts no host page\n"},
	{"in two pages",
	 "bar 0 mem64 64K\nbar 2 mem32 4K at 0x10000\nbar 3 mem32 4K at 0x20000\n" MSIX_0, 64 * KIB,
	 OFF, 2, "0-fff registers: direct\n"},
	{"in the page of the ROM",
	 "bar 0 mem64 64K\nbar 2 mem32 4K at 0x10000\nrom 4K at 0x1c000\n" MSIX_0, 64 * KIB, OFF, 2,
	 "0-fff registers: another BAR is in its host page\n"},
	{"a dropped BAR is not there", "bar 0 mem64 64K\nbar 2 io 256 dropped\n" MSIX_0, 4 * KIB,
	 OFF, 2, ""},
	/* Relocated to a new BAR. */
	{"what is left of the old table", "bar 0 mem64 64K\n" MSIX_0, 64 * KIB, 2, 0,
	 "0-dfff registers: direct\n"
	 "e000-e5ff old table: direct\n"
	 "e600-efff registers: direct\n"
	 "f000-f00f old PBA: direct\n"
	 "f010-ffff registers: direct\n"},
	{"the new one", "bar 0 mem64 64K\n" MSIX_0, 64 * KIB, 2, 2,
	 "0-5ff MSI-X table: emulated\n"
	 "600-60f PBA: emulated\n"
	 "610-ffff padding: emulated\n"},
	{"a kernel before 4.16 keeps the table's page",
	 "no msix-mappable\nbar 0 mem64 64K\n" MSIX_0, 4 * KIB, 2, 0,
	 "0-dfff registers: direct\n"
	 "e000-e5ff old table: the kernel does not map it\n"
	 "e600-efff registers: the kernel does not map it\n"
	 "f000-f00f old PBA: direct\n"
	 "f010-ffff registers: direct\n"},
	/* Relocated to the upper half of a BAR. */
	{"the lower half is direct", "bar 0 mem64 64K\n" MSIX_0, 4 * KIB, 0, 0,
	 "0-dfff registers: direct\n"
	 "e000-e5ff old table: direct\n"
	 "e600-efff registers: direct\n"
	 "f000-f00f old PBA: direct\n"
	 "f010-ffff registers: direct\n"
	 "10000-105ff MSI-X table: emulated\n"
	 "10600-1060f PBA: emulated\n"
	 "10610-1ffff padding: emulated\n"},
	{"the rest of the last page, too", "bar 0 mem32 2K\n" MSIX_2K, 4 * KIB, 0, 0,
	 "0-3ff registers: direct\n"
	 "400-43f old table: direct\n"
	 "440-5ff registers: direct\n"
	 "600-607 old PBA: direct\n"
	 "608-7ff registers: direct\n"
	 "800-fff padding: direct\n"
	 "1000-103f MSI-X table: emulated\n"
	 "1040-1047 PBA: emulated\n"
	 "1048-1fff padding: emulated\n"},
	{"not of one that is not mapped", "bar 0 mem32 2K nommap\n" MSIX_2K, 4 * KIB, 0, 0,
	 "0-3ff registers: the kernel does not map it\n"
	 "400-43f old table: the kernel does not map it\n"
	 "440-5ff registers: the kernel does not map it\n"
	 "600-607 old PBA: the kernel does not map it\n"
	 "608-7ff registers: the kernel does not map it\n"
	 "800-fff padding: emulated\n"
	 "1000-103f MSI-X table: emulated\n"
	 "1040-1047 PBA: emulated\n"
	 "1048-1fff padding: emulated\n"},
};

/* With option old=hide. */
static const struct given hidden[] = {
	{"old=hide", "bar 0 mem64 64K\n" MSIX_0, 4 * KIB, 2, 0,
	 "0-dfff registers: direct\n"
	 "e000-e5ff old table: hidden by old=hide\n"
	 "e600-efff registers: hidden by old=hide\n"
	 "f000-f00f old PBA: hidden by old=hide\n"
	 "f010-ffff registers: hidden by old=hide\n"},
	{"not what a larger page shares", "bar 0 mem64 64K\nmsix vectors 4 table 0:0 pba 0:0x400\n",
	 64 * KIB, 2, 0,
	 "0-3f old table: direct\n"
	 "40-3ff registers: direct\n"
	 "400-407 old PBA: direct\n"
	 "408-ffff registers: direct\n"},
};

static void make(const struct given *g, bool old_hide, struct layout *ret)
{
	static struct desc d;
	struct layout_host host = {g->page_size, old_hide};
	struct desc_error error;
	struct plan_facts facts;
	struct plan plan;
	char text[256];
	size_t count;
	int len = snprintf(text, sizeof(text), "device 0000:01:00.0\n%s", g->desc);

	assert_true(desc_parse(text, (size_t)len, &d, 1, &count, &error));
	desc_facts(&d, g->page_size, &facts);
	assert_int_equal(plan_make(&facts, g->target, &plan), PLAN_OK);
	layout_make(&d, &facts, &plan, &host, ret);
}

static void print(const struct layout_bar *bar, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < bar->count; i++) {
		const struct layout_extent *e = &bar->list[i];

		len += (size_t)snprintf(buf + len, size - len, "%" PRIx64 "-%" PRIx64 " %s: %s\n",
					e->bytes.start, e->bytes.end - 1, layout_what_text(e->what),
					layout_access_text(e->access));
		assert_true(len < size);
	}
}

static void check(const struct given *list, size_t n, bool old_hide)
{
	for (size_t i = 0; i < n; i++) {
		static struct layout layout;
		char got[1024];

		make(&list[i], old_hide, &layout);
		print(&layout.after.bars[list[i].bar], got, sizeof(got));
		if (strcmp(got, list[i].extents) != 0)
			print_error("%s\n", list[i].what);
		assert_string_equal(got, list[i].extents);
	}
}

static void test_extents(void **state)
{
	(void)state;
	check(cases, COUNT(cases), false);
}

static void test_hidden(void **state)
{
	(void)state;
	check(hidden, COUNT(hidden), true);
}

static void test_sums(void **state)
{
	static const struct given g = {
		.desc = "bar 0 mem64 64K\nbar 2 io 256\nbar 3 mem32 16K\n" MSIX_0,
		.page_size = 4 * KIB,
		.target = 4,
	};
	static struct layout layout;

	(void)state;
	make(&g, false, &layout);
	assert_int_equal(layout.before.memory, 80 * KIB);
	assert_int_equal(layout.before.direct, 76 * KIB);
	assert_int_equal(layout.after.memory, 84 * KIB);
	assert_int_equal(layout.after.direct, 80 * KIB);
	assert_int_equal(layout.before.bars[4].state, LAYOUT_NONE);
	assert_int_equal(layout.after.bars[4].state, LAYOUT_NEW);
	assert_int_equal(layout.after.bars[0].state, LAYOUT_AS_IS);
}

/* Small extents stay visible, and no cell is lost. */
static void test_shares(void **state)
{
	static const struct given g = {
		.desc = "bar 0 mem64 512G\nmsix vectors 1 table 0:0x1000 pba 0:0x2000\n",
		.page_size = 4 * KIB,
		.target = OFF,
	};
	static struct layout layout;
	unsigned int widths[LAYOUT_EXTENTS], sum = 0;

	(void)state;
	make(&g, false, &layout);

	const struct layout_bar *bar = &layout.after.bars[0];

	layout_share(bar, 1000, 3, widths);
	for (size_t i = 0; i < bar->count; i++) {
		assert_true(widths[i] >= 3);
		sum += widths[i];
	}
	assert_int_equal(sum, 1000);
	assert_int_equal(widths[0], 3);
	assert_true(widths[bar->count - 1] > 900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extents),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_shares),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
