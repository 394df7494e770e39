/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where BARs are mapped: device 1 has a BAR0 of 4 MiB, device 2 one of 1 GiB, each extended to
 * twice that; with COMPOSED in the environment under map=compose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/lib/user.h"

#define MIB  (1ULL << 20)
#define GIB  (1ULL << 30)
#define PAGE ((uint64_t)sysconf(_SC_PAGESIZE))
#define PHYS (4 * MIB)
#define RW   (PROT_READ | PROT_WRITE)

static bool composed; /* whether more than the hardware's part can be mapped */
static struct user small, large;

static int open_devices(void **state)
{
	if (user_open(&small, "1", "0000:01:00.0") < 0)
		return -1;
	return user_open(&large, "2", "0000:02:00.0");
}

static int close_devices(void **state)
{
	user_close(&small);
	user_close(&large);
	return 0;
}

static uint8_t *map(const struct user *u, void *addr, uint64_t at, uint64_t len, int flags)
{
	return mmap(addr, len, RW, MAP_SHARED | flags, u->device, (off_t)at);
}

/* A place of `len` bytes that nobody has, at `phase` modulo `align`; taken with PROT_NONE. */
static uint8_t *reserve(uint64_t len, uint64_t align, uint64_t phase)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	uint8_t *p = mmap(NULL, len + 2 * align, PROT_NONE, flags, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(munmap(p, len + 2 * align), 0);
	p += align - (uintptr_t)p % align + phase;
	assert_ptr_equal(mmap(p, len, PROT_NONE, flags | MAP_FIXED, -1, 0), p);
	return p;
}

static bool is_mapped(const uint8_t *p)
{
	unsigned char in_memory;

	return mincore((void *)p, PAGE, &in_memory) == 0;
}

static void assert_shows(const struct user *u, const uint8_t *p, uint64_t at)
{
	uint32_t mapped, read;

	memcpy(&mapped, p, sizeof(mapped));
	assert_int_equal(pread(u->device, &read, sizeof(read), (off_t)at), sizeof(read));
	assert_int_equal(mapped, read);
}

/*
 * As QEMU from version 10 and cloud-hypervisor do it: more than enough is reserved, what is too
 * much is given back, which may be nothing, and the device comes into the rest.
 */
static void reservation_is_filled(uint64_t at, uint64_t len, uint64_t phase)
{
	const uint64_t align = 4 * MIB;
	uint8_t *base = reserve(len + align, align, phase);
	uint8_t *p = base + (align - phase) % align, *end = base + len + align;

	munmap(base, (size_t)(p - base));
	munmap(p + len, (size_t)(end - (p + len)));
	assert_false(is_mapped(p + len));
	if (phase)
		assert_false(is_mapped(p - PAGE));
	assert_ptr_equal(map(&small, p, at, len, MAP_FIXED), p);
	assert_shows(&small, p, at);
	assert_shows(&small, p + len - 4, at + len - 4);
	assert_false(is_mapped(p + len));
	assert_int_equal(munmap(p, len), 0);
	assert_false(is_mapped(p));
	assert_false(is_mapped(p + len - PAGE));
}

static void reservations_are_filled(void **state)
{
	const struct {
		uint64_t at, len;
		bool real;
	} t[] = {
		{0, PHYS, true},
		{0, PAGE, true},
		{MIB, 2 * MIB, true},
		{PHYS - PAGE, PAGE, true},
		{0, 2 * PHYS, false},
		{PHYS, PHYS, false},
		{PHYS - PAGE, 2 * PAGE, false},
		{2 * PHYS - PAGE, PAGE, false},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		for (uint64_t phase = 0; phase <= MIB && (composed || t[i].real); phase += MIB)
			reservation_is_filled(t[i].at, t[i].len, phase);
	}
}

/* A part of a reservation, and what is around it. */
static void the_rest_of_a_reservation_stays(void **state)
{
	uint8_t *base = reserve(4 * PHYS, PHYS, 0), *p = base + PHYS;
	const uint64_t len = composed ? 2 * PHYS : PHYS;

	assert_ptr_equal(map(&small, p, 0, len, MAP_FIXED), p);
	assert_true(is_mapped(p - PAGE));
	assert_true(is_mapped(p + len));
	assert_int_equal(mprotect(base, PHYS, RW), 0);
	base[PHYS - 1] = 0x5a;
	assert_shows(&small, p, 0);
	/* it takes the place of the device again, as QEMU does at the end */
	assert_ptr_equal(mmap(base, 4 * PHYS, PROT_NONE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0),
			 base);
	assert_int_equal(munmap(base, 4 * PHYS), 0);
}

