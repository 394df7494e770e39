/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `msixshim run`: becomes a VMM that has the shim in it, or says why that can't be.
 *
 * The functions that return an exit status have told the reason in one line where it is not 0.
 */
#ifndef MSIXSHIM_CLI_RUN_H
#define MSIXSHIM_CLI_RUN_H

#include <stddef.h>

/* Exit statuses, those of env(1), nohup(1) and timeout(1): all others are COMMAND's own. */
enum run_status {
	RUN_FAILED = 125,	  /* of run itself, mistakes in the arguments included */
	RUN_NOT_EXECUTABLE = 126, /* COMMAND is there */
	RUN_NOT_FOUND = 127,
};

#define RUN_MAX_FAKES 32 /* as many files as the fake has devices */

struct run_options {
	const char *relocate; /* rules, NULL: none */
	const char *log;      /* for MSIXSHIM_LOG; NULL: as it is */
	const char *config;   /* file of rules; NULL: the one that MSIXSHIM_CONFIG names */
	const char *libdir;
	const char *fakes[RUN_MAX_FAKES]; /* files of fake devices */
	size_t fake_count;
};

/* What COMMAND turned out to be. */
struct run_target {
	char *path;    /* the file to execute */
	char *program; /* the ELF program: that file or, if it is a script, its interpreter */
	char *loader;  /* the dynamic linker that the program asks for */
};

/* What is to be preloaded; absolute paths. */
struct run_libraries {
	char *shim;
	char *fake; /* NULL: without */
};

/*
 * Searches `command` as execvp() does and refuses what can't have a library preloaded: static
 * programs, those of another machine, setuid, setgid, with file capabilities. An exit status; free
 * *ret in any case.
 */
int run_target_find(const char *command, struct run_target *ret);

/*
 * Says so if the target is a script or known by its name to start other programs (see run_prove()),
 * or if it is a VMM that gets something special.
 */
void run_target_note(const struct run_target *target);
void run_target_free(struct run_target *target);

/*
 * Changes this process's environment to the one that COMMAND gets: LD_PRELOAD, MSIXSHIM,
 * MSIXSHIM_LOG, FAKEVFIO. All rules are checked. An exit status; free *ret in any case.
 */
int run_env_set(const struct run_options *options, struct run_libraries *ret);
void run_libraries_free(struct run_libraries *libraries);

/*
 * All rules that hold, the first ones first: --relocate, MSIXSHIM, and the file. *ret is what
 * MSIXSHIM has to be, "" if there are no rules; the caller frees it. An exit status.
 */
int run_rules(const struct run_options *options, char **ret);

/*
 * Proves with this process's environment that the libraries will be in the program before its
 * main(): the program's own dynamic linker lists them, the kernel does not start it in secure
 * mode, and a call of VFIO's reaches the shim (reach.h). Nothing is proven about programs that it
 * starts. `argv` is COMMAND with its arguments. An exit status.
 */
int run_prove(const struct run_target *target, const struct run_libraries *libraries, char **argv);

/*
 * What run_prove() starts this program as, by argv[0], to make that call: the exit status says
 * whether the shim answered. Prints nothing.
 */
#define RUN_REACH_NAME "msixshim-reach"
int run_reach_main(void);

/* The subcommand: argv[0] is "run". Returns the exit status, if it returns. */
int run_main(int argc, char **argv);

#endif
