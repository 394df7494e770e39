/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What proves that an fd is not the device any more, and what does not: the table of stale.h. */
#include "unit.h"

#include <errno.h>
#include <linux/vfio.h>

#include "vfio/stale.h"

#define BAR(n) ((uint64_t)(n) << 40)

static void accesses(void **state)
{
	static const struct {
		ssize_t result, past_config;
		enum stale past_end;
		bool config; /* stale, by a read past configuration space */
	} t[] = {
		/* a file: data, its end, no positions, a directory, closed */
		{1, -EFAULT, STALE_YES, true},
		{0, -EFAULT, STALE_YES, true},
		{-ESPIPE, -EFAULT, STALE_YES, true},
		{-EISDIR, -EFAULT, STALE_YES, true},
		{-EBADF, -EFAULT, STALE_YES, true},
		/* a BAR; its configuration space answers EFAULT, or as this driver does */
		{-EINVAL, -EFAULT, STALE_NO, true},
		{-EINVAL, -EINVAL, STALE_NO, false},
		{-EFAULT, -EFAULT, STALE_UNKNOWN, false},
		/* errors on the way: suspended, a flag of preadv2, a filter, a signal */
		{-EIO, -EFAULT, STALE_UNKNOWN, false},
		{-EOPNOTSUPP, -EFAULT, STALE_UNKNOWN, false},
		{-EPERM, -EFAULT, STALE_UNKNOWN, false},
		{-EINTR, -EFAULT, STALE_UNKNOWN, false},
		/* a driver that has data there tells nothing by it */
		{1, 1, STALE_YES, false},
		{0, 1, STALE_YES, false},
		{-EINVAL, 0, STALE_NO, false},
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(stale_past_end(t[i].result), t[i].past_end);
		assert_int_equal(stale_past_config(t[i].result, t[i].past_config), t[i].config);
	}
	assert_false(stale_count(8, 8));
	assert_true(stale_count(9, 8));
}

/* BAR1 of 2 KiB, extended to 16; BAR3 is the old table's. */
static const struct vfio_dev dev = {
	.plan = {.target = 1, .phys_size = 2 * KIB, .bar = {BAR_MEM64, false, 16 * KIB}},
	.style = {.page_size = 4 * KIB},
	.region = {[1] = {BAR(1), 2 * KIB}},
	.target = {.index = 1, .offset = BAR(1)},
	.old = {.index = 3, .offset = BAR(3)},
};

static void mappings(void **state)
{
	static const struct {
		uint64_t offset, len;
		bool stale;
	} t[] = {
		{BAR(1), 4 * KIB, false}, /* the page that the hardware has a part of */
		{BAR(1), 8 * KIB, true},
		{BAR(1) + 4 * KIB, 4 * KIB, true},
		{BAR(1) + 12 * KIB, 4 * KIB, true},
		{BAR(1) + 16 * KIB, 4 * KIB, false},
		{BAR(0), 4 * KIB, false},
		{BAR(3), 64 * KIB, false},
	};

	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(stale_mmap(&dev, t[i].offset, t[i].len), t[i].stale);
}

static void ioctls(void **state)
{
	static const struct {
		uint32_t number;
		int rc;
		bool stale;
	} t[] = {
		{VFIO_DEVICE_GET_INFO, 0, false},
		{VFIO_DEVICE_GET_INFO, -ENOTTY, true},
		{VFIO_DEVICE_GET_INFO, -EFAULT, false},
		{VFIO_DEVICE_GET_REGION_INFO, -ENOTTY, true},
		{VFIO_DEVICE_GET_REGION_INFO, -EINVAL, false},
		{VFIO_DEVICE_GET_IRQ_INFO, -ENOTTY, true},
		{VFIO_DEVICE_SET_IRQS, -ENOTTY, false},
		{VFIO_DEVICE_RESET, -ENOTTY, false}, /* not all devices have it */
		{VFIO_DEVICE_FEATURE, -ENOTTY, false},
		{VFIO_DEVICE_PCI_HOT_RESET, -ENOTTY, false},
		{VFIO_DEVICE_PCI_HOT_RESET, -EPERM, false},
	};

	const struct vfio_region_info unread = {0};

	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(stale_ioctl(&dev, t[i].number, t[i].rc, &unread), t[i].stale);
}

static void structs(void **state)
{
	static const struct {
		uint32_t index;
		uint64_t offset;
		bool stale;
	} regions[] = {
		{1, BAR(1), false}, {1, BAR(1) + 4 * KIB, true}, {3, BAR(3), false},
		{3, BAR(1), true},  {2, BAR(5), false}, /* the plan does not change BAR2 */
	};
	const struct vfio_pci_hot_reset reset = {.argsz = sizeof(reset)};
	const struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ,
	};

	for (size_t i = 0; i < COUNT(regions); i++) {
		const struct vfio_region_info info = {
			.index = regions[i].index,
			.offset = regions[i].offset,
		};

		assert_int_equal(stale_ioctl(&dev, VFIO_DEVICE_GET_REGION_INFO, 0, &info),
				 regions[i].stale);
	}
	assert_int_equal(VFIO_DEVICE_PCI_HOT_RESET, VFIO_IOMMU_MAP_DMA);
	assert_false(stale_ioctl(&dev, VFIO_DEVICE_PCI_HOT_RESET, 0, &reset));
	assert_true(stale_ioctl(&dev, VFIO_DEVICE_PCI_HOT_RESET, 0, &map));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accesses),
		cmocka_unit_test(mappings),
		cmocka_unit_test(ioctls),
		cmocka_unit_test(structs),
	};

	return cmocka_run_group_tests_name("stale", tests, NULL, NULL);
}
