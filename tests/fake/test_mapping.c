/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel does to a mapping of a device, whose flags are VM_IO, VM_PFNMAP, VM_DONTEXPAND
 * and VM_DONTDUMP: mremap(), madvise_vma_behavior(), msync().
 */
#include "tests/lib/vfio_user.h"

#include <sys/mman.h>
#include <unistd.h>

#include "msixshim/fakevfio.h"

#define PAGE  ((size_t)sysconf(_SC_PAGESIZE))
#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

static struct user u;

static int setup(void **state)
{
	u = vfio_user_open("5", "0000:02:00.0");
	return 0;
}

static int teardown(void **state)
{
	user_close(&u);
	return 0;
}

/* Four pages: of the device, or of nothing. */
static uint8_t *map_device(void)
{
	uint8_t *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, u.device, AT(0, 0));

	assert_true(p != MAP_FAILED);
	return p;
}

static uint8_t *map_memory(void)
{
	uint8_t *p =
		mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	return p;
}

static void test_mremap(void **state)
{
	const struct {
		size_t from, was, now;
		int flags;
		long device, memory;
	} rows[] = {
		{0, 4, 4, 0, 0, 0},
		{0, 4, 4, FIXED, 0, 0},
		{1, 2, 1, FIXED, 0, 0},
		{0, 4, 1, 0, 0, 0},
		{0, 4, 5, MREMAP_MAYMOVE, -EFAULT, 0},
		{1, 2, 3, MREMAP_MAYMOVE, -EFAULT, 0},
		{3, 1, 2, MREMAP_MAYMOVE, -EFAULT, 0},
		{0, 0, 1, MREMAP_MAYMOVE, -EFAULT, -EINVAL},
		{0, 4, 4, MREMAP_FIXED, -EINVAL, -EINVAL},
		{0, 4, 0, 0, -EINVAL, -EINVAL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t *maps[] = {map_device(), map_memory()};

		for (int is_memory = 0; is_memory < 2; is_memory++) {
			uint8_t *place = map_memory();
			uint8_t *got =
				mremap(maps[is_memory] + rows[i].from * PAGE, rows[i].was * PAGE,
				       rows[i].now * PAGE, rows[i].flags, place);

			assert_int_equal(got == MAP_FAILED ? -errno : 0,
					 is_memory ? rows[i].memory : rows[i].device);
			if (got != MAP_FAILED && !is_memory)
				assert_int_equal(got[5],
						 fakevfio_pattern(0, rows[i].from * PAGE + 5));
			if (got != MAP_FAILED)
				munmap(got, rows[i].now * PAGE);
			munmap(maps[is_memory], 4 * PAGE);
			munmap(place, 4 * PAGE);
		}
	}
}

/* Not beside other memory: valgrind refuses it there. */
static void test_dontunmap(void **state)
{
	uint8_t *p = map_device();

	errno = 0;
	assert_ptr_equal(mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | 4 /* MREMAP_DONTUNMAP */),
			 MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	munmap(p, 4 * PAGE);
}

static void test_madvise(void **state)
{
	const struct {
		int advice;
		long device, memory;
	} rows[] = {
		{MADV_NORMAL, 0, 0},
		{MADV_RANDOM, 0, 0},
		{MADV_DONTFORK, 0, 0},
		{MADV_DONTDUMP, 0, 0},
		{MADV_DOFORK, -EINVAL, 0},
		{MADV_DODUMP, -EINVAL, 0},
		{MADV_DONTNEED, -EINVAL, 0},
		{MADV_FREE, -EINVAL, 0},
		{MADV_PAGEOUT, -EINVAL, 0},
		{MADV_COLD, -EINVAL, 0},
		{MADV_REMOVE, -ENODEV, -EINVAL},
		{22 /* MADV_POPULATE_READ */, -EINVAL, 0},
	};
	uint8_t *device = map_device(), *memory = map_memory();

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(result(madvise(device, PAGE, rows[i].advice)), rows[i].device);
		assert_int_equal(result(madvise(memory, PAGE, rows[i].advice)), rows[i].memory);
		assert_int_equal(result(madvise(device, 0, rows[i].advice)), 0);
	}
	munmap(device, 4 * PAGE);
	munmap(memory, 4 * PAGE);
}

static void test_msync(void **state)
{
	uint8_t *device = map_device(), *memory = map_memory();

	assert_int_equal(result(msync(device, PAGE, MS_ASYNC)), 0);
	assert_int_equal(result(msync(device, PAGE, MS_SYNC)), -EINVAL);
	assert_int_equal(result(msync(memory, PAGE, MS_SYNC)), 0);
	munmap(device, 4 * PAGE);
	munmap(memory, 4 * PAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mremap),
		cmocka_unit_test(test_dontunmap),
		cmocka_unit_test(test_madvise),
		cmocka_unit_test(test_msync),
	};

	return cmocka_run_group_tests_name("fake mapping", tests, setup, teardown);
}
