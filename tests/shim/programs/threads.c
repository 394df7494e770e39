/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * threads SECONDS SEED DIR: 8 threads open, duplicate, access, reset and close the 8 devices of
 * threads.test, at random. Each thread has entries, registers and descriptors of its own, so it
 * knows what it has to read: what it wrote last, or what a reset leaves. Thread N writes into DIR/N
 * what has to be in the transcript of the fake. Exits with 1 if anything was not as it should be.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/user.h"

#define THREADS 8
#define DEVICES 8
#define HELD	6   /* descriptors that a thread has at most */
#define OWN	8   /* entries, and registers, of each thread */
#define NUMBERS 300 /* from here on the numbers that dup2 is given, 16 of each thread */

/* Of each device of threads.test. */
#define CONFIG	     (7ULL << 40)
#define PCIE_DEVCTL  0x78
#define MSIX_TABLE   0xb4
#define BAR0_SIZE    0x4000
#define OLD_PBA	     0x3000
#define PBA	     0x400 /* behind the table; 64 vectors */
#define PADDING	     0x800
#define REGISTERS    0x100
#define CONFIG_IDS   0x5a008086U
#define DEVCTL_RESET 0x8000

enum way {
	SHARED,	   /* all threads ask one descriptor of the group */
	EXCLUSIVE, /* whoever opens the group first */
	NODE,	   /* whoever binds it first */
};

/* What the rules of threads.test make of each. */
static const struct fact {
	const char *name;
	enum way way;
	const char *path;
	uint64_t size; /* of the target, 0: left as it is */
	uint32_t bar;
	uint32_t table;
	bool kept; /* main keeps it open, and nobody resets it */
	bool bus;  /* a hot reset of the first device resets it */
} facts[DEVICES] = {
	{"0000:01:00.0", SHARED, "/dev/vfio/1", 0x8000, 0, 0x4000, .bus = true},
	{"0000:01:00.1", SHARED, "/dev/vfio/1", 0x1000, 2, 0, .bus = true},
	{"0000:01:00.2", SHARED, "/dev/vfio/1", 0x1000, 4, 0, .bus = true},
	{"0000:01:00.3", SHARED, "/dev/vfio/1", 0, 0, 0x2000, .bus = true},
	{"0000:02:00.0", SHARED, "/dev/vfio/2", 0x8000, 0, 0x4000, .kept = true},
	{"0000:03:00.0", EXCLUSIVE, "/dev/vfio/3", 0x1000, 2, 0},
	{"0000:04:00.0", NODE, "/dev/vfio/devices/vfio6", 0x1000, 5, 0},
	{"0000:05:00.0", NODE, "/dev/vfio/devices/vfio7", 0x8000, 0, 0x4000},
};

static int container, iommufd, groups[2]; /* of 1 and 2 */
static time_t end;

struct thread {
	pthread_t id;
	unsigned int nr;
	uint64_t random;
	FILE *log;
	unsigned long wrong, opened[DEVICES];
	struct held {
		int fd;
		unsigned int dev;
	} held[HELD];
	unsigned int nr_held;
	uint64_t entry[DEVICES][OWN]; /* what the thread wrote last; 0 after a reset */
	uint32_t registers[DEVICES][OWN];
};

static unsigned int draw(struct thread *t, unsigned int n)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return (unsigned int)(t->random >> 11) % n;
}

static void expect(struct thread *t, unsigned int dev, bool ok, const char *what)
{
	if (!ok)
		fprintf(stderr, "thread %u: %s: %s: errno %d\n", t->nr, facts[dev].name, what,
			errno);
	t->wrong += !ok;
}

static void log_access(struct thread *t, unsigned int dev, const char *call, uint64_t at, size_t n)
{
	if (at >= CONFIG)
		fprintf(t->log, "%s %s config+0x%llx %zu\n", facts[dev].name, call,
			(unsigned long long)(at - CONFIG), n);
	else
		fprintf(t->log, "%s %s bar%u+0x%llx %zu\n", facts[dev].name, call,
			(unsigned int)(at >> 40), (unsigned long long)(at & ((1ULL << 40) - 1)), n);
}

