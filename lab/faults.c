/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * faults GROUP ADDRESS: what a program sees of an NVMe drive of QEMU's whose memory goes away and
 * which is reset, with and without its knowledge. One line for each place and moment; lines that
 * start with "emulated " are of what a shim keeps in its own memory.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/lib/user.h"

/*
 * In BAR0: a register that never changes, one where zeros do nothing, and the device's own table.
 */
#define VERSION	       0x8
#define INTERRUPT_MASK 0xc
#define HARDWARE_TABLE 0x2000

struct place {
	unsigned int bar;
	uint64_t at;
	uint8_t *mapped; /* its page, or NULL */
	int error;	 /* of the mapping that failed */
};

struct faults {
	struct user u;
	const char *group, *address;
	uint64_t config;
	unsigned int msix, pm, express; /* capabilities */
	struct place version, mask, hardware, table, pba;
	uint32_t first_version;
	int event;
};

static const uint8_t pattern[PCI_MSIX_ENTRY_SIZE] = {0x00, 0x10, 0xe0, 0xfe, 0x78, 0x56, 0x34,
						     0x12, 0xef, 0xcd, 0xab, 0x89, 0x01};

__attribute__((noreturn)) static void die(const char *what)
{
	fprintf(stderr, "faults: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* How much was transferred, or the name of the error. Valid until four calls later. */
static const char *result(ssize_t n)
{
	static char text[4][24];
	static unsigned int turn;
	char *to = text[turn = (turn + 1) % 4];

	if (n < 0)
		return strerrorname_np(errno);
	snprintf(to, sizeof(text[0]), "%zd", n);
	return to;
}

static uint32_t config_get(const struct faults *f, unsigned int at, size_t width)
{
	uint32_t value = 0;

	if (pread(f->u.device, &value, width, (off_t)(f->config + at)) != (ssize_t)width)
		die("configuration space");
	return value;
}

static void config_put(const struct faults *f, unsigned int at, uint16_t value)
{
	if (pwrite(f->u.device, &value, sizeof(value), (off_t)(f->config + at)) != sizeof(value))
		die("configuration space");
}

static unsigned int find_cap(const struct faults *f, uint8_t id)
{
	unsigned int at = config_get(f, PCI_CAPABILITY_LIST, 1);

	while (at && config_get(f, at, 1) != id)
		at = config_get(f, at + PCI_CAP_LIST_NEXT, 1);
	if (!at)
		die("no such capability");
	return at;
}

static off_t position(const struct faults *f, const struct place *p)
{
	return (off_t)(user_region(&f->u, p->bar).offset + p->at);
}

static struct place place(const struct faults *f, unsigned int bar, uint64_t at)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct place p = {.bar = bar, .at = at};
	void *map = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, f->u.device,
			 position(f, &p) & (off_t) ~(page - 1));

	p.error = map == MAP_FAILED ? errno : 0;
	p.mapped = map == MAP_FAILED ? NULL : map;
	return p;
}

static struct place structure(const struct faults *f, unsigned int reg)
{
	uint32_t value = config_get(f, f->msix + reg, 4);

	return place(f, value & PCI_MSIX_TABLE_BIR, value & PCI_MSIX_TABLE_OFFSET);
}

static sigjmp_buf out;

static void on_bus_error(int sig)
{
	(void)sig;
	siglongjmp(out, 1);
}

/* By the mapping: what was read, or how that ends. */
static const char *peek(const struct place *p)
{
	static char text[16];
	const size_t in_page = p->at & ((size_t)sysconf(_SC_PAGESIZE) - 1);

	if (!p->mapped)
		return strerrorname_np(p->error);
	if (sigsetjmp(out, 1))
		return "SIGBUS";
	snprintf(text, sizeof(text), "%08x", *(volatile uint32_t *)(p->mapped + in_page));
	return text;
}

static const char *poke(const struct place *p)
{
	const size_t in_page = p->at & ((size_t)sysconf(_SC_PAGESIZE) - 1);

	if (!p->mapped)
		return strerrorname_np(p->error);
	if (sigsetjmp(out, 1))
		return "SIGBUS";
	*(volatile uint32_t *)(p->mapped + in_page) = 0;
	return "done";
}

