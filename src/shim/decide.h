/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a wish to a plan, and what a user reads of it.
 *
 * Results are 1 for "to be relocated", 0 for "left as it is", or -errno for "the VMM must
 * not get the device"; a line has said which and why, except for 1.
 */
#ifndef SHIM_DECIDE_H
#define SHIM_DECIDE_H

#include <stdbool.h>

#include "core/plan.h"
#include "shim/wish.h"
#include "vfio/region_info.h"

/* A device that can't be relocated: 0 where that need not be (`auto`), else -error. */
int decide_impossible(const char *name, bool lenient, int error, const char *why);

/* A device whose address a rule asks for, and nothing tells it: -EINVAL. */
int decide_no_address(const char *name, const struct wish *wish);

/* Tells at level debug which rule holds; at info, if it leaves the device as it is. */
void decide_tell_wish(const char *name, const struct wish *wish);

/* The options of the wish that are about showing a plan. */
void decide_style(const struct wish *wish, struct region_style *ret);

/* The page size to plan for. */
uint64_t decide_page(const struct wish *wish, const struct region_style *style);

/*
 * Plans the wish, `auto` and `any` by choice_make(). 1 and *ret, 0, or -EINVAL. *why, static, is
 * why these two relocate; NULL for a target that was named. A plan for smaller pages than the
 * host's can't be shown: `auto` is left as it is then, all else refused.
 */
int decide_plan(const char *name, const struct plan_facts *facts, const struct wish *wish,
		const struct region_style *style, struct plan *ret, const char **why);

/* Tells at level info what was decided. */
void decide_tell_plan(const char *name, const struct plan *plan, const struct region_style *style,
		      const char *why);

#endif
