/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read of a device while it is handed out, where the kernel's answer is odd, or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <string.h>

#include "core/le.h"
#include "mini_kernel.h"
#include "vfio/dev.h"

#define KIB    1024ULL
#define BAR(n) ((uint64_t)(n) << 40)
#define CONFIG BAR(VFIO_PCI_CONFIG_REGION_INDEX)
#define MEM64  PCI_BASE_ADDRESS_MEM_TYPE_64

static struct vfio_dev dev;
static struct vfio_ops ops; /* mini_ops, but for what a test puts there */

/* The table in BAR1 and the PBA in BAR3. */
static void apart(void)
{
	memset(&dev, 0, sizeof(dev));
	ops = mini_ops;
	dev.ops = &ops;
	mini_reset(96, 0xe000 | 1, 0x3000 | 3);
	mini_bar(1, 64 * KIB, MEM64);
	mini_bar(3, 256 * KIB, MEM64);
}

/* A kernel whose configuration space has `config_size` bytes, all of which can be read. */
static uint64_t config_size;
static size_t config_asked;

static int sized_ioctl(int fd, unsigned long request, void *arg)
{
	int rc = mini_ops.ioctl(fd, request, arg);
	struct vfio_region_info *info = arg;

	if (rc == 0 && (uint32_t)request == VFIO_DEVICE_GET_REGION_INFO &&
	    info->index == VFIO_PCI_CONFIG_REGION_INDEX)
		info->size = config_size;
	return rc;
}

static ssize_t sized_pread(int fd, void *buf, size_t count, uint64_t offset)
{
	const size_t known = count < PCI_CFG_SIZE ? count : PCI_CFG_SIZE;

	if (offset != CONFIG)
		return mini_ops.pread(fd, buf, count, offset);
	config_asked = count;
	if (count > PCI_CFG_EXT_SIZE) /* there is no room */
		return -EFAULT;
	memset(buf, 0, count);
	memcpy(buf, mini.config, known);
	return (ssize_t)count;
}

static void configuration_space_has_256_to_4096_bytes(void **state)
{
	static const struct {
		uint64_t size;
		int verdict;
		size_t asked;
	} t[] = {
		{0, VFIO_DEV_NO_HEADER, 0},
		{64, VFIO_DEV_NO_HEADER, 64},
		{255, VFIO_DEV_NO_HEADER, 255},
		{256, 0, 256},
		{4095, 0, 4095},
		{4096, 0, 4096},
		{4097, 0, 4096},
		{UINT64_C(1) << 40, 0, 4096},
	};
	uint8_t cfg[PCI_CFG_EXT_SIZE];

	apart();
	ops.ioctl = sized_ioctl;
	ops.pread = sized_pread;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		config_size = t[i].size;
		assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), t[i].verdict);
		assert_int_equal(config_asked, t[i].asked);
		assert_int_equal(dev.config_size, t[i].asked);
	}
}

static ssize_t short_pread(int fd, void *buf, size_t count, uint64_t offset)
{
	ssize_t n = mini_ops.pread(fd, buf, count, offset);

	return offset == CONFIG ? n - 1 : n;
}

static void configuration_space_is_read_whole(void **state)
{
	uint8_t cfg[PCI_CFG_EXT_SIZE];

	apart();
	ops.pread = short_pread;
	assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), -EIO);
}

static void a_device_that_goes_away_in_its_capabilities_is_silent(void **state)
{
	uint8_t cfg[PCI_CFG_EXT_SIZE];

	apart();
	mini.config[PCI_CAPABILITY_LIST] = 0x40;
	mini.config[0x40] = PCI_CAP_ID_PM;
	mini.config[0x41] = 0x50;
	memset(mini.config + 0x50, 0xff, PCI_CFG_SIZE - 0x50);
	assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), VFIO_DEV_SILENT);
}

#define BAR0_REGISTER (CONFIG + PCI_BASE_ADDRESS_0)

static uint32_t last_in_bar0;

static ssize_t failing_pread(int fd, void *buf, size_t count, uint64_t offset)
{
	return offset == BAR0_REGISTER ? -EIO : mini_ops.pread(fd, buf, count, offset);
}

static ssize_t noting_pwrite(int fd, const void *buf, size_t count, uint64_t offset)
{
	if (offset == BAR0_REGISTER)
		last_in_bar0 = le32_get(buf);
	return mini_ops.pwrite(fd, buf, count, offset);
}

/* BAR0 has a size and reads as 0, so it is written to. */
static void a_register_that_was_sized_is_restored_after_an_error(void **state)
{
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct plan_facts facts;

	apart();
	mini_bar(0, 4 * KIB, 0);
	ops.pread = failing_pread;
	ops.pwrite = noting_pwrite;
	last_in_bar0 = 1;
	assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), 0);
	assert_int_equal(vfio_dev_read_facts(&dev, MINI_FD, cfg, 4096, &facts), -EIO);
	assert_int_equal(last_in_bar0, 0);
}

static uint32_t num_regions;
static uint64_t bar3_offset;

static int odd_ioctl(int fd, unsigned long request, void *arg)
{
	int rc = mini_ops.ioctl(fd, request, arg);
	struct vfio_region_info *info = arg;

	if ((uint32_t)request == VFIO_DEVICE_GET_INFO)
		((struct vfio_device_info *)arg)->num_regions = num_regions;
	else if (rc == 0 && info->index == 3)
		info->offset = bar3_offset;
	return rc;
}

static void regions_have_a_limit(void **state)
{
	static const uint32_t t[] = {9, VFIO_DEV_REGIONS - 1, VFIO_DEV_REGIONS,
				     VFIO_DEV_REGIONS + 1, UINT32_MAX};
	uint8_t cfg[PCI_CFG_EXT_SIZE];

	apart();
	ops.ioctl = odd_ioctl;
	bar3_offset = BAR(3);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		num_regions = t[i];
		assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), 0);
		assert_int_equal(dev.nr_regions, t[i] < VFIO_DEV_REGIONS ? t[i] : VFIO_DEV_REGIONS);
	}
}

/* BAR1 has 64 KiB: what it may become ends where BAR3 starts, and is nothing inside of BAR3. */
static void a_region_has_room_up_to_the_next(void **state)
{
	static const struct {
		uint64_t bar3, room;
	} t[] = {
		{BAR(3), 2 * BAR(1)},
		{BAR(1) + 128 * KIB, 128 * KIB},
		{BAR(1), 0},
		{BAR(1) - 4 * KIB, 0},
		{BAR(1) - 256 * KIB + 1, 0},
		{BAR(1) - 256 * KIB, 6 * BAR(1)},
	};
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct plan_facts facts;

	apart();
	ops.ioctl = odd_ioctl;
	num_regions = MINI_REGIONS;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		bar3_offset = t[i].bar3;
		assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), 0);
		assert_int_equal(vfio_dev_read_facts(&dev, MINI_FD, cfg, 4096, &facts), 0);
		assert_int_equal(facts.room[1], t[i].room);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configuration_space_has_256_to_4096_bytes),
		cmocka_unit_test(configuration_space_is_read_whole),
		cmocka_unit_test(a_device_that_goes_away_in_its_capabilities_is_silent),
		cmocka_unit_test(a_register_that_was_sized_is_restored_after_an_error),
		cmocka_unit_test(regions_have_a_limit),
		cmocka_unit_test(a_region_has_room_up_to_the_next),
	};

	return cmocka_run_group_tests_name("vfio_facts", tests, NULL, NULL);
}
