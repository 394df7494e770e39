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

/* How often `c` is in w. */
size_t word_count(struct word w, char c);

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

/* Where and why a text does not parse; both texts are static. */
struct word_fault {
	const char *at; /* the first character that does not belong there */
	const char *reason, *expected;
};

/* Fills in *fault; returns false. */
bool word_fail(struct word_fault *fault, const char *at, const char *reason, const char *expected);

/* A hexadecimal number as a part of a word, which another character ends. */
struct word_field {
	size_t digits_min, digits_max;
	uint64_t max;
	const char *reason, *expected; /* of a number that is too long, too short or too large */
};

/*
 * Takes the number and the character `end` after it off *w; end 0 is the end of the word.
 * False with *fault: a wrong character, if there is one, else the number.
 */
bool word_take_field(struct word *w, const struct word_field *f, char end, uint64_t *ret,
		     struct word_fault *fault);

/* Hexadecimal digits at the start of w; returns how many there are, at most 16. */
size_t word_hex(struct word w, uint64_t *ret);

#endif
