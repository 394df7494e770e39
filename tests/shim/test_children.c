/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What children do to a device's descriptors is their own affair: under MSIXSHIM=bar5 over the
 * SAS3008 of the fake. In each test the device is relocated as before afterwards, with its state.
 *
 *   test_children [WAY]: as for user_open()
 */
#include "tests/lib/bar5.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_with_state(void **state)
{
	int rc = fixture_open(state);

	if (rc == 0)
		table_put(user.device, 0x1234);
	return rc;
}

static int close_unchanged(void **state)
{
	const bool same = table_get(user.device) == 0x1234 && bar5_size(user.device) == 4096;

	fixture_close(state);
	return same ? 0 : -1;
}

static void a_forked_child_has_its_own(void **state)
{
	pid_t pid = fork();

	if (pid == 0) {
		bool same = table_get(user.device) == 0x1234;

		table_put(user.device, 0x5678);
		close(user.device);
		_exit(same && table_get(user.device) == -EBADF ? 0 : 1);
	}
	assert_int_equal(exit_status(pid), 0);
}

/* trap V11 */
static void a_vfork_child_changes_nothing(void **state)
{
	/* a child that shares memory is what this is about */
	/* NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork, clang-analyzer-unix.Vfork) */
	pid_t pid = vfork();

	if (pid == 0) {
		close(user.device);
		user_close_range(3, ~0U, 0);
		_exit(0);
	}
	/* NOLINTEND(clang-analyzer-security.insecureAPI.vfork, clang-analyzer-unix.Vfork) */
	assert_int_equal(exit_status(pid), 0);
}

/* A child with memory of its own that no fork handler has seen. */
static void a_cloned_child_has_its_own(void **state)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);

	if (pid == 0) {
		int copy = dup(user.device);
		bool good = bar5_size(copy) == 4096;

		if (user.group >= 0)
			copy = ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME);
		_exit(good && bar5_size(copy) == 4096 ? 0 : 1);
	}
	assert_int_equal(exit_status(pid), 0);
}

static void a_refused_close_range_forgets_nothing(void **state)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (user_refuse(SYS_close_range, ENOSYS))
			_exit(2);
		if (user_close_range(3, 300, 0) == 0 || errno != ENOSYS)
			_exit(3);
		_exit(bar5_size(user.device) == 4096 ? 0 : 1);
	}
	assert_int_equal(exit_status(pid), 0);
}

/* File actions happen in a child that shares the memory, and not the descriptors. */
static void a_spawned_child_acts_on_its_own(void **state)
{
	char name[] = "true", *args[] = {name, NULL}, *env[] = {NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;

	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	posix_spawn_file_actions_addclose(&actions, user.device);
	posix_spawn_file_actions_addopen(&actions, user.device, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&actions, user.device, user.container);
	posix_spawn_file_actions_adddup2(&actions, user.container, user.device + 1);
	assert_int_equal(posix_spawnp(&pid, name, &actions, NULL, args, env), 0);
	assert_int_equal(exit_status(pid), 0);
	posix_spawn_file_actions_destroy(&actions);
}

/* libc's own children close and duplicate, too. */
static void shells_act_on_their_own(void **state)
{
	char command[64];
	FILE *pipe;

	unsetenv("LD_PRELOAD"); /* the machine's shell may be of another C library than the shim */
	snprintf(command, sizeof(command), "exec %d>&- %d</dev/null", user.device, user.device);
	/* shells are what this is about */
	/* NOLINTBEGIN(cert-env33-c, bugprone-command-processor) */
	assert_int_equal(system(command), 0);
	pipe = popen(command, "r");
	/* NOLINTEND(cert-env33-c, bugprone-command-processor) */
	assert_non_null(pipe);
	assert_int_equal(pclose(pipe), 0);
}

/* In a forked child: its copy of the table follows what it does. */
static void a_child_that_closes_from_a_number_on(void **state)
{
	pid_t pid = fork();

	if (pid == 0) {
		closefrom(3);
		_exit(table_get(user.device) == -EBADF ? 0 : 1);
	}
	assert_int_equal(exit_status(pid), 0);
}

/* A thread that unshares its descriptors closes copies: the others keep theirs. */
static void *unshare_and_close(void *flags)
{
	const unsigned int fd = (unsigned int)user.device;

	return (void *)(intptr_t)user_close_range(fd, fd, (int)(intptr_t)flags);
}

static void a_thread_that_unshares_closes_copies(void **state)
{
	static const int flags[] = {CLOSE_RANGE_UNSHARE, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		pthread_t thread;
		void *result;

		assert_int_equal(pthread_create(&thread, NULL, unshare_and_close,
						(void *)(intptr_t)flags[i]),
				 0);
		assert_int_equal(pthread_join(thread, &result), 0);
		assert_null(result);
		assert_int_equal(table_get(user.device), 0x1234);
		assert_int_equal(fcntl(user.device, F_GETFD), FD_CLOEXEC);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_with_state, close_unchanged)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(a_forked_child_has_its_own),
		CASE(a_vfork_child_changes_nothing),
		CASE(a_cloned_child_has_its_own),
		CASE(a_refused_close_range_forgets_nothing),
		CASE(a_spawned_child_acts_on_its_own),
		CASE(shells_act_on_their_own),
		CASE(a_child_that_closes_from_a_number_on),
		CASE(a_thread_that_unshares_closes_copies),
	};

	if (argc > 1)
		fixture_way = argv[1];
	return cmocka_run_group_tests_name("children", tests, NULL, NULL);
}
