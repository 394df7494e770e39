/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device fd of the fake against what vfio-pci does: regions, configuration, BARs, mappings. */
#include "tests/lib/vfio_user.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "msixshim/fakevfio.h"

#define RW   (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)
#define RWM  (RW | VFIO_REGION_INFO_FLAG_MMAP)
#define CAPS VFIO_REGION_INFO_FLAG_CAPS

static struct user u;
static long page;
static volatile size_t huge; /* 0, which no compiler knows */

static int open_edge(void **state)
{
	u = vfio_user_open("5", "0000:02:00.0");
	page = sysconf(_SC_PAGESIZE);
	return 0;
}

static int close_edge(void **state)
{
	user_close(&u);
	return 0;
}

static void test_info(void **state)
{
	struct vfio_device_info info = {.argsz = sizeof(info)};

	assert_int_equal(ioctl(u.device, VFIO_DEVICE_GET_INFO, &info), 0);
	assert_int_equal(info.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
	assert_int_equal(info.num_regions, 9);
	assert_int_equal(info.num_irqs, 5);
	info.argsz = 15;
	assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_GET_INFO, &info)), -EINVAL);
	assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_GET_INFO, nowhere)), -EFAULT);
	assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_GET_INFO, NULL)), -EFAULT);
}

static void test_regions(void **state)
{
	static const struct {
		uint32_t index, flags;
		uint64_t size;
	} rows[] = {
		{0, RWM | CAPS, 0x10000},
		{1, 0, 0},
		{2, RW, 256},
		{3, RW, 32},
		{4, RW, 0x2000},
		{5, RWM, 0x4000},
		{6, VFIO_REGION_INFO_FLAG_READ, 0x10000},
		{7, RW, 4096},
	};
	struct vfio_region_info info;

	for (size_t i = 0; i < COUNT(rows); i++) {
		info = (struct vfio_region_info){
			.argsz = 32, .index = rows[i].index, .cap_offset = 0xabcd};
		assert_int_equal(ioctl(u.device, VFIO_DEVICE_GET_REGION_INFO, &info), 0);
		assert_int_equal(info.flags, rows[i].flags);
		assert_int_equal(info.size, rows[i].size);
		assert_int_equal(info.offset, (uint64_t)rows[i].index << 40);
		assert_int_equal(info.argsz, rows[i].flags & CAPS ? 40 : 32);
		assert_int_equal(info.cap_offset, rows[i].flags & CAPS ? 0 : 0xabcd);
	}
	for (uint32_t index = 8; index < 11; index++) {
		info = (struct vfio_region_info){.argsz = 32, .index = index};
		assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_GET_REGION_INFO, &info)),
				 -EINVAL);
	}
	assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_GET_REGION_INFO, nowhere)), -EFAULT);
}

static void test_region_argsz(void **state)
{
	for (uint32_t argsz = 0; argsz < 64; argsz++) {
		uint8_t buf[64];
		struct vfio_region_info *info = (void *)buf;

		memset(buf, 0x5a, sizeof(buf));
		*info = (struct vfio_region_info){.argsz = argsz, .cap_offset = 7};

		long ret = result(ioctl(u.device, VFIO_DEVICE_GET_REGION_INFO, info));

		assert_int_equal(ret, argsz < 32 ? -EINVAL : 0);
		if (ret)
			continue;
		assert_int_equal(info->argsz, argsz < 40 ? 40 : argsz);
		assert_int_equal(info->cap_offset, argsz < 40 ? 0 : 32);
		assert_int_equal(buf[32], argsz < 40 ? 0x5a : VFIO_REGION_INFO_CAP_MSIX_MAPPABLE);
		assert_int_equal(buf[40], 0x5a);
	}
}

