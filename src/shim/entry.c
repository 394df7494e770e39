/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exported symbols. For an fd that is not a device's an access is one atomic load and a
 * tail call, an ioctl that is not of VFIO's type a comparison; a call that makes or ends fds
 * also looks at the slot of the number.
 *
 * The functions have names of their own and get libc's through an assembler label:
 * so open, ioctl, fcntl and mremap need no va_list here (every 64-bit calling convention
 * of Linux passes a trailing argument the same way in both forms), and <fcntl.h>
 * may turn its names into macros as it likes.
 */
#include <errno.h>

#include "shim/compose/compose.h"
#include "shim/compose/compose_map.h"
#include "shim/dispatch.h"
#include "shim/fdtab.h"
#include "shim/next.h"
#include "vfio/uapi.h"

#define EXPORT(name)	__asm__(#name) __attribute__((visibility("default")))
#define ALIAS(of, name) __asm__(#name) __attribute__((visibility("default"), alias(#of)))
#define unlikely(x)	__builtin_expect(!!(x), 0)

/* A number that the kernel just gave to a new file; what was known of it is out of date. */
static inline int fresh(int fd)
{
	if (unlikely(fd >= 0 && fdtab_get(fd)))
		fdtab_drop(fd, FDTAB_REUSED);
	return fd;
}

/* --- opening --- */

int entry_open(const char *path, int flags, mode_t mode) EXPORT(open);
int entry_open(const char *path, int flags, mode_t mode)
{
	return fresh(next_open(path, flags, mode));
}

int entry_openat(int dirfd, const char *path, int flags, mode_t mode) EXPORT(openat);
int entry_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	return fresh(next_openat(dirfd, path, flags, mode));
}

int entry_open_2(const char *path, int flags) EXPORT(__open_2);
int entry_open_2(const char *path, int flags)
{
	return fresh(next___open_2(path, flags));
}

int entry_openat_2(int dirfd, const char *path, int flags) EXPORT(__openat_2);
int entry_openat_2(int dirfd, const char *path, int flags)
{
	return fresh(next___openat_2(dirfd, path, flags));
}

int entry_open64(const char *path, int flags, mode_t mode) ALIAS(open, open64);
int entry_openat64(int dirfd, const char *path, int flags, mode_t mode) ALIAS(openat, openat64);
int entry_open64_2(const char *path, int flags) ALIAS(__open_2, __open64_2);
int entry_openat64_2(int dirfd, const char *path, int flags) ALIAS(__openat_2, __openat64_2);

/* --- ioctl --- */

int entry_ioctl(int fd, unsigned long request, void *arg) EXPORT(ioctl);
int entry_ioctl(int fd, unsigned long request, void *arg)
{
	if (unlikely(vfio_uapi_is_ioctl(request)))
		return dispatch_ioctl(fd, request, arg);
	return next_ioctl(fd, request, arg);
}

/* --- reading and writing --- */

/*
 * Not inlined: where the compiler guards stacks, each call that is none of ours would pay for
 * guarding theirs.
 */
__attribute__((noinline)) static ssize_t device_pread(int fd, void *buf, size_t count, off_t offset)
{
	struct iovec iov = {buf, count};
	struct vfio_xfer x = {.fd = fd, .iov = &iov, .iovcnt = 1, .offset = (uint64_t)offset};
	const uint32_t life = fdtab_life(fd);

	return dispatch_complete(&x, life, next_ops.pread(fd, buf, count, x.offset));
}

__attribute__((noinline)) static ssize_t device_pwrite(int fd, const void *buf, size_t count,
						       off_t offset)
{
	struct iovec iov = {(void *)buf, count};
	struct vfio_xfer x = {
		.fd = fd,
		.iov = &iov,
		.iovcnt = 1,
		.offset = (uint64_t)offset,
		.write = true,
	};
	const uint32_t life = fdtab_life(fd);

	return dispatch_complete(&x, life, next_ops.pwrite(fd, buf, count, x.offset));
}

