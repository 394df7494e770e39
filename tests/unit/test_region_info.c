/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET_REGION_INFO under a plan: sizes, flags, and the rules of argsz, cap_offset and chains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <string.h>

#include "mini_kernel.h"
#include "vfio/dev.h"

#define KIB	      1024ULL
#define MEM64	      PCI_BASE_ADDRESS_MEM_TYPE_64
#define RW	      (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)
#define CAPS	      VFIO_REGION_INFO_FLAG_CAPS
#define INFO	      32U
#define SPARSE	      VFIO_REGION_INFO_CAP_SPARSE_MMAP
#define MSIX_MAPPABLE VFIO_REGION_INFO_CAP_MSIX_MAPPABLE

static struct vfio_dev dev;

static void start_with(int target, const struct region_style *style, uint64_t plan_page)
{
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct plan_facts facts;
	struct plan plan;

	memset(&dev, 0, sizeof(dev));
	dev.ops = &mini_ops;
	assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), 0);
	assert_int_equal(vfio_dev_read_facts(&dev, MINI_FD, cfg, plan_page, &facts), 0);
	assert_int_equal(plan_make(&facts, target, &plan), PLAN_OK);
	assert_int_equal(vfio_dev_start(&dev, MINI_FD, &plan, style, cfg), 0);
}

static void start(int target)
{
	start_with(target, &(struct region_style){.page_size = 4096}, 4096);
}

/* An NVMe: BAR0 16 KiB with 136 vectors at 0x2000 and the PBA at 0x3000. */
static void nvme(void)
{
	mini_reset(136, 0x2000, 0x3000);
	mini_bar(0, 16 * KIB, MEM64);
}

struct answer {
	struct vfio_region_info info;
	_Alignas(8) uint8_t chain[256];
};

static int ask(uint32_t index, uint32_t argsz, struct answer *a)
{
	struct vfio_effect effect = {0};

	memset(a, 0xee, sizeof(*a));
	a->info.argsz = argsz;
	a->info.index = index;
	a->info.cap_offset = 0x5a5a;
	return vfio_dev_ioctl(&dev, MINI_FD, VFIO_DEVICE_GET_REGION_INFO, a, &effect);
}

static const struct vfio_info_cap_header *cap_at(const struct answer *a, uint32_t offset)
{
	return (const void *)((const uint8_t *)a + offset);
}

static void assert_sparse(const struct answer *a, uint32_t offset, uint32_t n,
			  const struct extent *areas)
{
	const struct vfio_region_info_cap_sparse_mmap *s = (const void *)cap_at(a, offset);

	assert_int_equal(s->header.id, SPARSE);
	assert_int_equal(s->header.version, 1);
	assert_int_equal(s->nr_areas, n);
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(s->areas[i].offset, areas[i].start);
		assert_int_equal(s->areas[i].offset + s->areas[i].size, areas[i].end);
	}
}

static void new_bar_is_not_mappable(void **state)
{
	struct answer a;

	nvme();
	start(2);
	for (uint32_t argsz = INFO; argsz <= 128; argsz++) {
		assert_int_equal(ask(2, argsz, &a), 0);
		assert_int_equal(a.info.size, 4096);
		assert_int_equal(a.info.flags, RW);
		assert_int_equal(a.info.argsz, argsz);
		assert_int_equal(a.info.cap_offset, 0x5a5a);
		assert_int_equal(a.info.offset, 2ULL << 40);
	}
}

/* trap K5, trap V5 */
static void old_bar_loses_its_chain(void **state)
{
	struct answer a;

	nvme();
	start(2);
	for (uint32_t argsz = INFO; argsz <= 128; argsz++) {
		assert_int_equal(ask(0, argsz, &a), 0);
		assert_int_equal(a.info.size, 16 * KIB);
		assert_int_equal(a.info.flags, MINI_MMAP);
		assert_int_equal(a.info.argsz, argsz);
		assert_int_equal(a.info.cap_offset, 0x5a5a);
	}
}

/* trap K5, trap V5, trap V16 */
static void extended_bar_gets_a_chain(void **state)
{
	static const struct extent real = {0, 16 * KIB};
	const uint32_t needed = INFO + 32 + 8;
	struct answer a;

	nvme();
	start(0);
	for (uint32_t argsz = INFO; argsz <= 128; argsz++) {
		assert_int_equal(ask(0, argsz, &a), 0);
		assert_int_equal(a.info.size, 32 * KIB);
		assert_int_equal(a.info.flags, MINI_MMAP | CAPS);
		assert_int_equal(a.info.argsz, argsz < needed ? needed : argsz);
		assert_int_equal(a.info.cap_offset, argsz < needed ? 0 : INFO);
		if (argsz < needed)
			continue;
		assert_sparse(&a, INFO, 1, &real);
		assert_int_equal(cap_at(&a, INFO)->next, INFO + 32);
		assert_int_equal(cap_at(&a, INFO + 32)->id, MSIX_MAPPABLE);
		assert_int_equal(cap_at(&a, INFO + 32)->next, 0);
		assert_int_equal(*((const uint8_t *)&a + needed), 0xee);
	}
}

