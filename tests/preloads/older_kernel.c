/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To be preloaded between the shim and the fake: what mremap does.
 *
 *   OLDER_KERNEL  as before Linux 6.17, mremap_to(): a range that is more than one mapping is not
 *                 moved; the new place, and what would not have been kept, are gone by then
 *   MREMAP_FAILS  the number of the call that fails with ENOMEM, from when it was set
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/lib/next_symbol.h"

static bool fails(void)
{
	static int calls;
	const char *at = getenv("MREMAP_FAILS");

	calls = at ? calls + 1 : 0;
	return at && calls == atoi(at);
}

/* Whether one mapping starts at or before `from`, and ends behind it, before `to`. */
static bool crosses(uintptr_t from, uintptr_t to)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	bool found = false;

	while (f && !found && fscanf(f, "%lx-%lx%*[^\n]", &start, &end) == 2)
		found = start <= from && from < end && end < to;
	if (f)
		fclose(f);
	return found;
}

__attribute__((visibility("default"))) void *mremap(void *old, size_t old_len, size_t new_len,
						    int flags, ...)
{
	const uintptr_t from = (uintptr_t)old;
	uint8_t *bytes = old;
	va_list ap;

	va_start(ap, flags);
	void *place = va_arg(ap, void *);
	va_end(ap);

	const uintptr_t to = (uintptr_t)place;
	const bool apart = from + old_len <= to || to + new_len <= from;

	if (old_len && fails()) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	if (!getenv("OLDER_KERNEL") || flags != (MREMAP_MAYMOVE | MREMAP_FIXED) ||
	    new_len > old_len || to % 4096 || !apart || !crosses(from, from + new_len))
		return NEXT(mremap)(old, old_len, new_len, flags, place);
	NEXT(munmap)(place, new_len);
	if (old_len > new_len)
		NEXT(munmap)(bytes + new_len, old_len - new_len);
	errno = EFAULT;
	return MAP_FAILED;
}
