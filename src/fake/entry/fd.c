/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exported functions that take an fd. */
#include "fake/entry/entry.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "config.h"
#include "core/libc_gaps.h"
#include "fake/file.h"
#include "fake/iommufd/iommufd.h"
#include "fake/log.h"
#include "fake/node.h"
#include "fake/pci/cdev.h"
#include "fake/pci/container.h"
#include "fake/pci/dev.h"
#include "fake/pci/group.h"
#include "fake/pci/rdwr.h"
#include "fake/state.h"
#include "fake/sys.h"
#include "fake/user.h"

#define IOVS_MAX 1024 /* UIO_MAXIOV */

#ifndef RWF_HIPRI
#define RWF_HIPRI 1
#endif

static long do_ioctl(struct fake_ref *ref, unsigned int cmd, void *arg)
{
	long ret = -ENOTTY;

	fake_lock();
	switch (ref->kind) {
	case FAKE_CONTAINER:
		ret = container_ioctl(ref->container, cmd, arg);
		break;
	case FAKE_GROUP:
		ret = group_ioctl(ref->group, cmd, arg);
		break;
	case FAKE_DEVICE:
		ret = dev_file_ioctl(ref, cmd, arg);
		break;
	case FAKE_IOMMUFD:
		ret = iommufd_ioctl(ref->iommufd, cmd, arg);
		break;
	default:
		break;
	}
	fake_unlock();
	return ret;
}

EXPORT int ioctl(int fd, ioctl_request request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);

	/* all are made by _IO(), those of an iommufd too */
	if (fake_live() &&
	    (unsigned int)request >> _IOC_TYPESHIFT == _IO(VFIO_TYPE, 0) >> _IOC_TYPESHIFT) {
		struct fake_ref ref = fake_find(fd);

		if (ref.kind != FAKE_NONE)
			return (int)entry_ret(do_ioctl(&ref, (unsigned int)request, arg));
	}
	return NEXT(ioctl)(fd, request, arg);
}

static ssize_t ref_rw(const struct fake_ref *ref, void *buf, size_t n, off_t pos, bool write)
{
	ssize_t ret;

	if (ref->kind != FAKE_DEVICE)
		return -EINVAL;
	fake_lock();
	if (ref->way == FAKE_UNBOUND)
		ret = dev_rw_refused(ref->dev, write, n, pos);
	else
		ret = write ? dev_pwrite(ref->dev, buf, n, pos) : dev_pread(ref->dev, buf, n, pos);
	fake_unlock();
	return ret;
}

/* Whether fd is the fake's; then *ret is the result of the access. */
static bool fake_rw(int fd, void *buf, size_t n, off_t pos, bool write, ssize_t *ret)
{
	struct fake_ref ref;

	if (!fake_live() || (ref = fake_find(fd)).kind == FAKE_NONE)
		return false;
	*ret = entry_ret(ref_rw(&ref, buf, n, pos, write));
	return true;
}

EXPORT ssize_t pread(int fd, void *buf, size_t n, off_t pos)
{
	ssize_t ret;

	return fake_rw(fd, buf, n, pos, false, &ret) ? ret : NEXT(pread)(fd, buf, n, pos);
}

EXPORT ssize_t pwrite(int fd, const void *buf, size_t n, off_t pos)
{
	ssize_t ret;

	return fake_rw(fd, user_unconst(buf), n, pos, true, &ret) ? ret
								  : NEXT(pwrite)(fd, buf, n, pos);
}

/* import_iovec(): a copy of the program's list, no longer than one call can transfer. */
static ssize_t import_iov(struct iovec *iov, const struct iovec *user, int count)
{
	size_t total = 0;

	if (count < 0 || count > IOVS_MAX)
		return -EINVAL;
	if (user_read(iov, user, (size_t)count * sizeof(*iov)))
		return -EFAULT;
	for (int i = 0; i < count; i++) {
		if (iov[i].iov_len > SSIZE_MAX)
			return -EINVAL;
		if (iov[i].iov_len > FAKE_RW_MAX - total)
			iov[i].iov_len = FAKE_RW_MAX - total;
		total += iov[i].iov_len;
	}
	return (ssize_t)total;
}

