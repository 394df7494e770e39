/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors that the shim has not seen come, and those of devices that it leaves as they are: the
 * SAS3008 of the fake under bar5, and another function of its slot under off.
 */
#include "tests/lib/bar5.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/lib/next_symbol.h"

#define OTHER "0000:01:00.1"
#define NODE  "/dev/vfio/devices/vfio0"

static int unknown; /* the device, by a number that the shim knows nothing of */

static int open_unknown(void **state)
{
	if (user_open(&user, USER_GROUP, USER_NAME))
		return -1;
	unknown = (int)syscall(SYS_dup, user.device);
	close(user.device);
	user.device = -1;
	return unknown < 0;
}

static int close_unknown(void **state)
{
	close(unknown);
	user_close(&user);
	return 0;
}

/* Whether the number is known: without that there is nothing at BAR5. */
static bool is_known(int fd)
{
	uint32_t v;

	return pread(fd, &v, sizeof(v), TABLE) == sizeof(v);
}

/* What only a device answers makes it known, in a right call or a wrong one. */
static void the_first_ioctl_makes_it_known(void **state)
{
	static const unsigned long first[] = {
		VFIO_DEVICE_GET_INFO, VFIO_DEVICE_GET_REGION_INFO, VFIO_DEVICE_GET_IRQ_INFO,
		VFIO_DEVICE_SET_IRQS, VFIO_DEVICE_RESET,
	};

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		int fd = (int)syscall(SYS_dup, unknown);

		assert_false(is_known(fd));
		errno = 4711;
		assert_int_equal(ioctl(fd, first[i], (void *)8), i == 4 ? 0 : -1);
		assert_int_equal(errno, i == 4 ? 4711 : EFAULT);
		assert_true(is_known(fd));
		close(fd);
	}
}

/* What other kinds of VFIO's descriptors have a meaning for does not. (trap K1, trap V1) */
static void other_ioctls_do_not(void **state)
{
	struct vfio_pci_hot_reset_info info = {.argsz = sizeof(info)};

	ioctl(unknown, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info);
	ioctl(unknown, VFIO_DEVICE_FEATURE, NULL);
	ioctl(unknown, VFIO_GET_API_VERSION);
	ioctl(unknown, USER_BIND, NULL);
	assert_false(is_known(unknown));
	assert_int_equal(bar5_size(unknown), 4096);
}

/* trap K1 */
static void other_files_answer_themselves(void **state)
{
	const int fds[] = {user.container, user.group, eventfd(0, 0), open("/dev/null", O_RDWR)};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		for (unsigned int n = 7; n <= 11; n++) {
			assert_true(fds[i] >= 0);
			assert_int_equal(ioctl(fds[i], _IO(VFIO_TYPE, VFIO_BASE + n), NULL), -1);
			assert_int_equal(errno, ENOTTY);
		}
	}
	close(fds[2]);
	close(fds[3]);
	assert_int_equal(ioctl(fds[3], VFIO_DEVICE_GET_INFO, NULL), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(ioctl(-1, VFIO_DEVICE_GET_INFO, NULL), -1);
	assert_int_equal(errno, EBADF);
}

/* Once it is known it is like any other: duplicated, closed, and its number reused unseen. */
static void known_it_is_like_any_other(void **state)
{
	uint32_t value = 0x1230, back = 0;

	assert_int_equal(bar5_size(unknown), 4096);

	int copy = dup(unknown);

	assert_int_equal(pwrite(unknown, &value, 4, TABLE), 4);
	assert_int_equal(pread(copy, &back, 4, TABLE), 4);
	assert_int_equal(back, 0x1230);

	int null = open("/dev/null", O_RDWR);

	assert_int_equal(syscall(SYS_dup3, null, copy, 0), copy);
	assert_int_equal(pread(copy, &back, 4, TABLE), 0);
	assert_int_equal(pwrite(copy, &back, 4, TABLE), 4);
	assert_ptr_equal(mmap(NULL, 4096, PROT_READ, MAP_SHARED, copy, (off_t)TABLE), MAP_FAILED);
	assert_int_equal(errno, ENODEV);
	assert_int_equal(ioctl(copy, VFIO_DEVICE_GET_INFO, NULL), -1);
	assert_int_equal(errno, ENOTTY);
	close(null);
	close(copy);
}

