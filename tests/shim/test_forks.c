/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Children that are forked while the shim is at work, under MSIXSHIM=bar1,map=compose over the
 * SAS3008 of the fake: a lock that is held then has nobody there who gives it back.
 */
#include "tests/lib/fixture.h"

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/preloads/midway.h"

#define BAR1   ((off_t)1 << 40)
#define TABLE  (BAR1 + 0x10000)
#define CONFIG ((off_t)7 << 40)

static midway_call_fn *midway;

static pid_t clone_raw(void)
{
	return (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);
}

/* With and without the handlers of fork(). */
static pid_t (*const ways[])(void) = {fork, clone_raw};
static pid_t (*way)(void);

static bool table_is_there(int device)
{
	const uint32_t v = 0x1234;
	uint32_t got = 0;

	return pwrite(device, &v, sizeof(v), TABLE) == sizeof(v) &&
	       pread(device, &got, sizeof(got), TABLE) == sizeof(got) && got == v;
}

/* Uses the device, and closes its last descriptor, which ends it. */
static int use_and_close(int device)
{
	const int before = user_composed();

	if (!table_is_there(device))
		return 1;
	if (close(device) < 0)
		return 2;
	return user_composed() == before - 1 ? 0 : 3;
}

/* --- while a thread has the lock of the table --- */

static sem_t has_lock, goes_on;

static void wait_with_lock(void)
{
	sem_post(&has_lock);
	while (sem_wait(&goes_on) < 0)
		;
}

static void *close_device(void *arg)
{
	midway(NULL, wait_with_lock);
	close(user.device);
	return NULL;
}

static void a_device_is_being_closed(void **state)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		pthread_t thread;

		fixture_open(state);
		assert_int_equal(pthread_create(&thread, NULL, close_device, NULL), 0);
		while (sem_wait(&has_lock) < 0)
			;

		const pid_t pid = ways[i]();

		if (pid == 0)
			_exit(use_and_close(
				ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME)));
		sem_post(&goes_on);
		pthread_join(thread, NULL);
		assert_int_equal(exit_status(pid), 0);
		fixture_close(state);
	}
}

/* --- while a call has the lock of a device --- */

static uint8_t *page;
static pid_t child;

static void protect_page(void)
{
	mprotect(page, 4096, PROT_NONE);
}

/* The shim edits what the kernel has written to the page, which can't be written any more. */
static void fork_and_go_on(int sig)
{
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
	child = way();
	if (child == 0)
		_exit(use_and_close(user.device));
}

static void a_configuration_space_is_being_read(void **state)
{
	const struct sigaction action = {.sa_handler = fork_and_go_on};

	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(page, MAP_FAILED);
	assert_int_equal(sigaction(SIGSEGV, &action, NULL), 0);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		way = ways[i];
		child = -1;
		fixture_open(state);
		midway(protect_page, NULL);
		assert_int_equal(pread(user.device, page, 64, CONFIG), 64);
		assert_int_not_equal(child, -1);
		assert_int_equal(exit_status(child), 0);
		assert_true(table_is_there(user.device));
		fixture_close(state);
	}
	signal(SIGSEGV, SIG_DFL);
	munmap(page, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_being_closed),
		cmocka_unit_test(a_configuration_space_is_being_read),
	};
	void *p = dlsym(RTLD_DEFAULT, "midway_call");

	if (!p || sem_init(&has_lock, 0, 0) || sem_init(&goes_on, 0, 0))
		return 2;
	memcpy(&midway, &p, sizeof(p));
	return cmocka_run_group_tests_name("forks", tests, NULL, NULL);
}
