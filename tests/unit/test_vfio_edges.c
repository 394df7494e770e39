/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One device under a plan, where a limit is met, or passed by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <string.h>

#include "mini_kernel.h"
#include "vfio/dev.h"

#define KIB	   1024ULL
#define GIB	   (1024 * 1024 * KIB)
#define BAR(n)	   ((uint64_t)(n) << 40)
#define CONFIG	   BAR(VFIO_PCI_CONFIG_REGION_INDEX)
#define MEM64	   PCI_BASE_ADDRESS_MEM_TYPE_64
#define VECTORS	   96
#define TABLE_SIZE (VECTORS * 16)

static struct vfio_dev dev;
static struct vfio_effect effect;
static struct vfio_ops ops; /* mini_ops, but for what a test puts there */
static const struct region_style style = {.page_size = 4096};

static void start(int target)
{
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct plan_facts facts;
	struct plan plan;

	memset(&dev, 0, sizeof(dev));
	memset(&effect, 0, sizeof(effect));
	ops = mini_ops;
	dev.ops = &ops;
	assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), 0);
	assert_int_equal(vfio_dev_read_facts(&dev, MINI_FD, cfg, 4096, &facts), 0);
	assert_int_equal(plan_make(&facts, target, &plan), PLAN_OK);
	assert_int_equal(vfio_dev_start(&dev, MINI_FD, &plan, &style, cfg), 0);
}

/* The table in BAR1 and the PBA in BAR3; 0 and 5 are free. */
static void apart(int target)
{
	mini_reset(VECTORS, 0xe000 | 1, 0x3000 | 3);
	mini_bar(1, 64 * KIB, MEM64);
	mini_bar(3, 256 * KIB, MEM64);
	start(target);
}

static void a_pba_in_another_bar_is_read_there(void **state)
{
	static const uint64_t at[] = {0, 4, 8, 12};
	uint8_t buf[4];

	apart(5);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		const uint64_t pos = BAR(5) + TABLE_SIZE + at[i];

		assert_int_equal(mini_pread(&dev, buf, 4, pos, &effect), 4);
		for (unsigned int b = 0; b < 4; b++)
			assert_int_equal(buf[b], mini_byte(3, 0x3000 + at[i] + b));
	}
}

/* The answer to VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, struct vfio_pci_hot_reset_info with room. */
static struct {
	uint32_t argsz, flags, count;
	struct vfio_pci_dependent_device device[VFIO_RESET_SET_MAX + 2];
} set;
static size_t asked; /* bytes of it that the shim wanted to know readable */
static bool readable;

static bool note_readable(const void *p, size_t len)
{
	if (p == set.device)
		asked = len;
	return readable;
}

/* The VMM asks with `count` functions: 1.0, 1.1, ... of bus 4. */
static void ask_for_set(uint32_t count)
{
	set.argsz = sizeof(set);
	set.count = count;
	for (uint32_t i = 0; i < count; i++)
		set.device[i] = (struct vfio_pci_dependent_device){
			.segment = 2, .bus = 4, .devfn = (uint8_t)(8 + i)};
	asked = 0;
	ops.readable = note_readable;
	assert_int_equal(
		vfio_dev_ioctl(&dev, MINI_FD, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &set, &effect),
		0);
}

/* Whether a hot reset, of 0002:03:00.0, resets this one. */
static bool resets(uint32_t segment, uint8_t bus, uint8_t slot, uint8_t function)
{
	const struct pci_bdf self = {2, 3, 0, 0}, other = {segment, bus, slot, function};

	return vfio_dev_hot_resets(&dev, &self, &other);
}

static void a_reset_set_has_a_limit(void **state)
{
	const uint32_t max = VFIO_RESET_SET_MAX;

	readable = true;
	apart(5);
	ask_for_set(max); /* the last one is 08.7 */
	assert_int_equal(asked, max * sizeof(set.device[0]));
	assert_int_equal(dev.reset_count, max);
	assert_true(resets(2, 4, 1, 0));
	assert_true(resets(2, 4, 8, 7));
	assert_false(resets(2, 4, 9, 0));
	assert_false(resets(2, 3, 1, 0));

	/* one more is not kept: what is on the bus is reset, as if nobody had asked */
	apart(5);
	ask_for_set(max + 1);
	assert_int_equal(dev.reset_count, 0);
	assert_true(resets(2, 3, 1, 0));
	assert_false(resets(2, 4, 1, 0));

	/* nor is what can't be read */
	readable = false;
	apart(5);
	ask_for_set(2);
	assert_int_equal(dev.reset_count, 0);
}

