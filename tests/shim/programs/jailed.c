/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jailed VMM SETS GROUP BDF: opens the device, and then does what the threads of that VMM do to it
 * under a filter of those sets (jail.h; "none": without one). Prints what each call came to, and
 * how many calls on files the kernel got for it where that is not one.
 *
 *   any      whatever a program may do to a device, in a child of the process that opened it
 *   vcpu     a thread of its own does what a guest's accesses lead to
 *   crosvm   the same in a child that is all in a jail
 *
 * or does what no filter lets pass: "openat", "preadv", "exec", "region" and "look", at a device
 * that was never looked at.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/le.h"
#include "tests/lib/user.h"
#include "tests/preloads/jail.h"

enum {
	ANY = 1,
	VCPU = 2,
	CROSVM = 4,
	EACH = 7,
};

static struct user user;
static struct vfio_region_info regions[PCI_STD_NUM_BARS];
static uint64_t config;
static uint8_t cap; /* of MSI-X */
static unsigned int table_bar, pba_bar;
static uint64_t table, pba, page;
static int spare = -1, event = -1; /* another file, and an eventfd */
static void *volatile nowhere = (void *)8;
static jail_calls_fn *calls;

/* --- the line of each access --- */

static unsigned int before;

static void begin(void)
{
	before = calls ? calls() : 0;
}

/* By write() alone: stdio may ask what standard output is. */
static void tell(const char *what, int64_t n, const void *bytes)
{
	const int error = n < 0 ? errno : 0;
	const unsigned int made = calls ? calls() - before : 1;
	char line[256];
	int len = snprintf(line, sizeof(line), "%s = %" PRId64, what, n < 0 ? -error : n);

	for (int64_t i = 0; bytes && i < n; i++)
		len += snprintf(line + len, sizeof(line) - (size_t)len, "%s%02x", i ? "" : " ",
				((const uint8_t *)bytes)[i]);
	if (made != 1)
		len += snprintf(line + len, sizeof(line) - (size_t)len, " (%u calls)", made);
	line[len++] = '\n';
	if (write(STDOUT_FILENO, line, (size_t)len) != len)
		_exit(3);
}

static void read_at(const char *what, uint64_t at, size_t n)
{
	uint8_t buf[64] = {0};
	char name[64];

	snprintf(name, sizeof(name), "%s read of %zu", what, n);
	begin();
	tell(name, pread(user.device, buf, n, (off_t)at), buf);
}

static void write_at(const char *what, uint64_t at, const void *bytes, size_t n)
{
	char name[64];

	snprintf(name, sizeof(name), "%s write of %zu", what, n);
	begin();
	tell(name, pwrite(user.device, bytes, n, (off_t)at), NULL);
}

static uint64_t bar_at(unsigned int bar, uint64_t at)
{
	return regions[bar].offset + at;
}

/* --- the accesses --- */