static void tell_reads(const struct faults *f, const char *when, const char *what,
		       const struct place *p)
{
	uint32_t value = 0xa5a5a5a5, parts[2] = {0xa5a5a5a5, 0xa5a5a5a5};
	struct iovec iov[] = {{&parts[0], 4}, {&parts[1], 4}};
	const char *one = result(pread(f->u.device, &value, 4, position(f, p)));
	const char *two = result(preadv(f->u.device, iov, 2, position(f, p)));

	printf("%s: %s: pread %s %08x; preadv %s %08x %08x; mapping %s\n", when, what, one, value,
	       two, parts[0], parts[1], peek(p));
}

/* The entry itself is the kernel's, and no two runs' the same. */
static void tell_hardware(const struct faults *f, const char *when)
{
	uint32_t value = 0xa5a5a5a5;
	const char *n = result(pread(f->u.device, &value, 4, position(f, &f->hardware)));
	const char *mapped = peek(&f->hardware);

	if (strspn(mapped, "0123456789abcdef") == 8)
		mapped = strcmp(mapped, "00000000") == 0 ? "zeros" : "an entry";
	printf("%s: hardware's table: pread %s %08x; mapping %s\n", when, n, value, mapped);
}

/* What the shim keeps in memory of its own; without it, a hole of the kernel's that reads ones. */
static void tell_emulated(const struct faults *f, const char *when)
{
	static const uint8_t reset[PCI_MSIX_ENTRY_SIZE] = {[PCI_MSIX_ENTRY_VECTOR_CTRL] = 1};
	uint8_t entry[PCI_MSIX_ENTRY_SIZE], ones[PCI_MSIX_ENTRY_SIZE];
	const char *n = result(pread(f->u.device, entry, sizeof(entry), position(f, &f->table)));

	memset(ones, 0xff, sizeof(ones));
	printf("emulated table, %s: pread %s: %s\n", when, n,
	       memcmp(entry, pattern, sizeof(entry)) == 0 ? "as written"
	       : memcmp(entry, reset, sizeof(entry)) == 0 ? "as after a reset"
	       : memcmp(entry, ones, sizeof(entry)) == 0  ? "ones"
							  : "something else");
}

static void write_table(const struct faults *f, const char *when)
{
	printf("%s: table: pwrite %s\n", when,
	       result(pwrite(f->u.device, pattern, sizeof(pattern), position(f, &f->table))));
}

static void tell(const struct faults *f, const char *when)
{
	static const uint32_t zero;
	uint64_t pending;

	tell_reads(f, when, "version", &f->version);
	printf("%s: interrupt mask: pwrite %s; mapping %s\n", when,
	       result(pwrite(f->u.device, &zero, 4, position(f, &f->mask))), poke(&f->mask));
	tell_hardware(f, when);
	printf("emulated PBA, %s: pread %s\n", when,
	       result(pread(f->u.device, &pending, sizeof(pending), position(f, &f->pba))));
	tell_emulated(f, when);
	printf("%s: MSI-X control %04x\n", when, config_get(f, f->msix + PCI_MSIX_FLAGS, 2));
}

/* The vector's eventfd still is signalled if a program asks for it. */
static void tell_interrupt(const struct faults *f, const char *when)
{
	struct vfio_irq_set set = {.argsz = sizeof(set),
				   .flags = VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_NONE,
				   .index = VFIO_PCI_MSIX_IRQ_INDEX,
				   .count = 1};
	const char *asked = result(ioctl(f->u.device, VFIO_DEVICE_SET_IRQS, &set));
	uint64_t count = 0;

	if (read(f->event, &count, sizeof(count)) < 0)
		count = 0;
	printf("%s: trigger %s, fired %d\n", when, asked, (int)count);
}

/* As another process does it, who does not know of this one. */
static void reset_behind(const struct faults *f)
{
	char path[80];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", f->address);
	file = fopen(path, "w");
	if (!file || fputs("1", file) < 0 || fclose(file) != 0)
		die(path);
}

static void set_memory(const struct faults *f, bool on)
{
	config_put(f, PCI_COMMAND, on ? PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER : 0);
}

static void set_power(const struct faults *f, uint16_t state)
{
	config_put(f, f->pm + PCI_PM_CTRL, state);
}

struct reader {
	const struct faults *f;
	bool stop;	     /* atomic */
	unsigned long turns; /* atomic */
	unsigned long off;   /* atomic; how often the memory was */
	unsigned long odd;
};

/*
 * While a function is reset its memory is off: what is read then is the host bridge's, all bits
 * alike.
 */