static void beyond_the_hardware_is_refused_or_composed(void **state)
{
	const struct {
		uint64_t at, len;
		int flags;
	} t[] = {
		{0, 2 * PHYS, 0},
		{PHYS, PHYS, 0},
		{PHYS - PAGE, 2 * PAGE, 0},
		{0, PHYS + 1, 0},
		{2 * PHYS - PAGE, PAGE, 0},
		{0, 2 * PHYS, MAP_FIXED},
		{PHYS - PAGE, 2 * PAGE, MAP_FIXED},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint8_t *place = reserve(2 * PHYS, PHYS, 0);

		errno = 0;

		uint8_t *p = map(&small, t[i].flags ? place : NULL, t[i].at, t[i].len, t[i].flags);

		assert_int_equal(errno, composed ? 0 : EINVAL);
		assert_int_equal(p == MAP_FAILED, !composed);
		if (p != MAP_FAILED)
			munmap(p, t[i].len);
		munmap(place, 2 * PHYS);
	}
}

/*
 * Where the kernel may map a BAR by pages of 2 MiB or 1 GiB, address and offset have to agree
 * modulo their size. It leaves that to programs; a program that gives no address can't see to
 * it for what the shim composes. What is between the mappings lets none be right by chance.
 * trap K10
 */
static void large_pages_stay_possible(void **state)
{
	const struct {
		const struct user *user;
		uint64_t at, len, page;
	} t[] = {
		{&small, 0, 2 * PHYS, 2 * MIB}, {&small, 0, PHYS + PAGE, 2 * MIB},
		{&small, MIB, PHYS, 2 * MIB},	{&small, PHYS - 2 * MIB - PAGE, 3 * MIB, 2 * MIB},
		{&large, 0, 2 * GIB, GIB},	{&large, 512 * MIB, GIB, 2 * MIB},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint8_t *p[4], *between[4];

		for (size_t j = 0; j < 4; j++) {
			between[j] = mmap(NULL, (j + 1) * 5 * PAGE, PROT_NONE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			p[j] = map(t[i].user, NULL, t[i].at, t[i].len, 0);
			assert_ptr_not_equal(p[j], MAP_FAILED);
			assert_int_equal((uintptr_t)p[j] % t[i].page, t[i].at % t[i].page);
		}
		for (size_t j = 0; j < 4; j++) {
			assert_int_equal(munmap(p[j], t[i].len), 0);
			munmap(between[j], (j + 1) * 5 * PAGE);
		}
	}
}

/* The part that can be mapped is as aligned as the BAR, so a program can do the same. */
static void the_area_is_a_power_of_two(void **state)
{
	const struct {
		const struct user *user;
		uint64_t size;
	} t[] = {{&small, PHYS}, {&large, GIB}};

	for (size_t i = 0; i < 2; i++) {
		_Alignas(8) uint8_t chain[256] = {0};
		struct vfio_region_info *info = (void *)chain;
		const struct vfio_region_info_cap_sparse_mmap *sparse =
			(const void *)(chain + sizeof(*info));

		info->argsz = sizeof(chain);
		assert_int_equal(ioctl(t[i].user->device, VFIO_DEVICE_GET_REGION_INFO, info), 0);
		assert_int_equal(info->size, 2 * t[i].size);
		assert_int_equal(info->cap_offset, sizeof(*info));
		assert_int_equal(sparse->header.id, VFIO_REGION_INFO_CAP_SPARSE_MMAP);
		assert_int_equal(sparse->nr_areas, 1);
		assert_int_equal(sparse->areas[0].offset, 0);
		assert_int_equal(sparse->areas[0].size, t[i].size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reservations_are_filled),
		cmocka_unit_test(the_rest_of_a_reservation_stays),
		cmocka_unit_test(beyond_the_hardware_is_refused_or_composed),
		cmocka_unit_test(the_area_is_a_power_of_two),
		cmocka_unit_test(large_pages_stay_possible), /* last: of what is composed */
	};
	const size_t count = sizeof(tests) / sizeof(tests[0]);

	composed = getenv("COMPOSED");
	return _cmocka_run_group_tests("places", tests, composed ? count : count - 1, open_devices,
				       close_devices);
}
