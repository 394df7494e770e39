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
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void open_by_group(struct user *u, const char *container, const char *number,
			  const char *name)
{
	char path[64];
	struct vfio_group_status status = {.argsz = sizeof(status)};

	snprintf(path, sizeof(path), "/dev/vfio/%s", number);
	u->container = open(container, O_RDWR | O_CLOEXEC);
	if (u->container >= 0)
		u->group = open(path, O_RDWR | O_CLOEXEC);
	if (u->group >= 0 && ioctl(u->group, VFIO_GROUP_GET_STATUS, &status) == 0 &&
	    ioctl(u->group, VFIO_GROUP_SET_CONTAINER, &u->container) == 0 &&
	    ioctl(u->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) == 0)
		u->device = ioctl(u->group, VFIO_GROUP_GET_DEVICE_FD, name);
}

static void bind_node(struct user *u, int node, int iommufd)
{
	struct user_bind bind = {.argsz = sizeof(bind), .iommufd = iommufd};

	u->container = iommufd;
	if (ioctl(node, USER_BIND, &bind) == 0) {
		u->device = node;
	} else {
		int saved = errno;

		close(node);
		errno = saved;
	}
}

static void open_by_node(struct user *u, const char *name)
{
	int iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC), node = -1;
	char path[64];

	snprintf(path, sizeof(path), "/dev/vfio/%s", name);
	u->container = iommufd;
	if (iommufd >= 0)
		node = open(path, O_RDWR | O_CLOEXEC);
	if (node >= 0)
		bind_node(u, node, iommufd);
}

struct message {
	struct msghdr header;
	struct iovec iov;
	char byte;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(USER_FDS * sizeof(int))];
};

static struct msghdr *message_init(struct message *m, size_t count)
{
	*m = (struct message){.iov = {&m->byte, 1}};
	m->header = (struct msghdr){
		.msg_iov = &m->iov,
		.msg_iovlen = 1,
		.msg_control = m->control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};
	return &m->header;
}

int user_send(int sock, const int *fds, size_t count)
{
	struct message m;
	struct msghdr *header = message_init(&m, count);
	struct cmsghdr *c = CMSG_FIRSTHDR(header);

	c->cmsg_len = CMSG_LEN(count * sizeof(int));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	return sendmsg(sock, header, 0) == 1 ? 0 : -1;
}

int user_receive(int sock, int *fds, size_t count)
{
	struct message m;
	ssize_t n = recvmsg(sock, message_init(&m, count), MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = n == 1 ? CMSG_FIRSTHDR(&m.header) : NULL;

	if (!c || c->cmsg_len != CMSG_LEN(count * sizeof(int)))
		return -1;
	memcpy(fds, CMSG_DATA(c), count * sizeof(int));
	return 0;
}

/* A way without a colon, and what stands before it in one that has it. */
static void open_way(struct user *u, const char *way, const char *name)
{
	const char *colon = strchr(way, ':'), *rest = colon ? colon + 1 : way;
	int fd = atoi(rest);

	if (!colon && strchr(way, '/'))
		open_by_node(u, way);
	else if (!colon)
		open_by_group(u, "/dev/vfio/vfio", way, name);
	else if (strncmp(way, "compat", 6) == 0)
		open_by_group(u, "/dev/iommu", rest, name);
	else if (strncmp(way, "group", 5) == 0)
		u->device = ioctl(u->group = fd, VFIO_GROUP_GET_DEVICE_FD, name);
	else if (strncmp(way, "node", 4) == 0)
		bind_node(u, fd, fd + 1);
	else if (strncmp(way, "socket", 6) == 0)
		user_receive(fd, &u->device, 1);
	else
		u->device = fd;
}

int user_open(struct user *u, const char *way, const char *name)
{
	*u = (struct user){-1, -1, -1};
	open_way(u, way, name);
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

int user_vector(int device, int event)
{
	union {
		struct vfio_irq_set set;
		uint32_t words[sizeof(struct vfio_irq_set) / 4 + 1];
	} arg = {.set = {
			 .argsz = sizeof(arg),
			 .flags = VFIO_IRQ_SET_ACTION_TRIGGER |
				  (event < 0 ? VFIO_IRQ_SET_DATA_NONE : VFIO_IRQ_SET_DATA_EVENTFD),
			 .index = VFIO_PCI_MSIX_IRQ_INDEX,
			 .count = event >= 0,
		 }};

	memcpy(arg.set.data, &event, sizeof(event));
	return ioctl(device, VFIO_DEVICE_SET_IRQS, &arg);
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

int user_composed(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, "rw-s") && strstr(line, "/dev/zero");
	if (f)
		fclose(f);
	return n;
}
