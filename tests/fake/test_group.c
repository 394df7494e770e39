/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to a device and its end: containers, groups, DMA, lifetimes, sysfs, hot reset. */
#include "tests/lib/vfio_user.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "msixshim/fakevfio.h"

#define EDGE  "0000:02:00.0"
#define SYSFS "/sys/bus/pci/devices/" EDGE

static void test_steps(void **state)
{
	struct vfio_group_status status = {.argsz = sizeof(status)};
	int container = open("/dev/vfio/vfio", O_RDWR), group = open("/dev/vfio/5", O_RDWR);
	int other = open("/dev/null", O_RDWR), bad = 9999, negative = -1, device;

	assert_true(container >= 0 && group >= 0);
	assert_int_equal(result(open("/dev/vfio/5", O_RDWR)), -EBUSY);
	assert_int_equal(result(open("/dev/vfio/999", O_RDWR)), -ENOENT);
	assert_int_equal(result(open("/dev/vfio/ 6", O_RDWR)), -ENOENT);
	assert_int_equal(result(open("/dev/vfio/+6", O_RDWR)), -ENOENT);
	assert_int_equal(result(open("/dev/vfio/06", O_RDWR)), -ENOENT);
	assert_int_equal(ioctl(container, VFIO_GET_API_VERSION), VFIO_API_VERSION);
	assert_int_equal(ioctl(container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU), 1);
	assert_int_equal(ioctl(container, VFIO_CHECK_EXTENSION, VFIO_SPAPR_TCE_IOMMU), 0);
	assert_int_equal(result(ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU)), -EINVAL);
	assert_int_equal(result(ioctl(container, VFIO_IOMMU_GET_INFO, NULL)), -EINVAL);

	assert_int_equal(ioctl(group, VFIO_GROUP_GET_STATUS, &status), 0);
	assert_int_equal(status.flags, VFIO_GROUP_FLAGS_VIABLE);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_GET_DEVICE_FD, EDGE)), -EINVAL);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_UNSET_CONTAINER)), -EINVAL);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_SET_CONTAINER, &bad)), -EBADF);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_SET_CONTAINER, &negative)), -EINVAL);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_SET_CONTAINER, &other)), -EBADFD);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_SET_CONTAINER, nowhere)), -EFAULT);
	assert_int_equal(ioctl(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_SET_CONTAINER, &container)), -EINVAL);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_GET_DEVICE_FD, EDGE)), -EINVAL);
	assert_int_equal(result(ioctl(container, VFIO_SET_IOMMU, 77)), -ENODEV);
	assert_int_equal(ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	assert_int_equal(result(ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU)), -EINVAL);

	static const struct {
		const char *name;
		long ret;
	} names[] = {
		{"0000:03:00.0", -ENODEV},
		{"02:00.0", -ENODEV},
		{"nonsense", -ENODEV},
		{EDGE " colour=red", -EINVAL},
		{EDGE " vf_token=00112233-4455-6677-8899-aabbccddeeff", -EINVAL},
	};

	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(result(ioctl(group, VFIO_GROUP_GET_DEVICE_FD, names[i].name)),
				 names[i].ret);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_GET_DEVICE_FD, nowhere)), -EFAULT);
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, EDGE);
	assert_true(device >= 0);
	assert_int_equal(fcntl(device, F_GETFD), FD_CLOEXEC);
	assert_int_equal(result(ioctl(group, VFIO_GROUP_UNSET_CONTAINER)), -EBUSY);
	close(device);
	assert_int_equal(ioctl(group, VFIO_GROUP_UNSET_CONTAINER), 0);
	close(group);
	close(container);
	close(other);
}

