/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the rule parser share: a place in the text, selectors. */
#ifndef MSIXSHIM_POLICY_PRIV_H
#define MSIXSHIM_POLICY_PRIV_H

#include "core/policy/policy.h"
#include "core/text/word.h"

enum selector_kind {
	SELECT_ALL,
	SELECT_ADDRESS,
	SELECT_IDS,
	SELECT_SUBSYSTEM, /* ids of the device and of its subsystem */
	SELECT_CLASS,
};

struct selector {
	enum selector_kind kind;
	struct policy_device dev; /* the fields that `kind` compares */
	unsigned int class_shift; /* bits of class_code that the rule leaves open */
};

/* [start, end) without the blanks at both of its ends. */
struct policy_span policy_trim(const char *start, const char *end);

/* Parses the selector of a rule, which may be empty. */
bool selector_parse(struct policy_span text, struct selector *ret, struct word_fault *fault);

/* Whether `dev` is what the selector is for, as far as that can be told. */
enum policy_match selector_match(const struct selector *sel, const struct policy_device *dev);

/* Parses one rule, which is not empty. */
bool rule_parse(struct policy_span text, struct policy_rule *ret, struct selector *sel,
		struct word_fault *fault);

#endif
