/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /dev/iommu by itself: address spaces, options, and what a container is asked. */
#include "tests/lib/iommufd_user.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CMD(nr) _IO(';', nr)

static void test_file(void **state)
{
	int one = iommu_open(), two = iommu_open();
	struct stat st;
	char c;

	assert_int_equal(access("/dev/iommu", R_OK), 0);
	assert_int_equal(result(open("/dev/iommu0", O_RDWR)), -ENOENT);
	assert_link(one, "/dev/iommu");
	assert_int_equal(fstat(one, &st), 0);
	assert_true(S_ISCHR(st.st_mode));
#ifdef __GLIBC__ /* musl's fills the structure in by itself, and dies of such a pointer */
	assert_int_equal(result(fstat(one, nowhere)), -EFAULT);
#endif
	assert_int_equal(result(pread(one, &c, 1, 0)), -EINVAL);
	assert_ptr_equal(mmap(NULL, page(), PROT_READ, MAP_SHARED, one, 0), MAP_FAILED);
	assert_int_equal(errno, ENODEV);
	/* Each file has objects of its own. */
	assert_int_equal(ioas_new(one), 1);
	assert_int_equal(ioas_new(one), 2);
	assert_int_equal(ioas_new(two), 1);
	close(one);
	assert_int_equal(destroy(two, 2), -ENOENT);
	close(two);
	one = iommu_open();
	assert_int_equal(ioas_new(one), 1);
	close(one);
}

/* Arguments as such: what each ioctl needs at least, and that it ignores zeros behind the end. */
static void test_sizes(void **state)
{
	static const struct {
		unsigned int cmd;
		uint32_t min;
		uint32_t size;
	} rows[] = {
		{CMD(0x80), 8, 8},   {CMD(0x81), 12, 12}, {CMD(0x82), 24, 24}, {CMD(0x83), 40, 40},
		{CMD(0x84), 32, 32}, {CMD(0x85), 40, 40}, {CMD(0x86), 24, 24}, {CMD(0x87), 24, 24},
		{CMD(0x88), 12, 12}, {CMD(0x89), 24, 48}, {CMD(0x8a), 32, 40}, {CMD(0x8f), 40, 40},
	};
	int iommu = iommu_open();

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t args[200] = {rows[i].min - 1};

		assert_int_equal(result(ioctl(iommu, rows[i].cmd, nowhere)), -EFAULT);
		assert_int_equal(result(ioctl(iommu, rows[i].cmd, args)), -EINVAL);
		args[0] = sizeof(args);
		args[COUNT(args) - 1] = 1;
		assert_int_equal(result(ioctl(iommu, rows[i].cmd, args)), -E2BIG);
		args[COUNT(args) - 1] = 0;
		args[rows[i].size / 4] = 1;
		assert_int_equal(result(ioctl(iommu, rows[i].cmd, args)), -E2BIG);
		args[rows[i].size / 4] = 0;
		assert_int_not_equal(result(ioctl(iommu, rows[i].cmd, args)), -E2BIG);
	}
	/* What this kernel does not know. */
	assert_int_equal(result(ioctl(iommu, CMD(0x8b), nowhere)), -EFAULT);
	assert_int_equal(result(ioctl(iommu, CMD(0x8b), &(uint32_t){8})), -ENOTTY);
	assert_int_equal(result(ioctl(iommu, CMD(0xa0), nowhere)), -ENOTTY);
	assert_int_equal(result(ioctl(iommu, VFIO_GROUP_GET_STATUS, nowhere)), -ENOTTY);
	close(iommu);
}

static void test_objects(void **state)
{
	int iommu = iommu_open();
	struct abi_ioas_alloc alloc = {.size = sizeof(alloc), .flags = 1};

	assert_int_equal(result(ioctl(iommu, ABI_IOAS_ALLOC, &alloc)), -EOPNOTSUPP);
	assert_int_equal(ioas_new(iommu), 1);
	assert_int_equal(ioas_new(iommu), 2);
	assert_int_equal(ioas_new(iommu), 3);
	assert_int_equal(destroy(iommu, 0), -ENOENT);
	assert_int_equal(destroy(iommu, 4), -ENOENT);
	assert_int_equal(destroy(iommu, UINT32_MAX), -ENOENT);
	assert_int_equal(destroy(iommu, 2), 0);
	assert_int_equal(destroy(iommu, 2), -ENOENT);
	/* The lowest free one. */
	assert_int_equal(ioas_new(iommu), 2);
	close(iommu);
}

