/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fds that come and go, under MSIXSHIM=bar5 over the SAS3008 of the fake: the state
 * belongs to the device, the slot to the number, and no other file is ever touched.
 */
#include "tests/lib/bar5.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* trap K12 */
static void duplicates_share_the_state(void **state)
{
	int dups[] = {
		dup(user.device),
		dup2(user.device, 60),
		dup3(user.device, 61, O_CLOEXEC),
		fcntl(user.device, F_DUPFD, 62),
		fcntl(user.device, F_DUPFD_CLOEXEC, 62),
		ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME),
	};

	for (size_t i = 0; i < sizeof(dups) / sizeof(dups[0]); i++) {
		assert_true(dups[i] >= 0);
		table_put(user.device, 0x1000 + (uint32_t)i * 4);
		assert_int_equal(table_get(dups[i]), 0x1000 + (int)i * 4);
		assert_int_equal(bar5_size(dups[i]), 4096);
		assert_int_equal(close(dups[i]), 0);
		assert_int_equal(table_get(dups[i]), -EBADF);
		assert_int_equal(table_get(user.device), 0x1000 + (int)i * 4);
	}
}

static void state_outlives_the_first_fd(void **state)
{
	int second = dup(user.device);

	table_put(user.device, 0x1234);
	assert_int_equal(close(user.device), 0);
	assert_int_equal(table_get(second), 0x1234);
	user.device = second;
}

/* trap K12 */
static void state_ends_with_the_last_fd(void **state)
{
	table_put(user.device, 0x1234);
	user_close(&user);
	assert_int_equal(user_open(&user, USER_GROUP, USER_NAME), 0);
	assert_int_equal(table_get(user.device), 0);
}

static int over_null(int fd)
{
	int null = open("/dev/null", O_RDWR);

	assert_int_equal(dup2(null, fd), fd);
	return close(null) + close(fd);
}

static int over_itself_and_null(int fd)
{
	assert_int_equal(dup2(fd, fd), fd);
	assert_int_equal(bar5_size(fd), 4096);
	return over_null(fd);
}

static int over_null_close_on_exec(int fd)
{
	int null = open("/dev/null", O_RDWR);

	assert_int_equal(dup3(null, fd, O_CLOEXEC), fd);
	return close(null) + close(fd);
}

static int by_range(int fd)
{
	return user_close_range((unsigned int)fd, (unsigned int)fd, 0);
}

/* The way in which the last descriptor goes makes no difference to who comes next. */
static void no_state_outlives_the_last_fd(void **state)
{
	static int (*const ways[])(int) = {close, over_null, over_itself_and_null,
					   over_null_close_on_exec, by_range};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const uint32_t address = 0xe0000000;
		const off_t reg = (7LL << 40) + 0x24; /* of BAR5 */
		const int number = user.device;
		uint32_t back = 1;

		table_put(user.device, 0x1234);
		assert_int_equal(pwrite(user.device, &address, 4, reg), 4);
		assert_int_equal(ways[i](user.device), 0);
		user.device = -1;
		user_close(&user);
		assert_int_equal(fixture_open(state), 0);
		assert_int_equal(user.device, number);
		assert_int_equal(table_get(user.device), 0);
		assert_int_equal(pread(user.device, &back, 4, reg), 4);
		assert_int_equal(back & ~0xfU, 0);
	}
}

static void closing_by_range_forgets(void **state)
{
	int high = fcntl(user.device, F_DUPFD, 200);

	assert_int_equal(user_close_range(200, 300, CLOSE_RANGE_CLOEXEC), 0);
	assert_int_equal(bar5_size(high), 4096);
	assert_int_equal(user_close_range(200, 300, 0), 0);
	assert_int_equal(table_get(high), -EBADF);
	assert_int_equal(bar5_size(user.device), 4096);
}

static void closing_from_a_number_on_forgets(void **state)
{
	int high = fcntl(user.device, F_DUPFD_CLOEXEC, 200);

	table_put(user.device, 0x1234);
	closefrom(200);
	assert_int_equal(table_get(high), -EBADF);
	assert_int_equal(table_get(user.device), 0x1234);
}

