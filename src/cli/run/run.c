/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run/run.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static const char usage[] =
	"Usage: msixshim run [OPTION...] [--] COMMAND [ARG...]\n"
	"Becomes COMMAND, a VMM, with libmsixshim.so in it. Refuses a COMMAND that can't have\n"
	"it. What COMMAND starts in turn (a script, env, bash -c) is not looked at; a note says\n"
	"so. Process id, signals and exit status are COMMAND's own.\n"
	"\n"
	"  --relocate RULES     rules for the devices, as in MSIXSHIM: auto, any, off, bar2,\n"
	"                       01:00.0=bar2; they come before those of the environment\n"
	"  --config FILE        a file of rules instead of the one that MSIXSHIM_CONFIG names;\n"
	"                       its rules come last\n"
	"  --log LEVEL[:FILE]   info, debug or trace, to standard error or to FILE\n"
	"  --fake FILE          a made-up device: a description or the output of lspci, or\n"
	"                       FILE@ADDRESS; may be given more than once\n"
	"  --libdir DIR         where libmsixshim.so and libfakevfio.so are\n"
	"                       [" PKGLIBDIR "]\n"
	"  --help               print this text\n"
	"\n"
	"Exit status: 125 if run itself fails or refuses, mistakes in the arguments included;\n"
	"126 if COMMAND can't be executed; 127 if it is not found; else that of COMMAND.\n";

/* 0: go on; 1: all is done; else an exit status. Options end at the first word that is not one. */
static int parse(int argc, char **argv, struct run_options *o)
{
	static const struct option longopts[] = {
		{"relocate", required_argument, NULL, 'r'},
		{"config", required_argument, NULL, 'c'},
		{"log", required_argument, NULL, 'l'},
		{"fake", required_argument, NULL, 'f'},
		{"libdir", required_argument, NULL, 'L'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	static char name[] = "msixshim: run"; /* for the errors of getopt */
	int c;

	argv[0] = name;
	optind = 0;
	while ((c = getopt_long(argc, argv, "+h", longopts, NULL)) != -1) {
		switch (c) {
		case 'r':
			o->relocate = optarg;
			break;
		case 'c':
			o->config = optarg;
			break;
		case 'l':
			o->log = optarg;
			break;
		case 'f':
			if (o->fake_count == RUN_MAX_FAKES) {
				cli_error("run: --fake: more than %d files", RUN_MAX_FAKES);
				return RUN_FAILED;
			}
			o->fakes[o->fake_count++] = optarg;
			break;
		case 'L':
			o->libdir = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return 1;
		default:
			cli_hint("run");
			return RUN_FAILED;
		}
	}
	if (optind < argc)
		return 0;
	cli_error("run: no command given; see msixshim run --help");
	return RUN_FAILED;
}

/* Becomes the VMM, if all is as it has to be. */
static int start(const struct run_options *o, char **argv)
{
	struct run_target target;
	struct run_libraries libraries = {NULL, NULL};
	int status = run_target_find(argv[0], &target);

	if (!status)
		status = run_env_set(o, &libraries);
	if (!status)
		status = run_prove(&target, &libraries, argv);
	if (!status) {
		run_target_note(&target);
		execv(target.path, argv);
		status = errno == ENOENT ? RUN_NOT_FOUND : RUN_NOT_EXECUTABLE;
		cli_error("run: %s: %s", target.path, strerror(errno));
	}
	run_libraries_free(&libraries);
	run_target_free(&target);
	return status;
}

int run_main(int argc, char **argv)
{
	struct run_options options = {.libdir = PKGLIBDIR};
	int status = parse(argc, argv, &options);

	if (status)
		return status == 1 ? CLI_OK : status;
	return start(&options, argv + optind);
}
