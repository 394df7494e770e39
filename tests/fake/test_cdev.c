/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device by its own node: binding, and what it shares with the way by a group. */
#include "tests/lib/iommufd_user.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "msixshim/fakevfio.h"

#define SYSFS "/sys/bus/pci/devices/0000:02:00.0/vfio-dev"

static void test_node(void **state)
{
	int device = node_open(EDGE), copy = dup(device), fd;
	char text[16] = "";
	struct stat st;
	DIR *dir;

	assert_int_equal(result(open("/dev/vfio/devices/vfio99", O_RDWR)), -ENOENT);
	assert_int_equal(result(open("/dev/vfio/devices/vfio00", O_RDWR)), -ENOENT);
	assert_int_equal(access(EDGE, R_OK), 0);
	dir = opendir(SYSFS);
	assert_non_null(dir);
	closedir(dir);
	fd = open(SYSFS "/vfio0/dev", O_RDONLY);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	assert_string_equal(text, "511:0\n");
	assert_node(device, 511, 0);
	assert_node(copy, 511, 0);
	assert_link(device, EDGE);
	fd = node_open(NEIGHBOR);
	assert_node(fd, 511, 1);
	assert_link(fd, NEIGHBOR);
	close(fd);
	close(copy);
	close(device);

	struct user u = vfio_user_open("5", "0000:02:00.0");

	assert_link(u.device, "anon_inode:[vfio-device]");
	assert_int_equal(fstat(u.device, &st), 0);
	assert_int_equal(st.st_mode, 0600);
	assert_int_equal(st.st_rdev, 0);
	assert_node(u.group, 510, 5);
	assert_node(u.container, 10, 196);
	user_close(&u);
}

/* Before BIND each call fails, whatever its arguments are. */
static void test_unbound(void **state)
{
	static const unsigned int ioctls[] = {
		VFIO_DEVICE_GET_INFO,	   VFIO_DEVICE_GET_REGION_INFO,
		VFIO_DEVICE_GET_IRQ_INFO,  VFIO_DEVICE_SET_IRQS,
		VFIO_DEVICE_RESET,	   VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
		VFIO_DEVICE_PCI_HOT_RESET, VFIO_DEVICE_IOEVENTFD,
		VFIO_DEVICE_FEATURE,	   ABI_ATTACH_IOMMUFD_PT,
		ABI_DETACH_IOMMUFD_PT,	   VFIO_GROUP_GET_STATUS,
	};
	int device = node_open(EDGE);
	char c[4];

	for (size_t i = 0; i < COUNT(ioctls); i++)
		assert_int_equal(result(ioctl(device, ioctls[i], nowhere)), -EINVAL);
	assert_int_equal(result(pread(device, c, 4, CONFIG(0))), -EINVAL);
	assert_int_equal(result(pread(device, c, 0, CONFIG(0))), -EINVAL);
	assert_int_equal(result(pwrite(device, c, 4, AT(0, 0))), -EINVAL);
	assert_ptr_equal(mmap(NULL, page(), PROT_READ, MAP_SHARED, device, 0), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	/* The device was not touched, and its group is free. */
	struct user u = vfio_user_open("5", "0000:02:00.0");

	user_close(&u);
	close(device);
}

static void test_bind(void **state)
{
	int iommu = iommu_open(), device = node_open(EDGE), other = node_open(EDGE), copy;
	const struct {
		uint32_t argsz, flags;
		int32_t iommufd;
		long ret;
	} rows[] = {
		{15, 0, iommu, -EINVAL}, {16, 1, iommu, -EINVAL},	 {16, 0, -1, -EINVAL},
		{16, 0, 9999, -EBADF},	 {16, 0, STDIN_FILENO, -EBADFD}, {16, 0, device, -EBADFD},
	};
	uint32_t id;

	assert_int_equal(result(ioctl(device, ABI_BIND_IOMMUFD, nowhere)), -EFAULT);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct abi_bind b = {rows[i].argsz, rows[i].flags, rows[i].iommufd, 0};

		assert_int_equal(result(ioctl(device, ABI_BIND_IOMMUFD, &b)), rows[i].ret);
	}
	assert_int_equal(ioas_new(iommu), 1);
	assert_int_equal(bind_to(device, iommu, &id), 0);
	assert_int_equal(id, 2);
	assert_int_equal(destroy(iommu, id), -EBUSY);
	/* Once, and by one file; its copies are the same file. */
	assert_int_equal(bind_to(device, iommu, &id), -EINVAL);
	assert_int_equal(bind_to(other, iommu, &id), -EINVAL);
	copy = dup(device);
	close(device);
	assert_int_equal(config_get(copy, 0, 2), 0x1234);
	assert_int_equal(result(pread(other, &id, 4, CONFIG(0))), -EINVAL);
	close(copy);
	assert_int_equal(destroy(iommu, 2), -ENOENT);
	assert_int_equal(bind_to(other, iommu, &id), 0);
	close(other);
	close(iommu);
}