ssize_t entry_pread(int fd, void *buf, size_t count, off_t offset) EXPORT(pread);
ssize_t entry_pread(int fd, void *buf, size_t count, off_t offset)
{
	if (unlikely(fdtab_get(fd)))
		return device_pread(fd, buf, count, offset);
	return next_pread(fd, buf, count, offset);
}

/* An overrun of the caller's buffer is libc's to punish. */
ssize_t entry_pread_chk(int fd, void *buf, size_t count, off_t offset, size_t buflen)
	EXPORT(__pread_chk);
ssize_t entry_pread_chk(int fd, void *buf, size_t count, off_t offset, size_t buflen)
{
	if (unlikely(fdtab_get(fd)) && count <= buflen)
		return device_pread(fd, buf, count, offset);
	return next___pread_chk(fd, buf, count, offset, buflen);
}

ssize_t entry_pwrite(int fd, const void *buf, size_t count, off_t offset) EXPORT(pwrite);
ssize_t entry_pwrite(int fd, const void *buf, size_t count, off_t offset)
{
	if (unlikely(fdtab_get(fd)))
		return device_pwrite(fd, buf, count, offset);
	return next_pwrite(fd, buf, count, offset);
}

ssize_t entry_pread64(int fd, void *buf, size_t count, off_t offset) ALIAS(pread, pread64);
ssize_t entry_pread64_chk(int fd, void *buf, size_t count, off_t offset, size_t buflen)
	ALIAS(__pread_chk, __pread64_chk);
ssize_t entry_pwrite64(int fd, const void *buf, size_t count, off_t offset) ALIAS(pwrite, pwrite64);

/* --- vector forms --- */

static ssize_t device_vector(bool write, int fd, const struct iovec *iov, int iovcnt, off_t offset,
			     uint32_t life, ssize_t result, int saved_errno)
{
	struct vfio_xfer x = {
		.fd = fd,
		.iov = iov,
		.iovcnt = iovcnt,
		.offset = (uint64_t)offset,
		.write = write,
		.vector = true,
	};

	return dispatch_complete(&x, life, next_result(result, saved_errno));
}

/* Each of the four differs in its arguments alone. */
#define VECTOR(name, write, params, args)                                                          \
	ssize_t entry_##name params EXPORT(name);                                                  \
	ssize_t entry_##name params                                                                \
	{                                                                                          \
		if (!unlikely(fdtab_get(fd)))                                                      \
			return next_##name args;                                                   \
		const int saved = errno;                                                           \
		const uint32_t life = fdtab_life(fd);                                              \
		const ssize_t got = next_##name args;                                              \
		return device_vector(write, fd, iov, iovcnt, offset, life, got, saved);            \
	}

VECTOR(preadv, false, (int fd, const struct iovec *iov, int iovcnt, off_t offset),
       (fd, iov, iovcnt, offset))
VECTOR(pwritev, true, (int fd, const struct iovec *iov, int iovcnt, off_t offset),
       (fd, iov, iovcnt, offset))
VECTOR(preadv2, false, (int fd, const struct iovec *iov, int iovcnt, off_t offset, int flags),
       (fd, iov, iovcnt, offset, flags))
VECTOR(pwritev2, true, (int fd, const struct iovec *iov, int iovcnt, off_t offset, int flags),
       (fd, iov, iovcnt, offset, flags))

ssize_t entry_preadv64(int fd, const struct iovec *iov, int iovcnt, off_t offset)
	ALIAS(preadv, preadv64);
ssize_t entry_pwritev64(int fd, const struct iovec *iov, int iovcnt, off_t offset)
	ALIAS(pwritev, pwritev64);
ssize_t entry_preadv64v2(int fd, const struct iovec *iov, int iovcnt, off_t offset, int flags)
	ALIAS(preadv2, preadv64v2);
ssize_t entry_pwritev64v2(int fd, const struct iovec *iov, int iovcnt, off_t offset, int flags)
	ALIAS(pwritev2, pwritev64v2);

/* --- mapping: a few more looks while composed mappings are there (compose.h) --- */

