/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 32 devices in one process, all SAS3008 but for the number of vectors, on eight buses of two slots
 * of two functions, a group each. A quarter of them each has a new BAR5, an extended BAR1, an
 * extended BAR3, and nothing relocated: many.test makes the devices and the rules so.
 *
 *   test_many group|node
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/le.h"
#include "tests/lib/user.h"

#define DEVICES	    32
#define A_BUS	    4
#define FIRST_GROUP 10
#define MSIX	    0xc0
#define REGION(n)   ((uint64_t)(n) << 40)
#define KIB	    UINT64_C(1024)

struct target {
	uint32_t bar; /* 0: nothing is relocated */
	uint64_t size, table;
};

static const struct target targets[A_BUS] = {
	{5, 4 * KIB, 0},
	{1, 128 * KIB, 64 * KIB},
	{3, 512 * KIB, 256 * KIB},
	{0, 0, 0},
};

static bool by_node;
static int container;
static int groups[DEVICES], devices[DEVICES];

static const struct target *target_of(int i)
{
	return &targets[i % A_BUS];
}

static unsigned int vectors_of(int i)
{
	return 33 + (unsigned int)i;
}

/* A group can be opened once only: it stays open while its device comes and goes. */
static int open_by_group(int i)
{
	char path[64], name[16];

	snprintf(path, sizeof(path), "/dev/vfio/%d", FIRST_GROUP + i);
	snprintf(name, sizeof(name), "0000:%02x:%02x.%d", 1 + i / A_BUS, i % A_BUS / 2, i % 2);
	if (groups[i] < 0) {
		groups[i] = open(path, O_RDWR | O_CLOEXEC);
		ioctl(groups[i], VFIO_GROUP_SET_CONTAINER, &container);
		/* of the first group alone: the others find it set */
		ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU);
	}
	return ioctl(groups[i], VFIO_GROUP_GET_DEVICE_FD, name);
}

static int open_node(int i)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/vfio/devices/vfio%d", i);
	return open(path, O_RDWR | O_CLOEXEC);
}

static int open_by_node(int i)
{
	struct user_bind bind = {.argsz = sizeof(bind), .iommufd = container};
	int fd = open_node(i);

	return fd >= 0 && ioctl(fd, USER_BIND, &bind) == 0 ? fd : -1;
}

static void open_device(int i)
{
	devices[i] = by_node ? open_by_node(i) : open_by_group(i);
	assert_true(devices[i] >= 0);
}

