/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What other processes, signals and the program's own use of fd numbers do to the fake. */
#include "tests/lib/vfio_user.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define EDGE "0000:02:00.0"

static void test_fork(void **state)
{
	struct user u = vfio_user_open("5", EDGE);
	int status;
	pid_t child = fork();

	if (!child) {
		uint32_t bar = 0x12340000;

		close(u.group);
		_exit(pwrite(u.device, &bar, 4, CONFIG(0x10)) != 4);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(config_get(u.device, 0x10, 4), 0x12340004);
	assert_int_equal(result(open("/dev/vfio/5", O_RDWR)), -EBUSY);
	user_close(&u);
}

/* Opens group 8 and closes it; its device was not open in this process before. */
static int open_in_child(void)
{
	int status;
	pid_t child = fork();

	if (!child) {
		struct user u;

		_exit(user_open(&u, "8", "0000:04:00.0") != 0);
	}
	return waitpid(child, &status, 0) == child ? status : -1;
}

static void test_siblings(void **state)
{
	int go[2], ready[2], status;
	char c = 0;

	/* From here on there is a state to share. */
	assert_int_equal(access("/dev/vfio/8", F_OK), 0);
	assert_int_equal(open_in_child(), 0);
	assert_int_equal(open_in_child(), 0);

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();

	if (!child) {
		struct user u;
		int failed = user_open(&u, "8", "0000:04:00.0") != 0;

		close(go[1]);
		_exit(write(ready[1], &c, 1) != 1 || read(go[0], &c, 1) != 0 || failed);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(result(open("/dev/vfio/8", O_RDWR)), -EBUSY);
	close(go[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);

	struct user u = vfio_user_open("8", "0000:04:00.0");

	assert_int_equal(config_get(u.device, 0, 2), 0x1234);
	user_close(&u);
	close(go[0]);
	close(ready[0]);
	close(ready[1]);
}

/* The program puts a file of its own on every number that the fake chose for itself. */
static void test_numbers_taken(void **state)
{
	struct user u = vfio_user_open("5", EDGE);
	char name[] = "/tmp/fakevfio-test.XXXXXX", buf[8] = "";
	int file = mkstemp(name);

	assert_true(file >= 0);
	unlink(name);
	assert_int_equal(write(file, "precious", 8), 8);
	assert_int_equal(pwrite(u.device, "ab", 2, AT(0, 0)), 2);
	for (int fd = 700; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			assert_int_equal(dup2(file, fd), fd);
	}
	config_put(u.device, PCI_COMMAND, 2, 0);
	config_put(u.device, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(pread(u.device, buf, 2, AT(0, 0)), 2);
	assert_memory_equal(buf, "ab", 2);
	assert_int_equal(pread(file, buf, 8, 0), 8);
	assert_memory_equal(buf, "precious", 8);
	user_close(&u);
	u = vfio_user_open("5", EDGE);
	user_close(&u);
	close(file);
}

static int plain;
static volatile sig_atomic_t alarms;

static void on_alarm(int signal)
{
	char c;

	if (pread(plain, &c, 1, 0) == 1)
		alarms = alarms + 1;
}

/* A handler that reads any file interrupts calls that hold the fake's lock. */
static void test_signals(void **state)
{
	const struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	const struct itimerval often = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
	struct user u = vfio_user_open("5", EDGE);
	struct sigaction old;

	plain = open("/proc/self/exe", O_RDONLY);
	assert_true(plain >= 0);
	sigaction(SIGALRM, &action, &old);
	setitimer(ITIMER_REAL, &often, NULL);
	while (alarms < 200)
		config_get(u.device, 0, 4);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &old, NULL);
	close(plain);
	user_close(&u);
}

/* Children that are killed inside their calls leave no lock behind. */
static void test_killed(void **state)
{
	struct user u = vfio_user_open("5", EDGE);
	char buf[4096];
	int ready[2];

	assert_int_equal(pipe(ready), 0);
	for (int i = 0; i < 40; i++) {
		pid_t child = fork();

		while (!child) {
			if (pread(u.device, buf, sizeof(buf), CONFIG(0)) < 0 ||
			    write(ready[1], buf, 1) != 1)
				_exit(1);
		}
		assert_int_equal(read(ready[0], buf, 1), 1);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		assert_int_equal(config_get(u.device, 0, 2), 0x1234);
	}
	close(ready[0]);
	close(ready[1]);
	user_close(&u);
}

/* An interrupt reaches the eventfd of the process that connected it, while that one lives. */
static void test_interrupt(void **state)
{
	const uint32_t flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	struct user u = vfio_user_open("5", EDGE);
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), pair[2], status;
	uint64_t count = 0;
	char c = 0;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid_t child = fork();

	if (!child) {
		close(pair[0]);
		_exit(set_irqs(u.device, flags, VFIO_PCI_MSIX_IRQ_INDEX, 2, 1, &event) ||
		      write(pair[1], &c, 1) != 1 || read(pair[1], &c, 1) != 0);
	}
	close(pair[1]);
	assert_int_equal(read(pair[0], &c, 1), 1);
	control("fire " EDGE " msix 2");
	assert_int_equal(read(event, &count, 8), 8);
	assert_int_equal(count, 1);
	close(pair[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	control("fire " EDGE " msix 2");
	assert_int_equal(result(read(event, &count, 8)), -EAGAIN);
	close(event);
	user_close(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siblings),      cmocka_unit_test(test_fork),
		cmocka_unit_test(test_numbers_taken), cmocka_unit_test(test_signals),
		cmocka_unit_test(test_killed),	      cmocka_unit_test(test_interrupt),
	};

	if (getenv("MEMCHECK")) {
		print_message("# test_interrupt is left out: valgrind has no pidfd_getfd(2)\n");
		cmocka_set_skip_filter("test_interrupt");
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
