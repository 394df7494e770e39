/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cycles WAY N: opens, uses and closes the SAS3008 N times, WAY as for user_open(), and prints how
 * many descriptors, mappings, bytes of those and bytes on the heap there are after the hundredth
 * time and the last.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "config.h"
#include "tests/lib/user.h"

#define EARLY 100

static unsigned int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

struct use {
	unsigned int fds, mappings;
	unsigned long mapped; /* bytes */
	size_t heap;
};

/* Their bytes, too: a mapping beside a like one becomes a part of it. */
static void count_mappings(struct use *ret)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, to;

	while (maps && fscanf(maps, "%lx-%lx%*[^\n]", &from, &to) == 2) {
		ret->mappings++;
		ret->mapped += to - from;
	}
	if (maps)
		fclose(maps);
}

/* The heap in bytes; where libc does not tell, all memory that can be written to. */
static size_t heap_bytes(void)
{
#ifdef HAVE_MALLINFO2
	return mallinfo2().uordblks;
#else
	FILE *statm = fopen("/proc/self/statm", "r");
	size_t data;

	if (!statm || fscanf(statm, "%*s %*s %*s %*s %*s %zu", &data) != 1)
		exit(2);
	fclose(statm);
	return data * (size_t)sysconf(_SC_PAGESIZE);
#endif
}

static struct use measure(void)
{
	struct use now = {.heap = heap_bytes(), .fds = count_entries("/proc/self/fd")};

	count_mappings(&now);
	return now;
}

static void print_use(const struct use *u)
{
	printf("descriptors %u, mappings %u of %lu bytes, heap %zu\n", u->fds, u->mappings,
	       u->mapped, u->heap);
}

/* Reads and writes the start, the middle and the end of a region, by one call and by a vector. */
static void touch(int fd, const struct vfio_region_info *r)
{
	const uint64_t at[] = {0, r->size / 2, r->size - 8};

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		const off_t offset = (off_t)(r->offset + at[i]);
		uint64_t value = 0;
		struct iovec iov = {&value, sizeof(value)};

		pread(fd, &value, sizeof(value), offset);
		preadv(fd, &iov, 1, offset);
		if (r->index < VFIO_PCI_ROM_REGION_INDEX)
			pwrite(fd, &value, sizeof(value), offset);
	}
}

/* Whole where that is allowed, else up to where it is. */
static bool map(int fd, const struct vfio_region_info *r)
{
	for (uint64_t len = r->size; len >= 4096; len /= 2) {
		void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)r->offset);

		if (p != MAP_FAILED)
			return munmap(p, len) == 0;
	}
	return false;
}

static bool use_vectors(int fd)
{
	int event = eventfd(0, EFD_CLOEXEC);
	bool good = user_vector(fd, event) == 0 && user_vector(fd, -1) == 0;

	close(event);
	return good;
}

static bool use(const struct user *u)
{
	struct user copy = {.device = dup(u->device)};
	bool good = copy.device >= 0;

	for (uint32_t i = 0; i <= VFIO_PCI_CONFIG_REGION_INDEX; i++) {
		const struct vfio_region_info r = user_region(&copy, i);

		if (r.size)
			touch(copy.device, &r);
		if (r.flags & VFIO_REGION_INFO_FLAG_MMAP)
			good &= map(copy.device, &r);
	}
	good &= use_vectors(u->device) && ioctl(u->device, VFIO_DEVICE_RESET) == 0;
	return close(copy.device) == 0 && good;
}

int main(int argc, char **argv)
{
	const int n = argc > 2 ? atoi(argv[2]) : 0;
	struct use early = measure(), late; /* measuring takes memory, the first time */
	struct user user;

	for (int i = 1; i <= n; i++) {
		if (user_open(&user, argv[1], USER_NAME) || !use(&user)) {
			fprintf(stderr, "cycle %d: %s\n", i, strerror(errno));
			return 1;
		}
		user_close(&user);
		if (i == EARLY)
			early = measure();
	}
	late = measure();
	print_use(&early);
	print_use(&late);
	return 0;
}
