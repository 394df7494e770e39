/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The description language's statements: state of the parser and its helpers. */
#ifndef MSIXSHIM_DESC_READ_H
#define MSIXSHIM_DESC_READ_H

#include "desc/build.h"

struct stmt {
	struct build build;
	struct word line; /* what is left of the line */
	struct word word; /* the last word taken: errors point at it */
	const char *reason;
};

/* One statement: its name is taken, its arguments are in line. False with reason set. */
struct stmt_def {
	const char *name;
	bool (*run)(struct stmt *s);
};

/* Sets the reason; returns false. */
bool stmt_fail(struct stmt *s, const char *reason);

/* Takes the next word; false at the end of the line. */
bool stmt_word(struct stmt *s);

/* Takes a number (base 0: 123 or 0x7b; 16: digits) in [min, max], else fails with reason. */
bool stmt_number(struct stmt *s, unsigned int base, uint64_t min, uint64_t max, const char *reason,
		 uint64_t *ret);

/* Capability statements, ended by a NULL name. */
extern const struct stmt_def desc_cap_stmts[];

#endif