/* What the kernel refuses closes nothing and makes nothing. */
static void a_refused_call_forgets_nothing(void **state)
{
	const int fd = user.device;
	const unsigned int first = (unsigned int)fd;

	table_put(fd, 0x1234);
	assert_int_equal(dup2(-1, fd), -1);
	assert_int_equal(dup3(fd, fd, O_CLOEXEC), -1);
	assert_int_equal(dup3(user.group, fd, O_CLOEXEC | O_APPEND), -1);
	assert_int_equal(dup2(fd, 1 << 30), -1);
	assert_int_equal(fcntl(fd, F_DUPFD, -1), -1);
	assert_int_equal(user_close_range(first, first - 1, 0), -1);
	assert_int_equal(user_close_range(first, first, 0x80), -1);
	assert_int_equal(close(-1), -1);
	assert_int_equal(table_get(fd), 0x1234);
	assert_int_equal(bar5_size(fd), 4096);
}

/* A file of zeros, all that the emulated region could be taken for. */
static int other_file(uint64_t size)
{
	int fd = (int)syscall(SYS_memfd_create, "other", 0);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static void assert_untouched(int fd)
{
	uint8_t byte = 0x77;

	errno = 0;
	assert_int_equal(pread(fd, &byte, 1, TABLE), 0); /* end of file */
	assert_int_equal(byte, 0x77);
	assert_int_equal(ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &byte), -1);
	assert_int_equal(errno, ENOTTY);
}

/* However the number changes hands, seen or unseen, the new file is itself. */
static void another_file_takes_the_number(void **state)
{
	int number = dup(user.device);
	int file = other_file(4096);

	assert_int_equal(dup2(file, number), number);
	assert_untouched(number);

	assert_int_equal(dup2(user.device, number), number);
	assert_int_equal(syscall(SYS_dup3, file, number, 0), number); /* unseen */
	assert_untouched(number);

	assert_int_equal(dup2(user.device, number), number);
	syscall(SYS_close, number); /* unseen, and the next open gets the number */
	assert_int_equal(open("/dev/null", O_RDWR), number);
	assert_untouched(number);
	close(number);
	close(file);
}

/* The kernel looks at neither the fd nor the offset of an anonymous mapping. */
static void an_anonymous_mapping_says_nothing(void **state)
{
	void *p =
		mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, user.device, (off_t)TABLE);

	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(bar5_size(user.device), 4096);
	munmap(p, 4096);
}

/* A group on a number that was the device's still hands out what was asked for. (trap K1) */
static void a_group_takes_the_number(void **state)
{
	int number = dup(user.device);

	assert_int_equal(syscall(SYS_dup3, user.group, number, 0), number); /* unseen */

	int device = ioctl(number, VFIO_GROUP_GET_DEVICE_FD, USER_NAME);

	assert_true(device >= 0);
	assert_int_equal(bar5_size(device), 4096);
	close(device);
	close(number);
}

/* VFIO_IOMMU_MAP_DMA of a container has the number of a device's hot reset. (trap K1, trap V1) */
static void a_container_takes_the_number(void **state)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.size = 4096,
	};
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int number = dup(user.device);

	map.vaddr = (uintptr_t)p;
	table_put(user.device, 0x1234);
	assert_int_equal(syscall(SYS_dup3, user.container, number, 0), number); /* unseen */
	assert_int_equal(ioctl(number, VFIO_IOMMU_MAP_DMA, &map), 0);
	assert_int_equal(table_get(user.device), 0x1234);
	close(number);
	munmap(p, 4096);
}

static void received_numbers_are_new(void **state)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {"x", 1};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int pair[2], file = other_file(4096), number;
	char byte;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	memset(&control, 0, sizeof(control));
	control.header = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	};
	memcpy(CMSG_DATA(&control.header), &file, sizeof(file));
	assert_int_equal(sendmsg(pair[0], &msg, 0), 1);

	number = dup(user.device);
	syscall(SYS_close, number);
	iov.iov_base = &byte;
	assert_int_equal(recvmsg(pair[1], &msg, 0), 1);
	memcpy(&number, CMSG_DATA(&control.header), sizeof(number));
	assert_untouched(number);
	close(number);
	close(file);
	close(pair[0]);
	close(pair[1]);
}