static void test_config_bounds(void **state)
{
	static const struct {
		uint64_t offset, count;
		long ret;
	} rows[] = {
		{0, 4096, 4096},    {4095, 1, 1}, {4095, 2, -EFAULT}, {4096, 1, -EFAULT},
		{1, 4096, -EFAULT}, {0, 0, 0},	  {1 << 20, 0, 0},    {1 << 20, 1, -EFAULT},
	};
	uint8_t buf[4200];

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(
			result(pread(u.device, buf, rows[i].count, CONFIG(rows[i].offset))),
			rows[i].ret);
	assert_int_equal(result(pread(u.device, nowhere, 4, CONFIG(0))), -EFAULT);
	assert_int_equal(result(pwrite(u.device, nowhere, 4, CONFIG(4))), -EFAULT);
	/* Writes to the MSI-X capability are dropped before anybody looks at the data. */
	assert_int_equal(result(pwrite(u.device, nowhere, 12, CONFIG(0xc0))), 12);
	assert_int_equal(result(pwrite(u.device, nowhere, 12, CONFIG(0x130))), 12);
	assert_int_equal(result(pwrite(u.device, nowhere, 4, CONFIG(0x50))), -EFAULT);
	assert_int_equal(result(pwrite(u.device, nowhere, 4, CONFIG(0x114))), -EFAULT);
}

static void test_config_widths(void **state)
{
	uint8_t whole[4096], part[8];

	assert_int_equal(pread(u.device, whole, sizeof(whole), CONFIG(0)), 4096);
	for (unsigned int offset = 0; offset < 0x140; offset++) {
		for (unsigned int n = 1; n <= 8; n++) {
			assert_int_equal(pread(u.device, part, n, CONFIG(offset)), n);
			assert_memory_equal(part, whole + offset, n);
		}
	}
}

static void test_config_hidden(void **state)
{
	/* SSVID is spliced out, a hidden first extended capability keeps its place alone. */
	assert_int_equal(config_get(u.device, 0x34, 1), 0x40);
	assert_int_equal(config_get(u.device, 0x41, 1), 0x50);
	assert_int_equal(config_get(u.device, 0x100, 4), 0x11000000);
	assert_int_equal(config_get(u.device, 0x110, 4), 0x1301000b);
	assert_int_equal(config_get(u.device, 0x130, 4), 0x00010003);
}

/* A capability that claims more than there is spoils no other one. */
static void test_overlong_cap(void **state)
{
	int group, device;

	user_add_group(&u, "6", "0000:02:00.1", &group, &device);
	config_put(device, 0x44, 1, 3);
	assert_int_equal(config_get(device, 0x44, 1) & PCI_PM_CTRL_STATE_MASK, 3);
	close(device);
	close(group);
}

static void test_bar_registers(void **state)
{
	static const struct {
		unsigned int offset;
		uint32_t ones;
	} rows[] = {
		{0x10, 0xffff0004}, {0x14, 0xffffffff}, {0x18, 0xffffff00}, {0x1c, 0xffffffe1},
		{0x20, 0xffffe000}, {0x24, 0},		{0x30, 0xffff0001},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		config_put(u.device, rows[i].offset, 4, 0xffffffff);
		assert_int_equal(config_get(u.device, rows[i].offset, 4), rows[i].ones);
		config_put(u.device, rows[i].offset, 4, 0);
	}
	config_put(u.device, 0x12, 1, 0xab);
	config_put(u.device, 0x13, 2, 0x12cd);
	assert_int_equal(config_get(u.device, 0x10, 4), 0xcdab0004);
	assert_int_equal(config_get(u.device, 0x14, 4), 0x00000012);
	assert_int_equal(ioctl(u.device, VFIO_DEVICE_RESET), 0);
	assert_int_equal(config_get(u.device, 0x10, 4), 0xcdab0004);
}

