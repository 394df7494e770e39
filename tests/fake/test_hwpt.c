/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables: who makes them, who uses them, and what they refuse to map. */
#include "tests/lib/iommufd_user.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static void test_attach(void **state)
{
	int iommu = iommu_open(), device;
	uint32_t ioas = ioas_new(iommu), id, pt = ioas, manual;
	struct abi_attach bad[] = {{11, 0, ioas}, {12, 1, ioas}};
	struct abi_detach bad_detach[] = {{7, 0}, {8, 1}};

	device = bound(EDGE, iommu, &id);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(result(ioctl(device, ABI_ATTACH_IOMMUFD_PT, &bad[i])), -EINVAL);
		assert_int_equal(result(ioctl(device, ABI_DETACH_IOMMUFD_PT, &bad_detach[i])),
				 -EINVAL);
	}
	assert_int_equal(result(ioctl(device, ABI_ATTACH_IOMMUFD_PT, nowhere)), -EFAULT);
	assert_int_equal(result(ioctl(device, ABI_DETACH_IOMMUFD_PT, nowhere)), -EFAULT);
	assert_int_equal(attach_to(device, 9), -ENOENT);
	assert_int_equal(attach_to(device, id), -EINVAL);
	assert_int_equal(detach(device), 0);
	/* A page table is made for an address space, and goes with the attachment. */
	assert_int_equal(attach(device, &pt), 0);
	assert_int_equal(pt, 3);
	assert_int_equal(destroy(iommu, pt), -EBUSY);
	assert_int_equal(destroy(iommu, ioas), -EBUSY);
	assert_int_equal(detach(device), 0);
	assert_int_equal(destroy(iommu, pt), -ENOENT);

	assert_int_equal(hwpt(iommu, id, ioas, &manual), 0);
	assert_int_equal(attach_to(device, manual), 0);
	assert_int_equal(attach_to(device, manual), 0);
	/* A second one replaces the first, which stays if it was not made by an attach. */
	pt = ioas;
	assert_int_equal(attach(device, &pt), 0);
	assert_int_not_equal(pt, manual);
	assert_int_equal(attach_to(device, manual), 0);
	assert_int_equal(destroy(iommu, pt), -ENOENT);
	close(device);
	assert_int_equal(destroy(iommu, ioas), -EBUSY);
	assert_int_equal(destroy(iommu, manual), 0);
	assert_int_equal(destroy(iommu, ioas), 0);
	close(iommu);
}

static void test_hwpt(void **state)
{
	int iommu = iommu_open(), device;
	uint32_t ioas = ioas_new(iommu), id, made;
	uint8_t data[16];

	device = bound(EDGE, iommu, &id);
	assert_int_equal(hwpt(iommu, id, ioas, &made), 0);

	const struct {
		uint32_t dev, pt, flags, reserved, type, len;
		long ret;
	} rows[] = {
		{id, ioas, 0, 1, 0, 0, -EOPNOTSUPP}, {id, ioas, 0, 0, 1, 0, -EINVAL},
		{id, ioas, 0, 0, 0, 8, -EINVAL},     {9, ioas, 0, 0, 0, 0, -ENOENT},
		{ioas, ioas, 0, 0, 0, 0, -ENOENT},   {id, 9, 0, 0, 0, 0, -EINVAL},
		{id, id, 0, 0, 0, 0, -EINVAL},	     {id, ioas, 1, 0, 0, 0, -EOPNOTSUPP},
		{id, ioas, 2, 0, 0, 0, -EOPNOTSUPP}, {id, ioas, 0, 0, 1, 8, -EOPNOTSUPP},
		{id, made, 0, 0, 1, 8, -EOPNOTSUPP},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct abi_hwpt_alloc a = {.size = sizeof(a),
					   .flags = rows[i].flags,
					   .dev_id = rows[i].dev,
					   .pt_id = rows[i].pt,
					   .reserved = rows[i].reserved,
					   .data_type = rows[i].type,
					   .data_len = rows[i].len,
					   .data_uptr = (uint64_t)(uintptr_t)data};

		assert_int_equal(result(ioctl(iommu, ABI_HWPT_ALLOC, &a)), rows[i].ret);
	}

	struct abi_hw_info h = {.size = sizeof(h),
				.dev_id = id,
				.data_len = sizeof(data),
				.data_uptr = (uint64_t)(uintptr_t)data};

	memset(data, 0xff, sizeof(data));
	assert_int_equal(result(ioctl(iommu, ABI_GET_HW_INFO, &h)), 0);
	assert_int_equal(h.data_len, 0);
	assert_int_equal(h.out_data_type, 0);
	assert_int_equal(h.out_capabilities, 0);
	assert_int_equal(data[0] | data[15], 0);
	h.data_len = 1;
	h.data_uptr = 8;
	assert_int_equal(result(ioctl(iommu, ABI_GET_HW_INFO, &h)), -EFAULT);
	h.dev_id = ioas;
	assert_int_equal(result(ioctl(iommu, ABI_GET_HW_INFO, &h)), -ENOENT);
	h.flags = 1;
	assert_int_equal(result(ioctl(iommu, ABI_GET_HW_INFO, &h)), -EOPNOTSUPP);
	close(device);
	close(iommu);
}

