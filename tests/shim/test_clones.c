/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clones that share the memory and have descriptors of their own, in which they close everything,
 * as QEMU's asynchronous teardown does: the device is relocated as before, with its state. Under
 * MSIXSHIM=bar5 over the SAS3008 of the fake.
 *
 *   test_clones [WAY]: as for user_open()
 */
#include "tests/lib/bar5.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int by_range(void *arg)
{
	return user_close_range(0, ~0U, 0);
}

static int from_a_number_on(void *arg)
{
	closefrom(0);
	return 0;
}

static int one_by_one(void *arg)
{
	for (int fd = 0; fd < 256; fd++)
		close(fd);
	return 0;
}

/* The number leads to the clone's own file then, and to the device everywhere else. */
static int by_others_over_it(void *arg)
{
	int null = open("/dev/null", O_RDWR);
	int good = dup2(null, user.device) == user.device &&
		   dup3(null, user.container, O_CLOEXEC) == user.container &&
		   fcntl(null, F_DUPFD, 0) >= 0;

	return !good;
}

/* It is handed no device, and what it opens changes nothing for the others. */
static int by_opening(void *arg)
{
	close(user.device);
	return open("/dev/null", O_RDWR) != user.device;
}

/* trap V11 */
static void they_change_nothing(void **state)
{
	static int (*const clones[])(void *) = {by_range, from_a_number_on, one_by_one,
						by_others_over_it, by_opening};
	static _Alignas(16) uint8_t stack[65536];

	for (size_t i = 0; i < sizeof(clones) / sizeof(clones[0]); i++) {
		table_put(user.device, 0x1230 + 4 * (uint32_t)i);

		pid_t pid = clone(clones[i], stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);

		assert_true(pid > 0);
		assert_int_equal(exit_status(pid), 0);
		assert_int_equal(table_get(user.device), 0x1230 + 4 * (int)i);
		assert_int_equal(bar5_size(user.device), 4096);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(they_change_nothing, fixture_open, fixture_close),
	};

	if (argc > 1)
		fixture_way = argv[1];
	return cmocka_run_group_tests_name("clones", tests, NULL, NULL);
}
