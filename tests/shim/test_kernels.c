/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stays the kernel's under a target: the SAS3008 of the fake under bar1, whose BAR1 has 64 KiB
 * of the hardware's and its table at 0xe000, and a virtual function of its group under bar2.
 */
#include "tests/lib/fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define FUNCTION "0000:01:00.1"
#define BAR(n)	 ((off_t)(n) << 40)
#define CONFIG	 BAR(VFIO_PCI_CONFIG_REGION_INDEX)
#define PHYS	 0x10000
#define A_VALUE	 0x1230		   /* that can be in an entry of the table */
#define OLD	 (BAR(1) + 0xe000) /* the hardware's table */
#define TABLE	 (BAR(1) + PHYS)
#define PM_CTRL	 0x54
#define DEVCTL	 0x70
#define MSIX	 0xc0

static uint16_t read16(off_t at)
{
	uint16_t v;

	assert_int_equal(pread(user.device, &v, sizeof(v), at), sizeof(v));
	return v;
}

static void write16(off_t at, uint16_t v)
{
	assert_int_equal(pwrite(user.device, &v, sizeof(v), at), sizeof(v));
}

/* A read of four bytes: 0 or the errno. */
static int error_at(int fd, off_t at)
{
	uint32_t v;

	return pread(fd, &v, sizeof(v), at) == sizeof(v) ? 0 : errno;
}

/* It shows what SET_IRQS did, whatever is written to it. (trap K2) */
static void the_enable_bit_follows_the_irqs(void **state)
{
	const off_t control = CONFIG + MSIX + PCI_MSIX_FLAGS;
	int event = eventfd(0, EFD_CLOEXEC);

	assert_int_equal(read16(control), 95);
	write16(control, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	assert_int_equal(read16(control), 95);
	assert_int_equal(user_vector(user.device, event), 0);
	assert_int_equal(read16(control), PCI_MSIX_FLAGS_ENABLE | 95);
	write16(control, 0);
	assert_int_equal(read16(control), PCI_MSIX_FLAGS_ENABLE | 95);
	assert_int_equal(user_vector(user.device, -1), 0);
	assert_int_equal(read16(control), 95);
	close(event);
}

/* Configuration space ends with an error, a BAR with a short transfer. (trap K4) */
static void each_region_ends_its_own_way(void **state)
{
	const struct vfio_region_info config = user_region(&user, VFIO_PCI_CONFIG_REGION_INDEX);
	const off_t end = CONFIG + (off_t)config.size;
	const struct {
		off_t at;
		ssize_t n;
		int error;
	} t[] = {
		{end - 8, 8, 0},
		{end - 4, -1, EFAULT},
		{end, -1, EFAULT},
		{TABLE + PHYS - 8, 8, 0},
		{TABLE + PHYS - 4, 4, 0},
		{TABLE + PHYS, -1, EINVAL},
		{BAR(3) + 0x40000 - 4, 4, 0}, /* one that is not the target */
		{BAR(3) + 0x40000, -1, EINVAL},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint8_t buf[8];

		errno = 0;
		assert_int_equal(pread(user.device, buf, sizeof(buf), t[i].at), t[i].n);
		assert_int_equal(errno, t[i].error);
		errno = 0;
		assert_int_equal(pwrite(user.device, buf, sizeof(buf), t[i].at), t[i].n);
		assert_int_equal(errno, t[i].error);
	}
}

/* Reads and writes find a hole where it was, a mapping finds the table. (trap K6, trap V14) */
static void the_old_table_is_a_hole(void **state)
{
	uint32_t entry[4], mapped[4];
	uint32_t *p = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, user.device, OLD);

	assert_ptr_not_equal(p, MAP_FAILED);
	memcpy(mapped, p, sizeof(mapped));
	assert_int_equal(pwrite(user.device, "not a message", 12, OLD), 12);
	assert_memory_equal(p, mapped, sizeof(mapped));
	assert_int_equal(pread(user.device, entry, sizeof(entry), OLD), sizeof(entry));
	for (int i = 0; i < 4; i++) {
		assert_int_equal(entry[i], UINT32_MAX);
		assert_int_not_equal(mapped[i], UINT32_MAX);
	}
	/* and none of that is the table that the guest has */
	assert_int_equal(pread(user.device, entry, sizeof(entry), TABLE), sizeof(entry));
	assert_int_equal(entry[3], PCI_MSIX_ENTRY_CTRL_MASKBIT);
	munmap(p, 0x1000);
}

