/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether memory of the caller can be touched.
 *
 * The kernel answers a bad pointer with EFAULT where a library would crash, and
 * a VMM's seccomp filter allows none of the calls that copy between processes.
 * futex(2) it does allow, and futex faults cleanly: FUTEX_CMP_REQUEUE reads a word,
 * FUTEX_WAKE_OP writes it back. One call a page touched; errno is untouched.
 */
#ifndef SHIM_USERMEM_H
#define SHIM_USERMEM_H

#include <stdbool.h>
#include <stddef.h>

/* Whether every page of [p, p + len) can be read. True for len 0. */
bool usermem_readable(const void *p, size_t len);

/* Whether every page of [p, p + len) can be read and written. True for len 0. */
bool usermem_writable(void *p, size_t len);

#endif
