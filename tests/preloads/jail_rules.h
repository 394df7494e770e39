/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A system call that a filter judges by more than its number. */
#ifndef TESTS_SHIM_JAIL_RULES_H
#define TESTS_SHIM_JAIL_RULES_H

#include <stdint.h>

enum jail_kind {
	JAIL_ALLOW,
	JAIL_ONLY,   /* where argument `arg` is `value` */
	JAIL_UNLESS, /* where argument `arg` has none of the bits of `value` */
	JAIL_FAIL,   /* fails with errno `value` */
};

struct jail_rule {
	int nr; /* -1: this architecture has no such call */
	enum jail_kind kind;
	unsigned int arg;
	uint32_t value;
};

#endif
