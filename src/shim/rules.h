/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user asks for each device: the rules of MSIXSHIM, then those of the file that
 * MSIXSHIM_CONFIG names, then `auto`. The variables are read when the library is loaded, the file
 * when the first device is handed out, each once: a VMM that gets another device later gets the
 * same answers.
 */
#ifndef SHIM_RULES_H
#define SHIM_RULES_H

#include <stdbool.h>

#include "core/policy/policy.h"

/* Bytes of the variable and of the file, each. */
#define RULES_TEXT_MAX POLICY_TEXT_MAX

/* The rule that holds for a device. */
struct rules_match {
	struct policy_settings settings;
	struct policy_span text;
	const char *where; /* what holds it: a static name; NULL: no rule matches, `auto` holds */
};

/*
 * Reads the rules if this is the first call. 0; or -EINVAL, and a line for each call, if they
 * can't be read or do not parse: then no device may be handed out, because none of the
 * layouts that it could be shown with is known to be the one asked for.
 */
int rules_load(void);

/*
 * Whether the first rule, then in *ret, leaves all devices as they are: nothing has to be read
 * of them.
 */
bool rules_leave_all(struct rules_match *ret);

/* How much is asked for, from little to much. */
enum rules_demand {
	RULES_OFF,    /* the device as it is */
	RULES_AUTO,   /* another layout, if that is possible */
	RULES_TARGET, /* another layout */
};

enum rules_demand rules_demand_of(const struct policy_settings *settings);

/*
 * The most that any rule asks for which may hold for a device of which no more is known than its
 * `address`; NULL: nor that.
 */
enum rules_demand rules_demand(const struct pci_bdf *address);

/* The VMM that this program is by its name, after rules_load(): a row of the table, never NULL. */
const struct vmm_traits *rules_program(void);

/*
 * The rule for `dev`. False if it takes the address of `dev`, which is not known: then *ret
 * has the rule that does.
 */
bool rules_find(const struct policy_device *dev, struct rules_match *ret);

#endif
