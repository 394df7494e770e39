/* SPDX-License-Identifier: GPL-2.0-or-later */
/* surface GROUP BDF main|thread|fork|vfork: the surface, as seen from there. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "surface.h"
#include "tests/lib/user.h"

static char **args;

static void *in_thread(void *unused)
{
	return surface_show(args[1], args[2]) ? &args : NULL;
}

static int from_thread(void)
{
	pthread_t t;
	void *failed;

	if (pthread_create(&t, NULL, in_thread, NULL) || pthread_join(t, &failed))
		return 1;
	return failed != NULL;
}

static int from_fork(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int rc = surface_show(args[1], args[2]);

		fflush(stdout);
		_exit(rc);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	return status;
}

/* A vfork child comes and goes, and closes what it has, before the parent opens the device. */
static int after_vfork(void)
{
	/* a child that shares memory is what this is about */
	/* NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork, clang-analyzer-unix.Vfork) */
	pid_t pid = vfork();

	if (pid == 0) {
		user_close_range(3, 64, 0);
		_exit(0);
	}
	/* NOLINTEND(clang-analyzer-security.insecureAPI.vfork, clang-analyzer-unix.Vfork) */
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		return 1;
	return surface_show(args[1], args[2]);
}

int main(int argc, char **argv)
{
	args = argv;
	if (argc == 4 && strcmp(argv[3], "main") == 0)
		return surface_show(argv[1], argv[2]);
	if (argc == 4 && strcmp(argv[3], "thread") == 0)
		return from_thread();
	if (argc == 4 && strcmp(argv[3], "fork") == 0)
		return from_fork();
	if (argc == 4 && strcmp(argv[3], "vfork") == 0)
		return after_vfork();
	if (argc == 4 && strcmp(argv[3], "library") == 0)
		return 0; /* a library's constructor has printed it */
	fprintf(stderr, "usage: %s GROUP BDF main|library|thread|fork|vfork\n", argv[0]);
	return 2;
}
