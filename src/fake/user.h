/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program's memory, as the kernel sees user space: a bad pointer is an error instead of a
 * signal. errno is left alone; no lock is needed.
 */
#ifndef FAKE_USER_H
#define FAKE_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* copy_from_user(), copy_to_user(), of n bytes: 0 or -EFAULT. */
int user_read(void *to, const void *user, size_t n);
int user_write(void *user, const void *from, size_t n);
/* Whether the program's string starts so (16 bytes at most); a bad pointer does not. */
bool user_starts(const char *user, const char *prefix);
/* An address that the program gave as a number: u64_to_user_ptr(). */
void *user_pointer(uint64_t address);
/* The same pointer for what takes both directions. */
void *user_unconst(const void *p);
/* "EINVAL" for EINVAL: a positive errno; "E?" for one that the fake does not return. */
const char *error_name(long error);

#endif
