/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices that the files of FAKEVFIO describe. */
#ifndef FAKE_LOAD_H
#define FAKE_LOAD_H

#include <stdbool.h>

struct fake_state;

/*
 * Adds the devices of each file of the list, which ':' separates, to a state that nobody else
 * sees yet. False, after one line that says why, at the first file that is wrong.
 */
bool fake_load(struct fake_state *s, const char *list);

#endif
