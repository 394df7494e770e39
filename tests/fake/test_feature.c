/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VFIO_DEVICE_FEATURE: low power, which takes the mappings away and nothing else. */
#include "tests/lib/vfio_user.h"

#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define NAME "0000:02:00.0"

#define GET   VFIO_DEVICE_FEATURE_GET
#define SET   VFIO_DEVICE_FEATURE_SET
#define PROBE VFIO_DEVICE_FEATURE_PROBE

#define ENTRY  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY
#define WAKEUP VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP
#define EXIT   VFIO_DEVICE_FEATURE_LOW_POWER_EXIT

static long feature(int device, uint32_t argsz, uint32_t flags, int32_t eventfd)
{
	union {
		struct vfio_device_feature f;
		uint8_t bytes[16];
	} arg = {.f = {.argsz = argsz, .flags = flags}};

	memcpy(arg.f.data, &eventfd, sizeof(eventfd));
	return result(ioctl(device, VFIO_DEVICE_FEATURE, &arg));
}

/* 0, or -EFAULT where a touch would be a SIGBUS. */
static long touch(const void *p)
{
	int ends[2];
	long ret;

	assert_int_equal(pipe(ends), 0);
	ret = result(write(ends[1], p, 1));
	close(ends[0]);
	close(ends[1]);
	return ret < 0 ? ret : 0;
}

static void test_checks(void **state)
{
	struct user u = vfio_user_open("5", NAME);
	const struct {
		uint32_t argsz, flags;
		int32_t eventfd;
		long ret;
	} rows[] = {
		{7, PROBE | ENTRY, 0, -EINVAL},
		{8, 1 << 19 | PROBE | ENTRY, 0, -EINVAL},
		{8, GET | SET | ENTRY, 0, -EINVAL},
		/* What other devices have. */
		{8, PROBE | 0, 0, -ENOTTY},
		{8, PROBE | 1, 0, -ENOTTY},
		{8, PROBE | 11, 0, -ENOTTY},
		{8, PROBE | ENTRY, 0, 0},
		{8, PROBE | SET | ENTRY, 0, 0},
		{8, PROBE | SET | WAKEUP, 0, 0},
		{8, PROBE | SET | EXIT, 0, 0},
		{8, PROBE | GET | ENTRY, 0, -EINVAL},
		{8, PROBE | GET | SET | ENTRY, 0, -EINVAL},
		{8, GET | ENTRY, 0, -EINVAL},
		{8, ENTRY, 0, -EINVAL},
		{15, SET | WAKEUP, 0, -EINVAL},
		{16, SET | WAKEUP, -1, -EINVAL},
		{16, SET | WAKEUP, 9999, -EBADF},
		{16, SET | WAKEUP, u.group, -EINVAL},
		/* Leaving is no mistake. */
		{8, SET | EXIT, 0, 0},
		{8, SET | ENTRY, 0, 0},
		{8, SET | ENTRY, 0, -EINVAL},
		{8, SET | EXIT, 0, 0},
	};

	assert_int_equal(result(ioctl(u.device, VFIO_DEVICE_FEATURE, nowhere)), -EFAULT);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(feature(u.device, rows[i].argsz, rows[i].flags, rows[i].eventfd),
				 rows[i].ret);
	user_close(&u);
}

static void test_low_power(void **state)
{
	struct user u = vfio_user_open("5", NAME);
	uint8_t *p = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, u.device, 0), c;

	assert_ptr_not_equal(p, MAP_FAILED);
	p[0] = 'a';
	assert_int_equal(feature(u.device, 8, SET | ENTRY, 0), 0);
	assert_int_equal(touch(p), -EFAULT);
	/* Each other access wakes the device, for itself alone. */
	assert_int_equal(pread(u.device, &c, 1, AT(0, 0)), 1);
	assert_int_equal(c, 'a');
	assert_int_equal(config_get(u.device, 0, 2), 0x1234);
	assert_int_equal(ioctl(u.device, VFIO_DEVICE_RESET), 0);
	assert_int_equal(touch(p), -EFAULT);
	assert_int_equal(feature(u.device, 8, SET | EXIT, 0), 0);
	assert_int_equal(touch(p), 0);
	/* A device in D3hot is brought to D0 by the host before it is suspended. */
	config_put(u.device, 0x44, 2, 3);
	assert_int_equal(touch(p), -EFAULT);
	assert_int_equal(feature(u.device, 8, SET | ENTRY, 0), 0);
	assert_int_equal(config_get(u.device, 0x44, 2) & 3, 0);
	assert_int_equal(feature(u.device, 8, SET | EXIT, 0), 0);
	assert_int_equal(touch(p), 0);
	/* It ends with the device's last file. */
	assert_int_equal(feature(u.device, 8, SET | ENTRY, 0), 0);
	munmap(p, 0x1000);
	user_close(&u);
	u = vfio_user_open("5", NAME);
	assert_int_equal(feature(u.device, 8, SET | ENTRY, 0), 0);
	user_close(&u);
}

/* Who gave an eventfd is told of the first access, and low power is over. */
static void test_wakeup(void **state)
{
	struct user u = vfio_user_open("5", NAME);
	uint8_t *p = mmap(NULL, 0x1000, PROT_READ, MAP_SHARED, u.device, 0);
	int event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	uint64_t count = 0;

	assert_int_equal(feature(u.device, 16, SET | WAKEUP, event), 0);
	assert_int_equal(touch(p), -EFAULT);
	assert_int_equal(result(read(event, &count, sizeof(count))), -EAGAIN);
	/* Not an access: nothing is read. */
	assert_int_equal(pread(u.device, &count, 0, AT(0, 0)), 0);
	assert_int_equal(result(read(event, &count, sizeof(count))), -EAGAIN);
	config_get(u.device, 0, 2);
	assert_int_equal(read(event, &count, sizeof(count)), sizeof(count));
	assert_int_equal(touch(p), 0);
	config_get(u.device, 0, 2);
	assert_int_equal(result(read(event, &count, sizeof(count))), -EAGAIN);
	/* The ioctl that leaves it wakes the device as well. */
	assert_int_equal(feature(u.device, 16, SET | WAKEUP, event), 0);
	assert_int_equal(feature(u.device, 8, SET | EXIT, 0), 0);
	assert_int_equal(read(event, &count, sizeof(count)), sizeof(count));
	munmap(p, 0x1000);
	close(event);
	user_close(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_low_power),
		cmocka_unit_test(test_wakeup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
