/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An iommufd in the place of a container. */
#include "tests/lib/iommufd_user.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define NAME "0000:02:00.0"

static long map_dma(int iommu, uint32_t argsz, uint32_t flags, const void *va, uint64_t iova,
		    uint64_t size)
{
	struct vfio_iommu_type1_dma_map m = {.argsz = argsz,
					     .flags = flags,
					     .vaddr = (uint64_t)(uintptr_t)va,
					     .iova = iova,
					     .size = size};

	return result(ioctl(iommu, VFIO_IOMMU_MAP_DMA, &m));
}

/* *size becomes how much was unmapped. */
static long unmap_dma(int iommu, uint32_t argsz, uint32_t flags, uint64_t iova, uint64_t *size)
{
	struct vfio_iommu_type1_dma_unmap u = {
		.argsz = argsz, .flags = flags, .iova = iova, .size = *size};
	long ret = result(ioctl(iommu, VFIO_IOMMU_UNMAP_DMA, &u));

	*size = u.size;
	return ret;
}

/* An open iommufd, and the group that took it. */
static int group_of(int iommu)
{
	int group = open("/dev/vfio/5", O_RDWR);

	assert_true(group >= 0);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_SET_CONTAINER, &iommu)), 0);
	return group;
}

/* Before a group has come there is no address space. */
static void test_empty(void **state)
{
	static const struct {
		unsigned long extension;
		long ret;
	} extensions[] = {
		{VFIO_TYPE1_IOMMU, 1},	      {VFIO_TYPE1v2_IOMMU, 1},	 {9 /* UNMAP_ALL */, 1},
		{VFIO_DMA_CC_IOMMU, -ENODEV}, {VFIO_SPAPR_TCE_IOMMU, 0}, {6 /* TYPE1_NESTING */, 0},
		{10 /* UPDATE_VADDR */, 0},
	};
	int iommu = iommu_open();
	uint32_t info[6] = {15};
	uint64_t size = page();
	void *memory = ram(1);

	assert_int_equal(ioctl(iommu, VFIO_GET_API_VERSION), VFIO_API_VERSION);
	for (size_t i = 0; i < COUNT(extensions); i++)
		assert_int_equal(
			result(ioctl(iommu, VFIO_CHECK_EXTENSION, extensions[i].extension)),
			extensions[i].ret);
	assert_int_equal(result(ioctl(iommu, VFIO_SET_IOMMU, 77)), -EINVAL);
	assert_int_equal(result(ioctl(iommu, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU)), -ENODEV);
	assert_int_equal(result(ioctl(iommu, VFIO_IOMMU_GET_INFO, nowhere)), -EFAULT);
	assert_int_equal(result(ioctl(iommu, VFIO_IOMMU_GET_INFO, info)), -EINVAL);
	info[0] = 16;
	assert_int_equal(result(ioctl(iommu, VFIO_IOMMU_GET_INFO, info)), -ENODEV);
	assert_int_equal(result(ioctl(iommu, VFIO_IOMMU_MAP_DMA, nowhere)), -EFAULT);
	assert_int_equal(map_dma(iommu, 31, 3, memory, 0, page()), -EINVAL);
	assert_int_equal(map_dma(iommu, 32, 7, memory, 0, page()), -EINVAL);
	assert_int_equal(map_dma(iommu, 32, 3, memory, 0, page()), -ENODEV);
	assert_int_equal(result(ioctl(iommu, VFIO_IOMMU_UNMAP_DMA, nowhere)), -EFAULT);
	assert_int_equal(unmap_dma(iommu, 23, 0, 0, &size), -EINVAL);
	assert_int_equal(unmap_dma(iommu, 24, 1, 0, &size), -EINVAL);
	assert_int_equal(unmap_dma(iommu, 24, 0, 0, &size), -ENODEV);
	assert_int_equal(result(ioctl(iommu, VFIO_IOMMU_DIRTY_PAGES, nowhere)), -ENOTTY);
	munmap(memory, page());
	close(iommu);
}