void *entry_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset) EXPORT(mmap);
void *entry_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	if (unlikely(fdtab_get(fd)) || unlikely(compose_map_any()))
		return dispatch_mmap(addr, len, prot, flags, fd, offset);
	return next_mmap(addr, len, prot, flags, fd, offset);
}

int entry_munmap(void *addr, size_t len) EXPORT(munmap);
int entry_munmap(void *addr, size_t len)
{
	return unlikely(compose_map_any()) ? compose_munmap(addr, len) : next_munmap(addr, len);
}

void *entry_mremap(void *old, size_t old_len, size_t new_len, int flags, void *place)
	EXPORT(mremap);
void *entry_mremap(void *old, size_t old_len, size_t new_len, int flags, void *place)
{
	if (unlikely(compose_map_any()))
		return compose_mremap(old, old_len, new_len, flags, place);
	return next_mremap(old, old_len, new_len, flags, place);
}

void *entry_mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
	ALIAS(mmap, mmap64);

/* --- fds: the slot goes before the number does, and comes after it --- */

int entry_close(int fd) EXPORT(close);
int entry_close(int fd)
{
	if (unlikely(fdtab_get(fd)))
		fdtab_drop(fd, FDTAB_CLOSED);
	return next_close(fd);
}

/*
 * Marking fds close-on-exec closes none. Unsharing a table of fds first leaves those
 * of other threads open; where there are none, the slots go stale, which they may.
 * A kernel or a filter that refuses the call is asked with a range that is always
 * empty, before anything is forgotten.
 */
int entry_close_range(unsigned int first, unsigned int last, int flags) EXPORT(close_range);
int entry_close_range(unsigned int first, unsigned int last, int flags)
{
	if (unlikely(flags == 0 && fdtab_reaches(first) && next_close_range(~0U, ~0U, 0) == 0))
		fdtab_drop_range(first, last);
	return next_close_range(first, last, flags);
}

void entry_closefrom(int lowfd) EXPORT(closefrom);
void entry_closefrom(int lowfd)
{
	fdtab_drop_range(lowfd < 0 ? 0 : (unsigned int)lowfd, ~0U);
	next_closefrom(lowfd);
}

static inline int copied(int from, int to)
{
	if (unlikely(to >= 0 && (fdtab_get(from) || fdtab_get(to))))
		fdtab_copy(from, to);
	return to;
}

int entry_dup(int fd) EXPORT(dup);
int entry_dup(int fd)
{
	return copied(fd, next_dup(fd));
}

int entry_dup2(int fd, int newfd) EXPORT(dup2);
int entry_dup2(int fd, int newfd)
{
	return copied(fd, next_dup2(fd, newfd));
}

int entry_dup3(int fd, int newfd, int flags) EXPORT(dup3);
int entry_dup3(int fd, int newfd, int flags)
{
	return copied(fd, next_dup3(fd, newfd, flags));
}

int entry_fcntl(int fd, int cmd, void *arg) EXPORT(fcntl);
int entry_fcntl(int fd, int cmd, void *arg)
{
	if (unlikely(cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC))
		return copied(fd, next_fcntl(fd, cmd, arg));
	return next_fcntl(fd, cmd, arg);
}

int entry_fcntl64(int fd, int cmd, void *arg) ALIAS(fcntl, fcntl64);

/* --- fds from elsewhere --- */

ssize_t entry_recvmsg(int fd, struct msghdr *msg, int flags) EXPORT(recvmsg);
ssize_t entry_recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = next_recvmsg(fd, msg, flags);

	if (unlikely(n >= 0 && msg->msg_controllen))
		dispatch_received(msg);
	return n;
}

int entry_recvmmsg(int fd, struct mmsghdr *vec, unsigned int n, int flags, struct timespec *timeout)
	EXPORT(recvmmsg);
int entry_recvmmsg(int fd, struct mmsghdr *vec, unsigned int n, int flags, struct timespec *timeout)
{
	int got = next_recvmmsg(fd, vec, n, flags, timeout);

	for (int i = 0; i < got; i++)
		dispatch_received(&vec[i].msg_hdr);
	return got;
}
