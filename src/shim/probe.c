/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The smallest page of any host: a larger one is asked more often than needed. */
#define PAGE 4096UL

/* Reads the word: whatever it holds, a timeout of 0 ends the wait at once. */
static bool word_readable(uintptr_t word)
{
	static const struct timespec now;

	return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 0, &now, NULL, 0) == 0 ||
	       errno != EFAULT;
}

/* Ors 0 into the word, atomically, and wakes nobody: no one waits on `nobody`. */
static bool word_writable(uintptr_t word)
{
	static uint32_t nobody;
	uint32_t or_0 = FUTEX_OP(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, 0);

	return syscall(SYS_futex, &nobody, FUTEX_WAKE_OP_PRIVATE, 0, 0, word, or_0) >= 0 ||
	       errno != EFAULT;
}

static bool each_page(uintptr_t start, size_t len, bool (*check)(uintptr_t word))
{
	int saved = errno;
	bool ok = true;

	if (len == 0)
		return true;
	if (start + len - 1 < start)
		return false;
	for (uintptr_t page = start & ~(PAGE - 1); ok && page <= start + len - 1; page += PAGE)
		ok = check(page > start ? page : start & ~(uintptr_t)3);
	errno = saved;
	return ok;
}

bool probe_readable(const void *p, size_t len)
{
	return each_page((uintptr_t)p, len, word_readable);
}

bool probe_writable(void *p, size_t len)
{
	return each_page((uintptr_t)p, len, word_writable);
}
