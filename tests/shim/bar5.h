/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For cmocka tests under MSIXSHIM=bar5 over the SAS3008: is a descriptor the relocated device? */
#ifndef TESTS_SHIM_BAR5_H
#define TESTS_SHIM_BAR5_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/types.h>

#include "user.h"

/* Where the emulated table is. */
#define TABLE (5ULL << 40)

/* A test's device. */
extern struct user user;

/* Its group, USER_GROUP unless the program says otherwise, or its node as for user_open(). */
extern const char *bar5_way;

/* Set-up and teardown of a test: open and close it. */
int bar5_open(void **state);
int bar5_close(void **state);

/* The first dword of the emulated table, or -errno. */
int64_t table_get(int fd);
/* Writes it, which must succeed. */
void table_put(int fd, uint32_t v);

/* 4096 under the shim; 0 where the device is as it is, or `fd` is another file. */
uint64_t bar5_size(int fd);

/* What a child exited with; -1 for another end. */
int exit_status(pid_t pid);

#endif
