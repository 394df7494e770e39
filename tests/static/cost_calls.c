/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Repeats one call on a descriptor that is not VFIO, for cost.test to count its
 * instructions: cost_calls CALL COUNT. Everything but the calls happens outside
 * of measured(), the function that is counted.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096

static int fd;
static char *page;

static void call_pread64(void)
{
	char byte;

	if (pread64(fd, &byte, 1, 0) != 1)
		abort();
}

static void call_pwrite64(void)
{
	if (pwrite64(fd, "x", 1, 0) != 1)
		abort();
}

static void call_ioctl(void)
{
	int pending;

	if (ioctl(fd, FIONREAD, &pending))
		abort();
}

static void call_mmap(void)
{
	if (mmap(page, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) != page)
		abort();
}

/* Nothing is there. */
static void call_munmap(void)
{
	if (munmap(page + PAGE, PAGE))
		abort();
}

static void call_mremap(void)
{
	if (mremap(page, PAGE, PAGE, 0) != page)
		abort();
}

static const struct {
	const char *name;
	void (*call)(void);
} calls[] = {
	{"pread64", call_pread64}, {"pwrite64", call_pwrite64}, {"ioctl", call_ioctl},
	{"mmap", call_mmap},	   {"munmap", call_munmap},	{"mremap", call_mremap},
};

void measured(void (*call)(void), long count);

__attribute__((noinline)) void measured(void (*call)(void), long count)
{
	for (long i = 0; i < count; i++)
		call();
}

int main(int argc, char **argv)
{
	FILE *file = tmpfile();

	if (argc != 3 || !file)
		return 2;
	fd = fileno(file);
	page = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ftruncate(fd, PAGE) || page == MAP_FAILED || munmap(page + PAGE, PAGE))
		return 2;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(argv[1], calls[i].name) != 0)
			continue;
		calls[i].call();
		measured(calls[i].call, atol(argv[2]));
		return 0;
	}
	return 2;
}
