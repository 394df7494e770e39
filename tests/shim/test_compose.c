/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * map=compose, under MSIXSHIM=bar1,map=compose over the SAS3008 of the fake: BAR1 has 64 KiB of the
 * hardware's, and is shown and mapped with 128 KiB.
 */
#include "tests/lib/fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PHYS 0x10000ULL
#define SIZE (2 * PHYS)
#define BAR1 (1ULL << 40)
#define PAGE ((uint64_t)sysconf(_SC_PAGESIZE))
#define RW   (PROT_READ | PROT_WRITE)

static uint8_t *map(void *addr, uint64_t at, size_t len, int prot, int flags)
{
	return mmap(addr, len, prot, flags, user.device, (off_t)(BAR1 + at));
}

static uint32_t read32(uint64_t at)
{
	uint32_t v;

	assert_int_equal(pread(user.device, &v, sizeof(v), (off_t)(BAR1 + at)), sizeof(v));
	return v;
}

static uint32_t mapped32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void what_is_mapped(void **state)
{
	const struct {
		uint64_t at, len;
		int flags, error;
	} t[] = {
		{0, SIZE, MAP_SHARED, 0},
		{0, SIZE, MAP_SHARED_VALIDATE, 0},
		{0, PHYS, MAP_SHARED, 0},
		{0, PHYS + 1, MAP_SHARED, 0},
		{PHYS, PHYS, MAP_SHARED, 0},
		{PHYS - PAGE, 2 * PAGE, MAP_SHARED, 0},
		{SIZE - PAGE, PAGE, MAP_SHARED, 0},
		/* before it is asked what there is to map */
		{0, SIZE, MAP_SHARED_VALIDATE | MAP_SYNC, EOPNOTSUPP},
		{PHYS, PAGE, MAP_SHARED_VALIDATE | MAP_SYNC, EOPNOTSUPP},
		{PHYS, PAGE, MAP_SHARED | MAP_SYNC, 0},
		{0, SIZE, MAP_PRIVATE, EINVAL},
		{PHYS, PAGE, MAP_PRIVATE, EINVAL},
		{0, SIZE + 1, MAP_SHARED, EINVAL},
		{SIZE - PAGE, 2 * PAGE, MAP_SHARED, EINVAL},
		{SIZE, PAGE, MAP_SHARED, EINVAL},
		{1, PAGE, MAP_SHARED, EINVAL},
		{0, 0, MAP_SHARED, EINVAL},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		errno = 0;

		uint8_t *p = map(NULL, t[i].at, t[i].len, RW, t[i].flags);

		assert_int_equal(errno, t[i].error);
		assert_int_equal(p == MAP_FAILED, t[i].error != 0);
		if (p == MAP_FAILED)
			continue;
		assert_int_equal(mapped32(p), read32(t[i].at));
		assert_int_equal(mapped32(p + t[i].len - 8), read32(t[i].at + t[i].len - 8));
		assert_int_equal(munmap(p, t[i].len), 0);
	}
}

static void reads_and_mappings_agree(void **state)
{
	uint8_t *a = map(NULL, 0, SIZE, RW, MAP_SHARED);
	uint8_t *b = map(NULL, PHYS, PAGE, PROT_READ, MAP_SHARED);
	uint32_t v = 0xfee01234;

	assert_ptr_not_equal(a, MAP_FAILED);
	assert_ptr_not_equal(b, MAP_FAILED);
	assert_int_equal(mapped32(a + PHYS + 12), 1); /* masked, as after a reset */
	memcpy(a + PHYS, &v, sizeof(v));
	assert_int_equal(read32(PHYS), v);
	assert_int_equal(mapped32(b), v);
	v = 0x41;
	assert_int_equal(pwrite(user.device, &v, 4, (off_t)(BAR1 + PHYS + 8)), 4);
	assert_int_equal(mapped32(a + PHYS + 8), v);
	assert_int_equal(mapped32(b + 8), v);
	assert_int_equal(ioctl(user.device, VFIO_DEVICE_RESET), 0);
	assert_int_equal(mapped32(b), 0);
	assert_int_equal(mapped32(b + 12), 1);
	/* the mapping outlives the descriptor, as that of a device does */
	fixture_close(state);
	memcpy(a + PHYS, &v, sizeof(v));
	assert_int_equal(mapped32(b), v);
	munmap(a, SIZE);
	munmap(b, PAGE);
	assert_int_equal(fixture_open(state), 0);
	assert_int_equal(read32(PHYS), 0);
}

static uint8_t *free_place(size_t len)
{
	uint8_t *p = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(munmap(p, len), 0);
	return p;
}

static void map_shared_validate_does_not_know_noreplace(void **state)
{
	const int flags = MAP_SHARED_VALIDATE | MAP_FIXED_NOREPLACE;
	const uint64_t at[] = {0, PHYS};
	uint8_t *p = free_place(PHYS);

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		assert_ptr_equal(map(p, at[i], PHYS, RW, flags), MAP_FAILED);
		assert_int_equal(errno, EOPNOTSUPP);
		assert_ptr_equal(map(p, at[i], PHYS, RW, MAP_SHARED), p);
		assert_ptr_equal(map(p, at[i], PHYS, RW, flags), MAP_FAILED);
		assert_int_equal(errno, EEXIST);
		munmap(p, PHYS);
	}
}