/* A device and its whole group are opened by one way at a time. */
static void test_ways(void **state)
{
	int iommu = iommu_open(), device = node_open(EDGE), fd;
	struct user u = vfio_user_open("5", "0000:02:00.0");
	uint32_t id, pt = 1;

	assert_int_equal(bind_to(u.device, iommu, &id), -EINVAL);
	assert_int_equal(attach(u.device, &pt), -ENOTTY);
	assert_int_equal(detach(u.device), -ENOTTY);
	assert_int_equal(bind_to(device, iommu, &id), -EBUSY);
	user_close(&u);
	fd = open("/dev/vfio/5", O_RDWR);
	assert_int_equal(bind_to(device, iommu, &id), -EBUSY);
	close(fd);
	assert_int_equal(bind_to(device, iommu, &id), 0);
	assert_int_equal(result(open("/dev/vfio/5", O_RDWR)), -EBUSY);
	close(device);
	fd = open("/dev/vfio/5", O_RDWR);
	assert_true(fd >= 0);
	close(fd);
	close(iommu);
}

union reset_info {
	struct vfio_pci_hot_reset_info hdr;
	uint8_t bytes[sizeof(struct vfio_pci_hot_reset_info) +
		      2 * sizeof(struct vfio_pci_dependent_device)];
};

static long reset(int device, uint32_t count)
{
	union {
		struct vfio_pci_hot_reset hdr;
		uint8_t bytes[sizeof(struct vfio_pci_hot_reset) + sizeof(int32_t)];
	} r = {.hdr = {.argsz = sizeof(r), .count = count}};

	memcpy(r.hdr.group_fds, &device, sizeof(device));
	return result(ioctl(device, VFIO_DEVICE_PCI_HOT_RESET, &r));
}