static void test_dma(void **state)
{
	struct user u = vfio_user_open("5", EDGE);
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	void *ram =
		mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct {
		uint32_t argsz, flags;
		uint64_t vaddr, iova, size;
		long ret;
	} rows[] = {
		{24, 3, 0, 0, page, -EINVAL},
		{32, 0, 0, 0, page, -EINVAL},
		{32, 3, 0, 0, 0, -EINVAL},
		{32, 3, 0, 0, page / 2, -EINVAL},
		{32, 3, 1, 0, page, -EINVAL},
		{32, 3, 0, 0xfee00000, 0x10000, -EINVAL},
		{32, 3, page, 0x100000, page, -EFAULT},
		{32, 3, (uint64_t)(uintptr_t)ram, 0x100000, 4 * page, 0},
		{32, 3, (uint64_t)(uintptr_t)ram, 0x100000 + page, page, -EEXIST},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vfio_iommu_type1_dma_map map = {.argsz = rows[i].argsz,
						       .flags = rows[i].flags,
						       .vaddr = rows[i].vaddr,
						       .iova = rows[i].iova,
						       .size = rows[i].size};

		assert_int_equal(result(ioctl(u.container, VFIO_IOMMU_MAP_DMA, &map)), rows[i].ret);
	}

	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap), .iova = 0x100000, .size = page};

	assert_int_equal(result(ioctl(u.container, VFIO_IOMMU_UNMAP_DMA, &unmap)), -EINVAL);
	unmap.size = 16 * page;
	assert_int_equal(ioctl(u.container, VFIO_IOMMU_UNMAP_DMA, &unmap), 0);
	assert_int_equal(unmap.size, 4 * page);
	munmap(ram, 4 * page);
	user_close(&u);
}

static void test_iommu_info(void **state)
{
	struct user u = vfio_user_open("5", EDGE);
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	void *ram = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t buf[64] = {16};

	assert_int_equal(ioctl(u.container, VFIO_IOMMU_GET_INFO, buf), 0);
	assert_true(buf[0] > 24);
	assert_int_equal(buf[1], 3);
	assert_int_equal(buf[4], 0);
	assert_int_equal(ioctl(u.container, VFIO_IOMMU_GET_INFO, buf), 0);
	assert_int_equal(buf[4], 24);
	assert_int_equal(buf[6], 1 << 16 | 1); /* version 1 of the iova ranges */
	assert_int_equal(buf[8], 2);
	assert_int_equal(buf[18], 1 << 16 | 3); /* version 1 of the mappings available */
	assert_int_equal(buf[20], 65535);

	struct vfio_iommu_type1_dma_map map = {.argsz = sizeof(map),
					       .flags = VFIO_DMA_MAP_FLAG_READ,
					       .vaddr = (uint64_t)(uintptr_t)ram,
					       .iova = 0x100000,
					       .size = page};

	assert_int_equal(ioctl(u.container, VFIO_IOMMU_MAP_DMA, &map), 0);
	assert_int_equal(ioctl(u.container, VFIO_IOMMU_GET_INFO, buf), 0);
	assert_int_equal(buf[20], 65534);
	munmap(ram, page);
	user_close(&u);
}

