/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device is closed by a way that the shim can't see, and another file gets its number: whatever
 * that file is, each call on it comes to what it comes to without the shim, and the device
 * notices nothing. One test for each way and each file; in it every call of stale_call.h, at the
 * offsets of all that the shim emulates. Beside each file stands a second one like it, which
 * system calls are made on directly.
 *
 *   test_stale [clones]: with it, the ways in which a child with shared descriptors closes it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stale_call.h"
#include "tests/lib/user.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define REGION(n)  ((uint64_t)(n) << 40)
#define SHORT_FILE (16 * 1024 + 6) /* ends in a BAR0 of 16K that is extended */
#define ENDS_AT	   (16 * 1024)
#define LONG_FILE  (256 * 1024)

struct way {
	const char *name;
	void (*close)(int number); /* NULL: what takes the number closes it */
};

struct taker {
	const char *name;
	int (*make)(void);
	bool vfio; /* it answers libc's calls alone, and is no file that can be read */
};

static struct user user;
static uint32_t bar; /* the target */
static int file, twin, reused;

/* --- how it was closed --- */

static void by_fclose(int number)
{
	FILE *f = fdopen(number, "r+");

	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
}

static void by_system_call(int number)
{
	assert_int_equal(syscall(SYS_close, number), 0);
}

static void by_range_system_call(int number)
{
	assert_int_equal(syscall(SYS_close_range, number, number, 0), 0);
}

/* Which is seen, but not followed: other threads keep what was open. */
static void by_range_unshared(int number)
{
	assert_int_equal(
		close_range((unsigned int)number, (unsigned int)number, CLOSE_RANGE_UNSHARE), 0);
}

static int close_it(void *number)
{
	return close(*(int *)number);
}