static void functions_of_a_reset_set_are_told_apart(void **state)
{
	static const struct {
		uint32_t segment;
		uint8_t bus, slot, function;
		bool resets;
	} t[] = {
		{2, 4, 1, 0, true},  {2, 4, 1, 1, true},  {2, 4, 1, 2, false},	{2, 4, 1, 7, false},
		{2, 4, 2, 0, false}, {2, 4, 0, 0, false}, {2, 4, 17, 0, false}, {2, 5, 1, 0, false},
		{2, 0, 1, 0, false}, {2, 3, 0, 1, false}, {0, 4, 1, 0, false},	{3, 4, 1, 1, false},
	};

	readable = true;
	apart(5);
	ask_for_set(2);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(resets(t[i].segment, t[i].bus, t[i].slot, t[i].function),
				 t[i].resets);
}

/* Where the address of the device that is reset is not known, the set alone tells the segment. */
static void a_reset_set_has_segments(void **state)
{
	const struct pci_bdf same = {2, 4, 1, 0}, other = {3, 4, 1, 0}, none = {0, 4, 1, 0};

	readable = true;
	apart(5);
	ask_for_set(1);
	assert_true(vfio_dev_hot_resets(&dev, NULL, &same));
	assert_false(vfio_dev_hot_resets(&dev, NULL, &other));
	assert_false(vfio_dev_hot_resets(&dev, NULL, &none));
}

/* Callers extend the sign of the number, and the kernel looks at 32 bits of it. */
static void a_number_has_32_bits(void **state)
{
	static const unsigned long high[] = {0, 1UL << 32, 0xffffffffUL << 32};

	for (size_t i = 0; i < sizeof(high) / sizeof(high[0]); i++) {
		struct vfio_pci_hot_reset reset = {.argsz = sizeof(reset)};

		apart(5);
		assert_int_equal(vfio_dev_ioctl(&dev, MINI_FD, high[i] | VFIO_DEVICE_PCI_HOT_RESET,
						&reset, &effect),
				 0);
		assert_true(effect.hot_reset);
	}
}

/* A call of `count` bytes to which the kernel said `result`. */
static ssize_t complete(uint64_t offset, size_t count, ssize_t result, bool write)
{
	static uint8_t byte;
	struct iovec iov = {&byte, count};
	struct vfio_xfer x = {
		.fd = MINI_FD, .iov = &iov, .iovcnt = 1, .offset = offset, .write = write};

	memset(&effect, 0, sizeof(effect));
	return vfio_dev_complete(&dev, &x, result, &effect);
}

/* More than there is up to the end of what the hardware has comes from another file. */
static void more_than_there_is_is_stale(void **state)
{
	static const struct {
		uint64_t offset;
		size_t count;
		ssize_t result;
		bool stale;
	} t[] = {
		{BAR(1) + 0xfff0, 16, 16, false},  {BAR(1) + 0xfff0, 17, 17, true},
		{BAR(1) + 0xfff0, 64, 64, true},   {BAR(1) + 0xfff0, 64, 8, false},
		{CONFIG + 0xf0, 16, 16, false},	   {CONFIG + 0xf0, 17, 17, true},
		{CONFIG + 0xf0, 4096, 4096, true}, {BAR(3) + 0x3fff0, 17, 17, false},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (int write = 0; write < 2; write++) {
			apart(1);
			assert_int_equal(complete(t[i].offset, t[i].count, t[i].result, write),
					 t[i].result);
			assert_int_equal(effect.stale, t[i].stale);
		}
}

/* BAR1 has 2 GiB and becomes one of 4 GiB: what is added is more than a call transfers. */
static void a_call_transfers_less_than_2_gib(void **state)
{
	const uint64_t padding = BAR(1) + 2 * GIB + 0x1000;
	const ssize_t most = INT_MAX & ~0xffff;

	mini_reset(VECTORS, 0xe000 | 1, 0x3000 | 1);
	mini_bar(1, 2 * GIB, MEM64);
	start(1);
	assert_int_equal(complete(padding, (size_t)most - 1, -EINVAL, true), most - 1);
	assert_int_equal(complete(padding, (size_t)most, -EINVAL, true), most);
	assert_int_equal(complete(padding, (size_t)most + 1, -EINVAL, true), most);
	assert_int_equal(complete(padding, SSIZE_MAX, -EINVAL, true), most);
	assert_false(effect.stale);
}

/* The kernel refuses these before it looks at the file: EINVAL says nothing of the place. */
static void a_refused_vector_is_refused(void **state)
{
	static uint8_t byte;
	static struct iovec one[IOV_MAX + 1];
	struct iovec huge[] = {{&byte, SSIZE_MAX}, {&byte, 1}};
	const struct {
		const struct iovec *iov;
		int count;
		ssize_t result;
	} t[] = {
		{one, IOV_MAX, IOV_MAX},
		{one, IOV_MAX + 1, -EINVAL},
		{one, -1, -EINVAL},
		{huge, 2, -EINVAL},
	};

	for (int i = 0; i <= IOV_MAX; i++)
		one[i] = (struct iovec){&byte, 1};
	apart(5);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct vfio_xfer x = {.fd = MINI_FD,
				      .iov = t[i].iov,
				      .iovcnt = t[i].count,
				      .offset = BAR(5),
				      .write = true,
				      .vector = true};

		assert_int_equal(vfio_dev_complete(&dev, &x, -EINVAL, &effect), t[i].result);
		assert_false(effect.stale);
	}
}