static void do_config(void)
{
	static const uint16_t at[] = {PCI_VENDOR_ID, PCI_BASE_ADDRESS_0, PCI_BASE_ADDRESS_2,
				      PCI_BASE_ADDRESS_5, PCI_CAPABILITY_LIST};
	const uint8_t ones[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	uint8_t saved[8];

	for (size_t n = 1; n <= 16; n *= 2) {
		for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
			read_at("config", config + at[i], n);
		read_at("MSI-X capability", config + cap, n);
	}
	for (size_t n = 1; n <= 8; n *= 2) {
		const uint64_t bar = config + PCI_BASE_ADDRESS_0 + 4ULL * table_bar;

		if (pread(user.device, saved, n, (off_t)bar) != (ssize_t)n)
			tell("BAR's register", -1, NULL);
		write_at("BAR's register", bar, ones, n);
		read_at("BAR's register, sized,", bar, n);
		write_at("BAR's register", bar, saved, n);
	}
}

static void do_bars(void)
{
	static const uint8_t bytes[8] = {0x78, 0x56, 0x34, 0x12, 0x00, 0x00, 0x00, 0x00};
	static const uint8_t unmasked[4];

	for (size_t n = 1; n <= 32; n *= 2) {
		read_at("table", bar_at(table_bar, table), n);
		read_at("PBA", bar_at(pba_bar, pba), n);
		read_at("end", bar_at(table_bar, regions[table_bar].size - n), n);
		read_at("beyond", bar_at(table_bar, regions[table_bar].size), n);
		read_at("middle", bar_at(table_bar, regions[table_bar].size / 2 - n / 2), n);
	}
	for (size_t n = 1; n <= 8; n *= 2) {
		write_at("table", bar_at(table_bar, table), bytes, n);
		read_at("table", bar_at(table_bar, table), 16);
		write_at("end", bar_at(table_bar, regions[table_bar].size - n), bytes, n);
	}
	write_at("mask", bar_at(table_bar, table + 12), unmasked, 4);
	read_at("table", bar_at(table_bar, table), 16);
	write_at("PBA", bar_at(pba_bar, pba), bytes, 8);
	write_at("middle", bar_at(table_bar, regions[table_bar].size / 2 - 4), bytes, 8);
	read_at("middle", bar_at(table_bar, regions[table_bar].size / 2 - 4), 8);
	for (unsigned int bar = 0; bar < PCI_STD_NUM_BARS; bar++)
		read_at("register", bar_at(bar, 0x10), 4);
}

/* Where the shim has data to put or take, it has to tell bad memory as the kernel does. */
static void do_bad_memory(void)
{
	const struct {
		const char *what;
		uint64_t at;
	} t[] = {
		{"config", config},
		{"table", bar_at(table_bar, table)},
		{"PBA", bar_at(pba_bar, pba)},
		{"end", bar_at(table_bar, regions[table_bar].size - 8)},
		{"register", bar_at(table_bar, 0)},
	};
	char name[64];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		snprintf(name, sizeof(name), "%s read to bad memory", t[i].what);
		begin();
		tell(name, pread(user.device, nowhere, 4, (off_t)t[i].at), NULL);
		snprintf(name, sizeof(name), "%s write of bad memory", t[i].what);
		begin();
		tell(name, pwrite(user.device, nowhere, 4, (off_t)t[i].at), NULL);
	}
}

static void do_maps(void)
{
	for (unsigned int bar = 0; bar < PCI_STD_NUM_BARS; bar++) {
		const struct vfio_region_info *r = &regions[bar];
		const uint64_t at[] = {0, r->size / 2, r->size, 0};
		const size_t len[] = {page, page, page, r->size};

		for (size_t i = 0; i < 4 && (r->flags & VFIO_REGION_INFO_FLAG_MMAP); i++) {
			begin();

			uint8_t *p = mmap(NULL, len[i], PROT_READ | PROT_WRITE, MAP_SHARED,
					  user.device, (off_t)(r->offset + at[i]));

			tell("mmap", p == MAP_FAILED ? -1 : 16, p == MAP_FAILED ? NULL : p);
			if (p != MAP_FAILED && munmap(p, len[i]) < 0)
				tell("munmap", -1, NULL);
		}
	}
}

static void do_irqs(void)
{
	uint8_t room[sizeof(struct vfio_irq_set) + sizeof(int32_t)];
	struct vfio_irq_set *set = (void *)room;

	*set = (struct vfio_irq_set){
		.argsz = sizeof(room),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.count = 1,
	};
	memcpy(set->data, &event, sizeof(event));
	begin();
	tell("MSI-X on", ioctl(user.device, VFIO_DEVICE_SET_IRQS, set), NULL);
	read_at("MSI-X capability", config + cap, 4);
	set->argsz = sizeof(*set);
	set->flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER;
	set->count = 0;
	begin();
	tell("MSI-X off", ioctl(user.device, VFIO_DEVICE_SET_IRQS, set), NULL);
}

static void do_feature(void)
{
	struct vfio_device_feature feature = {
		.argsz = sizeof(feature),
		.flags = VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET | 2,
	};

	begin();
	tell("feature", ioctl(user.device, VFIO_DEVICE_FEATURE, &feature), NULL);
}

