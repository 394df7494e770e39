/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An extended BAR, under MSIXSHIM=bar1 over the SAS3008 of the fake: BAR1 has 64 KiB,
 * the hardware's table at 0xe000, and is shown with 128 KiB, the table at 64 KiB.
 */
#include "tests/lib/fixture.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PHYS	0x10000ULL
#define BAR1	(1ULL << 40)
#define PAGE	((uint64_t)sysconf(_SC_PAGESIZE))
#define COMMAND ((7ULL << 40) + PCI_COMMAND)

/* trap V4, trap V16 */
static void what_is_mapped(void **state)
{
	const struct {
		uint64_t at, len;
		int flags, error;
	} t[] = {
		{0, PHYS, MAP_SHARED, 0},
		{0, PAGE, MAP_SHARED, 0},
		{PHYS - PAGE, PAGE, MAP_SHARED, 0},
		{0, PAGE, MAP_PRIVATE, EINVAL},
		{0, 2 * PHYS, MAP_SHARED, EINVAL},
		{0, PHYS + PAGE, MAP_SHARED, EINVAL},
		{PHYS, PAGE, MAP_SHARED, EINVAL},
		{PHYS - PAGE, 2 * PAGE, MAP_SHARED, EINVAL},
		{2 * PHYS, PAGE, MAP_SHARED, EINVAL},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		errno = 0;

		uint8_t *p = mmap(NULL, t[i].len, PROT_READ | PROT_WRITE, t[i].flags, user.device,
				  (off_t)(BAR1 + t[i].at));
		uint32_t mapped, read;

		assert_int_equal(errno, t[i].error);
		assert_int_equal(p == MAP_FAILED, t[i].error != 0);
		if (p == MAP_FAILED)
			continue;
		memcpy(&mapped, p, sizeof(mapped));
		assert_int_equal(pread(user.device, &read, 4, (off_t)(BAR1 + t[i].at)), 4);
		assert_int_equal(mapped, read);
		munmap(p, t[i].len);
	}
}

/* trap K7 */
static void ioeventfds_are_the_kernels(void **state)
{
	const struct {
		uint64_t at;
		int error;
	} t[] = {
		{PHYS, EINVAL},		/* the table */
		{PHYS + 0x600, EINVAL}, /* the PBA */
		{PHYS + 0x800, EINVAL}, /* padding */
		{2 * PHYS, EINVAL},	/* beyond the BAR */
		{0xe000, EINVAL},	/* the hardware's table */
		{0x100, ENODEV},	/* a register without such an ioeventfd */
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct vfio_device_ioeventfd io = {
			.argsz = sizeof(io),
			.flags = VFIO_DEVICE_IOEVENTFD_32,
			.offset = BAR1 + t[i].at,
			.fd = -1,
		};

		assert_int_equal(ioctl(user.device, VFIO_DEVICE_IOEVENTFD, &io), -1);
		assert_int_equal(errno, t[i].error);
	}
}

/* trap K8, trap V13 */
static void memory_decoding_gates_the_hardware_alone(void **state)
{
	const struct {
		uint64_t at;
		size_t len;
		int error;
	} t[] = {
		{0x100, 4, EIO},	{PHYS - 4, 8, EIO},   {PHYS, 4, 0},
		{PHYS + 0x600, 8, EIO}, {PHYS + 0x800, 4, 0}, {2 * PHYS, 4, EINVAL},
	};
	uint16_t command, off = 0;

	assert_int_equal(pread(user.device, &command, 2, COMMAND), 2);
	assert_int_equal(pwrite(user.device, &off, 2, COMMAND), 2);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint8_t buf[8];

		errno = 0;
		ssize_t n = pread(user.device, buf, t[i].len, (off_t)(BAR1 + t[i].at));

		assert_int_equal(errno, t[i].error);
		assert_int_equal(n, t[i].error ? -1 : (ssize_t)t[i].len);
	}
	assert_int_equal(pwrite(user.device, &command, 2, COMMAND), 2);
}

static void registers_are_sized(void **state)
{
	uint8_t ones[8], bar[8];

	memset(ones, 0xff, sizeof(ones));
	for (size_t width = 1; width <= 8; width *= 2) {
		for (size_t i = 0; i < 8; i += width)
			assert_int_equal(pwrite(user.device, ones, width,
						(7LL << 40) + PCI_BASE_ADDRESS_1 + (off_t)i),
					 width);
		assert_int_equal(pread(user.device, bar, 8, (7LL << 40) + PCI_BASE_ADDRESS_1), 8);
		assert_memory_equal(bar, "\x04\x00\xfe\xff\xff\xff\xff\xff", 8);
		memset(bar, 0, sizeof(bar));
		assert_int_equal(pwrite(user.device, bar, 8, (7LL << 40) + PCI_BASE_ADDRESS_1), 8);
	}
}

/* Room for a chain that the caller has announced, and has not. */
static void a_chain_without_room_is_efault(void **state)
{
	uint8_t *p =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vfio_region_info *info = (void *)(p + PAGE - sizeof(*info) - 8);

	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(mprotect(p + PAGE, PAGE, PROT_NONE), 0);
	*info = (struct vfio_region_info){.argsz = 4096, .index = 1};
	assert_int_equal(ioctl(user.device, VFIO_DEVICE_GET_REGION_INFO, info), -1);
	assert_int_equal(errno, EFAULT);
	munmap(p, 2 * PAGE);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_mapped),
		CASE(ioeventfds_are_the_kernels),
		CASE(memory_decoding_gates_the_hardware_alone),
		CASE(registers_are_sized),
		CASE(a_chain_without_room_is_efault),
	};

	return cmocka_run_group_tests_name("extended", tests, NULL, NULL);
}
