/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A seccomp filter that kills, as a VMM puts it on its threads, over the fake.
 *
 * libjail.so is to be preloaded between the shim and the fake. The fake makes system calls that a
 * kernel would not: so once there is a filter, a thread that has none runs the fake's functions
 * for all others. Before that each call is made as it stands, on no file: there the filter judges
 * it, with its arguments. So whatever the shim asks of the kernel counts, be it by the next
 * library or by a system call of its own.
 */
#ifndef TESTS_SHIM_JAIL_H
#define TESTS_SHIM_JAIL_H

#include <sys/types.h>

/*
 * Puts the calling thread, and those that it starts from then on, under a filter that allows what
 * the rules of `names` allow: sets of jail_rules.c, with '+' in between ("vcpu", "crosvm+qemu").
 * All else kills the process with SIGSYS, after "jail: no system call N" on standard error; with
 * "eperm" among the names it fails with EPERM instead. 0, or -1 with errno: EINVAL for a name that
 * there is not. With "" there is no filter, but the fake's functions run in a thread of their own.
 *
 * A program finds it by dlsym(RTLD_DEFAULT, "jail_enter").
 */
int jail_enter(const char *names);
typedef int jail_enter_fn(const char *names);

/* How many calls on files went to the fake since then, those of the program itself included. */
unsigned int jail_calls(void);
typedef unsigned int jail_calls_fn(void);

/* To be called when the calling thread reads or writes at an offset: see jail_env.c. */
void jail_env_access(off_t at);

/* The filter alone, for the calling thread. 0, or -1 with errno. */
int jail_install(const char *names);

#endif
