/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices as text: the opposite of desc_parse() and desc_parse_lspci().
 */
#ifndef MSIXSHIM_CLI_DESC_WRITE_H
#define MSIXSHIM_CLI_DESC_WRITE_H

#include <stdio.h>

#include "desc/desc.h"

/*
 * Zeroes what tells one device from another of its kind: the Device Serial Number, and what the
 * registers of Vital Product Data hold.
 */
void desc_scrub(struct desc *d);

/*
 * Makes a text of `d` in the description language, *ret, which the caller frees. It is parsed
 * again: 0 says that this gave an equal struct desc, -EINVAL that the language can't say all of
 * it (*why is the reason, static), -ENOMEM.
 */
int desc_print(const struct desc *d, char **ret, const char **why);

/*
 * Prints what `lspci -D -vvnn -xxxx` would, as far as desc_parse_lspci() reads it. Names of
 * vendor, device and class are left out. What lspci doesn't show (areas that can be mapped,
 * resets, the vectors that the host has) is lost.
 */
void desc_write_lspci(FILE *out, const struct desc *d);

#endif
