/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded last, under qemu-user: what the fake asks of the kernel and qemu-user does not do.
 *
 * It does not know process_vm_readv(2). Here a process can read itself; a bad pointer is an error
 * since write(2) finds it.
 * It has no room for signal 63, which the fake keeps in a description. Here that is 61.
 * It swaps the bytes of an eventfd's count on a big-endian machine, and not those of a duplicate
 * that fcntl(2) made. Here that is made once more, by dup3(2).
 *
 * What is called has to be libc's: the first of its name is the shim's or the fake's, which may be
 * the caller and have a lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/lib/next_symbol.h"

#define LAST_SIGNAL  63
#define OTHER_SIGNAL 61

#define EXPORT __attribute__((visibility("default")))

/* A part that a pipe takes at once. */
static int copy(const int *ends, char *to, const char *from, size_t n)
{
	return write(ends[1], from, n) == (ssize_t)n && read(ends[0], to, n) == (ssize_t)n ? 0 : -1;
}

EXPORT ssize_t process_vm_readv(pid_t pid, const struct iovec *to, unsigned long to_count,
				const struct iovec *from, unsigned long from_count,
				unsigned long flags)
{
	int (*next_close)(int fd) = NEXT(close);
	size_t done = 0;
	int ends[2];

	if (pid != getpid() || to_count != 1 || from_count != 1 || to->iov_len != from->iov_len) {
		errno = ENOSYS;
		return -1;
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	while (done < from->iov_len) {
		size_t left = from->iov_len - done, n = left < PIPE_BUF ? left : PIPE_BUF;

		if (copy(ends, (char *)to->iov_base + done, (char *)from->iov_base + done, n) < 0)
			break;
		done += n;
	}
	next_close(ends[0]);
	next_close(ends[1]);
	errno = EFAULT;
	return done < from->iov_len ? -1 : (ssize_t)done;
}

static long do_fcntl(int fd, int cmd, long arg)
{
	if (cmd == F_SETSIG && arg == LAST_SIGNAL)
		arg = OTHER_SIGNAL;

	long ret = NEXT(syscall)(SYS_fcntl, fd, cmd, arg);

	if (cmd == F_GETSIG && ret == OTHER_SIGNAL)
		return LAST_SIGNAL;
	if ((cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC) && ret >= 0)
		return NEXT(dup3)(fd, (int)ret, cmd == F_DUPFD ? 0 : O_CLOEXEC);
	return ret;
}

/* The fake's calls by number come here, and the shim's. */
EXPORT long syscall(long number, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_fcntl)
		return do_fcntl((int)a[0], (int)a[1], a[2]);
	return NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