/* trap K10 */
static void places_are_honoured(void **state)
{
	uint8_t *p = free_place(SIZE);

	assert_ptr_equal(map(p, 0, SIZE, RW, MAP_SHARED), p); /* a hint */
	assert_ptr_equal(map(p, 0, SIZE, RW, MAP_SHARED | MAP_FIXED_NOREPLACE), MAP_FAILED);
	assert_int_equal(errno, EEXIST);
	/* which wins over MAP_FIXED */
	assert_ptr_equal(map(p, 0, SIZE, RW, MAP_SHARED | MAP_FIXED | MAP_FIXED_NOREPLACE),
			 MAP_FAILED);
	assert_int_equal(errno, EEXIST);
	assert_ptr_equal(map(p, 0, SIZE, RW, MAP_SHARED | MAP_FIXED), p);
	assert_int_equal(mapped32(p), read32(0));
	munmap(p, SIZE);
	assert_ptr_equal(map(p, 0, SIZE, RW, MAP_SHARED | MAP_FIXED_NOREPLACE), p);
	assert_ptr_equal(map(p + 1, 0, SIZE, RW, MAP_SHARED | MAP_FIXED), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	munmap(p, SIZE);
#ifdef MAP_32BIT
	p = map(NULL, 0, SIZE, RW, MAP_SHARED | MAP_32BIT);
	assert_true((uintptr_t)p < 1ULL << 31);
	munmap(p, SIZE);
#endif
}

static void a_number_of_another_file_is_that_file(void **state)
{
	int file = (int)syscall(SYS_memfd_create, "other", 0);
	int number = dup(user.device);
	uint32_t v = 0xfee01234;
	uint8_t *p;

	assert_int_equal(ftruncate(file, (off_t)(BAR1 + SIZE)), 0);
	assert_int_equal(pwrite(file, "other", 5, (off_t)(BAR1 + PHYS)), 5);
	assert_int_equal(syscall(SYS_dup3, file, number, 0), number); /* unseen */
	p = mmap(NULL, SIZE, RW, MAP_SHARED, number, (off_t)BAR1);
	assert_ptr_not_equal(p, MAP_FAILED);
	assert_memory_equal(p + PHYS, "other", 5);
	munmap(p, SIZE);
	/* and that is known from now on: the device's state ends with its last descriptor */
	assert_int_equal(pwrite(user.device, &v, sizeof(v), (off_t)(BAR1 + PHYS)), sizeof(v));
	fixture_close(state);
	assert_int_equal(fixture_open(state), 0);
	assert_int_equal(read32(PHYS), 0);
	close(number);
	close(file);
}

/* Nothing stays of a mapping whose second half can't be had. (trap K10) */
static void half_a_mapping_is_none(void **state)
{
	uint8_t *p = free_place(SIZE);
	pid_t pid = fork();

	if (pid == 0) {
		if (user_refuse(SYS_mremap, ENOMEM))
			_exit(2);
		if (map(p, 0, SIZE, RW, MAP_SHARED) != MAP_FAILED || errno != ENOMEM)
			_exit(3);
		_exit(mmap(p, SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) !=
		      p);
	}
	assert_int_equal(exit_status(pid), 0);
}

/* Lines of /proc/self/maps. */
static int mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	int c, n = 0;

	assert_non_null(f);
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return n;
}

/* trap V20 */
static void nothing_is_left_behind(void **state)
{
	int before = 0;

	for (int i = 0; i < 50; i++) {
		uint8_t *p = map(NULL, 0, SIZE, RW, MAP_SHARED);

		assert_ptr_not_equal(p, MAP_FAILED);
		munmap(p, SIZE);
		fixture_close(state);
		assert_int_equal(fixture_open(state), 0);
		if (i == 0)
			before = mappings();
	}
	assert_int_equal(mappings(), before);
}

/* Opens the device while the `at`-th of the calls on it that come from now on fails. */
static int open_with_fault(const char *at)
{
	setenv("FAULT_AT", at, 1);

	int rc = fixture_open(NULL);

	unsetenv("FAULT_AT");
	return rc;
}

/* Not only until the place of the device is wanted again. */
static void a_closed_device_has_no_memory(void **state)
{
	fixture_close(state);
	assert_int_equal(fixture_open(state), 0);

	int open = mappings();

	fixture_close(state);
	assert_int_equal(mappings(), open - 1);
	assert_int_equal(fixture_open(state), 0);
	assert_int_equal(mappings(), open);
}

/* The first call on the device fails, later the last one, behind which all is prepared. */
static void a_refused_device_has_no_memory(void **state)
{
	fixture_close(state);
	assert_int_equal(open_with_fault("1"), -1);

	int before = mappings();

	assert_int_equal(open_with_fault("13"), -1);
	assert_int_equal(errno, EIO);
	assert_int_equal(mappings(), before);
	assert_int_equal(fixture_open(state), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_mapped),
		CASE(reads_and_mappings_agree),
		CASE(places_are_honoured),
		CASE(map_shared_validate_does_not_know_noreplace),
		CASE(a_number_of_another_file_is_that_file),
		CASE(half_a_mapping_is_none),
		CASE(nothing_is_left_behind),
		CASE(a_closed_device_has_no_memory),
		CASE(a_refused_device_has_no_memory),
	};

	return cmocka_run_group_tests_name("compose", tests, NULL, NULL);
}