/* With a page table there is an end, and with a device the interrupt window. */
static void test_reserved(void **state)
{
	int iommu = iommu_open(), device;
	uint32_t ioas = ioas_new(iommu), id, made;
	const uint32_t fixed = RW | ABI_MAP_FIXED;
	const struct abi_range window = {0xfee00000, 0xfee0ffff};
	struct abi_range ranges[4] = {{0}};
	uint64_t value = 0xfee10000, length = page(), high = 1ull << 48, low = 0x1000000, alignment;
	void *memory = ram(1);

	device = bound(EDGE, iommu, &id);
	assert_int_equal(map(iommu, ioas, fixed, memory, page(), &high), 0);
	assert_int_equal(hwpt(iommu, id, ioas, &made), -EADDRINUSE);
	assert_int_equal(unmap(iommu, ioas, high, &length), 0);
	assert_int_equal(map(iommu, ioas, fixed, memory, 100, &low), 0);
	assert_int_equal(hwpt(iommu, id, ioas, &made), -EADDRINUSE);
	length = 100;
	assert_int_equal(unmap(iommu, ioas, low, &length), 0);
	assert_int_equal(hwpt(iommu, id, ioas, &made), 0);
	assert_int_equal(iova_ranges(iommu, ioas, ranges, &alignment), 1);
	assert_int_equal(ranges[0].last, 0xffffffffffff);
	assert_int_equal(alignment, 4096);
	assert_int_equal(map(iommu, ioas, fixed, memory, page(), &high), -EINVAL);

	assert_int_equal(map(iommu, ioas, fixed, memory, page(), &value), 0);
	assert_int_equal(attach_to(device, made), -EADDRINUSE);
	length = page();
	assert_int_equal(unmap(iommu, ioas, value, &length), 0);
	assert_int_equal(allow(iommu, ioas, &window, 1), 0);
	assert_int_equal(attach_to(device, made), -EADDRINUSE);
	assert_int_equal(allow(iommu, ioas, NULL, 0), 0);
	assert_int_equal(attach_to(device, made), 0);
	assert_int_equal(allow(iommu, ioas, &window, 1), -EADDRINUSE);
	assert_int_equal(map(iommu, ioas, fixed, memory, page(), &value), -EINVAL);
	value = 100;
	assert_int_equal(map(iommu, ioas, fixed, memory, page(), &value), -EINVAL);
	value = 0x100000;
	assert_int_equal(map(iommu, ioas, fixed, memory, 100, &value), -EINVAL);
	assert_int_equal(iova_ranges(iommu, ioas, ranges, &alignment), 2);
	assert_int_equal(ranges[0].last, 0xfedfffff);
	assert_int_equal(ranges[1].start, 0xfef00000);
	assert_int_equal(detach(device), 0);
	assert_int_equal(iova_ranges(iommu, ioas, ranges, &alignment), 1);
	munmap(memory, page());
	close(device);
	close(iommu);
}