/* One page at a time, as DPDK maps without huge pages: up to type1's dma_entry_limit. */
static void test_many_mappings(void **state)
{
	struct user u = vfio_user_open("5", EDGE);
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	void *ram = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vfio_iommu_type1_dma_map map = {.argsz = sizeof(map),
					       .flags = VFIO_DMA_MAP_FLAG_READ,
					       .vaddr = (uint64_t)(uintptr_t)ram,
					       .size = page};
	struct vfio_iommu_type1_dma_unmap unmap = {.argsz = sizeof(unmap)};
	/* every other page, and of two the second one first */
	const uint64_t most = 65535, base = 1ULL << 32;

	for (uint64_t i = 0; i < most; i++) {
		map.iova = base + 2 * page * (i ^ 1);
		assert_int_equal(ioctl(u.container, VFIO_IOMMU_MAP_DMA, &map), 0);
	}
	map.iova = base + page;
	assert_int_equal(result(ioctl(u.container, VFIO_IOMMU_MAP_DMA, &map)), -ENOSPC);
	map.iova = base + 2 * page;
	assert_int_equal(result(ioctl(u.container, VFIO_IOMMU_MAP_DMA, &map)), -EEXIST);
	/* a hole holds nothing; what is unmapped is free again */
	unmap.iova = base + page;
	unmap.size = page;
	assert_int_equal(ioctl(u.container, VFIO_IOMMU_UNMAP_DMA, &unmap), 0);
	assert_int_equal(unmap.size, 0);
	unmap.size = 4 * page;
	assert_int_equal(ioctl(u.container, VFIO_IOMMU_UNMAP_DMA, &unmap), 0);
	assert_int_equal(unmap.size, 2 * page);
	assert_int_equal(ioctl(u.container, VFIO_IOMMU_MAP_DMA, &map), 0);
	unmap.iova = unmap.size = 0;
	unmap.flags = VFIO_DMA_UNMAP_FLAG_ALL;
	assert_int_equal(ioctl(u.container, VFIO_IOMMU_UNMAP_DMA, &unmap), 0);
	assert_int_equal(unmap.size, (most - 1) * page);
	munmap(ram, page);
	user_close(&u);
}

/* State belongs to the device and lives as long as any of its files, mappings included. */
static void test_lifetime(void **state)
{
	struct user u = vfio_user_open("5", EDGE);
	int second = ioctl(u.group, VFIO_GROUP_GET_DEVICE_FD, EDGE), copy = dup(second);
	char *p = mmap(NULL, 0x1000, PROT_READ, MAP_SHARED, copy, 0);

	assert_true(second >= 0 && second != u.device);
	config_put(u.device, 0x10, 4, 0xabcd0000);
	assert_int_equal(config_get(second, 0x10, 4), 0xabcd0004);
	close(u.device);
	close(u.group);
	close(second);
	/* Its device keeps a group open. */
	assert_int_equal(result(open("/dev/vfio/5", O_RDWR)), -EBUSY);
	assert_int_equal(config_get(copy, 0x10, 4), 0xabcd0004);
	close(copy);
	assert_int_equal(result(open("/dev/vfio/5", O_RDWR)), -EBUSY);
	assert_int_equal(p[3], fakevfio_pattern(0, 3));
	munmap(p, 0x1000);
	close(u.container);

	u = vfio_user_open("5", EDGE);
	assert_int_not_equal(config_get(u.device, 0x10, 4), 0xabcd0004);
	user_close(&u);
}

static void assert_link(int fd, const char *expected)
{
	char path[64], target[64] = "", cut[4] = "...";
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target) - 1);
	assert_int_equal(n, strlen(expected));
	assert_string_equal(target, expected);
	assert_int_equal(readlinkat(AT_FDCWD, path, cut, 2), 2);
	assert_memory_equal(cut, expected, 2);
	assert_int_equal(cut[2], '.');
}

static void test_identity(void **state)
{
	struct user u = vfio_user_open("5", EDGE);

	assert_link(u.device, "anon_inode:[vfio-device]");
	assert_link(u.group, "/dev/vfio/5");
	assert_link(u.container, "/dev/vfio/vfio");
	user_close(&u);
}

/* What the directory lists is `count` of the names, and nothing else. */
static void assert_listed(const char *path, const char *names, int count)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		assert_non_null(strstr(names, entry->d_name));
		n++;
	}
	closedir(dir);
	assert_int_equal(n, count);
}

