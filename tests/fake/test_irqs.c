/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SET_IRQS and what the device then does, against vfio_pci_intrs.c. */
#include "tests/lib/vfio_user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define EDGE "0000:02:00.0"

#define NONE	VFIO_IRQ_SET_DATA_NONE
#define BOOL	VFIO_IRQ_SET_DATA_BOOL
#define FDS	VFIO_IRQ_SET_DATA_EVENTFD
#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER
#define MASK	VFIO_IRQ_SET_ACTION_MASK
#define UNMASK	VFIO_IRQ_SET_ACTION_UNMASK
#define INTX	VFIO_PCI_INTX_IRQ_INDEX
#define MSI	VFIO_PCI_MSI_IRQ_INDEX
#define MSIX	VFIO_PCI_MSIX_IRQ_INDEX
#define ERR	VFIO_PCI_ERR_IRQ_INDEX
#define REQ	VFIO_PCI_REQ_IRQ_INDEX

static struct user u;
static int event;

static int open_edge(void **state)
{
	u = vfio_user_open("5", EDGE);
	event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return 0;
}

static int close_edge(void **state)
{
	close(event);
	user_close(&u);
	return 0;
}

/* How often the eventfd was signalled since the last look. */
static uint64_t signals(void)
{
	uint64_t n = 0;

	return read(event, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static long connect_one(uint32_t index, uint32_t vector, int32_t fd)
{
	return set_irqs(u.device, FDS | TRIGGER, index, vector, 1, &fd);
}

static long disable(uint32_t index)
{
	return set_irqs(u.device, NONE | TRIGGER, index, 0, 0, NULL);
}

static bool msix_enabled(void)
{
	return config_get(u.device, 0xc2, 2) & PCI_MSIX_FLAGS_ENABLE;
}

static void test_info(void **state)
{
	static const struct {
		uint32_t index, count, flags;
	} rows[] = {
		{INTX, 1,
		 VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED},
		{MSI, 4, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE},
		{MSIX, 70, VFIO_IRQ_INFO_EVENTFD},
		{ERR, 1, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE},
		{REQ, 1, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE},
	};
	struct vfio_irq_info info = {.argsz = sizeof(info)};

	for (size_t i = 0; i < COUNT(rows); i++) {
		info.index = rows[i].index;
		assert_int_equal(ioctl(u.device, VFIO_DEVICE_GET_IRQ_INFO, &info), 0);
		assert_int_equal(info.count, rows[i].count);
		assert_int_equal(info.flags, rows[i].flags);
	}
	info.index = 5;
	assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_GET_IRQ_INFO, &info)), -EINVAL);
	assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_GET_IRQ_INFO, nowhere)), -EFAULT);
}

static void test_errors(void **state)
{
	static const struct {
		uint32_t flags, index, start, count;
		long ret;
	} rows[] = {
		{FDS | TRIGGER, 5, 0, 1, -EINVAL},
		{FDS | TRIGGER, MSIX, 70, 0, -EINVAL},
		{FDS | TRIGGER, MSIX, 69, 2, -EINVAL},
		{FDS | TRIGGER, MSIX, 1, UINT32_MAX - 1, -EINVAL},
		{FDS | NONE | TRIGGER, MSIX, 0, 1, -EINVAL},
		{TRIGGER, MSIX, 0, 1, -EINVAL},
		{FDS | TRIGGER | 1 << 6, MSIX, 0, 1, -EINVAL},
		{FDS | MASK, MSIX, 0, 1, -ENOTTY},
		{NONE | UNMASK, MSI, 0, 1, -ENOTTY},
		{FDS | TRIGGER | MASK, MSIX, 0, 1, -ENOTTY},
		{FDS, MSIX, 0, 1, -ENOTTY},
		{NONE | TRIGGER, MSIX, 0, 0, -EINVAL},
		{NONE | TRIGGER, MSIX, 0, 1, -EINVAL},
		{FDS | TRIGGER, MSIX, 0, 0, -ERANGE},
		{FDS | TRIGGER, MSIX, 0, 70, 64},
		{NONE | MASK, INTX, 0, 1, -EINVAL},
		{NONE | TRIGGER, ERR, 0, 0, -EINVAL},
		{FDS | TRIGGER, REQ, 0, 0, -EINVAL},
	};
	int32_t fds[70];

	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = -1;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(set_irqs(u.device, rows[i].flags, rows[i].index, rows[i].start,
					  rows[i].count, rows[i].count <= 70 ? fds : NULL),
				 rows[i].ret);
	for (uint32_t argsz = 0; argsz < 24; argsz++) {
		struct vfio_irq_set set = {
			.argsz = argsz, .flags = FDS | TRIGGER, .index = MSIX, .count = 1};

		assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_SET_IRQS, &set)), -EINVAL);
	}
	assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_SET_IRQS, nowhere)), -EFAULT);
	assert_int_equal(connect_one(MSIX, 0, 9999), -EBADF);
	assert_int_equal(connect_one(MSIX, 0, 0), -EINVAL);
	assert_false(msix_enabled());
}

