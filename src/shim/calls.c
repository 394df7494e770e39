/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "calls.h"

#include <errno.h>
#include <linux/vfio.h>
#include <string.h>

#include "fdtab.h"
#include "handout.h"
#include "next.h"

static ssize_t libc_result(ssize_t result)
{
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

/* The device behind `fd`, NULL if another thread just closed it. */
static struct device *device_of(int fd)
{
	uint16_t slot = fdtab_get(fd);

	return slot ? fdtab_device(slot) : NULL;
}

static void apply(const struct vfio_effect *effect, struct device *dev, int fd)
{
	if (effect->stale)
		fdtab_drop(fd);
	if (effect->hot_reset)
		fdtab_hot_reset(dev);
}

int calls_device_ioctl(int fd, unsigned long request, void *arg)
{
	struct device *dev = device_of(fd);
	struct vfio_effect effect = {0};

	if ((uint32_t)request == VFIO_GROUP_GET_DEVICE_FD) { /* a group took the number */
		fdtab_drop(fd);
		return calls_get_device_fd(fd, request, arg);
	}
	if (!dev)
		return next_ioctl(fd, request, arg);

	int rc = vfio_dev_ioctl(&dev->vfio, fd, request, arg, &effect);

	apply(&effect, dev, fd);
	return (int)libc_result(rc);
}

int calls_get_device_fd(int group, unsigned long request, void *arg)
{
	int fd = next_ioctl(group, request, arg);
	int saved = errno;

	if (fd < 0)
		return fd;

	int rc = handout(fd, arg);

	if (rc < 0) {
		next_close(fd);
		return (int)libc_result(rc);
	}
	errno = saved;
	return fd;
}

ssize_t calls_complete(const struct vfio_xfer *x, ssize_t result)
{
	struct device *dev = device_of(x->fd);
	struct vfio_effect effect = {0};

	if (dev) {
		result = vfio_dev_complete(&dev->vfio, x, result, &effect);
		apply(&effect, dev, x->fd);
	}
	return libc_result(result);
}

void *calls_mmap_done(int fd, void *addr, uint64_t offset, uint64_t len)
{
	struct device *dev = device_of(fd);
	struct vfio_effect effect = {0};

	if (dev && addr != MAP_FAILED) {
		vfio_dev_mmap_done(&dev->vfio, offset, len, &effect);
		apply(&effect, dev, fd);
	}
	return addr;
}

void calls_received(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len; at += sizeof(int)) {
			int fd;

			memcpy(&fd, (const uint8_t *)c + at, sizeof(fd));
			fdtab_drop(fd);
		}
	}
}