static int open_all(void **state)
{
	container = open(by_node ? "/dev/iommu" : "/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	assert_true(container >= 0);
	for (int i = 0; i < DEVICES; i++) {
		groups[i] = -1;
		open_device(i);
	}
	return 0;
}

static int close_all(void **state)
{
	for (int i = 0; i < DEVICES; i++) {
		close(devices[i]);
		if (groups[i] >= 0)
			close(groups[i]);
	}
	close(container);
	return 0;
}

/* Where entry `n` of a device's emulated table is. */
static off_t entry_of(int i, unsigned int n)
{
	return (off_t)(REGION(target_of(i)->bar) + target_of(i)->table + 16 * n);
}

/* The first and the last entry get the device's own numbers. */
static void fill_tables(void)
{
	for (int i = 0; i < DEVICES; i++) {
		const uint32_t first = 0x1000 + 4 * (uint32_t)i, last = 0x2000 + 4 * (uint32_t)i;

		if (!target_of(i)->bar)
			continue;
		assert_int_equal(pwrite(devices[i], &first, 4, entry_of(i, 0)), 4);
		assert_int_equal(pwrite(devices[i], &last, 4, entry_of(i, vectors_of(i) - 1)), 4);
	}
}

/* Of each relocated device: whether it has what fill_tables() wrote, or what a reset leaves. */
static void assert_tables(const bool reset[DEVICES])
{
	for (int i = 0; i < DEVICES; i++) {
		uint32_t first, last;

		if (!target_of(i)->bar)
			continue;
		assert_int_equal(pread(devices[i], &first, 4, entry_of(i, 0)), 4);
		assert_int_equal(pread(devices[i], &last, 4, entry_of(i, vectors_of(i) - 1)), 4);
		assert_int_equal(first, reset[i] ? 0 : 0x1000 + 4 * i);
		assert_int_equal(last, reset[i] ? 0 : 0x2000 + 4 * i);
	}
}

static void assert_layout(int i)
{
	static const uint64_t physical[6] = {0, 64 * KIB, 0, 256 * KIB, 0, 0};
	const struct user u = {.device = devices[i]};
	const struct target *t = target_of(i);
	uint8_t cap[8];

	for (uint32_t bar = 0; bar < 6; bar++)
		assert_int_equal(user_region(&u, bar).size,
				 t->bar && bar == t->bar ? t->size : physical[bar]);
	assert_int_equal(pread(devices[i], cap, 8, (off_t)REGION(7) + MSIX), 8);
	assert_int_equal((cap[2] | cap[3] << 8) & PCI_MSIX_FLAGS_QSIZE, vectors_of(i) - 1);
	assert_int_equal(le32_get(cap + PCI_MSIX_TABLE), t->bar ? t->table | t->bar : 0xe000 | 1);
}

static void each_shows_its_own_layout(void **state)
{
	for (int i = 0; i < DEVICES; i++)
		assert_layout(i);
}

static void tables_do_not_mix(void **state)
{
	static const bool none[DEVICES];

	fill_tables();
	assert_tables(none);
}

/* Registers of the eight new BARs. */
static void registers_do_not_mix(void **state)
{
	const off_t reg = (off_t)REGION(7) + PCI_BASE_ADDRESS_5;
	uint32_t value;

	for (int i = 0; i < DEVICES; i += A_BUS) {
		value = 0xe0000000 + 4096 * (uint32_t)i;
		assert_int_equal(pwrite(devices[i], &value, 4, reg), 4);
	}
	for (int i = 0; i < DEVICES; i += A_BUS) {
		assert_int_equal(pread(devices[i], &value, 4, reg), 4);
		assert_int_equal(value & PCI_BASE_ADDRESS_MEM_MASK, 0xe0000000 + 4096 * i);
	}
}

static int close_unseen(int fd)
{
	return (int)syscall(SYS_close, fd);
}

/* The device that comes to a number is shown with its own layout, however the last one went. */
static void numbers_change_hands_unseen(void **state)
{
	for (int i = 0; i + 5 < DEVICES; i += 6) {
		const int number = devices[i], other = i + 5;

		assert_int_equal(close_unseen(devices[i]), 0);
		assert_int_equal(close_unseen(devices[other]), 0);
		open_device(other);
		open_device(i);
		assert_int_equal(devices[other], number);
		assert_layout(i);
		assert_layout(other);
	}
}

/* So is one whose node was put on the number unseen, and is bound there. */
static void nodes_come_to_numbers_unseen(void **state)
{
	struct user_bind bind = {.argsz = sizeof(bind), .iommufd = container};

	for (int i = 0; i + 5 < DEVICES; i += 6) {
		const int number = devices[i], other = i + 5;
		int node;

		close(devices[other]);
		node = open_node(other);
		assert_true(node >= 0);
		assert_int_equal(syscall(SYS_dup3, node, number, 0), number);
		close(node);
		assert_int_equal(ioctl(number, USER_BIND, &bind), 0);
		devices[other] = number;
		open_device(i);
		assert_layout(other);
		assert_layout(i);
	}
}

/* A number goes from one device to another: with the last one's layout, and without its state. */
static void numbers_change_hands(void **state)
{
	static const bool none[DEVICES];

	fill_tables();
	for (int i = 0; i + 5 < DEVICES; i += 6) {
		const int number = devices[i], other = i + 5;
		uint32_t value = 1;

		close(devices[i]);
		close(devices[other]);
		open_device(other);
		open_device(i);
		assert_int_equal(devices[other], number);
		assert_layout(i);
		assert_layout(other);
		for (int j = i; j <= other; j += 5) {
			if (!target_of(j)->bar)
				continue;
			assert_int_equal(pread(devices[j], &value, 4, entry_of(j, 0)), 4);
			assert_int_equal(value, 0);
		}
	}
	fill_tables();
	assert_tables(none);
}

/* Through one device, of all on its bus: with all of their groups, or with none by an iommufd. */
static long hot_reset(int through, uint32_t nr_groups)
{
	union {
		struct vfio_pci_hot_reset head;
		uint8_t bytes[sizeof(struct vfio_pci_hot_reset) + A_BUS * sizeof(int32_t)];
	} reset = {.head = {.argsz = sizeof(reset), .count = nr_groups}};
	const int first = through / A_BUS * A_BUS;

	memcpy(reset.head.group_fds, &groups[first], nr_groups * sizeof(int32_t));
	return ioctl(devices[through], VFIO_DEVICE_PCI_HOT_RESET, &reset);
}

static void ask(int through)
{
	union {
		struct vfio_pci_hot_reset_info head;
		uint8_t bytes[512];
	} info = {.head = {.argsz = sizeof(info)}};

	assert_int_equal(ioctl(devices[through], VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info), 0);
	assert_true(info.head.count > 0);
}

static void a_hot_reset_resets_its_bus(void **state)
{
	for (int i = 0; i < DEVICES; i++) {
		bool reset[DEVICES] = {false};

		for (int j = 0; j < DEVICES; j++)
			reset[j] = j / A_BUS == i / A_BUS;
		fill_tables();
		assert_int_equal(hot_reset(i, by_node ? 0 : A_BUS), 0);
		assert_tables(reset);
	}
}

static void a_hot_reset_that_is_refused_resets_nothing(void **state)
{
	static const bool none[DEVICES];

	fill_tables();
	for (int i = 0; i < DEVICES; i++) {
		assert_int_equal(hot_reset(i, by_node ? A_BUS : 1), -1);
		assert_int_equal(errno, EINVAL);
	}
	assert_tables(none);
}

/* What the kernel says that a reset resets goes before what the bus says. */
static void what_the_kernel_told_is_reset(void **state)
{
	const char *topology = getenv("TOPOLOGY");
	const bool bridge = topology && strcmp(topology, "bridge") == 0;

	for (int i = 0; i + A_BUS < DEVICES; i++) {
		bool reset[DEVICES] = {false};

		for (int j = 0; j < DEVICES; j++)
			reset[j] = j / A_BUS == i / A_BUS || (bridge && j / A_BUS == i / A_BUS + 1);
		/* of a slot's reset, besides the device itself: slot 0 */
		for (int j = 0; j < DEVICES && topology && !bridge; j++)
			reset[j] = j == i || (j / A_BUS == i / A_BUS && j % A_BUS < 2);
		ask(i);
		fill_tables();
		assert_int_equal(hot_reset(i, by_node ? 0 : A_BUS), 0);
		assert_tables(reset);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(each_shows_its_own_layout),
		CASE(tables_do_not_mix),
		CASE(registers_do_not_mix),
		CASE(numbers_change_hands),
		CASE(numbers_change_hands_unseen),
		CASE(a_hot_reset_resets_its_bus),
		CASE(a_hot_reset_that_is_refused_resets_nothing),
		CASE(what_the_kernel_told_is_reset),
		CASE(nodes_come_to_numbers_unseen), /* last: of nodes alone */
	};

	if (getenv("TOPOLOGY"))
		cmocka_set_test_filter("what_the_kernel_told*");
	by_node = argc > 1 && strcmp(argv[1], "node") == 0;

	const size_t count = sizeof(tests) / sizeof(tests[0]) - !by_node;

	return _cmocka_run_group_tests("many", tests, count, NULL, NULL);
}
