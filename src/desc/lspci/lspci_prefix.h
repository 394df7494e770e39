/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in front of all lines of a text: quotes, bullets, numbers, the time of a log. */
#ifndef MSIXSHIM_LSPCI_PREFIX_H
#define MSIXSHIM_LSPCI_PREFIX_H

#include "core/text/word.h"

/*
 * Takes the prefix off the lines that have it, if the text has no head line without one. Prefixes
 * are alike if no more than blanks and the values of numbers differ.
 */
void lspci_drop_prefix(struct word *lines, size_t count);

#endif
