/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of text in memory of a fixed size: what core has in place of snprintf(). It is always
 * terminated; what does not fit is left out. Bytes other than printable ASCII become "?", so that
 * a text from a file can't steer a terminal or end the line. Pure.
 */
#ifndef MSIXSHIM_LINE_H
#define MSIXSHIM_LINE_H

#include <stddef.h>
#include <stdint.h>

struct line {
	char *buf;
	size_t size, len;
};

/* Starts an empty line in buf; size may be 0. */
void line_start(struct line *l, char *buf, size_t size);

void line_text(struct line *l, const char *text);

/* The same for text[0, len). */
void line_bytes(struct line *l, const char *text, size_t len);

void line_decimal(struct line *l, uint64_t n);

/* In hexadecimal, with at least `digits` digits and without 0x. */
void line_hex(struct line *l, uint64_t n, unsigned int digits);

#endif
