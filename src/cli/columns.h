/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts on a terminal of 80 to 100 columns, also two side by side.
 */
#ifndef MSIXSHIM_CLI_COLUMNS_H
#define MSIXSHIM_CLI_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

#define COLUMN_WIDTH 44

/* Two growing texts; columns_open() them, print to the streams, columns_print(). */
struct columns {
	FILE *side[2];
	char *text[2];
	size_t size[2];
};

/* Starts two empty texts. 0, or -ENOMEM. */
int columns_open(struct columns *c);

/* Prints both to stdout, line beside line, long lines wrapped; frees everything. */
void columns_print(struct columns *c);

/* Prints `text` to `out`, wrapped at `width` with `indent` spaces before every line. */
void text_wrap(FILE *out, const char *text, int width, int indent);

/*
 * The same with `label` in place of the first indentation. A word that is longer than `width` stays
 * whole, so that a path can be copied.
 */
void text_field(FILE *out, const char *label, const char *text, int width, int indent);

#endif