static void do_ioctls(void)
{
	struct vfio_device_info info = {.argsz = sizeof(info)};
	struct vfio_device_ioeventfd io = {
		.argsz = sizeof(io),
		.flags = VFIO_DEVICE_IOEVENTFD_32,
		.offset = bar_at(table_bar, table),
		.fd = -1,
	};

	begin();
	tell("device info", ioctl(user.device, VFIO_DEVICE_GET_INFO, &info), NULL);
	for (uint32_t i = 0; i < PCI_STD_NUM_BARS; i++) {
		struct {
			struct vfio_region_info info;
			uint8_t caps[64];
		} r = {.info = {.argsz = sizeof(r), .index = i}};

		begin();
		tell("region info", ioctl(user.device, VFIO_DEVICE_GET_REGION_INFO, &r), NULL);
		tell("region's size", (int64_t)r.info.size, NULL);
		begin();
		tell("region info to bad memory",
		     ioctl(user.device, VFIO_DEVICE_GET_REGION_INFO, nowhere), NULL);
	}
	begin();
	tell("ioeventfd", ioctl(user.device, VFIO_DEVICE_IOEVENTFD, &io), NULL);
	begin();
	tell("reset", ioctl(user.device, VFIO_DEVICE_RESET), NULL);
	read_at("table", bar_at(table_bar, table), 16);
}

static void do_vectors(void)
{
	const struct {
		const char *what;
		uint64_t at;
	} t[] = {
		{"config", config + cap},
		{"table", bar_at(table_bar, table)},
		{"PBA", bar_at(pba_bar, pba)},
		{"middle", bar_at(table_bar, regions[table_bar].size / 2 - 8)},
	};
	uint8_t buf[16];
	struct iovec iov[] = {{buf, 8}, {buf + 8, 8}};
	char name[64];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		snprintf(name, sizeof(name), "%s preadv", t[i].what);
		begin();
		tell(name, preadv(user.device, iov, 2, (off_t)t[i].at), buf);
		snprintf(name, sizeof(name), "%s pwritev", t[i].what);
		begin();
		tell(name, pwritev(user.device, iov, 2, (off_t)t[i].at), NULL);
	}
}

/* Each duplicate is the device, and none when it is closed: the number's next file is no device. */
static void use_duplicate(const char *what, int fd)
{
	const int device = user.device;
	char name[64];

	if (fd < 0) {
		tell(what, -1, NULL);
		return;
	}
	user.device = fd;
	snprintf(name, sizeof(name), "%s: table", what);
	read_at(name, bar_at(table_bar, table), 16);
	user.device = device;
	begin();
	snprintf(name, sizeof(name), "%s: close", what);
	tell(name, close(fd), NULL);
	fd = fcntl(spare, F_DUPFD_CLOEXEC, fd);
	user.device = fd;
	snprintf(name, sizeof(name), "%s: another file", what);
	read_at(name, bar_at(table_bar, table), 16);
	user.device = device;
	close(fd);
}

static void do_dups(void)
{
	use_duplicate("dup", dup(user.device));
	use_duplicate("F_DUPFD", fcntl(user.device, F_DUPFD, 100));
	use_duplicate("F_DUPFD_CLOEXEC", fcntl(user.device, F_DUPFD_CLOEXEC, 100));
}

static void do_dup2(void)
{
	use_duplicate("dup2", dup2(user.device, 200));
}

/* --- what a filter is to kill for; what is left then is no error of the shim's --- */

static void do_openat(void)
{
	tell("openat", open("/dev/null", O_RDONLY), NULL);
}

static void do_preadv(void)
{
	uint8_t buf[4];
	struct iovec iov = {buf, sizeof(buf)};

	tell("preadv", preadv(user.device, &iov, 1, (off_t)config), buf);
}

static void do_exec(void)
{
	void *p = mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_SHARED, user.device,
		       (off_t)bar_at(table_bar, 0));

	tell("executable", p == MAP_FAILED ? -1 : 0, NULL);
}

static void do_region(void)
{
	struct vfio_region_info info = {.argsz = sizeof(info)};

	tell("region info", ioctl(user.device, VFIO_DEVICE_GET_REGION_INFO, &info), NULL);
}

/* On a number that the shim does not know: a system call of the program's own made it. */
static void do_look(void)
{
	uint8_t room[sizeof(struct vfio_irq_set)] = {0};

	user.device = (int)syscall(SYS_dup, user.device);
	tell("irqs", ioctl(user.device, VFIO_DEVICE_SET_IRQS, room), NULL);
}

