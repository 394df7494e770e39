/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded first: tells the program, and the libraries in it, another page size than the
 * machine has, the number of bytes in TEST_PAGE_SIZE.
 *
 * For a larger one that is a power of two this is what a program can know of it: the machine
 * accepts every alignment that a host with such pages asks for, so QEMU plans its mappings, the
 * shim its layouts and the fake its answers as they do there. Not shown is what only a processor
 * does: that a mapping ends at such a page's end.
 */
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/next_symbol.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT long sysconf(int name)
{
	const char *size = name == _SC_PAGESIZE ? getenv("TEST_PAGE_SIZE") : NULL;

	return size ? atol(size) : NEXT(sysconf)(name);
}

EXPORT int getpagesize(void)
{
	return (int)sysconf(_SC_PAGESIZE);
}
