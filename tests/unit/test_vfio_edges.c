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

#include "core/le.h"
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

	apart(5);
	ops.ioctl = sized_ioctl;
	ops.pread = sized_pread;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		config_size = t[i].size;
		assert_int_equal(vfio_dev_read_config(&dev, MINI_FD, cfg), t[i].verdict);
		assert_int_equal(config_asked, t[i].asked);
		assert_int_equal(dev.config_size, t[i].asked);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pba_in_another_bar_is_read_there),
		cmocka_unit_test(a_reset_set_has_a_limit),
		cmocka_unit_test(functions_of_a_reset_set_are_told_apart),
		cmocka_unit_test(more_than_there_is_is_stale),
		cmocka_unit_test(a_call_transfers_less_than_2_gib),
		cmocka_unit_test(a_refused_vector_is_refused),
		cmocka_unit_test(an_error_leaves_whole_buffers),
		cmocka_unit_test(configuration_space_has_256_to_4096_bytes),
	};

	return cmocka_run_group_tests_name("vfio_edges", tests, NULL, NULL);
}
