/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/next.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>

#include "shim/log/trace.h"
#include "shim/usermem.h"

static void next_resolve(void);

/* --- until the constructor has run: raw system calls --- */

/*
 * A library that opens VFIO in its constructor needs the real chain now. Only such
 * a path starts it: dlsym may allocate, and an allocator may be what is starting up.
 */
static bool is_vfio(const char *path)
{
	static const char dir[] = "/dev/vfio/";
	const size_t len = sizeof(dir) - 1;

	return usermem_readable(path, len) && memcmp(path, dir, len) == 0;
}

static int boot_openat(int dirfd, const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	mode_t mode = va_arg(ap, mode_t);
	va_end(ap);
	if (is_vfio(path)) {
		next_resolve();
		return next_openat(dirfd, path, flags, mode);
	}
	return (int)syscall(SYS_openat, dirfd, path, flags, mode);
}

static int boot_open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	mode_t mode = va_arg(ap, mode_t);
	va_end(ap);
	return boot_openat(AT_FDCWD, path, flags, mode);
}

static int boot___open_2(const char *path, int flags)
{
	return boot_openat(AT_FDCWD, path, flags, 0);
}

static int boot___openat_2(int dirfd, const char *path, int flags)
{
	return boot_openat(dirfd, path, flags, 0);
}

static int boot_ioctl(int fd, ioctl_request request, ...)
{
	va_list ap;

	va_start(ap, request);
	void *arg = va_arg(ap, void *);
	va_end(ap);
	return (int)syscall(SYS_ioctl, fd, request, arg);
}

static int boot_fcntl(int fd, int cmd, ...)
{
	va_list ap;

	va_start(ap, cmd);
	void *arg = va_arg(ap, void *);
	va_end(ap);
	return (int)syscall(SYS_fcntl, fd, cmd, arg);
}

static ssize_t boot_pread(int fd, void *buf, size_t count, off_t offset)
{
	return syscall(SYS_pread64, fd, buf, count, offset);
}

static ssize_t boot___pread_chk(int fd, void *buf, size_t count, off_t offset, size_t buflen)
{
	return syscall(SYS_pread64, fd, buf, count < buflen ? count : buflen, offset);
}

static ssize_t boot_pwrite(int fd, const void *buf, size_t count, off_t offset)
{
	return syscall(SYS_pwrite64, fd, buf, count, offset);
}

/* The vector calls take the offset in two halves, the upper one unused on 64-bit. */
static ssize_t boot_preadv(int fd, const struct iovec *iov, int iovcnt, off_t offset)
{
	return syscall(SYS_preadv, fd, iov, iovcnt, offset, 0);
}

static ssize_t boot_pwritev(int fd, const struct iovec *iov, int iovcnt, off_t offset)
{
	return syscall(SYS_pwritev, fd, iov, iovcnt, offset, 0);
}

static ssize_t boot_preadv2(int fd, const struct iovec *iov, int iovcnt, off_t offset, int flags)
{
	return syscall(SYS_preadv2, fd, iov, iovcnt, offset, 0, flags);
}

static ssize_t boot_pwritev2(int fd, const struct iovec *iov, int iovcnt, off_t offset, int flags)
{
	return syscall(SYS_pwritev2, fd, iov, iovcnt, offset, 0, flags);
}

static void *boot_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
#ifdef __s390x__
	/* the one whose convention has no register for a sixth argument: they come in memory */
	unsigned long args[] = {(unsigned long)addr, len,
				(unsigned long)prot, (unsigned long)flags,
				(unsigned long)fd,   (unsigned long)offset};

	return (void *)syscall(SYS_mmap, args);
#else
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): this call is where the address comes from */
	return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, offset);
#endif
}

static int boot_munmap(void *addr, size_t len)
{
	return (int)syscall(SYS_munmap, addr, len);
}

static void *boot_mremap(void *old, size_t old_len, size_t new_len, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	void *place = va_arg(ap, void *);
	va_end(ap);
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): as with mmap */
	return (void *)syscall(SYS_mremap, old, old_len, new_len, flags, place);
}

static int boot_close(int fd)
{
	return (int)syscall(SYS_close, fd);
}

static int boot_close_range(unsigned int first, unsigned int last, int flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

static void boot_closefrom(int lowfd)
{
	syscall(SYS_close_range, lowfd < 0 ? 0 : lowfd, ~0U, 0);
}

static int boot_dup(int fd)
{
	return (int)syscall(SYS_dup, fd);
}

static int boot_dup3(int fd, int newfd, int flags)
{
	return (int)syscall(SYS_dup3, fd, newfd, flags);
}

/* dup2 of an fd to itself only asks whether it is open; not every kernel has SYS_dup2. */
static int boot_dup2(int fd, int newfd)
{
	if (fd == newfd)
		return syscall(SYS_fcntl, fd, F_GETFD) < 0 ? -1 : fd;
	return boot_dup3(fd, newfd, 0);
}

static ssize_t boot_recvmsg(int fd, struct msghdr *msg, int flags)
{
	return syscall(SYS_recvmsg, fd, msg, flags);
}

static int boot_recvmmsg(int fd, struct mmsghdr *vec, unsigned int n, recvmmsg_flags flags,
			 struct timespec *timeout)
{
	return (int)syscall(SYS_recvmmsg, fd, vec, n, flags, timeout);
}

#define NEXT_DEFINE(name) __typeof__(name) *next_##name = boot_##name;
NEXT_SYMBOLS(NEXT_DEFINE)
#undef NEXT_DEFINE

/* A C library that lacks a symbol (closefrom, preadv2) leaves the raw call in place. */
#define NEXT_RESOLVE(name)                                                                         \
	do {                                                                                       \
		void *p = dlsym(RTLD_NEXT, #name);                                                 \
		if (p)                                                                             \
			memcpy(&next_##name, &p, sizeof(p));                                       \
	} while (0);

__attribute__((constructor)) static void next_resolve(void)
{
	NEXT_SYMBOLS(NEXT_RESOLVE)
	dlerror(); /* what is missing is no error of the program's */
	trace_install();
}
#undef NEXT_RESOLVE

/* --- the kernel as the vfio layer sees it --- */

ssize_t next_result(ssize_t result, int saved_errno)
{
	if (result >= 0)
		return result;
	result = -errno;
	errno = saved_errno;
	return result;
}

static int ops_ioctl(int fd, unsigned long request, void *arg)
{
	int saved = errno;

	return (int)next_result(next_ioctl(fd, request, arg), saved);
}

static ssize_t ops_pread(int fd, void *buf, size_t count, uint64_t offset)
{
	int saved = errno;

	return next_result(next_pread(fd, buf, count, (off_t)offset), saved);
}

static ssize_t ops_pwrite(int fd, const void *buf, size_t count, uint64_t offset)
{
	int saved = errno;

	return next_result(next_pwrite(fd, buf, count, (off_t)offset), saved);
}

static ssize_t ops_preadv(int fd, const struct iovec *iov, int iovcnt, uint64_t offset)
{
	int saved = errno;

	return next_result(next_preadv(fd, iov, iovcnt, (off_t)offset), saved);
}

const struct vfio_ops next_ops = {
	.ioctl = ops_ioctl,
	.pread = ops_pread,
	.pwrite = ops_pwrite,
	.preadv = ops_preadv,
	.readable = usermem_readable,
	.writable = usermem_writable,
};
