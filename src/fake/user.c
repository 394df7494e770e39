/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/user.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

void *user_pointer(uint64_t address)
{
	void *p;

	_Static_assert(sizeof(p) == sizeof(address), "64-bit only");
	memcpy(&p, &address, sizeof(p));
	return p;
}

void *user_unconst(const void *p)
{
	union {
		const void *in;
		void *out;
	} u = {.in = p};

	return u.out;
}

/*
 * Through the kernel, which tells a bad pointer by an error instead of a signal. In both directions
 * this process reads from itself: valgrind sees what that fills, and not what a write does.
 */
static int copy(void *to, const void *from, size_t n)
{
	struct iovec local = {to, n}, remote = {user_unconst(from), n};
	int saved = errno, ret = 0;

	if (n && process_vm_readv(getpid(), &local, 1, &remote, 1, 0) != (ssize_t)n)
		ret = -EFAULT;
	errno = saved;
	return ret;
}

int user_read(void *to, const void *user, size_t n)
{
	return copy(to, user, n);
}

bool user_starts(const char *user, const char *prefix)
{
	size_t n = strlen(prefix);
	char start[16];

	return n <= sizeof(start) && !user_read(start, user, n) && !memcmp(start, prefix, n);
}

int user_write(void *user, const void *from, size_t n)
{
	return copy(user, from, n);
}

const char *error_name(long error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{EPERM, "EPERM"},
		{ENOENT, "ENOENT"},
		{EIO, "EIO"},
		{EBADF, "EBADF"},
		{ENOMEM, "ENOMEM"},
		{EACCES, "EACCES"},
		{EFAULT, "EFAULT"},
		{EBUSY, "EBUSY"},
		{EEXIST, "EEXIST"},
		{ENODEV, "ENODEV"},
		{EINVAL, "EINVAL"},
		{EMFILE, "EMFILE"},
		{ENOTTY, "ENOTTY"},
		{ENOSPC, "ENOSPC"},
		{ERANGE, "ERANGE"},
		{ENOSYS, "ENOSYS"},
		{EBADFD, "EBADFD"},
		{ESPIPE, "ESPIPE"},
		{EAGAIN, "EAGAIN"},
		{ENXIO, "ENXIO"},
		{E2BIG, "E2BIG"},
		{EOPNOTSUPP, "EOPNOTSUPP"},
		{ENFILE, "ENFILE"},
		{ENAMETOOLONG, "ENAMETOOLONG"},
		{EMSGSIZE, "EMSGSIZE"},
		{EOVERFLOW, "EOVERFLOW"},
		{EADDRINUSE, "EADDRINUSE"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].error == error)
			return names[i].name;
	}
	return "E?";
}