static void test_bar_edges(void **state)
{
	static const struct {
		uint64_t pos, count;
		long ret;
	} rows[] = {
		{AT(0, 0), 8, 8},
		{AT(0, 0xffff), 1, 1},
		{AT(0, 0xfffc), 8, 4},
		{AT(0, 0x10000), 1, -EINVAL},
		{AT(0, 0x10000), 0, 0},
		{AT(1, 0), 4, -EINVAL},
		{AT(2, 255), 4, 1},
		{AT(3, 30), 4, 2},
		{AT(5, 0), 4, -EINVAL},
		{AT(6, 0), 4, 4},
		{AT(8, 0xa0000), 4, -EINVAL},
		{AT(9, 0), 4, -EINVAL},
		{AT(9, 0), 0, 0},
	};
	uint8_t buf[16];

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(result(pread(u.device, buf, rows[i].count, (off_t)rows[i].pos)),
				 rows[i].ret);
	assert_int_equal(result(pread(u.device, buf, 4, -1)), -EINVAL);
	assert_int_equal(result(pread(u.device, nowhere, 4, AT(0, 0))), -EFAULT);
	assert_int_equal(result(pwrite(u.device, nowhere, 4, AT(0, 0))), -EFAULT);
	assert_int_equal(result(pwrite(u.device, buf, 4, AT(6, 0))), -EINVAL);
	assert_int_equal(result(pread(u.group, buf, 4, 0)), -EINVAL);
}

static void test_bar_contents(void **state)
{
	uint8_t buf[0x100];

	assert_int_equal(pread(u.device, buf, sizeof(buf), AT(0, 0x1000)), sizeof(buf));
	for (unsigned int i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], fakevfio_pattern(0, 0x1000 + i));
	/* The table, [0x2008, 0x2468), is a hole; the PBA behind it is not. */
	assert_int_equal(pread(u.device, buf, 16, AT(0, 0x2000)), 16);
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(buf[i], i < 8 ? fakevfio_pattern(0, 0x2000 + i) : 0xff);
	assert_int_equal(pread(u.device, buf, 16, AT(0, 0x2460)), 16);
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(buf[i], i < 8 ? 0xff : fakevfio_pattern(0, 0x2460 + i));
	assert_int_equal(pread(u.device, buf, 16, AT(0, 0x3000)), 16);
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(buf[i], 0);
	assert_int_equal(pwrite(u.device, nowhere, 16, AT(0, 0x2010)), 16);

	assert_int_equal(pwrite(u.device, "abcd", 4, AT(0, 0x1000)), 4);
	assert_int_equal(control("peek 0000:02:00.0 bar0 0x1000 4"), 0x64636261);
	assert_int_equal(ioctl(u.device, VFIO_DEVICE_RESET), 0);
	assert_int_equal(control("peek 0000:02:00.0 bar0 0x1000 1"), fakevfio_pattern(0, 0x1000));
}

static void test_vectored(void **state)
{
	uint8_t a[2], b[8];
	struct iovec iov[] = {{a, 2}, {b, 8}, {a, 2}};

	assert_int_equal(preadv(u.device, iov, 2, AT(0, 0x100)), 10);
	assert_int_equal(b[7], fakevfio_pattern(0, 0x109));
	assert_int_equal(preadv(u.device, iov, 3, AT(0, 0xfffa)), 6);
	assert_int_equal(result(preadv(u.device, iov, 2, AT(0, 0x10000))), -EINVAL);
	assert_int_equal(result(preadv(u.device, iov, -1 - (int)huge, AT(0, 0))), -EINVAL);
	assert_int_equal(result(preadv(u.device, iov, 1025 - (int)huge, AT(0, 0))), -EINVAL);
	assert_int_equal(result(preadv(u.device, nowhere, 1, AT(0, 0))), -EFAULT);
	assert_int_equal(result(preadv(u.group, iov, 1, 0)), -EINVAL);
	/* A later part that fails leaves no trace but the shorter count. */
	iov[1].iov_base = nowhere;
	errno = 0;
	assert_int_equal(preadv(u.device, iov, 2, AT(0, 0x100)), 2);
	assert_int_equal(errno, 0);
	iov[1].iov_len = (size_t)-1;
	assert_int_equal(result(preadv(u.device, iov, 2, AT(0, 0x100))), -EINVAL);
}

static void test_vectored_flags(void **state)
{
	uint8_t a[2];
	struct iovec iov = {a, 2};

	assert_int_equal(result(preadv2(u.device, &iov, 1, AT(0, 0x100), RWF_NOWAIT)), -EOPNOTSUPP);
	assert_int_equal(preadv2(u.device, &iov, 1, AT(0, 0x100), RWF_HIPRI), 2);
	/* Position -1 is the file's own, which starts at BAR 0 and is moved on. */
	for (unsigned int i = 0; i < 4; i += 2) {
		assert_int_equal(preadv2(u.device, &iov, 1, -1, 0), 2);
		assert_int_equal(a[0], fakevfio_pattern(0, i));
	}
	assert_int_equal(result(preadv2(u.device, &iov, 1, -2, 0)), -EINVAL);
}