/* trap V5 */
static void other_regions_are_the_kernels(void **state)
{
	nvme();
	mini_bar(4, 64 * KIB, MEM64);
	start(2);
	for (uint32_t index = 0; index < 16; index++) {
		if (index == 0 || index == 2)
			continue;
		for (uint32_t argsz = 0; argsz < 48; argsz++) {
			struct answer shown, kernels;

			memset(&kernels, 0xee, sizeof(kernels));
			kernels.info.argsz = argsz;
			kernels.info.index = index;
			kernels.info.cap_offset = 0x5a5a;

			int rc = mini_ops.ioctl(MINI_FD, VFIO_DEVICE_GET_REGION_INFO, &kernels);

			assert_int_equal(ask(index, argsz, &shown), rc);
			assert_memory_equal(&shown, &kernels, sizeof(shown));
		}
	}
}

static void unmappable_stays_unmappable(void **state)
{
	struct answer a;

	nvme();
	mini.region[0].flags = RW;
	mini.region[0].msix_mappable = false;
	start(0);
	assert_int_equal(ask(0, INFO, &a), 0);
	assert_int_equal(a.info.flags, RW);
	assert_int_equal(a.info.size, 32 * KIB);
}

static void sparse_areas_are_kept(void **state)
{
	static const struct extent areas[] = {{0, 0x1000}, {0x3000, 0x5000}};
	static const struct extent inside[] = {{0, 0x1000}, {0x3000, 0x4000}};
	struct answer a;

	nvme();
	mini.region[0].nr_sparse = 2;
	memcpy(mini.region[0].sparse, areas, sizeof(areas));
	start(2);
	assert_int_equal(ask(0, sizeof(a), &a), 0);
	assert_int_equal(a.info.flags, MINI_MMAP | CAPS);
	assert_sparse(&a, INFO, 2, areas);
	assert_int_equal(cap_at(&a, INFO)->next, 0);

	start(0);
	assert_int_equal(ask(0, sizeof(a), &a), 0);
	assert_sparse(&a, INFO, 2, inside);
	assert_int_equal(cap_at(&a, INFO + 48)->id, MSIX_MAPPABLE);
}

/* Kernels before 4.16 refuse to map the pages of the table and say so by saying nothing. */
static void old_kernels_table_pages_are_left_out(void **state)
{
	static const struct extent around[] = {{0, 0x2000}, {0x3000, 0x4000}};
	struct answer a;

	nvme();
	mini.region[0].msix_mappable = false;
	for (int target = 0; target <= 2; target += 2) {
		start(target);
		assert_int_equal(ask(0, sizeof(a), &a), 0);
		assert_int_equal(a.info.flags, MINI_MMAP | CAPS);
		assert_sparse(&a, INFO, 2, around);
	}
}

/* The kernel maps the page that such a BAR starts, and nothing else is in it. (trap V17) */
static void sub_page_bar_maps_its_page(void **state)
{
	static const struct {
		uint64_t bar, page, size;
	} t[] = {
		{512, 4 * KIB, 8 * KIB},	 {512, 16 * KIB, 32 * KIB},
		{512, 64 * KIB, 128 * KIB},	 {4 * KIB, 4 * KIB, 8 * KIB},
		{4 * KIB, 16 * KIB, 32 * KIB},	 {4 * KIB, 64 * KIB, 128 * KIB},
		{16 * KIB, 64 * KIB, 128 * KIB}, {64 * KIB, 64 * KIB, 128 * KIB},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct region_style style = {.page_size = t[i].page};
		const struct extent page = {0, t[i].page};
		struct answer a;

		nvme();
		mini_bar(2, t[i].bar, 0);
		start_with(2, &style, t[i].page);
		assert_int_equal(ask(2, sizeof(a), &a), 0);
		assert_int_equal(a.info.size, t[i].size);
		assert_sparse(&a, INFO, 1, &page);
		assert_int_equal(dev.plan.table.start, t[i].size / 2);
	}
}

