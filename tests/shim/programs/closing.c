/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * closing GROUP BDF: a thread reads across the end of the hardware's BAR. While each of the calls
 * waits that this leads to, the device is closed, and then also opened again under the same number.
 * Prints for each what the read gave, what BAR1 of the device is then, and how many mappings are
 * left of it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/lib/user.h"
#include "tests/preloads/hold.h"

/* Under bar1 the SAS3008's table is behind its BAR of 64 KiB. */
#define TABLE (((off_t)1 << 40) + 0x10000)

static struct user user;
static hold_arm_fn *arm;
static hold_disarm_fn *disarm;
static hold_wait_fn *wait_for_call;
static hold_release_fn *let_go;

static void *read_across(void *arg)
{
	uint8_t buf[32];

	arm(*(unsigned int *)arg);

	ssize_t n = pread(user.device, buf, sizeof(buf), TABLE - 16);

	printf("%s", n < 0 ? strerror(errno) : n == sizeof(buf) ? "data" : "part");
	disarm();
	return NULL;
}

static void run(unsigned int nth, bool again)
{
	const int number = user.device;
	pthread_t thread;

	if (pthread_create(&thread, NULL, read_across, &nth))
		exit(2);

	const bool held = wait_for_call();

	close(number);
	if (again)
		user.device = ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME);
	if (held)
		let_go();
	pthread_join(thread, NULL);
	if (!again)
		printf(", closed: %d left\n", user_composed());
	else
		printf(", opened%s: 0x%" PRIx64 ", %d there\n",
		       user.device == number ? "" : " elsewhere",
		       (uint64_t)user_region(&user, 1).size, user_composed());
	if (!again)
		user.device = ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME);
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
	for (unsigned int nth = 1; nth <= 2; nth++) {
		run(nth, false);
		run(nth, true);
	}
	return 0;
}
