/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/elf.h"
#include "cli/run/run.h"
#include "core/vmm/reach.h"

#define SELF	    "/proc/self/exe"
#define NOT_REACHED 1 /* exit status of run_reach_main() */

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static char *read_all(int fd)
{
	char *text = NULL, part[4096];
	size_t size;
	FILE *out = open_memstream(&text, &size);
	ssize_t n;

	while (out && ((n = read(fd, part, sizeof(part))) > 0 || (n < 0 && errno == EINTR)))
		if (n > 0)
			fwrite(part, 1, (size_t)n, out);
	if (out)
		fclose(out);
	return text;
}

/*
 * What the dynamic linker says when it is to list what it would load: both its outputs, which the
 * caller frees. NULL if it can't be started, with errno. glibc's and musl's know --list.
 */
static char *list_libraries(const struct run_target *t, int *status)
{
	char *argv[] = {t->loader, (char[]){"--list"}, t->program, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);

	int rc = posix_spawn(&pid, t->loader, &actions, NULL, argv, environ);
	char *text;

	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	text = rc ? NULL : read_all(ends[0]);
	close(ends[0]);
	if (!rc)
		*status = wait_for(pid);
	errno = rc ? rc : ENOMEM;
	return text;
}

/* Whether `text` names the library as one that is loaded: "[NAME => ]PATH (ADDRESS)". */
static bool is_listed(const char *text, const char *path)
{
	size_t len = strlen(path);

	for (const char *p = strstr(text, path); p; p = strstr(p + 1, path))
		if (p > text && (p[-1] == '\t' || p[-1] == ' ') && !strncmp(p + len, " (0x", 4))
			return true;
	return false;
}

/* The dynamic linker's complaint about the library; its first one if there is none. */
static const char *complaint(char *text, const char *library)
{
	const char *first = NULL;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (*line == '\t')
			continue;
		if (strstr(line, library))
			return line;
		first = first ? first : line;
	}
	return first ? first : "it gives no reason";
}

static int prove_listed(const struct run_target *t, const struct run_libraries *libraries)
{
	int exited = -1;
	char *text = list_libraries(t, &exited);
	const char *missing = NULL;

	if (!text) {
		cli_error("run: %s, the dynamic linker of %s, can't be asked: %s%s", t->loader,
			  t->program, strerror(errno),
			  errno == EACCES ? " (recipes.md has a rule for AppArmor and for SELinux)"
					  : "");
		return RUN_FAILED;
	}
	if (exited || !is_listed(text, libraries->shim))
		missing = libraries->shim;
	else if (libraries->fake && !is_listed(text, libraries->fake))
		missing = libraries->fake;
	if (missing)
		cli_error("run: %s would run without %s; its dynamic linker says: %s", t->program,
			  missing, complaint(text, missing));
	free(text);
	return missing ? RUN_FAILED : 0;
}

/* Whether the program's dynamic linker, and so its C library, is that of this program. */
static bool has_our_loader(const struct run_target *t)
{
	struct elf *self;

	if (elf_open(SELF, &self) < 0)
		return false;

	const char *interp = elf_info(self)->interp;
	bool same = interp && !strcmp(interp, t->loader);

	elf_close(self);
	return same;
}

/* Starts this program as run_reach_main(), with no input and no output. As waitpid(), or -1. */
static int ask_by_call(void)
{
	char *argv[] = {(char[]){RUN_REACH_NAME}, NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);

	int failed = posix_spawn(&pid, SELF, &actions, NULL, argv, environ);

	posix_spawn_file_actions_destroy(&actions);
	errno = failed;
	return failed ? -1 : wait_for(pid);
}

/*
 * A library may be loaded and intercept nothing, or nothing of VFIO's: one that was built for
 * another encoding of ioctls, or with symbols that nobody binds to. So this program, with the same
 * libraries before it, makes a call. Not for a program of another C library, which this one is not
 * of: its libraries can't be loaded here.
 */