/* One of the ways to read or to write. */
static ssize_t transfer(struct thread *t, const struct held *h, bool write, void *buf, size_t n,
			uint64_t at)
{
	struct iovec iov = {buf, n};

	log_access(t, h->dev, write ? "pwrite" : "pread", at, n);
	switch (draw(t, 3)) {
	case 0:
		return write ? pwritev(h->fd, &iov, 1, (off_t)at)
			     : preadv(h->fd, &iov, 1, (off_t)at);
	case 1:
		return write ? pwritev2(h->fd, &iov, 1, (off_t)at, 0)
			     : preadv2(h->fd, &iov, 1, (off_t)at, 0);
	default:
		return write ? pwrite(h->fd, buf, n, (off_t)at) : pread(h->fd, buf, n, (off_t)at);
	}
}

static uint64_t at_target(const struct held *h, uint64_t offset)
{
	return ((uint64_t)facts[h->dev].bar << 40) + facts[h->dev].table + offset;
}

/* A value that is the thread's alone: it was written last, or reset. Of a kept device, the first.
 */
static void check_own(struct thread *t, const struct held *h, uint64_t value, uint64_t last,
		      const char *what)
{
	expect(t, h->dev, value == last || (value == 0 && !facts[h->dev].kept), what);
}

/* --- what a thread does with a descriptor --- */

static void use_entry(struct thread *t, struct held *h)
{
	const unsigned int own = draw(t, OWN);
	const uint64_t at = at_target(h, 16 * (OWN * t->nr + own));
	uint64_t *last = &t->entry[h->dev][own], value = 1;

	if (!facts[h->dev].size)
		return;
	expect(t, h->dev, transfer(t, h, false, &value, 8, at) == 8, "an entry is read");
	check_own(t, h, value, *last, "an entry is the thread's own");
	*last = (t->random & ~255ULL) | t->nr << 4;
	expect(t, h->dev, transfer(t, h, true, last, 8, at) == 8, "an entry is written");
}

static void use_register(struct thread *t, struct held *h)
{
	const unsigned int own = draw(t, OWN);
	const uint64_t at = REGISTERS + 4 * (OWN * t->nr + own);
	uint32_t *last = &t->registers[h->dev][own], value = 1;

	expect(t, h->dev, transfer(t, h, false, &value, 4, at) == 4, "a register is read");
	check_own(t, h, value, *last, "a register is the thread's own");
	*last = (uint32_t)t->random | 1;
	expect(t, h->dev, transfer(t, h, true, last, 4, at) == 4, "a register is written");
}

/* What stands behind the table: the PBA, which is the hardware's, and nothing. */
static void read_behind(struct thread *t, struct held *h)
{
	const bool pba = draw(t, 2);
	uint64_t value = 1;

	if (!facts[h->dev].size)
		return;
	expect(t, h->dev,
	       transfer(t, h, false, &value, 8, at_target(h, pba ? PBA : PADDING)) == 8 &&
		       value == 0,
	       "nothing is behind the table, and no vector is pending");
	if (pba)
		log_access(t, h->dev, "pread", OLD_PBA, 8); /* where the hardware has it */
}

/* From the last register into the table of a larger BAR. */
static void read_across(struct thread *t, struct held *h)
{
	uint64_t value[2] = {1, 1};

	if (facts[h->dev].table != BAR0_SIZE)
		return;
	expect(t, h->dev, transfer(t, h, false, value, 16, BAR0_SIZE - 8) == 16, "all is read");
	expect(t, h->dev, value[0] == 0, "the last register is empty");
	log_access(t, h->dev, "pread", BAR0_SIZE, 1); /* whether the end is a BAR's */
}

static void use_config(struct thread *t, struct held *h)
{
	const struct fact *fact = &facts[h->dev];
	const uint64_t bar = CONFIG + 0x10 + 4 * fact->bar;
	uint32_t value = 0, ones = ~0U;

	expect(t, h->dev,
	       transfer(t, h, false, &value, 4, CONFIG) == 4 &&
		       value == (CONFIG_IDS | h->dev << 16),
	       "ids are read");
	expect(t, h->dev,
	       transfer(t, h, false, &value, 4, CONFIG + MSIX_TABLE) == 4 &&
		       value == (fact->table | fact->bar),
	       "the table is where it was planned");
	if (!fact->size)
		return;
	expect(t, h->dev, transfer(t, h, true, &ones, 4, bar) == 4, "a BAR is sized");
	expect(t, h->dev,
	       transfer(t, h, false, &value, 4, bar) == 4 &&
		       (value & (fact->size - 1) & ~15ULL) == 0,
	       "a BAR has its size");
}

