/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device under other plans than the usual: mapped from end to end, or only watched. */
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

#define KIB	1024ULL
#define BAR(n)	((uint64_t)(n) << 40)
#define CONFIG	BAR(VFIO_PCI_CONFIG_REGION_INDEX)
#define MEM64	PCI_BASE_ADDRESS_MEM_TYPE_64
#define MSIX	0xc0
#define VECTORS 96

static struct vfio_dev dev;
static struct vfio_effect effect;

/* With `extension`, or NULL, where map=compose puts its memory. */
static enum plan_reason try(int target, uint8_t *extension)
{
	const struct region_style style = {.page_size = 4 * KIB};
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct plan_facts facts;
	struct plan plan;

	memset(&dev, 0, sizeof(dev));
	memset(&effect, 0, sizeof(effect));
	dev.ops = &mini_ops;
	dev.extension = extension;
	assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), 0);
	assert_int_equal(vfio_dev_read_facts(&dev, MINI_FD, cfg, style.page_size, &facts), 0);

	enum plan_reason reason = plan_make(&facts, target, &plan);

	if (reason == PLAN_OK)
		assert_int_equal(vfio_dev_start(&dev, MINI_FD, &plan, &style, cfg), 0);
	return reason;
}

static void start(int target, uint8_t *extension)
{
	assert_int_equal(try(target, extension), PLAN_OK);
}

/* LSI SAS3008: BAR1 64 KiB with table and PBA, BAR3 256 KiB, both 64-bit. */
static void sas3008(int target, uint8_t *extension)
{
	mini_reset(VECTORS, 0xe000 | 1, 0xf000 | 1);
	mini_bar(1, 64 * KIB, MEM64);
	mini_bar(3, 256 * KIB, MEM64);
	start(target, extension);
}

/* map=compose: what a program may map is what reads and writes reach. */
static void extension_is_read_and_written(void **state)
{
	static uint8_t extension[64 * KIB];
	static const struct {
		uint64_t pos;
		ssize_t len, read;
		uint64_t value; /* of the first eight bytes */
	} t[] = {
		{64 * KIB, 8, 8, 0x1111111111111111},	      /* the table */
		{64 * KIB + 0x600, 8, 8, 0x2222222222222222}, /* the PBA, not the hardware's */
		{64 * KIB + 0x800, 4, 4, 0x33333333},	      /* padding */
		{128 * KIB - 4, 8, 4, 0x44444444},
	};

	extension[12] = 0xff;
	sas3008(1, extension);
	assert_int_equal(le32_get(extension + 12), 1); /* its reset state */
	memset(extension, 0x11, 0x600);
	memset(extension + 0x600, 0x22, 0x200);
	memset(extension + 0x800, 0x33, 0x1000);
	memset(extension + sizeof(extension) - 4, 0x44, 4);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint8_t buf[8] = {0}, v[8] = {1, 2, 3, 4, 5, 6, 7, 8};
		const uint8_t *there = extension + (t[i].pos - 64 * KIB);

		assert_int_equal(
			mini_pread(&dev, buf, (size_t)t[i].len, BAR(1) + t[i].pos, &effect),
			t[i].read);
		assert_int_equal(le64_get(buf), t[i].value);
		assert_int_equal(mini_pwrite(&dev, v, (size_t)t[i].len, BAR(1) + t[i].pos, &effect),
				 t[i].read);
		assert_memory_equal(there, v, (size_t)t[i].read);
	}
	vfio_dev_reset(&dev);
	assert_int_equal(le32_get(extension + 12), 1);
	assert_int_equal(le32_get(extension), 0);
	assert_int_equal(extension[0x800], 1);
}

/* A page that the hardware has a part of is the kernel's to map: it is not in the extension. */
static void the_rest_of_a_page_is_padding(void **state)
{
	static uint8_t extension[4 * KIB];
	uint8_t buf[8];

	memset(extension, 0x11, sizeof(extension));
	mini_reset(16, 0x800 | 1, 0x900 | 1);
	mini_bar(0, 4 * KIB, 0);
	mini_bar(1, 512, 0);
	start(1, extension);
	assert_int_equal(dev.plan.bar.size, 8 * KIB);
	memset(extension, 0x11, sizeof(extension));
	assert_int_equal(mini_pread(&dev, buf, 8, BAR(1) + 4 * KIB - 4, &effect), 8);
	assert_int_equal(le32_get(buf), 0);
	assert_int_equal(le32_get(buf + 4), 0x11111111);
}

/* Where the trace looks: an access at or past a region's end still belongs to it. */
static void offsets_name_their_region(void **state)
{
	sas3008(5, NULL);
	assert_int_equal(vfio_dev_region_at(&dev, BAR(1)), 1);
	assert_int_equal(vfio_dev_region_at(&dev, BAR(1) + 64 * KIB), 1);
	assert_int_equal(vfio_dev_region_at(&dev, BAR(5) + 4), 5);
	assert_int_equal(vfio_dev_region_at(&dev, CONFIG + 0x40), VFIO_PCI_CONFIG_REGION_INDEX);
}

/* trap V12: nothing but VFIO says where a region is, nor how much room it has. */
static void offsets_are_where_vfio_says(void **state)
{
	static const struct {
		unsigned int shift;
		int target;
		enum plan_reason reason;
	} t[] = {
		{48, 5, PLAN_OK}, {48, 1, PLAN_OK},	 {17, 1, PLAN_OK},
		{16, 5, PLAN_OK}, {16, 1, PLAN_NO_ROOM},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const uint64_t bar = (uint64_t)t[i].target << t[i].shift;
		uint8_t buf[8];

		mini_reset(VECTORS, 0xe000 | 1, 0xf000 | 1);
		mini.region_shift = t[i].shift;
		mini_bar(1, 64 * KIB, 0);
		mini_bar(2, 64 * KIB, 0);
		assert_int_equal(try(t[i].target, NULL), t[i].reason);
		if (t[i].reason)
			continue;
		assert_int_equal(mini_pread(&dev, buf, 8, bar + dev.plan.table.start + 8, &effect),
				 8);
		assert_int_equal(le32_get(buf + 4), 1);
		assert_int_equal(mini_pread(&dev, buf, 8, bar + dev.plan.pba.start, &effect), 8);
		assert_int_equal(buf[0], mini_byte(1, 0xf000));
	}
}

/* A device that is only watched. */
static void off_passes_everything(void **state)
{
	uint8_t buf[4];

	sas3008(PLAN_OFF, NULL);
	assert_int_equal(mini_pread(&dev, buf, 4, BAR(1) + 64 * KIB, &effect), -EINVAL);
	assert_int_equal(mini_pread(&dev, buf, 4, CONFIG + MSIX + 4, &effect), 4);
	assert_int_equal(le32_get(buf), 0xe000 | 1);
	vfio_dev_mmap_done(&dev, BAR(1), 64 * KIB, &effect);
	vfio_dev_reset(&dev);
	assert_false(effect.stale);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extension_is_read_and_written),
		cmocka_unit_test(the_rest_of_a_page_is_padding),
		cmocka_unit_test(offsets_name_their_region),
		cmocka_unit_test(offsets_are_where_vfio_says),
		cmocka_unit_test(off_passes_everything),
	};

	return cmocka_run_group_tests_name("styles", tests, NULL, NULL);
}