/* Accesses to a table have four bytes or eight. */
static uint32_t table_at(off_t at)
{
	uint32_t v;

	assert_int_equal(pread(user.device, &v, sizeof(v), TABLE + at), sizeof(v));
	return v;
}

static void set_table(uint32_t value)
{
	assert_int_equal(pwrite(user.device, &value, sizeof(value), TABLE), sizeof(value));
}

static void reset_by_ioctl(void)
{
	assert_int_equal(ioctl(user.device, VFIO_DEVICE_RESET), 0);
}

static void reset_by_function(void)
{
	write16(CONFIG + DEVCTL, PCI_EXP_DEVCTL_BCR_FLR);
}

/* A reset is one of the table, not of registers and capability, which VFIO keeps. (trap K11) */
static void resets_put_back_the_table_alone(void **state)
{
	static void (*const resets[])(void) = {reset_by_ioctl, reset_by_function};
	const off_t upper = CONFIG + PCI_BASE_ADDRESS_1 + 2;

	for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++) {
		set_table(A_VALUE);
		write16(upper, 0xe010 + 4 * (uint16_t)i);
		assert_int_equal(table_at(0), A_VALUE);
		resets[i]();
		assert_int_equal(table_at(0), 0);
		assert_int_equal(table_at(PCI_MSIX_ENTRY_VECTOR_CTRL), PCI_MSIX_ENTRY_CTRL_MASKBIT);
		assert_int_equal(read16(upper), 0xe010 + 4 * (int)i);
		assert_int_equal(read16(CONFIG + MSIX + PCI_MSIX_TABLE + 2), 1);
	}
}

/* Of a function that sleeps, too, the table answers, and the hardware does not. (trap K8) */
static void sleep_is_the_hardwares_alone(void **state)
{
	set_table(A_VALUE);
	write16(CONFIG + PM_CTRL, PCI_PM_CTRL_STATE_MASK); /* D3hot */
	assert_int_equal(error_at(user.device, BAR(1)), EIO);
	assert_int_equal(error_at(user.device, TABLE + 0x600), EIO); /* the PBA */
	assert_int_equal(error_at(user.device, TABLE), 0);
	write16(CONFIG + PM_CTRL, 0);
	assert_int_equal(error_at(user.device, BAR(1)), 0);
	assert_int_equal(error_at(user.device, TABLE + 0x600), 0);
	assert_int_equal(table_at(0), A_VALUE);
}

/* A virtual function has no memory decoding to be turned off. (trap K8) */
static void a_virtual_function_always_answers(void **state)
{
	int fd = ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, FUNCTION);
	const off_t at[] = {BAR(0), BAR(2), BAR(2) + 4 * PCI_MSIX_ENTRY_SIZE};
	uint16_t command = 0;

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &command, 2, CONFIG + PCI_COMMAND), 2);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		assert_int_equal(error_at(fd, at[i]), 0);
	close(fd);
}

/* It is the kernel's own, on the number that the kernel gave. (trap K14) */
static void the_descriptor_is_the_kernels(void **state)
{
	char path[40], link[40] = "";
	int lowest = dup(user.device);

	close(lowest);

	int fd = ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME);

	assert_int_equal(fd, lowest);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_true(readlink(path, link, sizeof(link) - 1) > 0);
	assert_string_equal(link, "anon_inode:[vfio-device]");
	assert_int_equal(lseek(fd, 0, SEEK_CUR), lseek(user.device, 0, SEEK_CUR));
	close(fd);
}

/*
 * trap K13: nothing else keeps it open. What the kernel keeps of a device ends with the last close;
 * BAR3 is none that the shim answers for.
 */
static void the_last_close_is_the_last(void **state)
{
	const off_t reg = CONFIG + PCI_BASE_ADDRESS_3;
	const uint16_t before = read16(reg + 2);
	void *p = mmap(NULL, PHYS, PROT_READ, MAP_SHARED, user.device, BAR(1));

	assert_ptr_not_equal(p, MAP_FAILED);
	munmap(p, PHYS);
	write16(reg + 2, before ^ 0x1000);
	assert_int_equal(read16(reg + 2), before ^ 0x1000);
	fixture_close(state);
	assert_int_equal(fixture_open(state), 0);
	assert_int_equal(read16(reg + 2), before);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_enable_bit_follows_the_irqs), CASE(each_region_ends_its_own_way),
		CASE(the_old_table_is_a_hole),	       CASE(resets_put_back_the_table_alone),
		CASE(sleep_is_the_hardwares_alone),    CASE(a_virtual_function_always_answers),
		CASE(the_descriptor_is_the_kernels),   CASE(the_last_close_is_the_last),
	};

	return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