static void errors_are_the_kernels(void **state)
{
	struct answer a;
	struct vfio_effect effect = {0};

	nvme();
	start(0);
	assert_int_equal(ask(0, INFO - 1, &a), -EINVAL);
	assert_int_equal(ask(MINI_REGIONS, INFO, &a), -EINVAL);
	mini.memory_is_bad = true;
	assert_int_equal(ask(0, sizeof(a), &a), -EFAULT);
	assert_false(effect.stale);
	assert_int_equal(
		vfio_dev_ioctl(&dev, MINI_FD + 1, VFIO_DEVICE_GET_REGION_INFO, &a, &effect),
		-ENOTTY);
	assert_true(effect.stale);
}

/* What crosvm wants: areas alone. (trap V3) */
static void sparse_style_leaves_mappable_out(void **state)
{
	static const struct extent whole = {0, 16 * KIB};
	struct answer a;

	nvme();
	start_with(0, &(struct region_style){.page_size = 4096, .caps_sparse = true}, 4096);
	assert_int_equal(ask(0, sizeof(a), &a), 0);
	assert_int_equal(a.info.flags, MINI_MMAP | CAPS);
	assert_sparse(&a, INFO, 1, &whole);
	assert_int_equal(cap_at(&a, INFO)->next, 0);
}

/* A plan for larger pages than the host's: the kernel maps by its own. (trap V17) */
static void areas_have_the_hosts_pages(void **state)
{
	static const struct extent whole = {0, 16 * KIB};
	struct answer a;

	nvme();
	start_with(0, &(struct region_style){.page_size = 4096}, 64 * KIB);
	assert_int_equal(ask(0, sizeof(a), &a), 0);
	assert_int_equal(a.info.size, 128 * KIB);
	assert_sparse(&a, INFO, 1, &whole);
}

/* For alioth. The kernel refuses to map it all the same. */
static void new_bar_can_say_mmap(void **state)
{
	struct answer a;

	nvme();
	start_with(2, &(struct region_style){.page_size = 4096, .new_mmap = true}, 4096);
	assert_int_equal(ask(2, sizeof(a), &a), 0);
	assert_int_equal(a.info.flags, MINI_MMAP);
	assert_int_equal(a.info.size, 4096);
	assert_int_equal(a.info.argsz, sizeof(a));
}

/* A device that stays as it is, for crosvm: no list is made, of one the table's pages go. */
static void kept_table_is_not_mappable(void **state)
{
	static const struct {
		uint64_t page;
		uint32_t table;
		bool mmap;
		uint32_t nr_sparse;
		struct extent sparse[2];
		uint32_t n;
		struct extent areas[3];
	} t[] = {
		{4 * KIB, 0x2000, true, 0, {{0}}, 0, {{0}}},
		{16 * KIB, 0x2000, true, 0, {{0}}, 0, {{0}}},
		{64 * KIB, 0x2000, true, 0, {{0}}, 0, {{0}}},
		/* of 136 vectors: one page of 4K; a part of those of 16K and 64K */
		{4 * KIB, 0x2000, true, 1, {{0, 256 * KIB}}, 2, {{0, 0x2000}, {0x3000, 256 * KIB}}},
		{16 * KIB, 0x2000, true, 1, {{0, 256 * KIB}}, 1, {{0x4000, 256 * KIB}}},
		{64 * KIB, 0x2000, true, 1, {{0, 256 * KIB}}, 1, {{0x10000, 256 * KIB}}},
		{64 * KIB,
		 0x1fc00,
		 true,
		 1,
		 {{0, 256 * KIB}},
		 2,
		 {{0, 0x10000}, {0x30000, 256 * KIB}}},
		{4 * KIB,
		 0x2800,
		 true,
		 2,
		 {{0, 0x1000}, {0x3000, 0x5000}},
		 2,
		 {{0, 0x1000}, {0x4000, 0x5000}}},
		/* areas without a part of it stay as they are; where none is left, MMAP goes */
		{4 * KIB, 0x2000, true, 1, {{0x4000, 0x5000}}, 1, {{0x4000, 0x5000}}},
		{4 * KIB, 0x2000, false, 1, {{0x2000, 0x3000}}, 0, {{0}}},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct region_style style = {.page_size = t[i].page, .table_hide = true};
		struct plan plan = {.target = PLAN_OFF};
		uint8_t cfg[PCI_CFG_EXT_SIZE];
		struct answer a;

		mini_reset(136, t[i].table, 0x38000);
		mini_bar(0, 256 * KIB, MEM64);
		mini_bar(2, 16 * KIB, MEM64);
		mini.region[0].nr_sparse = t[i].nr_sparse;
		memcpy(mini.region[0].sparse, t[i].sparse, sizeof(t[i].sparse));
		memset(&dev, 0, sizeof(dev));
		dev.ops = &mini_ops;
		assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), 0);
		plan.hw = dev.msix;
		assert_int_equal(vfio_dev_start(&dev, MINI_FD, &plan, &style, cfg), 0);
		assert_int_equal(ask(0, sizeof(a), &a), 0);
		assert_int_equal(a.info.size, 256 * KIB);
		assert_int_equal(!!(a.info.flags & VFIO_REGION_INFO_FLAG_MMAP), t[i].mmap);
		assert_int_equal(!!(a.info.flags & CAPS), t[i].n > 0);
		if (t[i].n > 0)
			assert_sparse(&a, INFO, t[i].n, t[i].areas);
		if (t[i].n > 0)
			assert_int_equal(cap_at(&a, INFO)->next, 0);
		/* other regions are the kernel's */
		assert_int_equal(ask(2, sizeof(a), &a), 0);
		assert_int_equal(a.info.flags, MINI_MMAP);
	}
}