static int prove_reached(const struct run_target *t, const struct run_libraries *libraries)
{
	if (getauxval(AT_SECURE) || !has_our_loader(t))
		return 0;

	int status = ask_by_call();

	if (status == 0)
		return 0;
	if (status == -1)
		cli_error("run: whether calls reach %s can't be asked: %s", libraries->shim,
			  strerror(errno));
	else if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_REACHED)
		cli_error("run: %s is loaded, and calls of VFIO don't reach it; use the library "
			  "that was built with this command",
			  libraries->shim);
	else
		cli_error("run: with %s loaded a program does not come to its main(): it ended "
			  "with status 0x%x",
			  libraries->shim, (unsigned int)status);
	return RUN_FAILED;
}

int run_reach_main(void)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): it is no address */
	void *arg = (void *)(uintptr_t)REACH_ARGUMENT;

	return ioctl(REACH_FD, REACH_REQUEST, arg) == REACH_ANSWER ? 0 : NOT_REACHED;
}

/* AT_SECURE of a process that stopped after execve(): 0, 1, or -1 if it can't be read. */
static int read_secure(pid_t pid)
{
	Elf64_auxv_t aux;
	char path[32];
	int secure = -1;

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)pid);

	FILE *in = fopen(path, "re");

	while (in && secure < 0 && fread(&aux, sizeof(aux), 1, in) == 1)
		if (aux.a_type == AT_SECURE)
			secure = aux.a_un.a_val != 0;
	if (in)
		fclose(in);
	return secure;
}

/* The child of is_secure(): stops itself, to be traced, and again after execve(). */
static void start_stopped(const char *path, char **argv, pid_t parent)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 && raise(SIGSTOP) == 0 &&
	    getppid() == parent)
		execv(path, argv);
	_exit(RUN_FAILED);
}

static bool stopped_by(int status, int signal, int event)
{
	return WIFSTOPPED(status) && status >> 8 == (signal | event << 8);
}

/*
 * Whether the kernel starts `path` in secure mode, in which the dynamic linker ignores LD_PRELOAD.
 * It decides while it executes: a child does that, and is killed before the program's first
 * instruction. False where tracing is not allowed. PTRACE_O_EXITKILL: were this process to end
 * meanwhile, the child must not go on alone.
 */
static bool is_secure(const char *path, char **argv)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC;
	pid_t parent = getpid(), pid = fork();
	int secure = -1;

	if (pid == 0)
		start_stopped(path, argv, parent);
	if (pid < 0)
		return false;

	int status = wait_for(pid);

	if (stopped_by(status, SIGSTOP, 0) && !ptrace(PTRACE_SETOPTIONS, pid, NULL, options) &&
	    !ptrace(PTRACE_CONT, pid, NULL, NULL)) {
		status = wait_for(pid);
		if (stopped_by(status, SIGTRAP, PTRACE_EVENT_EXEC))
			secure = read_secure(pid);
	}
	if (WIFSTOPPED(status)) {
		kill(pid, SIGKILL);
		wait_for(pid);
	}
	return secure > 0;
}

int run_prove(const struct run_target *target, const struct run_libraries *libraries, char **argv)
{
	struct sigaction before, normal = {.sa_handler = SIG_DFL};
	/* Where the caller ignores the signal, children are gone before they are waited for. */
	bool changed = sigaction(SIGCHLD, &normal, &before) == 0;
	int status = RUN_FAILED;

	if (is_secure(target->path, argv))
		cli_error("run: the kernel starts %s in secure mode, in which LD_PRELOAD is "
			  "ignored; start it with equal real and effective ids and, under a "
			  "security module, with a rule that keeps the environment (AppArmor: px, "
			  "not Px; SELinux: noatsecure)",
			  target->path);
	else
		status = prove_listed(target, libraries);
	if (!status)
		status = prove_reached(target, libraries);
	if (changed)
		sigaction(SIGCHLD, &before, NULL);
	return status;
}
