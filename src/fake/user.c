/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/user.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/text/errno_name.h"

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
	const char *name = errno_name((int)error);

	return name ? name : "E?";
}