static void get_region(struct thread *t, struct held *h)
{
	const struct fact *fact = &facts[h->dev];
	union {
		struct vfio_region_info info;
		char space[256];
	} u = {.info = {.argsz = sizeof(u), .index = fact->bar}};

	expect(t, h->dev,
	       ioctl(h->fd, VFIO_DEVICE_GET_REGION_INFO, &u) == 0 &&
		       u.info.size == (fact->size ? fact->size : BAR0_SIZE),
	       "a region has its size");
}

static void map(struct thread *t, struct held *h)
{
	const struct fact *fact = &facts[h->dev];
	const unsigned int own = draw(t, OWN);
	void *p = mmap(NULL, BAR0_SIZE, PROT_READ, MAP_SHARED, h->fd, 0);

	fprintf(t->log, "%s mmap bar0+0x0 0x%x\n", fact->name, BAR0_SIZE);
	expect(t, h->dev, p != MAP_FAILED, "registers are mapped");
	if (p == MAP_FAILED)
		return;
	if (fact->kept) {
		const volatile uint32_t *r = (const uint32_t *)((const char *)p + REGISTERS);

		expect(t, h->dev, r[OWN * t->nr + own] == t->registers[h->dev][own],
		       "what is mapped is what was written");
	}
	munmap(p, BAR0_SIZE);
	if (!fact->size)
		return;
	p = mmap(NULL, 0x1000, PROT_READ, MAP_SHARED, h->fd, (off_t)at_target(h, 0));
	expect(t, h->dev, p == MAP_FAILED && errno == EINVAL, "the table can't be mapped");
	fprintf(t->log, "%s mmap bar%u+0x%x 0x1000\n", fact->name, fact->bar, fact->table);
}

/* Another file is itself, whatever number it gets, and another thread may have had just now. */
static void use_other_file(struct thread *t, struct held *h)
{
	int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	char byte = 1;

	expect(t, h->dev, fd >= 0 && pread(fd, &byte, 1, (off_t)at_target(h, 0)) == 1 && byte == 0,
	       "another file is read");
	expect(t, h->dev, ioctl(fd, VFIO_DEVICE_RESET) == -1 && errno == ENOTTY,
	       "another file has no reset");
	close(fd);
}

static void forget(struct thread *t, unsigned int dev)
{
	memset(t->entry[dev], 0, sizeof(t->entry[dev]));
	memset(t->registers[dev], 0, sizeof(t->registers[dev]));
}

static void reset(struct thread *t, struct held *h)
{
	uint16_t flr = DEVCTL_RESET;

	if (facts[h->dev].kept)
		return;
	if (draw(t, 2)) {
		expect(t, h->dev, ioctl(h->fd, VFIO_DEVICE_RESET) == 0, "a device is reset");
		fprintf(t->log, "%s reset ioctl\n", facts[h->dev].name);
	} else {
		expect(t, h->dev, transfer(t, h, true, &flr, 2, CONFIG + PCIE_DEVCTL) == 2,
		       "a function is reset");
		fprintf(t->log, "%s reset flr\n", facts[h->dev].name);
	}
	forget(t, h->dev);
}

static void hot_reset(struct thread *t, struct held *h)
{
	union {
		struct vfio_pci_hot_reset_info info;
		struct vfio_pci_hot_reset reset;
		char space[256];
	} u = {.info = {.argsz = sizeof(u)}};

	if (h->dev != 0)
		return;
	expect(t, 0, ioctl(h->fd, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &u) == 0 && u.info.count == 4,
	       "a hot reset is of four functions");
	u.reset = (struct vfio_pci_hot_reset){.argsz = sizeof(u), .count = 1};
	u.reset.group_fds[0] = groups[0];
	expect(t, 0, ioctl(h->fd, VFIO_DEVICE_PCI_HOT_RESET, &u) == 0, "a bus is reset");
	fprintf(t->log, "%s reset hot\n", facts[0].name);
	for (unsigned int dev = 0; dev < DEVICES; dev++) {
		if (facts[dev].bus)
			forget(t, dev);
	}
}

static void hold(struct thread *t, int fd, unsigned int dev)
{
	t->held[t->nr_held++] = (struct held){fd, dev};
}

static void duplicate(struct thread *t, struct held *h)
{
	const int number = NUMBERS + 16 * (int)t->nr + (int)draw(t, 16);
	int fd = -1;

	if (t->nr_held == HELD)
		return;
	for (unsigned int i = 0; i < t->nr_held; i++) {
		if (t->held[i].fd == number)
			return;
	}
	switch (draw(t, 4)) {
	case 0:
		fd = dup(h->fd);
		break;
	case 1:
		fd = fcntl(h->fd, F_DUPFD_CLOEXEC, 20);
		break;
	case 2:
		fd = dup2(h->fd, number);
		break;
	default:
		fd = dup3(h->fd, number, O_CLOEXEC);
	}
	expect(t, h->dev, fd >= 0, "a descriptor is duplicated");
	if (fd >= 0)
		hold(t, fd, h->dev);
}