static uint64_t nanoseconds(uint32_t value)
{
	struct timespec a, b;
	uint64_t best = UINT64_MAX;

	for (int round = 0; round < 20; round++) {
		clock_gettime(CLOCK_MONOTONIC, &a);
		for (int i = 0; i < 50; i++)
			table_put(user.device, value);
		clock_gettime(CLOCK_MONOTONIC, &b);

		uint64_t ns = (uint64_t)(b.tv_sec - a.tv_sec) * 1000000000 + (uint64_t)b.tv_nsec -
			      (uint64_t)a.tv_nsec;

		best = ns < best ? ns : best;
	}
	return best;
}

/* No data makes the shim sleep. */
static void a_zero_is_written_like_a_one(void **state)
{
	uint64_t one = nanoseconds(1), zero = nanoseconds(0);

	assert_true(zero < 4 * one);
}

/* trap K17 */
static void errno_is_left_alone(void **state)
{
	uint8_t buf[8];

	errno = 4711;
	assert_int_equal(pread(user.device, buf, 8, TABLE), 8);
	assert_int_equal(pwrite(user.device, buf, 8, TABLE), 8);
	assert_int_equal(bar5_size(user.device), 4096);
	user_close(&user);
	assert_int_equal(user_open(&user, USER_GROUP, USER_NAME), 0);
	assert_int_equal(errno, 4711);
	assert_int_equal(pread(user.device, buf, 8, TABLE + 4096), -1);
	assert_int_equal(errno, EINVAL);
}

/* trap K15 */
static void bad_pointers_are_efault(void **state)
{
	void *volatile nowhere = (void *)8;

	assert_int_equal(pread(user.device, nowhere, 4, TABLE), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(pread(user.device, nowhere, 4, TABLE + 0x800), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(pwrite(user.device, nowhere, 4, TABLE), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(ioctl(user.device, VFIO_DEVICE_GET_REGION_INFO, nowhere), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(pread(user.device, (void *)(uintptr_t)&table_get, 4, TABLE), -1);
	assert_int_equal(errno, EFAULT);
}

#define THREADS 8

/* Duplicates the fd, writes and reads an entry of its own, closes; counts what went wrong. */
static void *use_own_entry(void *arg)
{
	const off_t entry = (off_t)(TABLE + 16 * (uintptr_t)arg);
	uintptr_t wrong = 0;

	for (uint32_t i = 0; i < 500; i++) {
		int fd = dup(user.device);
		uint32_t back = ~i;

		wrong += pwrite(fd, &i, sizeof(i), entry) != sizeof(i);
		wrong += pread(fd, &back, sizeof(back), entry) != sizeof(back) || back != i;
		wrong += bar5_size(fd) != 4096;
		wrong += close(fd) != 0;
	}
	return (void *)wrong;
}

static void threads_use_one_device(void **state)
{
	pthread_t threads[THREADS];
	void *wrong;

	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use_own_entry, (void *)i), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
}

static void hundreds_of_cycles_reuse_one_device(void **state)
{
	for (int i = 0; i < 500; i++) {
		user_close(&user);
		assert_int_equal(user_open(&user, USER_GROUP, USER_NAME), 0);
		assert_int_equal(table_get(user.device), 0);
		table_put(user.device, 0x1234);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(duplicates_share_the_state),
		CASE(state_outlives_the_first_fd),
		CASE(state_ends_with_the_last_fd),
		CASE(no_state_outlives_the_last_fd),
		CASE(closing_by_range_forgets),
		CASE(closing_from_a_number_on_forgets),
		CASE(a_refused_call_forgets_nothing),
		CASE(another_file_takes_the_number),
		CASE(an_anonymous_mapping_says_nothing),
		CASE(a_group_takes_the_number),
		CASE(a_container_takes_the_number),
		CASE(a_zero_is_written_like_a_one),
		CASE(received_numbers_are_new),
		CASE(errno_is_left_alone),
		CASE(bad_pointers_are_efault),
		CASE(threads_use_one_device),
		CASE(hundreds_of_cycles_reuse_one_device),
	};

	return cmocka_run_group_tests_name("lifetime", tests, NULL, NULL);
}