static void test_msix(void **state)
{
	assert_int_equal(connect_one(MSIX, 0, -1), 0);
	assert_true(msix_enabled());
	config_put(u.device, 0xc2, 2, 0);
	assert_true(msix_enabled());
	assert_int_equal(connect_one(MSI, 0, event), -EINVAL);

	assert_int_equal(connect_one(MSIX, 3, event), 0);
	control("fire " EDGE " msix 3");
	assert_int_equal(signals(), 1);
	assert_int_equal(set_irqs(u.device, NONE | TRIGGER, MSIX, 2, 2, NULL), 0);
	assert_int_equal(signals(), 1);
	assert_int_equal(control("peek " EDGE " bar0 0x2044 4"), 0);
	assert_int_equal(control("peek " EDGE " bar0 0x2014 4"), 1);
	assert_int_equal(disable(MSIX), 0);
	assert_false(msix_enabled());
	assert_int_equal(control("peek " EDGE " bar0 0x2044 4"), 1);
}

/* Those before the one that fails, and that one, lose their eventfds; those behind it don't. */
static void test_failing_block(void **state)
{
	const int32_t fds[] = {-1, 9999, -1};

	assert_int_equal(connect_one(MSIX, 0, event), 0);
	assert_int_equal(connect_one(MSIX, 2, event), 0);
	assert_int_equal(set_irqs(u.device, FDS | TRIGGER, MSIX, 0, 3, fds), -EBADF);
	assert_int_equal(set_irqs(u.device, NONE | TRIGGER, MSIX, 0, 2, NULL), 0);
	assert_int_equal(signals(), 0);
	assert_int_equal(set_irqs(u.device, NONE | TRIGGER, MSIX, 2, 1, NULL), 0);
	assert_int_equal(signals(), 1);
	assert_int_equal(disable(MSIX), 0);
}

static void test_pending(void **state)
{
	uint8_t pba[16];

	assert_int_equal(connect_one(MSIX, 0, -1), 0);
	control("fire " EDGE " msix 65");
	assert_int_equal(pread(u.device, pba, sizeof(pba), AT(0, 0x3000)), sizeof(pba));
	assert_int_equal(pba[8], 1 << 1);
	assert_int_equal(connect_one(MSIX, 65, event), 0);
	assert_int_equal(signals(), 1);
	assert_int_equal(pread(u.device, pba, sizeof(pba), AT(0, 0x3000)), sizeof(pba));
	assert_int_equal(pba[8], 0);
	/* A guest that reaches the table itself masks there. */
	control("poke " EDGE " bar0 0x2424 4 1");
	control("fire " EDGE " msix 65");
	assert_int_equal(signals(), 0);
	assert_int_equal(disable(MSIX), 0);
}

