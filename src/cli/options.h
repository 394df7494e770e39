/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of a command: GNU style, each with one value or none.
 */
#ifndef MSIXSHIM_CLI_OPTIONS_H
#define MSIXSHIM_CLI_OPTIONS_H

#include <stdbool.h>

#define OPTIONS_MAX 16 /* of a command */

struct option_place {
	const char *name;
	const char **value; /* gets the argument; NULL: the option has none */
	bool *flag;	    /* becomes true; NULL: it is not wanted */
};

/*
 * Takes the options from argv; argv[0] is the command's name. `places` ends with one that has no
 * name. True: optind is the index of the first operand. False: the command ends with *status,
 * for a mistake, which was told, or for --help, which printed `usage`.
 */
bool options_parse(int argc, char **argv, const struct option_place *places, const char *usage,
		   int *status);

#endif