static void test_count_limit(void **state)
{
	uint8_t b;

	assert_int_equal(result(pread(u.device, &b, SIZE_MAX - huge, AT(0, 0xffff))), -EFAULT);
	assert_int_equal(result(pread(u.device, &b, SIZE_MAX - huge, -1)), -EINVAL);
}

static void test_gate(void **state)
{
	uint8_t buf[8];

	config_put(u.device, PCI_COMMAND, 2, PCI_COMMAND_IO);
	assert_int_equal(result(pread(u.device, buf, 4, AT(0, 0))), -EIO);
	assert_int_equal(result(pwrite(u.device, buf, 4, AT(0, 0))), -EIO);
	assert_int_equal(result(pread(u.device, buf, 4, AT(6, 0))), -EIO);
	/* Never for the hole, nor for I/O ports; EINVAL and nothing to do come first. */
	assert_int_equal(result(pread(u.device, buf, 4, AT(0, 0x2010))), 4);
	assert_int_equal(result(pread(u.device, buf, 8, AT(0, 0x2464))), -EIO);
	assert_int_equal(result(pread(u.device, buf, 4, AT(3, 0))), 4);
	assert_int_equal(result(pread(u.device, buf, 4, AT(0, 0x10000))), -EINVAL);
	assert_int_equal(result(pread(u.device, buf, 0, AT(0, 0))), 0);
	config_put(u.device, PCI_COMMAND, 1, PCI_COMMAND_MEMORY);
	assert_int_equal(result(pread(u.device, buf, 4, AT(0, 0))), 4);
	config_put(u.device, 0x44, 1, 3);
	assert_int_equal(config_get(u.device, 0x44, 1) & 3, 3);
	assert_int_equal(result(pread(u.device, buf, 4, AT(0, 0))), -EIO);
	config_put(u.device, 0x44, 1, 0);
	assert_int_equal(result(pread(u.device, buf, 4, AT(0, 0))), 4);
}