static void test_resets_keep_irqs(void **state)
{
	assert_int_equal(connect_one(MSIX, 1, event), 0);
	assert_int_equal(ioctl(u.device, VFIO_DEVICE_RESET), 0);
	assert_true(msix_enabled());
	control("fire " EDGE " msix 1");
	assert_int_equal(signals(), 1);
	/* The FLR bit of the Express capability reads 0. */
	config_put(u.device, 0x88, 2, PCI_EXP_DEVCTL_BCR_FLR);
	assert_int_equal(config_get(u.device, 0x88, 2) & PCI_EXP_DEVCTL_BCR_FLR, 0);
	control("fire " EDGE " msix 1");
	assert_int_equal(signals(), 1);
	/* A reset behind the kernel's back loses what hardware held. */
	control("reset " EDGE);
	assert_false(msix_enabled());
	assert_int_equal(disable(MSIX), 0);
	assert_int_equal(ioctl(u.device, VFIO_DEVICE_RESET), 0);
	config_put(u.device, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
}

static void test_msi(void **state)
{
	int32_t fds[] = {-1, event};

	config_put(u.device, 0x62, 2, 0xffff);
	assert_int_equal(config_get(u.device, 0x62, 2), 0x18e);
	assert_int_equal(set_irqs(u.device, FDS | TRIGGER, MSI, 0, 2, fds), 0);
	control("fire " EDGE " msi 1");
	assert_int_equal(signals(), 1);
	/* Its mask bits are hardware's, the address is not. */
	config_put(u.device, 0x70, 4, 0xf);
	assert_int_equal(config_get(u.device, 0x70, 4), 0xf);
	assert_int_equal(control("peek " EDGE " config 0x70 4"), 0xf);
	control("poke " EDGE " config 0x74 4 5");
	assert_int_equal(config_get(u.device, 0x74, 4), 5);
	config_put(u.device, 0x64, 4, 0xfee00000);
	assert_int_equal(control("peek " EDGE " config 0x64 4"), 0);
	config_put(u.device, 0x70, 4, 0);
	assert_int_equal(connect_one(MSI, 3, event), -EINVAL);
	assert_int_equal(disable(MSI), 0);
	/* Not on, and no more vectors than were; the rest of that byte is as it was written. */
	config_put(u.device, 0x62, 2, 0xffff);
	assert_int_equal(config_get(u.device, 0x62, 2), 0x19e);
}

static void test_intx(void **state)
{
	assert_int_equal(connect_one(INTX, 0, event), 0);
	control("fire " EDGE " intx 0");
	control("fire " EDGE " intx 0");
	assert_int_equal(signals(), 1);
	assert_int_equal(set_irqs(u.device, NONE | UNMASK, INTX, 0, 1, NULL), 0);
	assert_int_equal(signals(), 1);
	assert_int_equal(set_irqs(u.device, FDS | MASK, INTX, 0, 1, &event), -ENOTTY);
	/* A wrong fd changes nothing; none leaves INTx active without a trigger. */
	assert_int_equal(connect_one(INTX, 0, 9999), -EBADF);
	assert_int_equal(set_irqs(u.device, NONE | TRIGGER, INTX, 0, 1, NULL), 0);
	assert_int_equal(signals(), 1);
	assert_int_equal(connect_one(INTX, 0, -1), 0);
	assert_int_equal(set_irqs(u.device, NONE | MASK, INTX, 0, 1, NULL), 0);
	assert_int_equal(connect_one(MSIX, 0, event), -EINVAL);
	assert_int_equal(disable(INTX), 0);
	assert_int_equal(connect_one(INTX, 0, -1), 0);
	assert_int_equal(set_irqs(u.device, NONE | MASK, INTX, 0, 1, NULL), 0);
	assert_int_equal(disable(INTX), 0);
}

static void test_d3hot(void **state)
{
	config_put(u.device, 0x44, 1, 3);
	assert_int_equal(connect_one(MSIX, 0, event), -EINVAL);
	assert_int_equal(connect_one(MSI, 0, event), -EINVAL);
	config_put(u.device, 0x44, 1, 0);
	assert_int_equal(connect_one(MSIX, 0, event), 0);
	assert_int_equal(disable(MSIX), 0);
}

/* Own numbers from 700 up are not enough: lower ones are free. */
static void test_low_limit(void **state)
{
	struct rlimit old, low;
	int32_t fds[16];

	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = event;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = 708;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	assert_int_equal(set_irqs(u.device, FDS | TRIGGER, MSIX, 0, COUNT(fds), fds), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(disable(MSIX), 0);
}

static void test_err_and_req(void **state)
{
	assert_int_equal(connect_one(ERR, 0, event), 0);
	control("fire " EDGE " err 0");
	assert_int_equal(signals(), 1);
	/* Neither a wrong fd nor a number below -1 lets the eventfd go. */
	assert_int_equal(connect_one(ERR, 0, 9999), -EBADF);
	assert_int_equal(connect_one(ERR, 0, 0), -EINVAL);
	assert_int_equal(connect_one(ERR, 0, -2), 0);
	assert_int_equal(set_irqs(u.device, NONE | TRIGGER, ERR, 0, 1, NULL), 0);
	assert_int_equal(signals(), 1);
	assert_int_equal(connect_one(REQ, 0, event), 0);
	control("fire " EDGE " req 0");
	assert_int_equal(signals(), 1);
	assert_int_equal(connect_one(ERR, 0, -1), 0);
	assert_int_equal(connect_one(REQ, 0, -1), 0);
}

/* The same commands over the socket, which the script of this program names. */
static void test_socket(void **state)
{
	char overlong[400];
	const char *const lines[][2] = {
		{"state " EDGE "\n",
		 "ok open=1 irq=none vectors=0 connected=0 pending=0 memory=1\n"},
		{"peek " EDGE " config 0 4\n", "ok 0x56781234\n"},
		{"fire " EDGE " msix 0\n", "error msix is off\n"},
		{"fire " EDGE " smoke\n", "error expected msix, msi, intx, err or req\n"},
		{"peek " EDGE " bar1 0 4\n", "error out of bounds\n"},
		{"peek " EDGE " bar0 0 3\n",
		 "error expected an offset and a width of 1, 2, 4 or 8\n"},
		{"state 0000:09:00.0\n", "error no such device\n"},
		{"state\n", "error too few words\n"},
		{"dance\n", "error unknown command\n"},
		{"peek 0000:04:00.0 config 0 4\n", "error the device was never opened\n"},
		{"poke 0000:04:00.0 config 0 4 1\n", "error the device was never opened\n"},
		{overlong, "error the line is too long\n"},
		{"\n", "error unknown command\n"},
	};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	/* What is left of it when it is cut would be a command. */
	snprintf(overlong, sizeof(overlong), "state " EDGE "%300s\n", "");
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", getenv("FAKEVFIO_CONTROL"));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	for (size_t i = 0; i < COUNT(lines); i++) {
		char reply[128] = "";
		size_t len = 0;

		assert_int_equal(write(fd, lines[i][0], strlen(lines[i][0])), strlen(lines[i][0]));
		while (!strchr(reply, '\n') && len < sizeof(reply) - 1 &&
		       read(fd, reply + len, 1) == 1)
			len++;
		assert_string_equal(reply, lines[i][1]);
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_info),	    cmocka_unit_test(test_errors),
		cmocka_unit_test(test_msix),	    cmocka_unit_test(test_failing_block),
		cmocka_unit_test(test_pending),	    cmocka_unit_test(test_resets_keep_irqs),
		cmocka_unit_test(test_msi),	    cmocka_unit_test(test_intx),
		cmocka_unit_test(test_d3hot),	    cmocka_unit_test(test_low_limit),
		cmocka_unit_test(test_err_and_req), cmocka_unit_test(test_socket),
	};

	return cmocka_run_group_tests(tests, open_edge, close_edge);
}