static bool is_odd(const struct reader *r, uint32_t value)
{
	return value != r->f->first_version && value != 0 && value != ~0U;
}

static void *read_on(void *arg)
{
	struct reader *r = arg;
	const struct place *p = &r->f->version;
	const off_t at = position(r->f, p);

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		const uint32_t mapped = *(volatile uint32_t *)(p->mapped + p->at);
		uint32_t value = 0;
		const ssize_t n = pread(r->f->u.device, &value, 4, at);

		r->odd += n != 4 || is_odd(r, value) || is_odd(r, mapped);
		if (mapped != r->f->first_version)
			__atomic_fetch_add(&r->off, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&r->turns, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void reset_while_read(const struct faults *f)
{
	struct reader r = {.f = f};
	pthread_t thread;
	bool during = true;

	if (pthread_create(&thread, NULL, read_on, &r) != 0)
		die("thread");
	for (int i = 0; i < 5; i++) {
		const unsigned long off = __atomic_load_n(&r.off, __ATOMIC_RELAXED);

		reset_behind(f);

		const unsigned long turns = __atomic_load_n(&r.turns, __ATOMIC_RELAXED);

		while (__atomic_load_n(&r.turns, __ATOMIC_RELAXED) == turns)
			sched_yield();
		during &= __atomic_load_n(&r.off, __ATOMIC_RELAXED) != off;
	}
	__atomic_store_n(&r.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	printf("reset while it is read: %s; %lu reads with something else\n",
	       during ? "reads in each" : "not in each", r.odd);
}

static void start(struct faults *f)
{
	if (user_open(&f->u, f->group, f->address) < 0)
		die(f->address);
	f->config = user_region(&f->u, VFIO_PCI_CONFIG_REGION_INDEX).offset;
	f->msix = find_cap(f, PCI_CAP_ID_MSIX);
	f->pm = find_cap(f, PCI_CAP_ID_PM);
	f->express = find_cap(f, PCI_CAP_ID_EXP);
	f->version = place(f, 0, VERSION);
	f->mask = place(f, 0, INTERRUPT_MASK);
	f->hardware = place(f, 0, HARDWARE_TABLE);
	f->table = structure(f, PCI_MSIX_TABLE);
	f->pba = structure(f, PCI_MSIX_PBA);
	f->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	set_memory(f, true);
	if (pread(f->u.device, &f->first_version, 4, position(f, &f->version)) != 4)
		die("the version");
	if (user_vector(f->u.device, f->event) < 0)
		die("SET_IRQS");
}

static void gates(const struct faults *f)
{
	write_table(f, "at first");
	tell(f, "at first");
	set_memory(f, false);
	tell(f, "memory off");
	write_table(f, "memory off");
	tell_interrupt(f, "memory off");
	set_memory(f, true);
	tell(f, "memory on again");
	tell_interrupt(f, "memory on again");
	set_power(f, PCI_PM_CTRL_STATE_MASK);
	tell(f, "D3hot");
	set_power(f, 0);
	tell(f, "D0 again");
}

static void resets(const struct faults *f)
{
	reset_behind(f);
	tell(f, "reset behind");
	tell_interrupt(f, "reset behind");
	reset_while_read(f);
	tell(f, "reset while it is read");
	set_memory(f, false);
	reset_behind(f);
	tell(f, "reset behind, memory off");
	printf("RESET, memory off: %s\n", result(ioctl(f->u.device, VFIO_DEVICE_RESET)));
	tell(f, "RESET, memory off");
	set_memory(f, true);
	tell(f, "after RESET");
	tell_interrupt(f, "after RESET");
	write_table(f, "after RESET");
	config_put(
		f, f->express + PCI_EXP_DEVCTL,
		(uint16_t)(config_get(f, f->express + PCI_EXP_DEVCTL, 2) | PCI_EXP_DEVCTL_BCR_FLR));
	tell(f, "FLR");
	set_memory(f, true);
	tell(f, "after FLR");
	tell_interrupt(f, "after FLR");
}

int main(int argc, char **argv)
{
	static struct faults f;
	struct sigaction action = {.sa_handler = on_bus_error};

	if (argc != 3) {
		fprintf(stderr, "usage: faults GROUP ADDRESS\n");
		return 2;
	}
	f.group = argv[1];
	f.address = argv[2];
	sigaction(SIGBUS, &action, NULL);
	start(&f);
	gates(&f);
	resets(&f);
	user_close(&f.u);
	puts("end");
	return 0;
}
