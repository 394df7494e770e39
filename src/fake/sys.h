/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls of the fake's own. By number, because its calls by name would go to
 * the first library that was preloaded, which stands before it and calls it. Those that some
 * machine makes in another way than the rest are the next library's: libc knows how. s390x has the
 * arguments of mmap in memory; the structure of fstat is not libc's everywhere.
 */
#ifndef FAKE_SYS_H
#define FAKE_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "fake/entry/entry.h"

/* Each returns what the system call of its name does, or -errno. */
static inline long sys_ret(long r)
{
	return r < 0 ? -errno : r;
}

static inline int sys_open(const char *path, int flags, unsigned int mode)
{
	return (int)sys_ret(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

static inline int sys_close(int fd)
{
	return (int)sys_ret(syscall(SYS_close, fd));
}

static inline ssize_t sys_read(int fd, void *buf, size_t n)
{
	return sys_ret(syscall(SYS_read, fd, buf, n));
}

static inline ssize_t sys_write(int fd, const void *buf, size_t n)
{
	return sys_ret(syscall(SYS_write, fd, buf, n));
}

static inline ssize_t sys_pread(int fd, void *buf, size_t n, uint64_t offset)
{
	return sys_ret(syscall(SYS_pread64, fd, buf, n, offset));
}

static inline ssize_t sys_pwrite(int fd, const void *buf, size_t n, uint64_t offset)
{
	return sys_ret(syscall(SYS_pwrite64, fd, buf, n, offset));
}

static inline off_t sys_lseek(int fd, off_t offset, int whence)
{
	return sys_ret(syscall(SYS_lseek, fd, offset, whence));
}

/* Shared, anonymous for fd -1; NULL if that fails. */
static inline void *sys_map(int fd, size_t size)
{
	void *p = NEXT(mmap)(NULL, size, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_NORESERVE | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static inline int sys_fcntl(int fd, int cmd, void *arg)
{
	return (int)sys_ret(syscall(SYS_fcntl, fd, cmd, arg));
}

/* As high as the limit leaves room. */
static inline int sys_dup_high(int fd)
{
	static const int lowest[] = {700, 100, 3};
	int ret = -EMFILE;

	for (size_t i = 0; i < 3 && (ret == -EMFILE || ret == -EINVAL); i++)
		ret = (int)sys_ret(syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, lowest[i]));
	return ret;
}

static inline ssize_t sys_readlink(const char *path, char *buf, size_t n)
{
	return sys_ret(syscall(SYS_readlinkat, AT_FDCWD, path, buf, n));
}

static inline int sys_fstat(int fd, struct stat *st)
{
	return (int)sys_ret(NEXT(fstat)(fd, st));
}

#endif