static void by_clone(int number, int flags)
{
	static _Alignas(16) uint8_t stack[65536];
	pid_t pid = clone(close_it, stack + sizeof(stack), flags | SIGCHLD, &number);
	int status;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void by_a_clone_of_the_memory(int number)
{
	by_clone(number, CLONE_FILES);
}

static void by_a_clone_that_shares_all(int number)
{
	by_clone(number, CLONE_FILES | CLONE_VM);
}

static const struct way ways[] = {
	{"fclose", by_fclose},
	{"a system call", by_system_call},
	{"a system call for a range", by_range_system_call},
	{"close_range, unshared", by_range_unshared},
	{"a duplicate over it", NULL},
};

static const struct way clones[] = {
	{"a child with the same descriptors", by_a_clone_of_the_memory},
	{"a child with the same descriptors and memory", by_a_clone_that_shares_all},
};

/* --- what took the number --- */

static void fill(int fd, uint64_t from, size_t len)
{
	static uint8_t block[LONG_FILE];

	for (size_t i = 0; i < len; i++)
		block[i] = (uint8_t)(i * 7 + (i >> 8) + 0x81);
	assert_int_equal(pwrite(fd, block, len, (off_t)from), len);
}

static int memory_file(size_t len)
{
	int fd = memfd_create("other", MFD_CLOEXEC);

	assert_true(fd >= 0);
	fill(fd, 0, len);
	return fd;
}

static int a_long_file(void)
{
	return memory_file(LONG_FILE);
}

static int a_short_file(void)
{
	return memory_file(SHORT_FILE);
}

static int a_file_that_ends_with_the_bar(void)
{
	return memory_file(ENDS_AT);
}

static int an_empty_file(void)
{
	return memory_file(0);
}

/* Data where BARs 1 and 5 and the configuration space are, holes elsewhere. */
static int a_huge_file(void)
{
	int fd = memory_file(LONG_FILE);

	fill(fd, REGION(1), LONG_FILE);
	fill(fd, REGION(5), LONG_FILE);
	fill(fd, REGION(7), 4096);
	assert_int_equal(ftruncate(fd, (off_t)REGION(9)), 0);
	return fd;
}

static int a_huge_hole(void)
{
	int fd = memory_file(0);

	assert_int_equal(ftruncate(fd, (off_t)REGION(9)), 0);
	return fd;
}

static int a_file_on_disk(void)
{
	FILE *f = tmpfile();
	int fd;

	assert_non_null(f);
	fd = fcntl(fileno(f), F_DUPFD_CLOEXEC, 0);
	fclose(f);
	fill(fd, 0, LONG_FILE);
	return fd;
}

static int node(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static int zeros(void)
{
	return node("/dev/zero", O_RDWR);
}

static int null(void)
{
	return node("/dev/null", O_RDWR);
}

static int a_directory(void)
{
	return node("/", O_RDONLY | O_DIRECTORY);
}

static int a_file_to_be_written(void)
{
	char path[32];
	int fd = memory_file(LONG_FILE), again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = node(path, O_WRONLY);
	close(fd);
	return again;
}

static int one_of(int pair[2], int which)
{
	close(pair[!which]);
	return pair[which];
}

static int a_pipe(int which)
{
	int pair[2];

	assert_int_equal(pipe2(pair, O_CLOEXEC | O_NONBLOCK), 0);
	return one_of(pair, which);
}

static int a_pipe_to_read(void)
{
	return a_pipe(0);
}

static int a_pipe_to_write(void)
{
	return a_pipe(1);
}

static int a_socket(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
			 0);
	return one_of(pair, 0);
}

static int an_eventfd(void)
{
	return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static int the_container(void)
{
	return (int)syscall(SYS_dup, user.container);
}

static int the_group(void)
{
	return (int)syscall(SYS_dup, user.group);
}

static const struct taker takers[] = {
	{"a long file", a_long_file, false},
	{"a short file", a_short_file, false},
	{"a file that ends with the BAR", a_file_that_ends_with_the_bar, false},
	{"an empty file", an_empty_file, false},
	{"a huge file", a_huge_file, false},
	{"a huge hole", a_huge_hole, false},
	{"a file on disk", a_file_on_disk, false},
	{"a file to be written", a_file_to_be_written, false},
	{"/dev/zero", zeros, false},
	{"/dev/null", null, false},
	{"a directory", a_directory, false},
	{"a pipe to read", a_pipe_to_read, false},
	{"a pipe to write", a_pipe_to_write, false},
	{"a socket", a_socket, false},
	{"an eventfd", an_eventfd, false},
	{"the container", the_container, true},
	{"the group", the_group, true},
};

/* --- what comes of it --- */

struct pair {
	const struct way *way;
	const struct taker *taker;
};

/* What of the device a call on another file could change: its table, a register of a new BAR. */
struct device_state {
	uint32_t table[4];
	uint8_t config[256];
};

static void look(struct device_state *ret)
{
	const struct vfio_region_info info = user_region(&user, bar);
	const uint64_t table = info.offset + (info.size > 16384 ? info.size / 2 : 0);

	assert_int_equal(pread(user.device, ret->table, 16, (off_t)table), 16);
	assert_int_equal(pread(user.device, ret->config, 256, (off_t)REGION(7)), 256);
}

/* Puts the file on a number of the device. Nothing of it is seen. */
static void make_stale(const struct way *way)
{
	reused = dup(user.device);
	assert_true(reused >= 0);
	if (way->close) {
		way->close(reused);
		assert_int_equal(syscall(SYS_fcntl, file, F_DUPFD, reused), reused);
	} else {
		assert_int_equal(syscall(SYS_dup3, file, reused, 0), reused);
	}
}

/* A file's size is what is known to end in a BAR: no call may have moved it for the next one. */
static void restore(int fd, const struct stat *st)
{
	if (S_ISREG(st->st_mode))
		ftruncate(fd, st->st_size);
}

static void compare(const struct call *c, const struct pair *p)
{
	struct outcome got, expected;

	make_stale(p->way);
	stale_call_run(c, twin, !p->taker->vfio, &expected);
	stale_call_run(c, reused, false, &got);
	if (got.result != expected.result ||
	    memcmp(got.bytes, expected.bytes, sizeof(got.bytes)) != 0)
		fail_msg("%s(0x%llx): %ld, without the shim %ld; buffers are %s", c->name,
			 (unsigned long long)(c->is_ioctl ? c->request : c->offset), got.result,
			 expected.result,
			 memcmp(got.bytes, expected.bytes, sizeof(got.bytes)) ? "not equal"
									      : "equal");
	syscall(SYS_close, reused);
	reused = -1;
}

static void assert_same_contents(void)
{
	for (size_t i = 0; i < stale_calls_count; i++) {
		uint8_t a[64] = {0}, b[64] = {0};
		const off_t at = (off_t)stale_calls[i].offset;

		assert_int_equal(pread(file, a, sizeof(a), at), pread(twin, b, sizeof(b), at));
		assert_memory_equal(a, b, sizeof(a));
	}
}

/* trap V11 */
static void is_itself(void **state)
{
	const struct pair *p = *state;
	struct device_state before, after;
	struct stat st;

	file = p->taker->make();
	twin = p->taker->make();
	assert_int_equal(fstat(file, &st), 0);
	look(&before);
	for (size_t i = 0; i < stale_calls_count; i++) {
		if (p->taker->vfio && !stale_calls[i].is_ioctl)
			continue;
		compare(&stale_calls[i], p);
		restore(file, &st);
		restore(twin, &st);
	}
	look(&after);
	assert_memory_equal(&before, &after, sizeof(before));
	if (S_ISREG(st.st_mode) && !p->taker->vfio)
		assert_same_contents();
}

static int open_device(void **state)
{
	file = twin = reused = -1;
	return user_open(&user, USER_GROUP, USER_NAME);
}

static int close_all(void **state)
{
	close(file);
	close(twin);
	close(reused);
	user_close(&user);
	return 0;
}

static int run(const struct way *list, size_t n)
{
	static struct CMUnitTest tests[COUNT(ways) * COUNT(takers)];
	static struct pair pairs[COUNT(ways) * COUNT(takers)];
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < COUNT(takers); j++) {
			char *name;

			if (asprintf(&name, "%s, then %s", list[i].name, takers[j].name) < 0)
				abort();
			pairs[count] = (struct pair){&list[i], &takers[j]};
			tests[count] = (struct CMUnitTest){
				.name = name,
				.test_func = is_itself,
				.setup_func = open_device,
				.teardown_func = close_all,
				.initial_state = &pairs[count],
			};
			count++;
		}
	}

	const int failed = _cmocka_run_group_tests("stale", tests, count, NULL, NULL);

	while (count > 0)
		free((char *)(uintptr_t)tests[--count].name);
	return failed;
}

int main(int argc, char **argv)
{
	stale_calls_make();
	bar = argc > 1 ? (uint32_t)atoi(argv[1]) : 5;
	return argc > 2 ? run(clones, COUNT(clones)) : run(ways, COUNT(ways));
}