static void test_mmap(void **state)
{
	const struct {
		uint64_t pos;
		size_t len;
		int flags;
		long ret;
	} rows[] = {
		{AT(0, 0), 0x10000, MAP_SHARED, 0},
		{AT(0, 0), 0x10000, MAP_PRIVATE, -EINVAL},
		{AT(0, 0), 0x10000, MAP_SHARED_VALIDATE, 0},
		{AT(0, 0), 0x10000, MAP_SHARED_VALIDATE | MAP_SYNC, -EOPNOTSUPP},
		{AT(0, page), 0x10000, MAP_SHARED_VALIDATE | MAP_SYNC, -EOPNOTSUPP},
		{AT(0, page), 0x10000, MAP_SHARED, -EINVAL},
		{AT(0, 0x10000), 4096, MAP_SHARED, -EINVAL},
		{AT(0, 0), 0, MAP_SHARED, -EINVAL},
		{AT(0, 1), 4096, MAP_SHARED, -EINVAL},
		{AT(1, 0), 4096, MAP_SHARED, -EINVAL},
		{AT(2, 0), 4096, MAP_SHARED, -EINVAL},
		{AT(3, 0), 4096, MAP_SHARED, -EINVAL},
		{AT(4, 0), 4096, MAP_SHARED, -EINVAL},
		{AT(5, 0), 4096, MAP_SHARED, -EBUSY},
		{AT(6, 0), 4096, MAP_SHARED, -EINVAL},
		{CONFIG(0), 4096, MAP_SHARED, -EINVAL},
		{AT(9, 0), 4096, MAP_SHARED, -EINVAL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		void *p = mmap(NULL, rows[i].len, PROT_READ, rows[i].flags, u.device,
			       (off_t)rows[i].pos);

		assert_int_equal(p == MAP_FAILED ? -errno : 0, rows[i].ret);
		if (p != MAP_FAILED)
			munmap(p, rows[i].len);
	}
}

static sigjmp_buf fault;

static void on_bus(int signal)
{
	siglongjmp(fault, 1);
}

static bool faults(const volatile uint8_t *p)
{
	if (sigsetjmp(fault, 1))
		return true;

	volatile uint8_t seen = *p; /* valgrind leaves out a load that nothing comes of */

	(void)seen;
	return false;
}

static void test_mmap_gate(void **state)
{
	const struct sigaction action = {.sa_handler = on_bus};
	struct sigaction old;
	uint8_t *p = mmap(NULL, 0x10000, PROT_READ | PROT_WRITE, MAP_SHARED, u.device, AT(0, 0));

	assert_true(p != MAP_FAILED);
	sigaction(SIGBUS, &action, &old);
	assert_int_equal(p[5], fakevfio_pattern(0, 5));
	p[5] = 0x77;
	config_put(u.device, PCI_COMMAND, 2, 0);
	assert_true(faults(p + 5));
	assert_int_equal(control("peek 0000:02:00.0 bar0 5 1"), 0x77);
	config_put(u.device, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_false(faults(p + 5));
	assert_int_equal(p[5], 0x77);
	sigaction(SIGBUS, &old, NULL);
	munmap(p, 0x10000);
	assert_int_equal(ioctl(u.device, VFIO_DEVICE_RESET), 0);
}

static void test_ioeventfd(void **state)
{
	static const struct {
		uint64_t pos;
		uint32_t flags;
		int32_t fd;
		long ret;
	} rows[] = {
		{AT(0, 0), 4, -1, -ENODEV},	 {AT(0, 0), 0, -1, -EINVAL},
		{AT(0, 0), 3, -1, -EINVAL},	 {AT(0, 0), 16, -1, -EINVAL},
		{AT(0, 0), 4, -2, -EINVAL},	 {AT(6, 0), 4, -1, -EINVAL},
		{AT(0, 0xfffe), 4, -1, -EINVAL}, {AT(0, 0x2006), 4, -1, -EINVAL},
		{AT(0, 0x2004), 4, -1, -ENODEV}, {AT(0, 0x3000), 4, -1, -ENODEV},
		{AT(0, 0), 4, 9999, -EBADF},	 {AT(0, 0), 4, 0, -EINVAL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vfio_device_ioeventfd io = {.argsz = sizeof(io),
						   .flags = rows[i].flags,
						   .offset = rows[i].pos,
						   .fd = rows[i].fd};

		assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_IOEVENTFD, &io)), rows[i].ret);
	}
}

static void test_unknown_ioctls(void **state)
{
	struct vfio_device_feature feature = {.argsz = sizeof(feature),
					      .flags = VFIO_DEVICE_FEATURE_GET |
						       VFIO_DEVICE_FEATURE_PROBE | 1};

	assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_FEATURE, &feature)), -ENOTTY);
	feature.argsz = 4;
	assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_FEATURE, &feature)), -EINVAL);
	assert_int_equal(result(ioctl(u.device, _IO(VFIO_TYPE, VFIO_BASE + 60))), -ENOTTY);
	assert_int_equal(result(ioctl(u.group, VFIO_DEVICE_GET_INFO, NULL)), -ENOTTY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_info),	       cmocka_unit_test(test_regions),
		cmocka_unit_test(test_region_argsz),   cmocka_unit_test(test_config_bounds),
		cmocka_unit_test(test_config_widths),  cmocka_unit_test(test_config_hidden),
		cmocka_unit_test(test_bar_registers),  cmocka_unit_test(test_bar_edges),
		cmocka_unit_test(test_bar_contents),   cmocka_unit_test(test_vectored),
		cmocka_unit_test(test_gate),	       cmocka_unit_test(test_mmap),
		cmocka_unit_test(test_mmap_gate),      cmocka_unit_test(test_ioeventfd),
		cmocka_unit_test(test_unknown_ioctls), cmocka_unit_test(test_vectored_flags),
		cmocka_unit_test(test_count_limit),    cmocka_unit_test(test_overlong_cap),
	};

	return cmocka_run_group_tests(tests, open_edge, close_edge);
}
