/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * held GROUP BDF: has each call that the kernel gets for a use of a device wait, in one thread, and
 * uses the same device in all ways in another one meanwhile. Prints each use and how many calls
 * were held for it. A lock that is held over a call is a hang.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/lib/user.h"
#include "tests/preloads/hold.h"

/* Under bar1 the SAS3008's table is behind its BAR of 64 KiB. */
#define CONFIG (7LL << 40)
#define BAR1   (1LL << 40)
#define TABLE  (BAR1 + 0x10000)
#define PBA    (TABLE + 0x600)

static struct user user;
static hold_arm_fn *arm;
static hold_disarm_fn *disarm;
static hold_wait_fn *wait_for_call;
static hold_release_fn *let_go;

static bool get(int64_t at, size_t n)
{
	uint8_t buf[16];

	return pread(user.device, buf, n, at) == (ssize_t)n;
}

static bool put(int64_t at, size_t n)
{
	const uint8_t zeros[16] = {0};

	return pwrite(user.device, zeros, n, at) == (ssize_t)n;
}

static bool read_config(void)
{
	return get(CONFIG, 16);
}

static bool write_config(void)
{
	return put(CONFIG + 0x24, 4);
}

static bool read_table(void)
{
	return get(TABLE, 16);
}

static bool write_table(void)
{
	return put(TABLE, 16);
}

static bool read_pba(void)
{
	return get(PBA, 8);
}

static bool read_across_the_end(void)
{
	return get(TABLE - 4, 8);
}

static bool write_across_the_end(void)
{
	return put(TABLE - 4, 8);
}

static bool region_info(void)
{
	return user_region(&user, 1).size == 0x20000;
}

static bool reset(void)
{
	return ioctl(user.device, VFIO_DEVICE_RESET) == 0;
}

static bool map(void)
{
	void *p = mmap(NULL, 0x10000, PROT_READ, MAP_SHARED, user.device, BAR1);

	return p != MAP_FAILED && munmap(p, 0x10000) == 0;
}

static bool duplicate(void)
{
	int fd = dup(user.device);

	return fd >= 0 && dup2(user.device, fd) == fd && close(fd) == 0;
}

static bool hand_out(void)
{
	int fd = ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME);

	return fd >= 0 && close(fd) == 0;
}

static const struct {
	const char *name;
	bool (*run)(void);
} uses[] = {
	{"read of configuration", read_config},
	{"write of configuration", write_config},
	{"read of the table", read_table},
	{"write of the table", write_table},
	{"read of the PBA", read_pba},
	{"read across the end", read_across_the_end},
	{"write across the end", write_across_the_end},
	{"region info", region_info},
	{"reset", reset},
	{"mapping", map},
	{"duplicates", duplicate},
	{"hand-out", hand_out},
};

#define USES (sizeof(uses) / sizeof(uses[0]))

static bool all_uses(void)
{
	bool good = true;

	for (size_t i = 0; i < USES; i++)
		good &= uses[i].run();
	return good;
}

struct job {
	bool (*run)(void);
	unsigned int nth;
	bool good;
};

static void *use_and_wait(void *arg)
{
	struct job *job = arg;

	arm(job->nth);
	job->good = job->run();
	disarm();
	return NULL;
}

/* Whether the nth call of the use was held; exits where one of the two threads did not succeed. */
static bool hold_nth(bool (*run)(void), unsigned int nth)
{
	struct job job = {.run = run, .nth = nth};
	pthread_t thread;
	bool held, good = true;

	if (pthread_create(&thread, NULL, use_and_wait, &job))
		exit(2);
	held = wait_for_call();
	if (held) {
		good = all_uses();
		let_go();
	}
	pthread_join(thread, NULL);
	if (!good || !job.good)
		exit(1);
	return held;
}

static void find(const char *name, void *to)
{
	void *p = dlsym(RTLD_DEFAULT, name);

	if (!p)
		exit(2);
	memcpy(to, &p, sizeof(p));
}

int main(int argc, char **argv)
{
	find("hold_arm", &arm);
	find("hold_disarm", &disarm);
	find("hold_wait", &wait_for_call);
	find("hold_release", &let_go);
	if (argc != 3 || user_open(&user, argv[1], argv[2]) < 0)
		return 2;
	for (size_t i = 0; i < USES; i++) {
		unsigned int held = 0;

		while (hold_nth(uses[i].run, held + 1))
			held++;
		printf("%s: %u\n", uses[i].name, held);
		fflush(stdout);
	}
	return 0;
}
