/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words and numbers of a text: what the readers of rules and of descriptions share. Pure; a
 * word points into the text, which is not terminated.
 */
#ifndef MSIXSHIM_WORD_H
#define MSIXSHIM_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of the text. */
struct word {
	const char *p;
	size_t len;
};

bool word_is(struct word w, const char *text);
bool word_starts(struct word w, const char *text);

/* Takes the next word, up to a blank, off *rest; len 0 at its end. */
struct word word_next(struct word *rest);

/* The text to read: without the byte order mark that some editors put in front of UTF-8. */
struct word word_text(const char *text, size_t len);

/* Takes the next line, without its end, off *rest. False at the end of the text. */
bool word_line(struct word *rest, struct word *line);

/* The first occurrence of text in w and what follows it; p is NULL if there is none. */
struct word word_after(struct word w, const char *text);

/* The whole of w as a number of base 10 or 16, or with base 0 as 123, 0x7b; false otherwise. */
bool word_number(struct word w, unsigned int base, uint64_t *ret);

/* The same with a suffix K, M, G or T, in either case. */
bool word_size(struct word w, uint64_t *ret);

/* Hexadecimal digits at the start of w; returns how many there are, at most 16. */
size_t word_hex(struct word w, uint64_t *ret);

#endif
