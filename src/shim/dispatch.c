/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/dispatch.h"

#include <errno.h>
#include <string.h>

#include "core/vmm/reach.h"
#include "shim/attach.h"
#include "shim/compose/compose.h"
#include "shim/compose/compose_map.h"
#include "shim/fdtab.h"
#include "shim/log/trace.h"
#include "shim/next.h"
#include "vfio/uapi.h"

static ssize_t libc_result(ssize_t result)
{
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

static void apply(const struct vfio_effect *effect, struct device *dev, int fd)
{
	/* a device that came to the number since is not meant */
	if (effect->stale && fdtab_device(fdtab_get(fd)) == dev)
		fdtab_drop(fd, FDTAB_STALE);
	if (effect->hot_reset)
		fdtab_hot_reset(dev);
}

static int get_device_fd(int group, unsigned long request, void *arg)
{
	int fd = next_ioctl(group, request, arg);
	int saved = errno;

	fdtab_drop(fd, FDTAB_REUSED);

	int rc = fd < 0 ? 0 : attach(fd, arg);

	if (trace_wanted())
		trace_get_device_fd(group, arg, fd < 0 ? -saved : rc < 0 ? rc : fd);
	if (rc < 0) {
		next_close(fd);
		return (int)libc_result(rc);
	}
	errno = saved;
	return fd;
}

static int device_ioctl(int fd, unsigned long request, void *arg)
{
	struct vfio_effect effect = {0};
	struct trace_arg before;

	if ((uint32_t)request == VFIO_GROUP_GET_DEVICE_FD) { /* did a group take the number? */
		int got = get_device_fd(fd, request, arg);

		if (got >= 0)
			fdtab_drop(fd, FDTAB_REUSED);
		return got;
	}

	struct device *dev = fdtab_use(fd);

	if (!dev)
		return next_ioctl(fd, request, arg);
	if (trace_wanted())
		trace_keep_arg(&before, arg);

	int rc = vfio_dev_ioctl(&dev->vfio, fd, request, arg, &effect);

	if (trace_wanted())
		trace_device_ioctl(fd, dev, request, &before, arg, rc);
	apply(&effect, dev, fd);
	fdtab_unuse(dev);
	return (int)libc_result(rc);
}

/*
 * On an fd of which nothing is known, and will not be unless a node is bound by this call: from
 * then on it is a device, and what was known of the number is out of date.
 */
static int unknown_ioctl(int fd, unsigned long request, void *arg)
{
	struct trace_arg before;
	int saved = errno;

	if (trace_wanted())
		trace_keep_arg(&before, arg);

	int rc = next_ops.ioctl(fd, request, arg);
	int refused = 0;

	if (rc >= 0 && (uint32_t)request == VFIO_DEVICE_BIND_IOMMUFD) {
		fdtab_drop(fd, FDTAB_REUSED);
		refused = attach_unseen(fd);
	}
	if (refused < 0)
		rc = refused;
	if (trace_wanted())
		trace_other_ioctl(fd, request, &before, arg, rc);
	errno = saved;
	return (int)libc_result(rc);
}

/* The first call on a device that came another way: it is looked at now, or never. */
static int adopting_ioctl(int fd, unsigned long request, void *arg)
{
	int saved = errno;
	int rc = attach_unseen(fd);

	errno = saved;
	if (rc < 0)
		return (int)libc_result(rc);
	return fdtab_get(fd) ? device_ioctl(fd, request, arg) : unknown_ioctl(fd, request, arg);
}

int dispatch_ioctl(int fd, unsigned long request, void *arg)
{
	/* a device that is bound takes no other bind: who does has come to the number since */
	if (fdtab_get(fd) && (uint32_t)request != VFIO_DEVICE_BIND_IOMMUFD)
		return device_ioctl(fd, request, arg);
	switch ((uint32_t)request) {
	case VFIO_GROUP_GET_DEVICE_FD:
		return get_device_fd(fd, request, arg);
	/* what the other kinds of VFIO's fds have no meaning for */
	case VFIO_DEVICE_GET_INFO:
	case VFIO_DEVICE_GET_REGION_INFO:
	case VFIO_DEVICE_GET_IRQ_INFO:
	case VFIO_DEVICE_SET_IRQS:
	case VFIO_DEVICE_RESET:
		return adopting_ioctl(fd, request, arg);
	case REACH_REQUEST:
		return reach_is_asked(fd, arg) ? REACH_ANSWER : unknown_ioctl(fd, request, arg);
	default:
		return unknown_ioctl(fd, request, arg);
	}
}

ssize_t dispatch_complete(const struct vfio_xfer *x, uint32_t life, ssize_t result)
{
	struct device *dev = fdtab_use(x->fd);
	struct vfio_effect effect = {0};

	if (dev && dev->life == life) {
		result = vfio_dev_complete(&dev->vfio, x, result, &effect);
		if (trace_wanted())
			trace_xfer(dev, x, result);
		apply(&effect, dev, x->fd);
	}
	fdtab_unuse(dev);
	return libc_result(result);
}

static void *device_mmap(struct device *dev, void *addr, size_t len, int prot, int flags, int fd,
			 off_t offset)
{
	struct vfio_effect effect = {0};
	int before = errno;
	const bool composed = compose_covers(dev, addr, len, flags, fd, (uint64_t)offset);
	void *got = composed ? compose_mmap(dev, addr, len, prot, flags, fd, (uint64_t)offset)
			     : next_mmap(addr, len, prot, flags, fd, offset);
	int saved = got == MAP_FAILED ? errno : before;

	if (trace_wanted())
		trace_mmap(fd, dev, len, prot, flags, (uint64_t)offset, got, saved);
	if (got != MAP_FAILED && !composed) {
		vfio_dev_mmap_done(&dev->vfio, (uint64_t)offset, len, &effect);
		apply(&effect, dev, fd);
	}
	errno = saved;
	return got;
}

void *dispatch_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	struct device *dev = flags & MAP_ANONYMOUS ? NULL : fdtab_use(fd);
	const uintptr_t from = (uintptr_t)addr, to = from + len;
	const uint64_t replaced = flags & MAP_FIXED ? compose_map_hold(from, to) : 0;
	void *got = dev ? device_mmap(dev, addr, len, prot, flags, fd, offset)
			: next_mmap(addr, len, prot, flags, fd, offset);

	fdtab_unuse(dev);
	if (got == MAP_FAILED)
		compose_map_release(replaced);
	else
		compose_map_cut(replaced, from, to);
	return got;
}

void dispatch_received(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len; at += sizeof(int)) {
			int fd;

			memcpy(&fd, (const uint8_t *)c + at, sizeof(fd));
			fdtab_drop(fd, FDTAB_REUSED);
		}
	}
}
