/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/usermem.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/align.h"

/* The smallest page of any host: a larger one is asked more often than needed. */
#define PAGE 4096UL

/* Where a futex call needs a second word: nobody waits on it. */
static uint32_t nobody;

/* Compares the word with 0 and, equal or not, wakes and moves no waiter. Never sleeps. */
static bool word_readable(uintptr_t word)
{
	return syscall(SYS_futex, word, FUTEX_CMP_REQUEUE_PRIVATE, 0, 0UL, &nobody, 0) >= 0 ||
	       errno != EFAULT;
}

/*
 * Ors 0 into the word, atomically. If it was 0 that may wake one waiter on it, which
 * finds it unchanged, as any waiter on a futex must expect.
 */
static bool word_writable(uintptr_t word)
{
	uint32_t or_0 = FUTEX_OP(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, 1);

	return syscall(SYS_futex, &nobody, FUTEX_WAKE_OP_PRIVATE, 0, 0UL, word, or_0) >= 0 ||
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
	for (uintptr_t page = align_down(start, PAGE); ok && page <= start + len - 1; page += PAGE)
		ok = check(page > start ? page : start & ~(uintptr_t)3);
	errno = saved;
	return ok;
}

bool usermem_readable(const void *p, size_t len)
{
	return each_page((uintptr_t)p, len, word_readable);
}

bool usermem_writable(void *p, size_t len)
{
	return each_page((uintptr_t)p, len, word_writable);
}