static void test_map(void **state)
{
	int iommu = iommu_open();
	uint32_t ioas = ioas_new(iommu);
	uint8_t *p = ram(4);
	const uint32_t fixed = RW | ABI_MAP_FIXED;
	const struct {
		uint32_t ioas, flags;
		const void *va;
		uint64_t length, iova;
		long ret;
	} rows[] = {
		{ioas, fixed | 8, p, page(), 0, -EOPNOTSUPP},
		{ioas, fixed, p, page(), UINT64_MAX, -EOVERFLOW},
		{ioas, fixed, p, UINT64_MAX, 0, -EOVERFLOW},
		{ioas, ABI_MAP_FIXED, p, page(), 0, -EINVAL},
		{ioas + 1, fixed, p, page(), 0, -ENOENT},
		{ioas, fixed, p, 0, 0, -EINVAL},
		{ioas, fixed, p, UINT64_MAX - 1, 0, -EINVAL},
		{ioas, fixed, p, UINT64_MAX - 2 * page(), 0, -EOVERFLOW},
		{ioas, fixed, p, page(), UINT64_MAX - 1, -EOVERFLOW},
		{ioas, fixed, p, 2 * page(), 0x100000, 0},
		{ioas, fixed, p, page(), 0x100000, -EEXIST},
		{ioas, fixed, p, 0x100001, 0, -EEXIST},
		{ioas, ABI_MAP_READABLE | ABI_MAP_FIXED, p, page(), 0, 0},
		/* Without a page table nothing is aligned or pinned, and nothing is reserved. */
		{ioas, fixed, p + 3, 5, 0x200001, 0},
		{ioas, fixed, NULL, page(), 0x300000, 0},
		{ioas, fixed, p, page(), 0xfee00000, 0},
		{ioas, fixed, p, page(), 1ull << 60, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t iova = rows[i].iova;

		assert_int_equal(
			map(iommu, rows[i].ioas, rows[i].flags, rows[i].va, rows[i].length, &iova),
			rows[i].ret);
		assert_int_equal(iova, rows[i].iova);
	}

	struct abi_ioas_map m = {.size = sizeof(m), .flags = fixed, .ioas_id = ioas, .reserved = 1};

	assert_int_equal(result(ioctl(iommu, ABI_IOAS_MAP, &m)), -EOPNOTSUPP);
	munmap(p, 4 * page());
	close(iommu);
}

static void test_unmap(void **state)
{
	int iommu = iommu_open();
	uint32_t ioas = ioas_new(iommu), other = ioas_new(iommu);
	const uint64_t p = page(), at[] = {0x100000, 0x100000 + 2 * p, 0x100000 + 4 * p};
	void *memory = ram(2);
	const struct {
		uint32_t ioas;
		uint64_t iova, length;
		long ret;
		uint64_t unmapped;
	} rows[] = {
		{other + 1, 0, p, -ENOENT, p},
		{ioas, UINT64_MAX, p, -EOVERFLOW, p},
		{ioas, p, UINT64_MAX, -EOVERFLOW, UINT64_MAX},
		{ioas, p, 0, -EINVAL, 0},
		{ioas, p, UINT64_MAX - 1, -EOVERFLOW, UINT64_MAX - 1},
		{ioas, 0, p, -ENOENT, p},
		{other, at[0], p, -ENOENT, p},
		/* Mappings are not cut. */
		{ioas, at[0], p, -ENOENT, p},
		{ioas, at[0] + p, p, -ENOENT, p},
		/* The first one goes all the same, before the one that is in the way is seen. */
		{ioas, at[0], 3 * p, -ENOENT, 3 * p},
		{ioas, at[0], 2 * p, -ENOENT, 2 * p},
		{ioas, 0, at[1] + 2 * p, 0, 2 * p},
		{ioas, 0, UINT64_MAX, 0, 2 * p},
		{ioas, 0, UINT64_MAX, 0, 0},
	};

	for (size_t i = 0; i < COUNT(at); i++) {
		uint64_t iova = at[i];

		assert_int_equal(map(iommu, ioas, RW | ABI_MAP_FIXED, memory, 2 * p, &iova), 0);
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t length = rows[i].length;

		assert_int_equal(unmap(iommu, rows[i].ioas, rows[i].iova, &length), rows[i].ret);
		assert_int_equal(length, rows[i].unmapped);
	}
	munmap(memory, 2 * p);
	close(iommu);
}

/* Where a mapping goes that says no address: never to 0, aligned as its memory, no overlap. */
static void test_chosen(void **state)
{
	int iommu = iommu_open();
	uint32_t ioas = ioas_new(iommu);
	const uint64_t p = page();
	const struct abi_range ranges[] = {{0x800000, 0x800000 + 4 * p - 1}, {0x600000, 0x6fffff}};
	const struct abi_range bad[] = {{5, 5}, {6, 5}}, overlap[] = {{0, 10}, {10, 20}};
	uint8_t *memory = ram(9);
	uint64_t iova = 0, second = 0;

	/* An odd number of pages keeps the memory's own alignment to one page. */
	memory += (uint64_t)(uintptr_t)memory & p ? 0 : p;
	assert_int_equal(map(iommu, ioas, RW, memory, 8 * p, &iova), 0);
	assert_int_equal(iova, p);
	assert_int_equal(map(iommu, ioas, RW, memory, p, &second), 0);
	assert_int_equal(second, 9 * p);
	assert_int_equal(map(iommu, ioas, RW, memory + 7, p, &second), 0);
	assert_int_equal(second, 10 * p + 7);

	assert_int_equal(allow(iommu, ioas + 1, ranges, 2), -ENOENT);
	assert_int_equal(allow(iommu, ioas, nowhere, 1), -EFAULT);
	assert_int_equal(allow(iommu, ioas, bad, 1), -EINVAL);
	assert_int_equal(allow(iommu, ioas, bad + 1, 1), -EINVAL);
	assert_int_equal(allow(iommu, ioas, overlap, 2), -EINVAL);
	assert_int_equal(allow(iommu, ioas, ranges, 2), 0);
	assert_int_equal(map(iommu, ioas, RW, memory, p, &second), 0);
	assert_int_equal(second, 0x600000);
	assert_int_equal(allow(iommu, ioas, ranges, 1), 0);
	assert_int_equal(map(iommu, ioas, RW, memory, 3 * p, &second), 0);
	assert_int_equal(second, 0x800000);
	assert_int_equal(map(iommu, ioas, RW, memory, 3 * p, &second), -ENOSPC);
	/* An address that is given may lie elsewhere. */
	second = 0x900000;
	assert_int_equal(map(iommu, ioas, RW | ABI_MAP_FIXED, memory, p, &second), 0);
	assert_int_equal(allow(iommu, ioas, NULL, 0), 0);
	assert_int_equal(map(iommu, ioas, RW, memory, p, &second), 0);
	close(iommu);
}

static void test_ranges(void **state)
{
	int iommu = iommu_open();
	uint32_t ioas = ioas_new(iommu);
	struct abi_range ranges[4] = {{0}};
	uint64_t alignment;
	struct abi_iova_ranges r = {.size = sizeof(r), .ioas_id = ioas};

	assert_int_equal(iova_ranges(iommu, ioas, ranges, &alignment), 1);
	assert_int_equal(ranges[0].start, 0);
	assert_int_equal(ranges[0].last, UINT64_MAX);
	assert_int_equal(alignment, 1);
	/* How many there are is told to who has no room for them. */
	assert_int_equal(result(ioctl(iommu, ABI_IOAS_IOVA_RANGES, &r)), -EMSGSIZE);
	assert_int_equal(r.num_iovas, 1);
	assert_int_equal(r.out_iova_alignment, 1);
	r.allowed_iovas = 8;
	assert_int_equal(result(ioctl(iommu, ABI_IOAS_IOVA_RANGES, &r)), -EFAULT);
	r.ioas_id = ioas + 1;
	assert_int_equal(result(ioctl(iommu, ABI_IOAS_IOVA_RANGES, &r)), -ENOENT);
	r.reserved = 1;
	assert_int_equal(result(ioctl(iommu, ABI_IOAS_IOVA_RANGES, &r)), -EOPNOTSUPP);
	close(iommu);
}

static void test_copy(void **state)
{
	int iommu = iommu_open();
	const uint64_t p = page(), end = 0x100000 + 3 * p;
	uint32_t from = ioas_new(iommu), to = ioas_new(iommu);
	const uint32_t ro = ABI_MAP_READABLE, fixed = ABI_MAP_FIXED;
	void *memory = ram(3);
	const struct {
		uint32_t flags, to, from;
		uint64_t length, to_iova, from_iova;
		long ret;
	} rows[] = {
		{ro | 8, to, from, p, 0, 0x100000, -EOPNOTSUPP},
		{ro, to, from, UINT64_MAX, 0, 0x100000, -EOVERFLOW},
		{ro, to, from, p, UINT64_MAX, 0x100000, -EOVERFLOW},
		{ro, to, from, p, 0, UINT64_MAX, -EOVERFLOW},
		{fixed, to, from, p, 0, 0x100000, -EINVAL},
		{ro, to, 9, p, 0, 0x100000, -ENOENT},
		{ro, to, from, 0, 0, 0x100000, -EINVAL},
		{ro, to, from, UINT64_MAX - 1, 0, 0x100000, -EOVERFLOW},
		{ro, to, from, p, 0, 0x100000 - p, -ENOENT},
		{ro, to, from, 4 * p, 0, 0x100000, -ENOENT},
		{ro, 9, from, p, 0, 0x100000, -ENOENT},
		{ro | fixed, to, from, 3 * p, 0, 0x100000, 0},
		{ro | fixed, to, from, p, 0, 0x100000, -EEXIST},
		{ro | fixed, from, from, p, end, 0x100000 + p, 0},
		/* The last page was mapped read-only: none of the two is there after it. */
		{RW | fixed, to, from, 2 * p, 0x100000, 0x100000 + p, -EPERM},
		{ro | fixed, to, from, 2 * p, 0x100000, 0x100000 + p, 0},
	};
	uint64_t iova = 0x100000, last = 0x100000 + 2 * p, length = p;

	assert_int_equal(map(iommu, from, RW | fixed, memory, 2 * p, &iova), 0);
	assert_int_equal(map(iommu, from, ro | fixed, memory, p, &last), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct abi_ioas_copy c = {.size = sizeof(c),
					  .flags = rows[i].flags,
					  .dst_ioas_id = rows[i].to,
					  .src_ioas_id = rows[i].from,
					  .length = rows[i].length,
					  .dst_iova = rows[i].to_iova,
					  .src_iova = rows[i].from_iova};

		assert_int_equal(result(ioctl(iommu, ABI_IOAS_COPY, &c)), rows[i].ret);
	}
	/* One for each that it was made of. */
	assert_int_equal(unmap(iommu, to, 2 * p, &length), 0);
	assert_int_equal(length, p);
	length = 2 * p;
	assert_int_equal(unmap(iommu, to, 0, &length), 0);
	assert_int_equal(length, 2 * p);
	munmap(memory, 3 * p);
	close(iommu);
}

static void test_map_file(void **state)
{
	int iommu = iommu_open(), memory = memfd_create("ram", MFD_CLOEXEC);
	uint32_t ioas = ioas_new(iommu);
	const uint32_t fixed = RW | ABI_MAP_FIXED;
	const struct {
		uint32_t ioas, flags;
		int fd;
		uint64_t length, iova;
		long ret;
	} rows[] = {
		{ioas, fixed | 8, memory, page(), 0, -EOPNOTSUPP},
		{ioas, fixed, memory, UINT64_MAX, 0, -EOVERFLOW},
		{ioas, fixed, memory, page(), UINT64_MAX, -EOVERFLOW},
		{ioas, ABI_MAP_FIXED, memory, page(), 0, -EINVAL},
		{ioas + 1, fixed, memory, page(), 0, -ENOENT},
		{ioas, fixed, 9999, page(), 0, -EBADF},
		{ioas, fixed, memory, 0, 0, -EINVAL},
		{ioas, fixed, memory, page(), 0, 0},
		{ioas, fixed, memory, page(), 0, -EEXIST},
	};

	assert_int_equal(ftruncate(memory, (off_t)page()), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct abi_ioas_map_file m = {.size = sizeof(m),
					      .flags = rows[i].flags,
					      .ioas_id = rows[i].ioas,
					      .fd = rows[i].fd,
					      .length = rows[i].length,
					      .iova = rows[i].iova};

		assert_int_equal(result(ioctl(iommu, ABI_IOAS_MAP_FILE, &m)), rows[i].ret);
	}
	close(memory);
	close(iommu);
}

static void test_options(void **state)
{
	const uint32_t rlimit = ABI_OPTION_RLIMIT_MODE, huge = ABI_OPTION_HUGE_PAGES;
	const uint16_t get = ABI_OPTION_GET, set = ABI_OPTION_SET;
	int iommu = iommu_open();
	uint64_t value = 2, odd = 3;
	uint32_t ioas;
	bool root = geteuid() == 0;

	assert_int_equal(option(iommu, rlimit, get, 0, &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(option(iommu, rlimit, get, 1, &value), -EOPNOTSUPP);
	assert_int_equal(option(iommu, rlimit, 2, 0, &value), -EOPNOTSUPP);
	assert_int_equal(option(iommu, 2, get, 0, &value), -EOPNOTSUPP);
	value = 1;
	assert_int_equal(option(iommu, rlimit, set, 0, &value), root ? 0 : -EPERM);
	assert_int_equal(option(iommu, rlimit, set, 0, &odd), root ? -EINVAL : -EPERM);
	assert_int_equal(option(iommu, rlimit, get, 0, &value), 0);
	assert_int_equal(value, root);
	ioas = ioas_new(iommu);
	assert_int_equal(option(iommu, rlimit, set, 0, &value), root ? -EBUSY : -EPERM);

	assert_int_equal(option(iommu, huge, get, ioas + 1, &value), -ENOENT);
	assert_int_equal(option(iommu, huge, get, ioas, &value), 0);
	assert_int_equal(value, 1);
	assert_int_equal(option(iommu, huge, 2, ioas, &value), -EOPNOTSUPP);
	assert_int_equal(option(iommu, huge, set, ioas, &odd), -EINVAL);
	/* Without huge pages the IOMMU's page is the host's. */
	value = 0;
	assert_int_equal(option(iommu, huge, set, ioas, &value), 0);
	assert_int_equal(iova_ranges(iommu, ioas, (struct abi_range[4]){{0}}, &value), 1);
	assert_int_equal(value, page());
	close(iommu);
}

static long vfio_ioas(int iommu, uint16_t op, uint32_t *ioas)
{
	struct abi_vfio_ioas v = {.size = sizeof(v), .ioas_id = *ioas, .op = op};
	long ret = result(ioctl(iommu, ABI_VFIO_IOAS, &v));

	*ioas = v.ioas_id;
	return ret;
}

static void test_vfio_ioas(void **state)
{
	int iommu = iommu_open();
	uint32_t first = ioas_new(iommu), second = ioas_new(iommu), id = 0, none = 9;
	struct abi_vfio_ioas v = {.size = sizeof(v), .reserved = 1};

	assert_int_equal(result(ioctl(iommu, ABI_VFIO_IOAS, &v)), -EOPNOTSUPP);
	assert_int_equal(vfio_ioas(iommu, 3, &id), -EOPNOTSUPP);
	assert_int_equal(vfio_ioas(iommu, ABI_VFIO_IOAS_GET, &id), -ENODEV);
	assert_int_equal(vfio_ioas(iommu, ABI_VFIO_IOAS_SET, &none), -ENOENT);
	assert_int_equal(vfio_ioas(iommu, ABI_VFIO_IOAS_SET, &second), 0);
	assert_int_equal(vfio_ioas(iommu, ABI_VFIO_IOAS_GET, &id), 0);
	assert_int_equal(id, second);
	assert_int_equal(destroy(iommu, second), 0);
	assert_int_equal(vfio_ioas(iommu, ABI_VFIO_IOAS_GET, &id), -ENODEV);
	assert_int_equal(vfio_ioas(iommu, ABI_VFIO_IOAS_SET, &first), 0);
	assert_int_equal(vfio_ioas(iommu, ABI_VFIO_IOAS_CLEAR, &none), 0);
	assert_int_equal(vfio_ioas(iommu, ABI_VFIO_IOAS_GET, &id), -ENODEV);
	close(iommu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),	  cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_objects),	  cmocka_unit_test(test_map),
		cmocka_unit_test(test_unmap),	  cmocka_unit_test(test_chosen),
		cmocka_unit_test(test_ranges),	  cmocka_unit_test(test_copy),
		cmocka_unit_test(test_map_file),  cmocka_unit_test(test_options),
		cmocka_unit_test(test_vfio_ioas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
