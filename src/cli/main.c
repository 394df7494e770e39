/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/convert/convert.h"
#include "cli/demo/demo.h"
#include "cli/doctor/doctor.h"
#include "cli/plan/plan.h"
#include "cli/run/run.h"
#include "cli/scan/scan.h"
#include "config.h"

static const struct command {
	const char *name;
	int (*main)(int argc, char **argv); /* argv[0] is the name; returns the exit status */
	const char *help;
} commands[] = {
	{"convert", convert_main, "print a device as a description for libfakevfio.so"},
	{"demo", demo_main, "show a QEMU guest's view of a device without and with the shim"},
	{"doctor", doctor_main, "look whether this machine can pass devices through"},
	{"plan", plan_main, "show where a device's MSI-X table goes, why, and what that gains"},
	{"run", run_main, "become a VMM that has the shim in it"},
	{"scan", scan_main, "list the PCI devices, and which of them would gain"},
};

static void print_help(void)
{
	printf("Usage: msixshim COMMAND [OPTION...]\n"
	       "Relocates a PCI device's MSI-X table for an unmodified VMM.\n"
	       "\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	printf("\n"
	       "  --help     print this text; after a command, that command's\n"
	       "  --version  print the version\n"
	       "\n"
	       "'help COMMAND' is 'COMMAND --help'; -h is --help, and -V is --version.\n"
	       "\n"
	       "Exit status: 0 done, 1 something failed or is not as it should be, 2 a mistake\n"
	       "in the arguments.\n");
}

static bool is_one_of(const char *word, const char *const words[])
{
	for (; *words; words++) {
		if (!strcmp(word, *words))
			return true;
	}
	return false;
}

/* argv[0] is the command's name. The exit status. */
static int run_command(int argc, char **argv)
{
	const char *name = argc ? argv[0] : "";

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(name, commands[i].name))
			return commands[i].main(argc, argv);
	}
	if (*name)
		cli_error("no command '%s'; see msixshim --help", name);
	else
		cli_error("no command given; see msixshim --help");
	return CLI_USAGE;
}

int main(int argc, char **argv)
{
	static const char *const help[] = {"help", "--help", "-h", NULL};
	static const char *const version[] = {"--version", "-V", NULL};
	char option[] = "--help", *of_command[] = {NULL, option, NULL};
	const char *name = argc > 1 ? argv[1] : "";
	int status = CLI_OK;

	if (argc == 1 && !strcmp(argv[0], RUN_REACH_NAME))
		return run_reach_main();
	if (is_one_of(name, help) && argc > 2) {
		of_command[0] = argv[2];
		status = run_command(2, of_command);
	} else if (is_one_of(name, help)) {
		print_help();
	} else if (is_one_of(name, version)) {
		puts(PACKAGE_STRING);
	} else {
		status = run_command(argc - 1, argv + 1);
	}
	if (fflush(stdout) || ferror(stdout)) {
		cli_error("cannot write to standard output");
		return CLI_FAILED;
	}
	return status;
}