static const struct {
	void (*run)(void);
	int by;
} steps[] = {
	{do_config, EACH},	 {do_bars, EACH},   {do_bad_memory, EACH},
	{do_maps, EACH},	 {do_irqs, EACH},   {do_feature, ANY | CROSVM},
	{do_ioctls, ANY},	 {do_vectors, ANY}, {do_dups, EACH},
	{do_dup2, ANY | CROSVM},
};

static const struct {
	const char *name;
	void (*run)(void);
	long nr;
} crimes[] = {
	{"openat", do_openat, SYS_openat}, {"preadv", do_preadv, SYS_preadv},
	{"exec", do_exec, SYS_mmap},	   {"region", do_region, SYS_ioctl},
	{"look", do_look, SYS_readlinkat},
};

/* --- the program --- */

static const char *vmm, *sets;
static int by;

static void enter(void)
{
	jail_enter_fn *jail;
	void *p = dlsym(RTLD_DEFAULT, "jail_enter"), *q = dlsym(RTLD_DEFAULT, "jail_calls");

	if (strcmp(sets, "none") == 0)
		return;
	memcpy(&jail, &p, sizeof(jail));
	if (!p || jail(sets) < 0) {
		perror("no filter");
		_exit(2);
	}
	memcpy(&calls, &q, sizeof(calls));
}

static void *act(void *unused)
{
	enter();
	for (size_t i = 0; i < sizeof(crimes) / sizeof(crimes[0]); i++) {
		if (strcmp(vmm, crimes[i].name) == 0) {
			tell("system call", crimes[i].nr, NULL);
			crimes[i].run();
			return unused;
		}
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i].by & by)
			steps[i].run();
	}
	return unused;
}

static uint32_t config_get(unsigned int at)
{
	uint8_t bytes[4];

	if (pread(user.device, bytes, 4, (off_t)(config + at)) != 4)
		exit(2);
	return le32_get(bytes);
}

/* What a VMM knows before it starts the threads that are filtered. */
static void find_structures(void)
{
	page = (uint64_t)sysconf(_SC_PAGESIZE);
	config = user_region(&user, VFIO_PCI_CONFIG_REGION_INDEX).offset;
	for (uint32_t bar = 0; bar < PCI_STD_NUM_BARS; bar++)
		regions[bar] = user_region(&user, bar);
	cap = config_get(PCI_CAPABILITY_LIST) & 0xfc;
	while (cap && (config_get(cap) & 0xff) != PCI_CAP_ID_MSIX)
		cap = config_get(cap) >> 8 & 0xfc;
	table_bar = config_get(cap + PCI_MSIX_TABLE) & PCI_MSIX_TABLE_BIR;
	table = config_get(cap + PCI_MSIX_TABLE) & PCI_MSIX_TABLE_OFFSET;
	pba_bar = config_get(cap + PCI_MSIX_PBA) & PCI_MSIX_PBA_BIR;
	pba = config_get(cap + PCI_MSIX_PBA) & PCI_MSIX_PBA_OFFSET;
}

/* A child's end is quick: what the fake has to tidy up at the end is no call of the shim's. */
static bool act_in_child(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		act(NULL);
		_exit(0);
	}
	return waitpid(child, &status, 0) == child && status == 0;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 5)
		return 2;
	vmm = argv[1];
	sets = argv[2];
	if (user_open(&user, argv[3], argv[4]) < 0) {
		perror("no device");
		return 2;
	}
	find_structures();
	event = eventfd(0, EFD_CLOEXEC);
	spare = open("/dev/null", O_RDWR | O_CLOEXEC);
	by = strcmp(vmm, "any") == 0 ? ANY : strcmp(vmm, "vcpu") == 0 ? VCPU : CROSVM;
	if (strcmp(vmm, "crosvm") == 0 || strcmp(vmm, "any") == 0)
		return act_in_child() ? 0 : 1;
	if (strncmp(sets, "vcpu", 4) != 0)
		act(NULL);
	else if (pthread_create(&thread, NULL, act, NULL) || pthread_join(thread, NULL))
		return 2;
	return 0;
}
