/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCI addresses: what is one, how it is printed, and which comes first. */
#include <string.h>

#include "core/pci_bdf.h"
#include "unit.h"

static void test_texts(void **state)
{
	static const struct {
		const char *text;
		const char *printed; /* NULL: it is not an address */
	} facts[] = {
		{"01:00.0", "0000:01:00.0"},
		{"0000:01:00.0", "0000:01:00.0"},
		{"1:2.3", "0000:01:02.3"},
		{"1:2:3.4", "0001:02:03.4"},
		{"AB:CD:1E.7", "00ab:cd:1e.7"},
		{"ffff:ff:1f.7", "ffff:ff:1f.7"},
		{"10000:e1:00.0", "10000:e1:00.0"}, /* VMD's first segment */
		{"00010000:e1:00.0", "10000:e1:00.0"},
		{"ffffffff:ff:1f.7", "ffffffff:ff:1f.7"},
		{"", NULL},
		{"01:00", NULL},
		{"01:00.8", NULL},
		{"001:00.0", NULL},
		{"01:20.0", NULL},
		{"01:00.0 ", NULL},
		{":01:00.0", NULL},
		{"1:2:3:4.5", NULL},
		{"100000000:01:00.0", NULL},
		{"000000000:01:00.0", NULL},
		{"*", NULL},
		{"class:01.0", NULL},
		{"01:00.0\0", "0000:01:00.0"},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct pci_bdf bdf;
		char text[PCI_BDF_SIZE];

		assert_int_equal(pci_bdf_parse(facts[i].text, strlen(facts[i].text), &bdf),
				 facts[i].printed != NULL);
		if (facts[i].printed)
			assert_string_equal(pci_bdf_print(&bdf, text), facts[i].printed);
	}
}

/* Ascending; each differs from its neighbour in one field. */
static void test_order(void **state)
{
	static const struct pci_bdf sorted[] = {
		{0, 0, 0, 0}, {0, 0, 0, 1},	 {0, 0, 1, 0},	     {0, 1, 0, 0},
		{1, 0, 0, 0}, {0xffff, 0, 0, 0}, {0x10000, 0, 0, 0}, {0x80000000, 0, 0, 0},
	};

	for (size_t a = 0; a < COUNT(sorted); a++) {
		for (size_t b = 0; b < COUNT(sorted); b++) {
			int order = pci_bdf_compare(&sorted[a], &sorted[b]);

			assert_int_equal(order < 0, a < b);
			assert_int_equal(order > 0, a > b);
			assert_int_equal(pci_bdf_equal(&sorted[a], &sorted[b]), a == b);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
