/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One state in processes that were not forked from each other: the program executes itself once
 * more for each of the parts below, with descriptors or without.
 */
#include "tests/lib/iommufd_user.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BDF    "0000:02:00.0"
#define NODE   EDGE
#define MARK   0x12340000U /* what a part writes to BAR0's register */
#define FDS    3
#define FAILED 99 /* exit status, beside errno */

static char *program;

/* What a part found: the status of its process. */
static int status_of(long ret)
{
	return ret < 0 ? (int)-ret : 0;
}

/* Another process with the same state. The descriptors in fds, up to a -1, stay open in it. */
static pid_t start(const char *part, const int *fds)
{
	char numbers[FDS][12], *argv[FDS + 3] = {program, (char *)part};
	pid_t pid = fork();

	if (pid)
		return pid;
	for (int i = 0; i < FDS && fds && fds[i] >= 0; i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "%d", fds[i]);
		argv[i + 2] = numbers[i];
		fcntl(fds[i], F_SETFD, 0);
	}
	execve(program, argv, environ);
	_exit(FAILED);
}

static int finish(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int run(const char *part, int fd, int second)
{
	const int fds[FDS] = {fd, second, -1};

	return finish(start(part, fds));
}

/* --- the parts --- */

/* A device: one write and one read of each way. */
static int part_device(const int *fds)
{
	uint32_t bar = MARK;
	char c = 'x';
	volatile char *p;

	if (pwrite(fds[0], &bar, 4, CONFIG(0x10)) != 4 || pwrite(fds[0], &c, 1, AT(0, 1)) != 1)
		return FAILED;
	p = mmap(NULL, page(), PROT_READ | PROT_WRITE, MAP_SHARED, fds[0], AT(0, 0));
	if (p == MAP_FAILED || p[1] != 'x')
		return FAILED;
	p[2] = 'y';
	return 0;
}

/* A group of which a device is got. */
static int part_group(const int *fds)
{
	int device = ioctl(fds[0], VFIO_GROUP_GET_DEVICE_FD, BDF);

	return device < 0 ? errno : part_device(&device);
}

static int part_open_group(const int *fds)
{
	return status_of(result(open("/dev/vfio/5", O_RDWR)));
}

/* The node, bound to an iommufd of this process. */
static int part_open_node(const int *fds)
{
	uint32_t id;
	int device = open(NODE, O_RDWR), iommu = open("/dev/iommu", O_RDWR);

	return device < 0 || iommu < 0 ? FAILED : status_of(bind_to(device, iommu, &id));
}

/* A node that somebody else opened, bound to his iommufd. */
static int part_bind(const int *fds)
{
	uint32_t id;
	long ret = bind_to(fds[0], fds[1], &id);

	return ret ? status_of(ret) : part_device(fds);
}

/* Calls until it is killed. */
static int part_busy(const int *fds)
{
	char buf[4096];

	while (pread(fds[0], buf, sizeof(buf), CONFIG(0)) > 0 && write(fds[1], buf, 1) == 1)
		;
	return FAILED;
}

/* The files of group 8 and its device get their names. */
static int part_first(const int *fds)
{
	struct user u;

	return user_open(&u, "8", "0000:04:00.0") ? errno : 0;
}

/* Closes the device, when the fake has lost its own descriptors and can open no more. */
static int part_full(const int *fds)
{
	struct rlimit none;
	char c;

	if (getrlimit(RLIMIT_NOFILE, &none))
		return FAILED;
	none.rlim_cur = 0;
	if (pread(fds[0], &c, 1, CONFIG(0)) != 1 || setrlimit(RLIMIT_NOFILE, &none))
		return FAILED;
	syscall(SYS_close_range, 100, ~0U, 0);
	return close(fds[0]) ? FAILED : 0;
}

static const struct {
	const char *name;
	int (*run)(const int *fds);
} parts[] = {
	{"device", part_device},       {"group", part_group}, {"open group", part_open_group},
	{"open node", part_open_node}, {"bind", part_bind},   {"busy", part_busy},
	{"first", part_first},	       {"full", part_full},
};

/* --- the tests --- */

/* That a part has written, seen from here. */
static void assert_written(int device)
{
	char buf[2] = "";

	assert_int_equal(config_get(device, 0x10, 4), MARK | 4);
	assert_int_equal(pread(device, buf, 2, AT(0, 1)), 2);
	assert_memory_equal(buf, "xy", 2);
	config_put(device, 0x10, 4, 0);
}

static void test_device(void **state)
{
	struct user u = vfio_user_open("5", BDF);

	assert_int_equal(run("device", u.device, -1), 0);
	assert_written(u.device);
	user_close(&u);
}

static void test_group(void **state)
{
	struct user u = vfio_user_open("5", BDF);

	assert_int_equal(run("group", u.group, -1), 0);
	assert_written(u.device);
	user_close(&u);
}

/* Who opened a group keeps others out, until the last process that has it is gone. */
static void test_group_is_taken(void **state)
{
	struct user u = vfio_user_open("5", BDF);
	const int device = u.device;

	assert_int_equal(run("open group", -1, -1), EBUSY);
	assert_int_equal(run("open node", -1, -1), EBUSY);
	close(u.group);
	close(u.container);
	assert_int_equal(run("open group", -1, -1), EBUSY);
	close(device);
	assert_int_equal(run("open group", -1, -1), 0);
	assert_int_equal(run("open node", -1, -1), 0);
}

static void test_node_is_taken(void **state)
{
	int iommu = iommu_open();
	uint32_t id;
	int device = bound(NODE, iommu, &id);

	assert_int_equal(run("open node", -1, -1), EINVAL);
	assert_int_equal(run("open group", -1, -1), EBUSY);
	assert_int_equal(run("device", device, -1), 0);
	assert_written(device);
	close(device);
	assert_int_equal(run("open node", -1, -1), 0);
	close(iommu);
}

/* A node that one process opens and another one binds is bound in both. */
static void test_bound_elsewhere(void **state)
{
	int iommu = iommu_open(), device = node_open(NODE);
	uint32_t id;

	assert_int_equal(run("bind", device, iommu), 0);
	assert_int_equal(bind_to(device, iommu, &id), -EINVAL);
	assert_written(device);
	close(device);
	close(iommu);
}

/* The device lives as long as anybody has it, and this process sees both ends. */
static void test_outlives(void **state)
{
	struct user u = vfio_user_open("5", BDF);
	int pipes[2];
	char c;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	const int fds[FDS] = {u.device, pipes[1], -1};
	pid_t pid = start("busy", fds);

	close(pipes[1]);
	assert_int_equal(read(pipes[0], &c, 1), 1);
	user_close(&u);
	assert_int_equal(result(open("/dev/vfio/5", O_RDWR)), -EBUSY);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	u = vfio_user_open("5", BDF);
	user_close(&u);
	close(pipes[0]);
}

/* Processes that are killed inside their calls leave no lock behind. */
static void test_killed(void **state)
{
	struct user u = vfio_user_open("5", BDF);
	int pipes[2];
	char c;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	const int fds[FDS] = {u.device, pipes[1], -1};

	for (int i = 0; i < 20; i++) {
		pid_t pid = start("busy", fds);

		assert_int_equal(read(pipes[0], &c, 1), 1);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_int_equal(config_get(u.device, 0, 2), 0x1234);
	}
	close(pipes[0]);
	close(pipes[1]);
	user_close(&u);
}

/* A process that can't look whether the device is held, of which the first one is gone, leaves it.
 */
static void test_out_of_reach(void **state)
{
	assert_int_equal(run("first", -1, -1), 0);

	struct user u = vfio_user_open("8", "0000:04:00.0");

	assert_int_equal(run("full", u.device, -1), 0);
	assert_int_equal(result(open("/dev/vfio/8", O_RDWR)), -EBUSY);
	user_close(&u);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_device),		cmocka_unit_test(test_group),
		cmocka_unit_test(test_group_is_taken),	cmocka_unit_test(test_node_is_taken),
		cmocka_unit_test(test_bound_elsewhere), cmocka_unit_test(test_outlives),
		cmocka_unit_test(test_killed),		cmocka_unit_test(test_out_of_reach),
	};
	int fds[FDS] = {-1, -1, -1};

	program = argv[0];
	for (int i = 2; i < argc && i < FDS + 2; i++)
		fds[i - 2] = atoi(argv[i]);
	for (size_t i = 0; argc > 1 && i < COUNT(parts); i++) {
		if (strcmp(parts[i].name, argv[1]) == 0)
			return parts[i].run(fds);
	}
	return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}
