/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of known devices. */
#include "unit.h"

#include <string.h>

#include "core/known/known.h"

/* The table: sorted, without holes in what it says, and found by its ids. */
static void test_known(void **state)
{
	const struct known_device *k, *last = NULL;
	size_t n = 0;

	for (; (k = known_at(n)); last = k, n++) {
		struct pci_ids ids = {.vendor = k->vendor,
				      .device = k->device | (uint16_t)~k->mask};

		const struct known_words *words = known_words(k);

		assert_ptr_equal(known_find(&ids), k);
		check_text(words->name);
		check_text(words->source);
		assert_int_equal(k->device & (uint16_t)~k->mask, 0);
		if (last)
			assert_true(last->vendor < k->vendor ||
				    (last->vendor == k->vendor &&
				     (last->device | (uint16_t)~last->mask) < k->device));
		assert_true(k->works == PLAN_OFF || (k->works >= 0 && k->works < PCI_BARS));
		assert_true(k->fails < 1 << PCI_BARS);
		assert_true(k->works == PLAN_OFF || !(k->fails >> k->works & 1));
		assert_int_equal(k->fails != 0, k->why != NULL);
		assert_true(k->problem || k->works != PLAN_OFF || k->fails);
		assert_true(!k->changes || k->problem);
		assert_true(!words->driver || k->works != PLAN_OFF || k->fails);
		if (k->problem)
			check_text(k->problem);
		if (k->why)
			check_text(k->why);
	}
	assert_true(n >= 9);
	assert_null(known_at(n + 1));
}

static void test_ids(void **state)
{
	static const struct {
		struct pci_ids ids;
		const char *name; /* how the name starts; NULL: nothing is known */
	} facts[] = {
		{{.vendor = 0x1000, .device = 0x0097}, "Broadcom/LSI SAS3008"},
		{{.vendor = 0x1000, .device = 0x0096}, NULL},
		{{.vendor = 0x1001, .device = 0x0097}, NULL},
		{{.vendor = 0x8086, .device = 0xf1a6, .subvendor = 1}, "Intel SSD 760p"},
		{{.vendor = 0x126f, .device = 0x2262}, "Silicon Motion SM2262"},
		{{.vendor = 0x126f, .device = 0x2263}, "Silicon Motion SM2263"},
		{{.vendor = 0xc0a9, .device = 0x2263}, "Crucial P1"},
		{{.vendor = 0x1ac1, .device = 0x089a}, "Google Coral"},
		{{.vendor = 0x1e0f, .device = 0x002c}, "KIOXIA CD8P"},
		{{.vendor = 0x1425, .device = 0x57ff}, NULL},
		{{.vendor = 0x1425, .device = 0x5800}, "Chelsio T5"},
		{{.vendor = 0x1425, .device = 0x5801}, "Chelsio T5"},
		{{.vendor = 0x1425, .device = 0x58ff}, "Chelsio T5"},
		{{.vendor = 0x1425, .device = 0x5900}, NULL},
		{{.vendor = 0x1d22, .device = 0x3685}, "Baidu Kunlun"},
		{{.vendor = 0x1d22, .device = 0x3684}, NULL},
		{{.vendor = 0x144d, .device = 0xa824}, NULL},
		{{0}, NULL},
		{{0xffff, 0xffff, 0xffff, 0xffff, 0xffffff}, NULL},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		const struct known_device *k = known_find(&facts[i].ids);

		assert_int_equal(k != NULL, facts[i].name != NULL);
		if (k && facts[i].name &&
		    strncmp(known_words(k)->name, facts[i].name, strlen(facts[i].name)) != 0)
			fail_msg("%s, not %s", known_words(k)->name, facts[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests_name("known", tests, NULL, NULL);
}
