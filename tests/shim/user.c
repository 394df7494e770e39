/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void open_by_group(struct user *u, const char *path, const char *name)
{
	struct vfio_group_status status = {.argsz = sizeof(status)};

	u->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (u->container >= 0)
		u->group = open(path, O_RDWR | O_CLOEXEC);
	if (u->group >= 0 && ioctl(u->group, VFIO_GROUP_GET_STATUS, &status) == 0 &&
	    ioctl(u->group, VFIO_GROUP_SET_CONTAINER, &u->container) == 0 &&
	    ioctl(u->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) == 0)
		u->device = ioctl(u->group, VFIO_GROUP_GET_DEVICE_FD, name);
}

static void open_by_node(struct user *u, const char *path)
{
	struct user_bind bind = {.argsz = sizeof(bind)};
	int node = -1;

	u->container = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	bind.iommufd = u->container;
	if (u->container >= 0)
		node = open(path, O_RDWR | O_CLOEXEC);
	if (node >= 0 && ioctl(node, USER_BIND, &bind) == 0) {
		u->device = node;
	} else if (node >= 0) {
		int saved = errno;

		close(node);
		errno = saved;
	}
}

int user_open(struct user *u, const char *group, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	*u = (struct user){-1, -1, -1};
	if (strchr(group, '/'))
		open_by_node(u, path);
	else
		open_by_group(u, path, name);
	if (u->device >= 0)
		return 0;

	int saved = errno;

	user_close(u);
	errno = saved;
	return -1;
}

void user_close(struct user *u)
{
	int fds[] = {u->device, u->group, u->container};

	for (int i = 0; i < 3; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

struct vfio_region_info user_region(const struct user *u, uint32_t index)
{
	struct vfio_region_info info = {.argsz = sizeof(info), .index = index};

	if (ioctl(u->device, VFIO_DEVICE_GET_REGION_INFO, &info) < 0) {
		fprintf(stderr, "region %u: %s\n", index, strerror(errno));
		exit(1);
	}
	return info;
}

int user_refuse(uint32_t nr, uint32_t error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int user_close_range(unsigned int first, unsigned int last, int flags)
{
	return close_range ? close_range(first, last, flags)
			   : (int)syscall(SYS_close_range, first, last, flags);
}