/* A node on a number that was another device's is that other one from the bind on. */
static void a_node_takes_the_number(void **state)
{
	struct user_bind bind = {.argsz = sizeof(bind)};
	struct user other;

	assert_int_equal(user_open(&other, "devices/vfio1", OTHER), 0);

	int number = dup(other.device);
	int node = open(NODE, O_RDWR);

	assert_int_equal(syscall(SYS_dup3, node, number, 0), number); /* unseen */
	bind.iommufd = other.container;
	assert_int_equal(ioctl(number, USER_BIND, &bind), 0);
	assert_int_equal(bar5_size(number), 4096);
	assert_int_equal(bar5_size(other.device), 0);
	assert_int_equal(ioctl(number, USER_BIND, &bind), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(bar5_size(number), 4096);
	close(number);
	close(node);
	user_close(&other);
}

/* A reset of the bus through one function, `other`, is one of the other. */
static void hot_reset_by(int other)
{
	int device = ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME);
	union {
		struct vfio_pci_hot_reset head;
		uint8_t bytes[sizeof(struct vfio_pci_hot_reset) + sizeof(int32_t)];
	} reset = {.head = {.argsz = sizeof(reset), .count = 1}};
	uint32_t value = 0x1230;

	assert_true(device >= 0 && other >= 0);
	assert_int_equal(bar5_size(other), 0);
	assert_int_equal(pwrite(device, &value, 4, TABLE), 4);
	memcpy(reset.head.group_fds, &user.group, sizeof(int32_t));
	assert_int_equal(ioctl(other, VFIO_DEVICE_PCI_HOT_RESET, &reset), 0);
	assert_int_equal(pread(device, &value, 4, TABLE), 4);
	assert_int_equal(value, 0);
	close(device);
	close(other);
}

/* trap K11 */
static void a_hot_reset_through_one_that_is_left(void **state)
{
	hot_reset_by(ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, OTHER));
}

/* Through one of no known name: the kernel has told the VMM what it resets. */
static void a_hot_reset_through_one_of_no_name(void **state)
{
	int known = ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, OTHER);
	int other = (int)syscall(SYS_dup, known);
	union {
		struct vfio_pci_hot_reset_info head;
		uint8_t bytes[256];
	} info = {.head = {.argsz = sizeof(info)}};

	close(known);
	assert_int_equal(bar5_size(other), 0);
	assert_int_equal(ioctl(other, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info), 0);
	hot_reset_by(other);
}

/* In a thread with descriptors of its own, where the process has another file by the number. */
static void *own_descriptors(void *arg)
{
	int fd = *(int *)arg;
	uint64_t size = 0;

	if (unshare(CLONE_FILES))
		return NULL;
	if (syscall(SYS_dup3, unknown, fd, 0) == fd)
		size = bar5_size(fd);
	close(fd);
	/* it can outlive pthread_join() in the kernel, and the group is opened once only */
	syscall(SYS_close_range, 3, ~0U, 0);
	return (void *)(uintptr_t)size;
}

static void a_thread_with_its_own_descriptors(void **state)
{
	int null = open("/dev/null", O_RDWR);
	pthread_t thread;
	void *size;

	assert_int_equal(pthread_create(&thread, NULL, own_descriptors, &null), 0);
	assert_int_equal(pthread_join(thread, &size), 0);
	assert_int_equal((uintptr_t)size, 4096);
	close(null);
}

static int to_close = -1; /* the descriptor that is closed while duplicates are compared */

/* The shim's calls come here, too. */
__attribute__((visibility("default"))) long syscall(long number, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);

	long ret = NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);

	if (number == SYS_kcmp && to_close >= 0)
		close(to_close);
	return ret;
}

/* Another thread may close the one that is known before the other one is. */
static void the_known_duplicate_is_closed_meanwhile(void **state)
{
	int copy = (int)syscall(SYS_dup, unknown);

	assert_int_equal(bar5_size(copy), 4096);
	to_close = copy;
	assert_int_equal(bar5_size(unknown), 4096);
	to_close = -1;
}

#define THREADS 8

static pthread_barrier_t barrier;

static void *look(void *arg)
{
	pthread_barrier_wait(&barrier);
	return (void *)(uintptr_t)bar5_size(unknown);
}

/* Threads that ask at once get one answer, and the device one state. */
static void threads_that_ask_at_once(void **state)
{
	pthread_t threads[THREADS];
	uint32_t value = 0x1230, back = 0;
	void *size;

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int round = 0; round < 50; round++) {
		int number = unknown;

		for (size_t i = 0; i < THREADS; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, look, NULL), 0);
		for (size_t i = 0; i < THREADS; i++) {
			assert_int_equal(pthread_join(threads[i], &size), 0);
			assert_int_equal((uintptr_t)size, 4096);
		}
		assert_int_equal(pwrite(number, &value, 4, TABLE), 4);
		assert_int_equal(pread(number, &back, 4, TABLE), 4);
		assert_int_equal(back, 0x1230);
		unknown = (int)syscall(SYS_dup, number);
		close(number); /* so that the next one is alone */
	}
	pthread_barrier_destroy(&barrier);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_unknown, close_unknown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_takes_the_number),
		CASE(the_first_ioctl_makes_it_known),
		CASE(other_ioctls_do_not),
		CASE(other_files_answer_themselves),
		CASE(known_it_is_like_any_other),
		CASE(a_hot_reset_through_one_that_is_left),
		CASE(a_hot_reset_through_one_of_no_name),
		CASE(a_thread_with_its_own_descriptors),
		CASE(the_known_duplicate_is_closed_meanwhile),
		CASE(threads_that_ask_at_once),
	};

	return cmocka_run_group_tests_name("adopt", tests, NULL, NULL);
}