static void test_group(void **state)
{
	struct vfio_group_status status = {.argsz = sizeof(status)};
	struct abi_vfio_ioas v = {.size = sizeof(v)};
	int iommu = iommu_open(), group = group_of(iommu), device, second;

	assert_int_equal(ioctl(group, VFIO_GROUP_GET_STATUS, &status), 0);
	assert_int_equal(status.flags, VFIO_GROUP_FLAGS_VIABLE | VFIO_GROUP_FLAGS_CONTAINER_SET);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_SET_CONTAINER, &iommu)), -EINVAL);
	assert_int_equal(ioctl(iommu, VFIO_CHECK_EXTENSION, VFIO_DMA_CC_IOMMU), 1);
	assert_int_equal(result(ioctl(iommu, ABI_VFIO_IOAS, &v)), 0);
	assert_int_equal(v.ioas_id, 1);
	/* SET_IOMMU is not needed, and may come again. */
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, NAME);
	assert_true(device >= 0);
	assert_int_equal(result(ioctl(iommu, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU)), 0);
	assert_int_equal(result(ioctl(iommu, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU)), 0);
	assert_int_equal(config_get(device, 0, 2), 0x1234);
	second = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, NAME);
	assert_true(second >= 0);
	close(second);
	/* The device was attached with it. */
	assert_int_equal(destroy(iommu, v.ioas_id), -EBUSY);
	/* A group can leave while its device is open; its device stays. */
	assert_int_equal(result(ioctl(group, VFIO_GROUP_UNSET_CONTAINER)), 0);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_UNSET_CONTAINER)), -EINVAL);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_GET_DEVICE_FD, NAME)), -EINVAL);
	assert_int_equal(config_get(device, 0, 2), 0x1234);
	close(device);
	assert_int_equal(destroy(iommu, v.ioas_id), 0);
	close(group);

	group = group_of(iommu);
	v.op = ABI_VFIO_IOAS_CLEAR;
	assert_int_equal(result(ioctl(iommu, ABI_VFIO_IOAS, &v)), 0);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_GET_DEVICE_FD, NAME)), -ENODEV);
	close(group);
	close(iommu);
}

static void test_dma(void **state)
{
	int iommu = iommu_open(), group = group_of(iommu), device;
	const uint64_t p = page();
	void *memory = ram(4), *bar;

	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, NAME);
	assert_true(device >= 0);
	assert_int_equal(result(ioctl(iommu, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU)), 0);
	bar = mmap(NULL, p, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
	assert_ptr_not_equal(bar, MAP_FAILED);

	const struct {
		uint32_t flags;
		const void *va;
		uint64_t iova, size;
		long ret;
	} maps[] = {
		{3, memory, 0x100000, 0, -EINVAL},
		{3, memory, 0x100000, 100, -EINVAL},
		{3, memory, 100, p, -EINVAL},
		{3, memory, 0xfee00000, 0x10000, -EINVAL},
		{3, memory, 1ull << 48, p, -EINVAL},
		{3, bar, 0x100000, p, -EFAULT},
		{3, NULL, 0x100000, p, -EFAULT},
		{3, memory, 0x100000, 4 * p, 0},
		{3, memory, 0x100000 + p, p, -EEXIST},
		/* Neither to be read nor written. */
		{0, memory, 0x200000, p, 0},
	};
	const struct {
		uint32_t flags;
		uint64_t iova, size;
		long ret;
		uint64_t unmapped;
	} unmaps[] = {
		{0, 0x100000, 0, -EINVAL, 0},	{0, 0x100000, UINT64_MAX, -EOVERFLOW, 0},
		{0, 0x100000, p, -ENOENT, 0},	{0, 0x300000, p, 0, 0},
		{0, 0x100000, 4 * p, 0, 4 * p}, {2, 0, p, -EINVAL, p},
		{2, p, 0, -EINVAL, 0},		{2, 0, 0, 0, p},
	};

	for (size_t i = 0; i < COUNT(maps); i++)
		assert_int_equal(
			map_dma(iommu, 32, maps[i].flags, maps[i].va, maps[i].iova, maps[i].size),
			maps[i].ret);
	for (size_t i = 0; i < COUNT(unmaps); i++) {
		uint64_t size = unmaps[i].size;

		assert_int_equal(unmap_dma(iommu, 24, unmaps[i].flags, unmaps[i].iova, &size),
				 unmaps[i].ret);
		assert_int_equal(size, unmaps[i].unmapped);
	}
	munmap(bar, p);
	munmap(memory, 4 * p);
	close(device);
	close(group);
	close(iommu);
}

