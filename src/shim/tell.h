/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user reads of a device that is attached. Results are 0 for "the VMM gets it", or -errno
 * for "it must not".
 */
#ifndef SHIM_TELL_H
#define SHIM_TELL_H

#include "core/decision.h"
#include "shim/rules.h"
#include "vfio/region_info.h"

/*
 * A device that can't be relocated, for a reason that no plan has, where `demand` is asked for:
 * -error for a target; 0 for `auto`, with a line at each level, and for `off`, with one at level
 * info.
 */
int tell_impossible(const char *name, enum rules_demand demand, int error, const char *why);

/*
 * The same for a call that failed. `auto` takes a device as it is only for an error that will be
 * there the next time: another layout must not come of a moment in which memory was short.
 */
int tell_failed(const char *name, enum rules_demand demand, int error);

/* A device whose address a rule asks for, and nothing tells it: -EINVAL. */
int tell_no_address(const char *name, const struct rules_match *rule);

/* Tells at level debug which rule holds. */
void tell_rule(const char *name, const struct rules_match *rule);

/*
 * Tells what was decided: a refusal in any case, all else at level info, and at level debug why
 * each target is the best one, or is not.
 */
int tell_decision(const char *name, const struct decision *d, const struct rules_match *rule);

/* Tells that the rule leaves the device as it is, of which nothing was read. */
void tell_off(const char *name, const struct rules_match *rule);

/* Tells at level info if old=hide finds no page to hide. */
void tell_style(const char *name, const struct plan *plan, const struct region_style *style);

#endif
