/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all subcommands of `msixshim` share.
 */
#ifndef MSIXSHIM_CLI_CLI_H
#define MSIXSHIM_CLI_CLI_H

#include <stdbool.h>

/* Exit statuses, as --help documents them. */
enum cli_status {
	CLI_OK,	    /* done, and all that was claimed is so */
	CLI_FAILED, /* something failed or is not so */
	CLI_USAGE,  /* a mistake in the arguments */
};

/* Prints "msixshim: " and one line (printf style, no line feed) to stderr. */
void cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Says where `command` tells its options: after an error of getopt. */
void cli_hint(const char *command);

/*
 * access(2) by the effective ids, as open() and execve() judge: 0, or -1 with errno. The real ones
 * differ in a program with the set-user-ID bit and what it starts.
 */
int cli_access(const char *path, int mode);

/* Escape sequences of a terminal (ECMA-48 8.3.117). */
#define CLI_PLAIN  "\033[0m"
#define CLI_BOLD   "\033[1m"
#define CLI_RED	   "\033[31m"
#define CLI_GREEN  "\033[32m"
#define CLI_YELLOW "\033[33m"

/* Whether stdout is a terminal that may be sent colours: TERM is not "dumb", NO_COLOR not set. */
bool cli_wants_colour(void);

/* `sequence`, or "" without colours. */
const char *cli_colour(bool colour, const char *sequence);

#endif