static void drop(struct thread *t, struct held *h)
{
	const unsigned int fd = (unsigned int)h->fd;
	const bool range = draw(t, 4) == 0;

	expect(t, h->dev, (range ? close_range(fd, fd, 0) : close(h->fd)) == 0,
	       "a descriptor is closed");
	*h = t->held[--t->nr_held];
}

/* --- opening --- */

static int open_group(const struct fact *fact)
{
	int fd = -1, group = open(fact->path, O_RDWR | O_CLOEXEC);

	if (group < 0)
		return -1;
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) == 0)
		fd = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, fact->name);
	close(group);
	return fd;
}

static int open_node(const struct fact *fact)
{
	struct user_bind bind = {.argsz = sizeof(bind), .iommufd = iommufd};
	int fd = open(fact->path, O_RDWR | O_CLOEXEC);

	if (fd >= 0 && ioctl(fd, USER_BIND, &bind) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void open_device(struct thread *t)
{
	const unsigned int dev = draw(t, DEVICES);
	const struct fact *fact = &facts[dev];
	int fd;

	if (t->nr_held == HELD)
		return;
	switch (fact->way) {
	case SHARED:
		fd = ioctl(groups[!fact->bus], VFIO_GROUP_GET_DEVICE_FD, fact->name);
		expect(t, dev, fd >= 0, "a device is opened");
		break;
	case EXCLUSIVE:
		fd = open_group(fact);
		break;
	default:
		fd = open_node(fact);
	}
	if (fd < 0)
		return;
	t->opened[dev]++;
	fprintf(t->log, "%s opened\n", fact->name);
	hold(t, fd, dev);
}

static void *run(void *arg)
{
	static void (*const actions[])(struct thread *, struct held *) = {
		use_entry,   use_entry,	  use_register,	  use_register,
		read_behind, read_across, use_config,	  get_region,
		map,	     reset,	  hot_reset,	  duplicate,
		duplicate,   drop,	  use_other_file, drop,
	};
	struct thread *t = arg;
	struct timespec now;

	do {
		if (t->nr_held == 0 || draw(t, 8) == 0)
			open_device(t);
		if (t->nr_held)
			actions[draw(t, sizeof(actions) / sizeof(actions[0]))](
				t, &t->held[draw(t, t->nr_held)]);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end);
	while (t->nr_held)
		drop(t, &t->held[0]);
	return NULL;
}

static bool prepare(void)
{
	container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	for (unsigned int i = 0; i < 2; i++) {
		groups[i] = open(i ? "/dev/vfio/2" : "/dev/vfio/1", O_RDWR | O_CLOEXEC);
		if (ioctl(groups[i], VFIO_GROUP_SET_CONTAINER, &container))
			return false;
	}
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return false;
	return ioctl(groups[1], VFIO_GROUP_GET_DEVICE_FD, facts[4].name) >= 0 && iommufd >= 0;
}

int main(int argc, char **argv)
{
	static struct thread threads[THREADS];
	unsigned long wrong = 0, opened[DEVICES] = {0};
	struct timespec now;
	char path[4096];

	if (argc != 4 || !prepare()) {
		perror("threads");
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec + 1 + atoi(argv[1]);
	for (unsigned int i = 0; i < THREADS; i++) {
		struct thread *t = &threads[i];

		snprintf(path, sizeof(path), "%s/%u", argv[3], i);
		t->nr = i;
		t->random = strtoull(argv[2], NULL, 0) * 0x9e3779b97f4a7c15 + i + 1;
		t->log = fopen(path, "w");
		if (!t->log || pthread_create(&t->id, NULL, run, t))
			return 2;
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(threads[i].id, NULL);
		wrong += threads[i].wrong;
		wrong += fclose(threads[i].log) != 0;
		for (unsigned int dev = 0; dev < DEVICES; dev++)
			opened[dev] += threads[i].opened[dev];
	}
	for (unsigned int dev = 0; dev < DEVICES; dev++) {
		printf("%s opened %lu times\n", facts[dev].name, opened[dev]);
		wrong += !opened[dev];
	}
	return wrong != 0;
}