/* An error leaves a vector form the buffers that were complete, and the last of these counts. */
static void an_error_leaves_whole_buffers(void **state)
{
	static uint8_t table[TABLE_SIZE];
	static const struct {
		size_t first, second; /* bytes of the buffers before the PBA, which fails */
		ssize_t result;
	} t[] = {
		{TABLE_SIZE, 0, TABLE_SIZE},	 {TABLE_SIZE - 8, 8, TABLE_SIZE},
		{8, TABLE_SIZE - 8, TABLE_SIZE}, {TABLE_SIZE - 8, 16, TABLE_SIZE - 8},
		{TABLE_SIZE + 8, 8, -EIO},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		static uint8_t more[TABLE_SIZE + 16];
		struct iovec iov[] = {{more, t[i].first}, {table, t[i].second}, {table, 8}};

		apart(5);
		mini.bar_error = -EIO;
		assert_int_equal(mini_preadv(&dev, iov, 3, BAR(5), &effect), t[i].result);
	}
	/* all of them, which are read where nothing fails */
	static uint8_t all[TABLE_SIZE];
	struct iovec iov[] = {{all, 8}, {all + 8, TABLE_SIZE - 8}};

	apart(5);
	mini.bar_error = -EIO;
	assert_int_equal(mini_preadv(&dev, iov, 2, BAR(5), &effect), TABLE_SIZE);
}

static ssize_t half_preadv(int fd, const struct iovec *iov, int iovcnt, uint64_t offset)
{
	return mini_ops.preadv(fd, iov, iovcnt, offset) / 2;
}

static void a_short_read_of_the_pba_ends_the_call(void **state)
{
	uint8_t buf[16] = {0};
	struct iovec iov[] = {{buf, 8}, {buf + 8, 8}};

	apart(5);
	ops.preadv = half_preadv;
	assert_int_equal(mini_preadv(&dev, iov, 2, BAR(5) + TABLE_SIZE, &effect), 4);
	assert_int_equal(buf[8], 0);
}

/* A BAR of 2 KiB becomes one of 32, of which a VMM maps what is past the first page. */
static void padding_over_the_edge_is_read_in_two(void **state)
{
	static uint8_t extension[28 * KIB];
	uint8_t buf[16];

	mini_reset(512, 0x1000 | 3, 0x4000 | 3);
	mini_bar(1, 2 * KIB, MEM64);
	mini_bar(3, 64 * KIB, MEM64);
	start(1);
	assert_int_equal(dev.plan.bar.size, 32 * KIB);
	memset(extension, 0x5a, sizeof(extension));
	dev.extension = extension;
	assert_int_equal(mini_pread(&dev, buf, 16, BAR(1) + 4 * KIB - 8, &effect), 16);
	for (size_t i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], i < 8 ? 0 : 0x5a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pba_in_another_bar_is_read_there),
		cmocka_unit_test(a_reset_set_has_a_limit),
		cmocka_unit_test(functions_of_a_reset_set_are_told_apart),
		cmocka_unit_test(a_reset_set_has_segments),
		cmocka_unit_test(a_number_has_32_bits),
		cmocka_unit_test(more_than_there_is_is_stale),
		cmocka_unit_test(a_call_transfers_less_than_2_gib),
		cmocka_unit_test(a_refused_vector_is_refused),
		cmocka_unit_test(an_error_leaves_whole_buffers),
		cmocka_unit_test(a_short_read_of_the_pba_ends_the_call),
		cmocka_unit_test(padding_over_the_edge_is_read_in_two),
	};

	return cmocka_run_group_tests_name("vfio_edges", tests, NULL, NULL);
}