static void hidden_pages_hold_nothing_else(void **state)
{
	static const struct {
		uint32_t vectors, table, pba;
		uint64_t page;
		int target;
		bool mmap;
		uint32_t n;
		struct extent areas[3];
	} t[] = {
		/* table and PBA in pages of their own, in a row */
		{136, 0x2000, 0x3000, 4 * KIB, 2, true, 1, {{0, 0x2000}}},
		{136, 0x2000, 0x3000, 4 * KIB, 0, true, 1, {{0, 0x2000}}},
		/* in one page, the PBA first or last */
		{16, 0x1000, 0x1800, 4 * KIB, 2, true, 2, {{0, 0x1000}, {0x2000, 0x4000}}},
		{16, 0x1800, 0x1000, 4 * KIB, 2, true, 2, {{0, 0x1000}, {0x2000, 0x4000}}},
		/* apart, the PBA first */
		{16, 0x3000, 0x1000, 4 * KIB, 2, true, 2, {{0, 0x1000}, {0x2000, 0x3000}}},
		/* registers in front, in the same block, or in the same host page */
		{16, 0x1010, 0x1800, 4 * KIB, 2, true, 0, {{0}}},
		{136, 0x2000, 0x3000, 16 * KIB, 2, true, 0, {{0}}},
		/* registers in front of the table stay, whatever else is hidden */
		{16, 0x1800, 0x2000, 4 * KIB, 2, true, 2, {{0, 0x2000}, {0x3000, 0x4000}}},
		{200, 0x1800, 0x2800, 4 * KIB, 2, true, 2, {{0, 0x2000}, {0x3000, 0x4000}}},
		{200, 0x1800, 0x2800, 4 * KIB, 0, true, 2, {{0, 0x2000}, {0x3000, 0x4000}}},
		/* nothing is left */
		{1024, 0, 0x4000 - 128, 4 * KIB, 2, false, 0, {{0}}},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct region_style style = {.page_size = t[i].page, .old_hide = true};
		struct answer a;

		mini_reset((uint16_t)t[i].vectors, t[i].table, t[i].pba);
		mini_bar(0, 16 * KIB, MEM64);
		start_with(t[i].target, &style, t[i].page);
		assert_int_equal(ask(0, sizeof(a), &a), 0);
		assert_int_equal(!!(a.info.flags & VFIO_REGION_INFO_FLAG_MMAP), t[i].mmap);
		assert_int_equal(!!(a.info.flags & CAPS), t[i].n > 0);
		if (t[i].n > 0)
			assert_sparse(&a, INFO, t[i].n, t[i].areas);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_bar_is_not_mappable),
		cmocka_unit_test(old_bar_loses_its_chain),
		cmocka_unit_test(extended_bar_gets_a_chain),
		cmocka_unit_test(other_regions_are_the_kernels),
		cmocka_unit_test(unmappable_stays_unmappable),
		cmocka_unit_test(sparse_areas_are_kept),
		cmocka_unit_test(old_kernels_table_pages_are_left_out),
		cmocka_unit_test(sub_page_bar_maps_its_page),
		cmocka_unit_test(errors_are_the_kernels),
		cmocka_unit_test(sparse_style_leaves_mappable_out),
		cmocka_unit_test(areas_have_the_hosts_pages),
		cmocka_unit_test(new_bar_can_say_mmap),
		cmocka_unit_test(kept_table_is_not_mappable),
		cmocka_unit_test(hidden_pages_hold_nothing_else),
	};

	return cmocka_run_group_tests_name("region_info", tests, NULL, NULL);
}