/* do_loop_readv_writev(), for a file without a vectored read: up to the first short one. */
static ssize_t ref_rwv(const struct fake_ref *ref, const struct iovec *user, int count, off_t pos,
		       int flags, bool write)
{
	struct iovec iov[IOVS_MAX];
	ssize_t total, done = 0;

	if (pos < 0 || ref->kind != FAKE_DEVICE)
		return -EINVAL;
	total = import_iov(iov, user, count);
	if (total > 0 && flags & ~RWF_HIPRI)
		return -EOPNOTSUPP;
	if (total <= 0)
		return total;
	for (int i = 0; i < count; i++) {
		ssize_t n = ref_rw(ref, iov[i].iov_base, iov[i].iov_len, pos + done, write);

		if (n < 0)
			return done ? done : n;
		done += n;
		if ((size_t)n != iov[i].iov_len)
			break;
	}
	return done;
}

static bool fake_rwv(int fd, const struct iovec *iov, int count, off_t pos, int flags, bool write,
		     ssize_t *ret)
{
	struct fake_ref ref;

	if (!fake_live() || (ref = fake_find(fd)).kind == FAKE_NONE)
		return false;
	*ret = entry_ret(ref_rwv(&ref, iov, count, pos, flags, write));
	return true;
}

EXPORT ssize_t preadv(int fd, const struct iovec *iov, int count, off_t pos)
{
	ssize_t ret;

	return fake_rwv(fd, iov, count, pos, 0, false, &ret) ? ret
							     : NEXT(preadv)(fd, iov, count, pos);
}

EXPORT ssize_t pwritev(int fd, const struct iovec *iov, int count, off_t pos)
{
	ssize_t ret;

	return fake_rwv(fd, iov, count, pos, 0, true, &ret) ? ret
							    : NEXT(pwritev)(fd, iov, count, pos);
}

/* The same; at the file's position, which is then moved on, if pos is -1. */
static bool fake_rwv2(int fd, const struct iovec *iov, int count, off_t pos, int flags, bool write,
		      ssize_t *ret)
{
	off_t at = pos;

	if (!fake_live())
		return false;
	if (pos == -1 && fake_find(fd).kind != FAKE_NONE)
		at = sys_lseek(fd, 0, SEEK_CUR);
	if (!fake_rwv(fd, iov, count, at, flags, write, ret))
		return false;
	if (pos == -1 && *ret > 0)
		sys_lseek(fd, at + *ret, SEEK_SET);
	return true;
}

EXPORT ssize_t preadv2(int fd, const struct iovec *iov, int count, off_t pos, int flags)
{
	ssize_t ret;

	return fake_rwv2(fd, iov, count, pos, flags, false, &ret)
		       ? ret
		       : NEXT_OR(preadv2, (fd, iov, count, pos, flags),
				 syscall(SYS_preadv2, fd, iov, count, pos, 0, flags));
}

EXPORT ssize_t pwritev2(int fd, const struct iovec *iov, int count, off_t pos, int flags)
{
	ssize_t ret;

	return fake_rwv2(fd, iov, count, pos, flags, true, &ret)
		       ? ret
		       : NEXT_OR(pwritev2, (fd, iov, count, pos, flags),
				 syscall(SYS_pwritev2, fd, iov, count, pos, 0, flags));
}

/* None of VFIO's files has a position. */
EXPORT off_t lseek(int fd, off_t offset, int whence)
{
	if (fake_live() && fake_find(fd).kind != FAKE_NONE)
		return entry_ret(-ESPIPE);
	return NEXT(lseek)(fd, offset, whence);
}