/* The old type lets a mapping be cut. */
static void test_type1(void **state)
{
	int iommu = iommu_open(), group = group_of(iommu);
	const uint64_t p = page();
	void *memory = ram(4);
	uint64_t size = p;

	assert_int_equal(result(ioctl(iommu, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU)), 0);
	assert_int_equal(map_dma(iommu, 32, 3, memory, 0x100000, 4 * p), 0);
	assert_int_equal(unmap_dma(iommu, 24, 0, 0x100000 + p, &size), 0);
	assert_int_equal(size, p);
	assert_int_equal(map_dma(iommu, 32, 3, memory, 0x100000 + p, p), 0);
	assert_int_equal(map_dma(iommu, 32, 3, memory, 0x100000, p), -EEXIST);
	size = p / 2;
	assert_int_equal(unmap_dma(iommu, 24, 0, 0x100000 + 2 * p, &size), -EINVAL);
	size = 4 * p;
	assert_int_equal(unmap_dma(iommu, 24, 0, 0x100000, &size), 0);
	assert_int_equal(size, 4 * p);
	munmap(memory, 4 * p);
	close(group);
	close(iommu);
}

/* Capabilities behind 24 bytes: mappings available, at 40 the ranges. */
static void test_info(void **state)
{
	int iommu = iommu_open(), group = group_of(iommu), device;
	uint32_t buf[32] = {16, 0, 0, 0, 77};

	assert_int_equal(ioctl(iommu, VFIO_IOMMU_GET_INFO, buf), 0);
	assert_int_equal(buf[0], 24 + 16 + 16 + 16);
	assert_int_equal(buf[1], 3);
	assert_int_equal(*(uint64_t *)(buf + 2), ~(page() - 1));
	assert_int_equal(buf[4], 77);
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, NAME);
	assert_true(device >= 0);
	/* Of what does not fit whole the first capability comes, but is not pointed to. */
	buf[0] = 24 + 16 + 16 + 16;
	assert_int_equal(ioctl(iommu, VFIO_IOMMU_GET_INFO, buf), 0);
	assert_int_equal(buf[0], 24 + 16 + 16 + 2 * 16);
	assert_int_equal(buf[4], 0);
	assert_int_equal(buf[6], 1 << 16 | 3);
	assert_int_equal(buf[8], UINT32_MAX);
	assert_int_equal(buf[10], 0);
	assert_int_equal(ioctl(iommu, VFIO_IOMMU_GET_INFO, buf), 0);
	assert_int_equal(buf[4], 24);
	assert_int_equal(buf[7], 40);
	assert_int_equal(buf[10], 1 << 16 | 1);
	assert_int_equal(buf[11], 0);
	assert_int_equal(buf[12], 2);
	assert_int_equal(*(uint64_t *)(buf + 16), 0xfedfffff);
	assert_int_equal(*(uint64_t *)(buf + 18), 0xfef00000);
	assert_int_equal(*(uint64_t *)(buf + 20), 0xffffffffffff);
	close(device);
	close(group);
	close(iommu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty), cmocka_unit_test(test_group),
		cmocka_unit_test(test_dma),   cmocka_unit_test(test_type1),
		cmocka_unit_test(test_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
