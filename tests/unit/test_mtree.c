/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flat view of a BAR out of the text of `info mtree -f`. */
#include "unit.h"

#include "qemu/guest.h"

static const char mtree[] =
	"FlatView #0\r\n"
	" AS \"I/O\", root: io\r\n"
	" Root memory region: io\r\n"
	"  000000000000c000-000000000000c0ff (prio 0, i/o): ports\r\n"
	"\r\n"
	"FlatView #1\r\n"
	" AS \"memory\", root: system\r\n"
	" AS \"cpu-memory-0\", root: system\r\n"
	" Root memory region: system\r\n"
	"  0000000000000000-0000000003ffffff (prio 0, ram): pc.ram\r\n"
	"  0000010000000000-0000010000001fff (prio 0, ramd): 0000:01:00.0 BAR 0 mmaps[0]\r\n"
	"  0000010000002000-000001000000215f (prio 0, i/o): msix-table\r\n"
	"  0000010000002160-0000010000002fff (prio 1, i/o): 0000:01:00.0 BAR 0 "
	"@0000000000002160\r\n"
	"  0000010000003000-0000010000003007 (prio 0, i/o): msix-pba\r\n"
	"  0000010000003008-00000100000030ff (prio 1, i/o): 0000:01:00.0 base BAR 0 "
	"@000000003008\r\n"
	"  0000010000004000-0000010000007fff (prio 0, ramd): 0000:01:00.0 BAR 0 mmaps[1] KVM\r\n"
	"\r\n"
	"FlatView #2\r\n"
	" AS \"vfio-pci\", root: bus master container\r\n"
	" Root memory region: bus master container\r\n"
	"  0000010000000000-0000010000007fff (prio 0, ramd): not the guest's\r\n"
	"\r\n";

struct expected {
	uint64_t addr, size;
	size_t count;
	struct guest_range ranges[8];
};

static const struct expected cases[] = {
	{0x10000000000,
	 0x8000,
	 6,
	 {{0, 0x2000, GUEST_DIRECT},
	  {0x2000, 0x2160, GUEST_TABLE},
	  {0x2160, 0x3000, GUEST_IO},
	  {0x3000, 0x3008, GUEST_PBA},
	  {0x3008, 0x4000, GUEST_NOTHING},
	  {0x4000, 0x8000, GUEST_DIRECT}}},
	/* a BAR that ends inside of a range, one that begins there, one with nothing behind it */
	{0x10000000000, 0x1000, 1, {{0, 0x1000, GUEST_DIRECT}}},
	{0x10000002080, 0x100, 2, {{0, 0xe0, GUEST_TABLE}, {0xe0, 0x100, GUEST_IO}}},
	{0x10000008000, 0x4000, 1, {{0, 0x4000, GUEST_NOTHING}}},
	{0x10000004000, 0x8000, 2, {{0, 0x4000, GUEST_DIRECT}, {0x4000, 0x8000, GUEST_NOTHING}}},
	{0xc000, 0x100, 1, {{0, 0x100, GUEST_DIRECT}}},
};

static void test_view(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct expected *e = &cases[i];
		struct guest_view view;

		guest_view_parse(mtree, e->addr, e->size, &view);
		assert_int_equal(view.count, e->count);
		for (size_t k = 0; k < e->count; k++) {
			assert_int_equal(view.ranges[k].start, e->ranges[k].start);
			assert_int_equal(view.ranges[k].end, e->ranges[k].end);
			assert_int_equal(view.ranges[k].backing, e->ranges[k].backing);
		}
	}
}

static void test_bytes(void **state)
{
	struct guest_view view;

	guest_view_parse(mtree, cases[0].addr, cases[0].size, &view);
	assert_int_equal(guest_view_bytes(&view, GUEST_DIRECT), 0x6000);
	assert_int_equal(guest_view_bytes(&view, GUEST_TABLE), 0x160);
	assert_int_equal(guest_view_bytes(&view, GUEST_NOTHING), 0xff8);
}

static void test_whole_pages(void **state)
{
	static const struct {
		uint64_t page, bytes;
		struct guest_view view;
	} rows[] = {
		/* registers in the table's page */
		{4096,
		 0xf000,
		 {3,
		  {{0, 0xe000, GUEST_DIRECT},
		   {0xe000, 0xe600, GUEST_TABLE},
		   {0xe600, 0x10000, GUEST_DIRECT}}}},
		{16384,
		 0xc000,
		 {3,
		  {{0, 0xe000, GUEST_DIRECT},
		   {0xe000, 0xe600, GUEST_TABLE},
		   {0xe600, 0x10000, GUEST_DIRECT}}}},
		{65536,
		 0,
		 {3,
		  {{0, 0xe000, GUEST_DIRECT},
		   {0xe000, 0xe600, GUEST_TABLE},
		   {0xe600, 0x10000, GUEST_DIRECT}}}},
		/* a BAR below a page has the page for itself */
		{65536, 0x4000, {1, {{0, 0x4000, GUEST_DIRECT}}}},
		{65536, 0, {2, {{0, 0x2000, GUEST_DIRECT}, {0x2000, 0x4000, GUEST_TABLE}}}},
		{4096, 0, {0}},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(guest_view_whole_pages(&rows[i].view, rows[i].page),
				 rows[i].bytes);
}

static void test_not_a_view(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"AS \"memory\"",
		"AS \"memory\"\n Root memory region: x",
		"AS \"memory\"\n Root memory region: x\n zzz\n 0-",
	};
	struct guest_view view;

	for (size_t i = 0; i < COUNT(texts); i++) {
		guest_view_parse(texts[i], 0x1000, 0x1000, &view);
		assert_int_equal(view.count, 1);
		assert_int_equal(view.ranges[0].backing, GUEST_NOTHING);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_view),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_whole_pages),
		cmocka_unit_test(test_not_a_view),
	};

	return cmocka_run_group_tests_name("mtree", tests, NULL, NULL);
}
