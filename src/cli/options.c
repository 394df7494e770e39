/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>

#include "cli/cli.h"

static void take(const struct option_place *place)
{
	if (place->value)
		*place->value = optarg;
	if (place->flag)
		*place->flag = true;
}

bool options_parse(int argc, char **argv, const struct option_place *places, const char *usage,
		   int *status)
{
	struct option longopts[OPTIONS_MAX + 2] = {{NULL, 0, NULL, 0}};
	static char name[64]; /* for the errors of getopt */
	const char *command = argv[0];
	int count = 0, index, c;

	for (; count < OPTIONS_MAX && places[count].name; count++)
		longopts[count] = (struct option){
			places[count].name, places[count].value ? required_argument : no_argument,
			NULL, 0};
	longopts[count] = (struct option){"help", no_argument, NULL, 'h'};
	snprintf(name, sizeof(name), "msixshim: %s", command);
	argv[0] = name;
	optind = 0;
	while ((c = getopt_long(argc, argv, "h", longopts, &index)) == 0)
		take(&places[index]);
	if (c == -1)
		return true;
	if (c == 'h') {
		fputs(usage, stdout);
		*status = CLI_OK;
	} else {
		cli_hint(command);
		*status = CLI_USAGE;
	}
	return false;
}
