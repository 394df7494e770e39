/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <string.h>

#include "core/extent.h"

#define UNIVERSE 20 /* positions 0..19, each one bit of a word */

static void test_intersect(void **state)
{
	static const struct {
		struct extent a, b, both;
	} facts[] = {
		{{0, 10}, {5, 15}, {5, 10}},	   /* partly */
		{{0, 10}, {2, 3}, {2, 3}},	   /* inside */
		{{4, 8}, {4, 8}, {4, 8}},	   /* equal */
		{{0, 5}, {5, 10}, {0, 0}},	   /* side by side */
		{{0, 5}, {7, 10}, {0, 0}},	   /* apart */
		{{3, 3}, {0, 10}, {0, 0}},	   /* an empty one, inside */
		{{7, 3}, {0, 10}, {0, 0}},	   /* ends before it starts */
		{{0, 0}, {0, 0}, {0, 0}},	   /* both empty */
		{{0, UINT64_MAX}, {1, 2}, {1, 2}}, /* the whole space */
		{{UINT64_MAX - 1, UINT64_MAX},
		 {0, UINT64_MAX},
		 {UINT64_MAX - 1, UINT64_MAX}}, /* its last byte */
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct extent ab = extent_intersect(facts[i].a, facts[i].b);
		struct extent ba = extent_intersect(facts[i].b, facts[i].a);

		assert_memory_equal(&ab, &facts[i].both, sizeof(ab));
		assert_memory_equal(&ba, &facts[i].both, sizeof(ba));
		assert_int_equal(extent_overlaps(facts[i].a, facts[i].b), facts[i].both.end != 0);
		assert_int_equal(extent_overlaps(facts[i].b, facts[i].a), facts[i].both.end != 0);
	}
}

static void test_widen(void **state)
{
	static const struct {
		struct extent area;
		uint64_t unit;
		struct extent widened;
	} facts[] = {
		{{0, 1}, 4096, {0, 4096}},
		{{4095, 4097}, 4096, {0, 8192}},
		{{4096, 8192}, 4096, {4096, 8192}},
		{{5000, 5000}, 4096, {0, 0}}, /* an empty one takes no page */
		{{0x5200, 0x5a00}, 0x10000, {0, 0x10000}},
		{{3, 5}, 1, {3, 5}},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct extent got = extent_widen(facts[i].area, facts[i].unit);

		assert_memory_equal(&got, &facts[i].widened, sizeof(got));
	}
}

struct list {
	uint32_t n;
	struct extent areas[4];
};

static void check_list(const struct list *got, const struct list *want)
{
	assert_int_equal(got->n, want->n);
	assert_memory_equal(got->areas, want->areas, want->n * sizeof(want->areas[0]));
}

static void test_clip(void **state)
{
	static const struct {
		struct list list;
		struct extent window;
		struct list clipped;
	} facts[] = {
		{{0}, {0, 100}, {0}},
		{{1, {{0, 100}}}, {0, 100}, {1, {{0, 100}}}},
		{{1, {{0, 100}}}, {20, 40}, {1, {{20, 40}}}},
		{{2, {{0, 10}, {20, 30}}}, {5, 25}, {2, {{5, 10}, {20, 25}}}},
		{{3, {{0, 10}, {20, 30}, {40, 50}}}, {15, 35}, {1, {{20, 30}}}},
		{{3, {{0, 10}, {20, 30}, {40, 50}}}, {10, 20}, {0}},
		{{2, {{0, 10}, {20, 30}}}, {5, 5}, {0}},
		{{2, {{4, 4}, {20, 30}}}, {0, 100}, {1, {{20, 30}}}},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct list got = facts[i].list;

		got.n = extent_list_clip(got.areas, got.n, facts[i].window);
		check_list(&got, &facts[i].clipped);
	}
}

static void test_cut(void **state)
{
	static const struct {
		struct list list;
		uint32_t max;
		struct extent hole;
		struct list cut;
	} facts[] = {
		{{0}, 4, {0, 100}, {0}},
		{{1, {{0, 100}}}, 4, {40, 60}, {2, {{0, 40}, {60, 100}}}},
		{{1, {{0, 100}}}, 4, {0, 60}, {1, {{60, 100}}}},
		{{1, {{0, 100}}}, 4, {40, 100}, {1, {{0, 40}}}},
		{{1, {{0, 100}}}, 4, {0, 100}, {0}},
		{{1, {{0, 100}}}, 4, {100, 200}, {1, {{0, 100}}}},
		{{1, {{0, 100}}}, 4, {50, 50}, {1, {{0, 100}}}},
		/* without room the upper part goes */
		{{1, {{0, 100}}}, 1, {40, 60}, {1, {{0, 40}}}},
		/* the areas after it stay, and stay sorted */
		{{2, {{0, 10}, {20, 30}}}, 4, {2, 4}, {3, {{0, 2}, {4, 10}, {20, 30}}}},
		{{2, {{0, 10}, {20, 30}}}, 2, {2, 4}, {2, {{0, 2}, {20, 30}}}},
		{{3, {{0, 10}, {20, 30}, {40, 50}}}, 4, {5, 45}, {2, {{0, 5}, {45, 50}}}},
		{{3, {{0, 10}, {20, 30}, {40, 50}}}, 4, {0, 35}, {1, {{40, 50}}}},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct list got = facts[i].list;

		got.n = extent_list_cut(got.areas, got.n, facts[i].max, facts[i].hole);
		check_list(&got, &facts[i].cut);
	}
}

static uint32_t positions(struct extent area)
{
	return area.start < area.end ? (1U << area.end) - (1U << area.start) : 0;
}

static uint32_t list_positions(const struct extent *list, uint32_t n)
{
	uint32_t set = 0;

	for (uint32_t i = 0; i < n; i++)
		set |= positions(list[i]);
	return set;
}

/* Maximal runs of one bits, lowest first: the only sorted list of areas with gaps between. */
static uint32_t list_of(uint32_t set, struct extent *list)
{
	uint32_t n = 0;

	for (uint32_t at = 0; at < UNIVERSE; at++) {
		if (!(set >> at & 1))
			continue;
		list[n].start = at;
		while (set >> at & 1)
			at++;
		list[n++].end = at;
	}
	return n;
}

/* Every hole and window against seeded lists, with sets of positions as the model. */
static void test_sets(void **state)
{
	uint64_t seed = 1;
	uint32_t cases = 0;

	for (int round = 0; round < 200; round++) {
		struct extent list[UNIVERSE], work[UNIVERSE], want[UNIVERSE];
		uint32_t set = (uint32_t)random_next(&seed) & ((1U << UNIVERSE) - 1);
		uint32_t n = list_of(set, list);

		for (uint64_t start = 0; start <= UNIVERSE; start++) {
			for (uint64_t end = 0; end <= UNIVERSE; end++, cases++) {
				struct extent area = {start, end};
				uint32_t want_n = list_of(set & ~positions(area), want);

				memcpy(work, list, sizeof(work));
				assert_int_equal(extent_list_cut(work, n, UNIVERSE, area), want_n);
				assert_memory_equal(work, want, want_n * sizeof(*want));

				memcpy(work, list, sizeof(work));
				uint32_t kept = extent_list_clip(work, n, area);

				assert_int_equal(list_positions(work, kept), set & positions(area));
			}
		}
	}
	print_message("# %u lists with a hole and a window\n", cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_intersect), cmocka_unit_test(test_widen),
		cmocka_unit_test(test_clip),	  cmocka_unit_test(test_cut),
		cmocka_unit_test(test_sets),
	};

	return cmocka_run_group_tests_name("extent", tests, NULL, NULL);
}
