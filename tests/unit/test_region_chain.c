/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chains of capabilities as no kernel makes them: what is kept of each, and what is too large. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/vfio.h>
#include <string.h>

#include "core/plan.h"
#include "vfio/region_info.h"

#define INFO   ((uint32_t)sizeof(struct vfio_region_info))
#define ROOM   REGION_CHAIN_MAX
#define SPARSE VFIO_REGION_INFO_CAP_SPARSE_MMAP
#define TYPE   VFIO_REGION_INFO_CAP_TYPE
#define MAPS   VFIO_REGION_INFO_CAP_MSIX_MAPPABLE
#define OTHER  77
#define MIB    0x100000ULL

/* A capability at `at` of the chain; `next` as the kernel gives it, or 0. */
struct cap {
	uint16_t id;
	uint32_t at, next;
	uint32_t areas; /* of SPARSE: as it says, each of 4 KiB */
};

static const struct cap *caps; /* up to one with id 0 */
static uint32_t answered;      /* argsz of the answer */

static int answer(int fd, unsigned long request, void *arg)
{
	struct vfio_region_info *info = arg;
	uint8_t *chain = (uint8_t *)arg + INFO;

	assert_int_equal(info->argsz, INFO + ROOM);
	info->argsz = answered;
	info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE |
		      VFIO_REGION_INFO_FLAG_MMAP | VFIO_REGION_INFO_FLAG_CAPS;
	info->size = MIB;
	info->cap_offset = INFO;
	for (const struct cap *c = caps; c->id; c++) {
		const struct vfio_info_cap_header h = {c->id, 1, c->next};

		memcpy(chain + c->at, &h, sizeof(h));
		if (c->id == SPARSE)
			memcpy(chain + c->at + 8, &c->areas, sizeof(c->areas));
		for (uint32_t i = 0; c->id == SPARSE && i < c->areas; i++) {
			const uint64_t area[2] = {i * 0x2000ULL, 0x1000};

			if (c->at + 32 + i * 16 <= ROOM)
				memcpy(chain + c->at + 16 + i * 16, area, sizeof(area));
		}
	}
	return 0;
}

static const struct vfio_ops ops = {.ioctl = answer};

/* BAR0 of 1 MiB, which becomes one of 2 MiB. */
static const struct plan plan = {
	.target = 0,
	.bar = {.kind = BAR_MEM64, .size = 2 * MIB},
	.phys_size = MIB,
	.hw = {.pos = 0xb0, .vectors = 4, .table_bir = 0},
};
static const struct region_style style = {.page_size = 4096};

static int shown(const struct cap *list, uint32_t argsz, struct region_info *ret)
{
	caps = list;
	answered = argsz;

	int rc = region_info_query(&ops, 7, 0, ret);

	return rc < 0 ? rc : region_info_plan(&plan, &style, ret);
}

/* How many capabilities `id` a chain has; it is walked to its end. */
static unsigned int count(const struct region_info *info, uint16_t id)
{
	unsigned int n = 0;
	uint32_t at = INFO;

	assert_true(info->chain_len <= ROOM);
	for (int ttl = 200; at; ttl--) {
		struct vfio_info_cap_header h;

		assert_true(ttl > 0);
		assert_int_equal(at % 8, 0);
		assert_true(at - INFO + sizeof(h) <= info->chain_len);
		memcpy(&h, info->chain + (at - INFO), sizeof(h));
		n += h.id == id;
		at = h.next;
	}
	return n;
}

/* The areas of SPARSE, which comes first. */
static uint32_t areas(const struct region_info *info)
{
	const struct vfio_region_info_cap_sparse_mmap *s = (const void *)info->chain;

	assert_int_equal(s->header.id, SPARSE);
	return s->nr_areas;
}