/* What can't be pinned fails as soon as there is a page table to fill. */
static void test_pinned(void **state)
{
	int iommu = iommu_open(), null = open("/dev/null", O_RDWR), device;
	uint32_t ioas = ioas_new(iommu), id, made;
	const uint32_t ro = ABI_MAP_READABLE;
	uint8_t *memory = ram(4), *bar;
	uint64_t iova = 0;
	struct abi_ioas_map_file file = {
		.size = sizeof(file), .flags = RW, .ioas_id = ioas, .fd = null, .length = page()};

	device = bound(EDGE, iommu, &id);
	bar = mmap(NULL, 4 * page(), PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
	assert_ptr_not_equal(bar, MAP_FAILED);
	munmap(memory + page(), page());
	assert_int_equal(mprotect(memory + 2 * page(), page(), PROT_READ), 0);
	assert_int_equal(mprotect(memory + 3 * page(), page(), PROT_NONE), 0);

	assert_int_equal(map(iommu, ioas, RW, bar, page(), &iova), 0);
	assert_int_equal(hwpt(iommu, id, ioas, &made), -EFAULT);
	assert_int_equal(attach_to(device, ioas), -EFAULT);
	assert_int_equal(unmap(iommu, ioas, 0, &(uint64_t){UINT64_MAX}), 0);
	assert_int_equal(result(ioctl(iommu, ABI_IOAS_MAP_FILE, &file)), 0);
	assert_int_equal(attach_to(device, ioas), -EINVAL);
	assert_int_equal(unmap(iommu, ioas, 0, &(uint64_t){UINT64_MAX}), 0);
	assert_int_equal(attach_to(device, ioas), 0);

	const struct {
		uint32_t flags;
		const uint8_t *va;
		size_t pages;
		long ret;
	} rows[] = {
		{RW, memory, 1, 0},
		{ro, memory, 2, -EFAULT},
		{ro, memory + page(), 2, -EFAULT},
		{RW, memory + 2 * page(), 1, -EFAULT},
		{ro, memory + 2 * page(), 1, 0},
		{ro, memory + 2 * page(), 2, -EFAULT},
		{ro, NULL, 1, -EFAULT},
		{RW, bar, 1, -EFAULT},
		{ro, bar, 4, -EFAULT},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(
			map(iommu, ioas, rows[i].flags, rows[i].va, rows[i].pages * page(), &iova),
			rows[i].ret);
	assert_int_equal(result(ioctl(iommu, ABI_IOAS_MAP_FILE, &file)), -EINVAL);
	munmap(bar, 4 * page());
	munmap(memory, 4 * page());
	close(device);
	close(null);
	close(iommu);
}

/* Two functions of a group have one owner and one page table. */
static void test_shared_group(void **state)
{
	int iommu = iommu_open(), other = iommu_open(), first, second = node_open(SECOND);
	uint32_t a = ioas_new(iommu), b = ioas_new(iommu), id, pt = a, made;

	first = bound(FIRST, iommu, &id);
	assert_int_equal(bind_to(second, other, &id), -EPERM);
	assert_int_equal(bind_to(second, iommu, &id), 0);
	assert_int_equal(attach(first, &pt), 0);
	assert_int_equal(hwpt(iommu, id, b, &made), 0);
	assert_int_equal(attach_to(second, made), -EINVAL);
	assert_int_equal(attach_to(second, b), -EINVAL);
	assert_int_equal(attach_to(second, a), 0);
	assert_int_equal(detach(first), 0);
	assert_int_equal(destroy(iommu, pt), -EBUSY);
	assert_int_equal(attach_to(first, pt), 0);
	/* Replacing is for both. */
	assert_int_equal(attach_to(second, made), 0);
	assert_int_equal(destroy(iommu, pt), -ENOENT);
	assert_int_equal(detach(second), 0);
	assert_int_equal(destroy(iommu, made), -EBUSY);
	assert_int_equal(detach(first), 0);
	assert_int_equal(destroy(iommu, made), 0);
	close(first);
	close(second);
	close(iommu);
	close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attach),	     cmocka_unit_test(test_hwpt),
		cmocka_unit_test(test_reserved),     cmocka_unit_test(test_pinned),
		cmocka_unit_test(test_shared_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
