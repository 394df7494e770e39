/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For cmocka tests that have a device each: opened before the test, closed after it. */
#ifndef TESTS_LIB_FIXTURE_H
#define TESTS_LIB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/types.h>

#include "user.h"

/* The test's device: USER_NAME. */
extern struct user user;

/* How it is opened, as for user_open(): USER_GROUP unless the program says otherwise. */
extern const char *fixture_way;

/* Set-up and teardown of a test. */
int fixture_open(void **state);
int fixture_close(void **state);

/* What a child exited with; -1 for another end. */
int exit_status(pid_t pid);

#endif