static void links_are_followed_inside_alone(void **state)
{
	static const struct {
		struct cap caps[3];
		unsigned int others; /* that are kept; 0: the first one takes all the room */
	} t[] = {
		{{{OTHER, 0, 0, 0}}, 1},
		{{{OTHER, 0, INFO + 8, 0}, {OTHER, 8, 0, 0}}, 2},
		{{{OTHER, 0, INFO + ROOM - 8, 0}, {OTHER, ROOM - 8, 0, 0}},
		 0}, /* no room for MAPS */
		{{{OTHER, 0, INFO + 12, 0}, {OTHER, 12, 0, 0}}, 1},
		{{{OTHER, 0, INFO + ROOM, 0}}, 0},
		{{{OTHER, 0, INFO + ROOM - 4, 0}}, 0},
		{{{OTHER, 0, INFO + ROOM + 8, 0}}, 1},
		{{{OTHER, 0, 0xffffffff, 0}}, 1},
		{{{OTHER, 0, 8, 0}}, 1},
		{{{OTHER, 0, INFO, 0}}, 1},
		{{{OTHER, 0, INFO + 16, 0}, {OTHER, 16, INFO, 0}}, 2},
		{{{MAPS, 0, INFO + 8, 0}, {OTHER, 8, INFO + 8, 0}}, 1},
	};
	struct region_info info;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		int rc = shown(t[i].caps, INFO + ROOM, &info);

		assert_int_equal(rc, t[i].others ? 0 : -E2BIG);
		if (rc == 0) {
			assert_int_equal(count(&info, OTHER), t[i].others);
			assert_int_equal(count(&info, MAPS), 1);
			assert_int_equal(count(&info, SPARSE), 1);
		}
	}
}

/* The last capability has no next one to say where it ends. */
static void what_runs_over_the_end_is_left_out(void **state)
{
	static const struct cap fits[] = {
		{MAPS, 0, INFO + ROOM - 16, 0}, {TYPE, ROOM - 16, 0, 0}, {0}};
	static const struct cap over[] = {
		{MAPS, 0, INFO + ROOM - 8, 0}, {TYPE, ROOM - 8, 0, 0}, {0}};
	struct region_info info;

	assert_int_equal(shown(fits, INFO + ROOM, &info), 0);
	assert_int_equal(count(&info, TYPE), 1);
	assert_int_equal(shown(over, INFO + ROOM, &info), 0);
	assert_int_equal(count(&info, TYPE), 0);
}

static void areas_are_read_inside_alone(void **state)
{
	static const struct {
		struct cap caps[3];
		uint32_t areas;
	} t[] = {
		{{{SPARSE, 0, 0, 3}}, 3},
		{{{SPARSE, 0, 0, 62}}, 62},
		{{{MAPS, 0, INFO + 512, 0}, {SPARSE, 512, 0, 31}}, 31},
		{{{MAPS, 0, INFO + 512, 0}, {SPARSE, 512, 0, 32}}, 31},
		{{{MAPS, 0, INFO + 512, 0}, {SPARSE, 512, 0, 60}}, 31},
		{{{MAPS, 0, INFO + 512, 0}, {SPARSE, 512, 0, 100}}, 31},
	};
	struct region_info info;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(shown(t[i].caps, INFO + ROOM, &info), 0);
		assert_int_equal(areas(&info), t[i].areas);
	}
}

static void what_does_not_fit_is_too_big(void **state)
{
	static const struct cap one[] = {{OTHER, 0, 0, 0}, {0}};
	static const struct cap full[] = {{SPARSE, 0, 0, 63}, {0}};
	static const struct cap two[] = {{SPARSE, 0, INFO + ROOM - 16, 60},
					 {OTHER, ROOM - 16, INFO + ROOM - 8, 0},
					 {OTHER, ROOM - 8, 0, 0},
					 {0}};
	struct region_info info;

	/* of the kernel's answer */
	assert_int_equal(shown(one, INFO + ROOM, &info), 0);
	assert_int_equal(shown(one, INFO + ROOM + 1, &info), -E2BIG);
	assert_int_equal(shown(one, INFO + 2 * ROOM, &info), -E2BIG);
	/* of what is shown: with MSIX_MAPPABLE there are 8 bytes more */
	assert_int_equal(shown(full, INFO + ROOM, &info), -E2BIG);
	assert_int_equal(shown(two, INFO + ROOM, &info), 0);
	assert_int_equal(info.chain_len, 16 + 60 * 16 + 3 * 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_are_followed_inside_alone),
		cmocka_unit_test(what_runs_over_the_end_is_left_out),
		cmocka_unit_test(areas_are_read_inside_alone),
		cmocka_unit_test(what_does_not_fit_is_too_big),
	};

	return cmocka_run_group_tests_name("region_chain", tests, NULL, NULL);
}