/* As a program that looks for VFIO finds it, on a host that has none. */
static void test_directories(void **state)
{
	static const struct {
		const char *path, *names;
		int count;
	} rows[] = {
		{"/sys/bus/pci/devices",
		 "0000:02:00.0 0000:02:00.1 0000:03:00.0 0000:04:00.0 0000:05:00.0 0000:05:00.1",
		 6},
		{"/dev/vfio", "vfio devices 5 6 7 8 9", 7},
		{"/dev/vfio/devices", "vfio0 vfio1 vfio2 vfio3 vfio4 vfio5", 6},
		{"/sys/kernel/iommu_groups", "5 6 7 8 9", 5},
	};
	struct stat st;
	char path[64];

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_listed(rows[i].path, rows[i].names, rows[i].count);
		snprintf(path, sizeof(path), "%s/", rows[i].path);
		assert_listed(path, rows[i].names, rows[i].count);
		assert_int_equal(access(rows[i].path, R_OK | X_OK), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_true(S_ISDIR(st.st_mode));
	}
	assert_int_equal(access("/dev/vfio/vfio", R_OK), 0);
	assert_int_equal(result(access("/dev/vfio/none", R_OK)), -ENOENT);
	assert_int_equal(result(access("/dev/vfio0", R_OK)), -ENOENT);
}

static void test_sysfs(void **state)
{
	char buf[PATH_MAX], *allocated;
	struct stat st;
	FILE *file;
	DIR *dir;
	int fd;

	assert_int_equal(stat(SYSFS, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(stat("/sys/bus/pci/devices/ffff:ff:1f.7", &st), -1);
	assert_int_equal(access(SYSFS "/vendor", R_OK), 0);
	assert_int_equal(readlink(SYSFS "/iommu_group", buf, sizeof(buf)),
			 strlen("../../../../kernel/iommu_groups/5"));
	assert_string_equal(realpath(SYSFS "/iommu_group", buf), "/sys/kernel/iommu_groups/5");
	allocated = realpath("/sys/kernel/iommu_groups/5/devices/" EDGE, NULL);
	assert_string_equal(allocated, SYSFS);
	free(allocated);
	dir = opendir("/sys/kernel/iommu_groups/5/devices");
	assert_non_null(dir);
	closedir(dir);
	assert_int_equal(access("/sys/module/vfio_pci", R_OK), 0);
	assert_int_equal(access("/sys/module/vfio/parameters", R_OK), -1);
	file = fopen(SYSFS "/device", "r");
	assert_non_null(file);
	assert_string_equal(fgets(buf, sizeof(buf), file), "0x5678\n");
	fclose(file);
	assert_int_equal(result(open(nowhere, O_RDONLY)), -EFAULT);
	assert_int_equal(result(openat(AT_FDCWD, nowhere, O_RDONLY)), -EFAULT);
	assert_int_equal(result(access(nowhere, R_OK)), -EFAULT);
	fd = open(SYSFS "/config", O_RDONLY);
	assert_int_equal(pread(fd, buf, 4, 0), 4);
	assert_memory_equal(buf, "\x34\x12\x78\x56", 4);
	close(fd);
}

union reset_info {
	struct vfio_pci_hot_reset_info hdr;
	uint8_t bytes[sizeof(struct vfio_pci_hot_reset_info) +
		      2 * sizeof(struct vfio_pci_dependent_device)];
};

static void test_hot_reset_info(void **state)
{
	struct user u = vfio_user_open("5", EDGE);
	union reset_info info = {.hdr = {.argsz = sizeof(info.hdr)}};

	assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info)),
			 -ENOSPC);
	assert_int_equal(info.hdr.count, 2);
	info.hdr.argsz = sizeof(info);
	assert_int_equal(ioctl(u.device, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info), 0);
	assert_int_equal(info.hdr.devices[1].group_id, 6);
	assert_int_equal(info.hdr.devices[1].bus, 2);
	assert_int_equal(info.hdr.devices[1].devfn, 1);
	user_close(&u);
}

static long hot_reset(int device, uint32_t count, int32_t first, int32_t second)
{
	union {
		struct vfio_pci_hot_reset hdr;
		uint8_t bytes[sizeof(struct vfio_pci_hot_reset) + 2 * sizeof(int32_t)];
	} reset = {.hdr = {.argsz = sizeof(reset), .count = count}};
	const int32_t fds[] = {first, second};

	memcpy(reset.hdr.group_fds, fds, sizeof(fds));
	return result(ioctl(device, VFIO_DEVICE_PCI_HOT_RESET, &reset));
}