/* The VFIO nodes are character devices; a device that a group gave has no type at all. */
static void fix_stat(const struct fake_ref *ref, struct stat *st)
{
	dev_t dev = 0;

	if (ref->kind == FAKE_CONTAINER)
		dev = makedev(FAKE_MISC_MAJOR, FAKE_VFIO_MINOR);
	else if (ref->kind == FAKE_IOMMUFD)
		dev = makedev(FAKE_MISC_MAJOR, FAKE_IOMMU_MINOR);
	else if (ref->kind == FAKE_GROUP)
		dev = makedev(FAKE_GROUP_MAJOR, ref->group->number);
	else if (ref->way != FAKE_BY_GROUP)
		dev = makedev(FAKE_CDEV_MAJOR, fake_dev_index(ref->dev));
	st->st_mode = (dev ? S_IFCHR : 0) | 0600;
	st->st_rdev = dev;
	st->st_size = st->st_blocks = 0;
}

EXPORT int fstat(int fd, struct stat *st)
{
	int ret = NEXT(fstat)(fd, st);
	struct fake_ref ref;

	if (ret == 0 && fake_live() && (ref = fake_find(fd)).kind != FAKE_NONE)
		fix_stat(&ref, st);
	return ret;
}

/* To be called after fds may have been closed: releases what nobody holds any more. */
static void closed(void)
{
	int saved = errno;

	fake_lock();
	fake_collect();
	fake_unlock();
	errno = saved;
}

static void log_close(const struct fake_ref *ref)
{
	fake_lock();
	if (ref->kind == FAKE_DEVICE)
		log_line("%s close", ref->dev->name);
	else if (ref->kind == FAKE_GROUP)
		log_line("group %u close", ref->group->number);
	else if (ref->kind == FAKE_IOMMUFD)
		log_line("iommu close");
	else
		log_line("container close");
	fake_unlock();
}

EXPORT int close(int fd)
{
	struct fake_ref ref = fake_find(fd);
	int ret;

	if (ref.kind != FAKE_NONE)
		log_close(&ref);
	ret = NEXT(close)(fd);
	if (ref.kind != FAKE_NONE)
		closed();
	return ret;
}

EXPORT int dup2(int from, int to)
{
	bool ours = from != to && fake_find(to).kind != FAKE_NONE;
	int ret = NEXT(dup2)(from, to);

	if (ours)
		closed();
	return ret;
}

EXPORT int dup3(int from, int to, int flags)
{
	bool ours = fake_find(to).kind != FAKE_NONE;
	int ret = NEXT(dup3)(from, to, flags);

	if (ours)
		closed();
	return ret;
}

EXPORT int close_range(unsigned int first, unsigned int last, int flags)
{
	int ret = NEXT_OR(close_range, (first, last, flags),
			  (int)syscall(SYS_close_range, first, last, flags));

	if (fake_live())
		closed();
	return ret;
}

EXPORT void closefrom(int first)
{
	NEXT_OR(closefrom, (first), (void)syscall(SYS_close_range, first < 0 ? 0 : first, ~0U, 0));
	if (fake_live())
		closed();
}

/* The names that programs built for 64-bit offsets import; musl has them up to 1.2.3. */
ALIAS(pread, pread64)
ALIAS(pwrite, pwrite64)
ALIAS(preadv, preadv64)
ALIAS(pwritev, pwritev64)
ALIAS(fstat, fstat64)
ALIAS(lseek, lseek64)
ALIAS(preadv2, preadv64v2)
ALIAS(pwritev2, pwritev64v2)

/* glibc: the names that fortified programs import. */
#ifdef HAVE___PREAD_CHK
EXPORT ssize_t __pread_chk(int fd, void *buf, size_t n, off_t pos, size_t size)
{
	ssize_t ret;

	return n <= size && fake_rw(fd, buf, n, pos, false, &ret)
		       ? ret
		       : NEXT(__pread_chk)(fd, buf, n, pos, size);
}
ALIAS(__pread_chk, __pread64_chk)
#endif
