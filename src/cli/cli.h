/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all subcommands of `msixshim` share.
 */
#ifndef MSIXSHIM_CLI_CLI_H
#define MSIXSHIM_CLI_CLI_H

/* Exit statuses, as --help documents them. */
enum cli_status {
	CLI_OK,	    /* done, and all that was claimed is so */
	CLI_FAILED, /* something failed or is not so */
	CLI_USAGE,  /* a mistake in the arguments */
};

/* Prints "msixshim: " and one line (printf style, no line feed) to stderr. */
void cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