static void test_hot_reset(void **state)
{
	struct user u = vfio_user_open("5", EDGE);
	int group, device;

	user_add_group(&u, "6", "0000:02:00.1", &group, &device);
	assert_int_equal(pwrite(u.device, "ab", 2, AT(0, 0)), 2);
	assert_int_equal(pwrite(device, "ab", 2, AT(0, 0)), 2);
	assert_int_equal(result(ioctl(device, VFIO_DEVICE_RESET)), -EINVAL);
	assert_int_equal(hot_reset(u.device, 0, u.group, group), -EINVAL);
	assert_int_equal(hot_reset(u.device, 1, u.group, group), -EINVAL);
	assert_int_equal(hot_reset(u.device, 3, u.group, group), -EINVAL);
	assert_int_equal(hot_reset(u.device, 2, u.group, u.container), -EINVAL);
	assert_int_equal(hot_reset(u.device, 2, u.group, 9999), -EBADF);
	assert_int_equal(control("peek " EDGE " bar0 0 1"), 'a');
	assert_int_equal(hot_reset(u.device, 2, u.group, group), 0);
	assert_int_equal(control("peek " EDGE " bar0 0 1"), fakevfio_pattern(0, 0));
	assert_int_equal(control("peek 0000:02:00.1 bar0 0 1"), fakevfio_pattern(0, 0));
	close(device);
	close(group);
	user_close(&u);
}

static void test_virtual_function(void **state)
{
	struct user u = vfio_user_open("7", "0000:03:00.0");
	uint8_t b;

	assert_int_equal(
		result(ioctl(u.group, VFIO_GROUP_GET_DEVICE_FD,
			     "0000:03:00.0 vf_token=00112233-4455-6677-8899-aabbccddeeff")),
		-EINVAL);
	assert_int_equal(config_get(u.device, 0x10, 4), 0xc);
	assert_int_equal(config_get(u.device, PCI_COMMAND, 2), PCI_COMMAND_MEMORY);
	config_put(u.device, PCI_COMMAND, 2, 0);
	assert_int_equal(config_get(u.device, PCI_COMMAND, 2), 0);
	assert_int_equal(pread(u.device, &b, 1, AT(0, 0x2000)), 1);
	assert_int_equal(b, fakevfio_pattern(0, 0x2000));
	user_close(&u);
}

static void test_old_kernel(void **state)
{
	struct user u = vfio_user_open("8", "0000:04:00.0");
	struct {
		struct vfio_region_info info;
		uint16_t id, version;
		uint32_t next, areas, reserved;
		uint64_t area[4];
	} r = {.info = {.argsz = sizeof(r)}};

	assert_int_equal(ioctl(u.device, VFIO_DEVICE_GET_REGION_INFO, &r), 0);
	assert_int_equal(r.info.cap_offset, 32);
	assert_int_equal(r.id, VFIO_REGION_INFO_CAP_SPARSE_MMAP);
	assert_int_equal(r.version, 1);
	assert_int_equal(r.next, 0);
	assert_int_equal(r.areas, 2);
	assert_int_equal(r.area[2], 0x2000);
	assert_int_equal(r.area[3], 0x2000);
	assert_ptr_equal(mmap(NULL, 0x4000, PROT_READ, MAP_SHARED, u.device, 0), MAP_FAILED);
	assert_int_equal(result(pread(u.device, &r, 1, CONFIG(256))), -EFAULT);
	user_close(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_dma),
		cmocka_unit_test(test_iommu_info),
		cmocka_unit_test(test_many_mappings),
		cmocka_unit_test(test_lifetime),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_sysfs),
		cmocka_unit_test(test_hot_reset_info),
		cmocka_unit_test(test_hot_reset),
		cmocka_unit_test(test_virtual_function),
		cmocka_unit_test(test_old_kernel),

	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
