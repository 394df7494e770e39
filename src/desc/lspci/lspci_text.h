/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lspci printed, out of what was made of it on the way: by mailers, terminals, web pages,
 * editors and logs. Lines keep their numbers.
 */
#ifndef MSIXSHIM_LSPCI_TEXT_H
#define MSIXSHIM_LSPCI_TEXT_H

#include "core/text/word.h"

/* A line that holds this alone was joined to one above it. No other line has the character. */
#define LSPCI_JOINED "\x1f"

/*
 * Makes plain text of text[0, len): UTF-16 with a mark becomes UTF-8, quoted-printable is
 * decoded, blanks and dashes of all kinds become those of ASCII, and escape sequences, markup and
 * invisible characters are left out. Returns the text, *ret_len bytes, which the caller
 * frees; NULL if memory is short.
 */
char *lspci_plain(const char *text, size_t len, size_t *ret_len);

/*
 * Makes lines of a plain text as lspci printed them: without the prefix that all of them have
 * and without messages of the kernel, and each that was wrapped in one piece. Returns the text,
 * *ret_len bytes, which the caller frees; NULL if memory is short.
 */
char *lspci_unwrap(struct word plain, size_t *ret_len);

/* Both. */
char *lspci_clean(const char *text, size_t len, size_t *ret_len);

#endif
