/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "midway.h"

#include <stddef.h>
#include <sys/mman.h>
#include <sys/types.h>

#include "tests/lib/next_symbol.h"

#define EXPORT __attribute__((visibility("default")))

ssize_t pread(int fd, void *buf, size_t n, off_t at);

static void (*after_read)(void), (*before_unmap)(void);

EXPORT void midway_call(void (*read)(void), void (*unmap)(void))
{
	after_read = read;
	before_unmap = unmap;
}

static void call(void (**function)(void))
{
	void (*const once)(void) = *function;

	*function = NULL;
	if (once)
		once();
}

EXPORT ssize_t pread(int fd, void *buf, size_t n, off_t at)
{
	const ssize_t got = NEXT(pread)(fd, buf, n, at);

	call(&after_read);
	return got;
}

EXPORT int munmap(void *addr, size_t len)
{
	call(&before_unmap);
	return NEXT(munmap)(addr, len);
}
