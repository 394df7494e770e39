/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user asks for: the text of the MSIXSHIM variable.
 *
 * It names one target for all devices: off, or bar0 to bar5. Pure.
 */
#ifndef MSIXSHIM_POLICY_H
#define MSIXSHIM_POLICY_H

#include <stdbool.h>
#include <stddef.h>

/* The targets in words, for a message. */
#define POLICY_TARGETS "off, bar0, bar1, bar2, bar3, bar4 or bar5"

/*
 * Parses `text`, blanks around the target allowed. On success *ret_target is
 * PLAN_OFF or 0..5. Otherwise false, and *ret_column is the place of the first
 * character that does not belong there, counted from 1.
 */
bool policy_parse(const char *text, int *ret_target, size_t *ret_column);

/* "off", "bar0", ...: what policy_parse() takes. Static. */
const char *policy_target_name(int target);

#endif