/* Ids in the iommufd instead of groups, and an empty list instead of groups' files. */
static void test_hot_reset(void **state)
{
	static const struct {
		const char *one, *two;
		bool bind_two;
		uint32_t flags;
		uint32_t second;
		long ret;
	} rows[] = {
		{EDGE, NEIGHBOR, false, ABI_HOT_RESET_DEV_ID, ABI_DEVID_NOT_OWNED, -EINVAL},
		{EDGE, NEIGHBOR, true, ABI_HOT_RESET_DEV_ID | ABI_HOT_RESET_DEV_ID_OWNED, 2, 0},
		{FIRST, SECOND, false, ABI_HOT_RESET_DEV_ID | ABI_HOT_RESET_DEV_ID_OWNED,
		 ABI_DEVID_OWNED, 0},
		{FIRST, SECOND, true, ABI_HOT_RESET_DEV_ID | ABI_HOT_RESET_DEV_ID_OWNED, 2, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int iommu = iommu_open(), two = node_open(rows[i].two), one;
		union reset_info info = {.hdr = {.argsz = sizeof(info.hdr)}};
		uint32_t id;
		uint8_t c = 'a';

		one = bound(rows[i].one, iommu, &id);
		if (rows[i].bind_two)
			assert_int_equal(bind_to(two, iommu, &id), 0);
		assert_int_equal(result(ioctl(one, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info)),
				 -ENOSPC);
		assert_int_equal(info.hdr.flags, 0);
		assert_int_equal(info.hdr.count, 2);
		info.hdr.argsz = sizeof(info);
		assert_int_equal(result(ioctl(one, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info)), 0);
		assert_int_equal(info.hdr.flags, rows[i].flags);
		assert_int_equal(info.hdr.devices[0].group_id, 1);
		assert_int_equal(info.hdr.devices[1].group_id, rows[i].second);
		assert_int_equal(pwrite(one, &c, 1, AT(0, 0)), 1);
		assert_int_equal(reset(one, 1), -EINVAL);
		assert_int_equal(reset(one, 0), rows[i].ret);
		assert_int_equal(pread(one, &c, 1, AT(0, 0)), 1);
		assert_int_equal(c, rows[i].ret ? 'a' : fakevfio_pattern(0, 0));
		close(one);
		close(two);
		close(iommu);
	}
}

/* The file is the same one in a child, whoever of the two binds it. */
static void test_fork(void **state)
{
	int iommu = iommu_open(), device = node_open(EDGE), status;
	pid_t child = fork();
	uint32_t id;

	if (!child)
		_exit(bind_to(device, iommu, &id) != 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(config_get(device, 0, 2), 0x1234);
	assert_int_equal(bind_to(device, iommu, &id), -EINVAL);
	assert_int_equal(destroy(iommu, 1), -EBUSY);
	close(device);
	assert_int_equal(destroy(iommu, 1), -ENOENT);
	close(iommu);
}

/* A bound device keeps the iommufd, a mapping keeps the device; a passed fd is the same file. */
static void test_lifetime(void **state)
{
	int iommu = iommu_open(), pair[2], device, unbound = node_open(EDGE), passed;
	uint32_t id, ioas = ioas_new(iommu);
	uint8_t *bar;
	char c = 0;
	struct iovec iov = {&c, 1};
	union {
		struct cmsghdr hdr;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.hdr = {.cmsg_len = CMSG_LEN(sizeof(int)),
			     .cmsg_level = SOL_SOCKET,
			     .cmsg_type = SCM_RIGHTS}};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};

	device = bound(EDGE, iommu, &id);
	close(iommu);
	assert_int_equal(attach_to(device, ioas), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	memcpy(CMSG_DATA(&control.hdr), &device, sizeof(device));
	assert_int_equal(sendmsg(pair[0], &message, 0), 1);
	close(device);
	assert_int_equal(recvmsg(pair[1], &message, 0), 1);
	memcpy(&passed, CMSG_DATA(&control.hdr), sizeof(passed));
	assert_link(passed, EDGE);
	assert_int_equal(config_get(passed, 0, 2), 0x1234);
	bar = mmap(NULL, page(), PROT_READ, MAP_SHARED, passed, 0);
	assert_ptr_not_equal(bar, MAP_FAILED);
	close(passed);
	iommu = iommu_open();
	assert_int_equal(bind_to(unbound, iommu, &id), -EINVAL);
	assert_int_equal(bar[5], fakevfio_pattern(0, 5));
	munmap(bar, page());
	assert_int_equal(bind_to(unbound, iommu, &id), 0);
	close(unbound);
	close(pair[0]);
	close(pair[1]);
	close(iommu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_node),	  cmocka_unit_test(test_unbound),
		cmocka_unit_test(test_bind),	  cmocka_unit_test(test_ways),
		cmocka_unit_test(test_hot_reset), cmocka_unit_test(test_fork),
		cmocka_unit_test(test_lifetime),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
