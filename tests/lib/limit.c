/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limit SECONDS REPORT TEST [ARGUMENT]...: runs a test, which nothing that it started outlives.
 *
 * One that has not ended after SECONDS (0: no limit) is stopped, and so is what one that has ended
 * leaves running. REPORT is called before, with the id of this process, to tell of all below it,
 * and "Bail out!" comes last: such a test has failed.
 *
 * The exit status is the test's, as a shell has it, or 124. An interrupt, or a request to end, is
 * passed on to the test, which has some time to follow it.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOT_RUN	     127
#define STOPPED	     124 /* timeout(1) has the same */
#define END_SECONDS  10	 /* to end, for what was asked to, or should have ended */
#define TELL_SECONDS 120 /* for the report */

static sigset_t handled; /* blocked, and waited for */
static sigset_t before;	 /* what the test has blocked */
static int interrupted;	 /* the signal that asks this program to end */

/* What this program itself started. */
struct child {
	pid_t pid;  /* 0 once it has ended */
	int status; /* then */
};

static struct child test = {.status = NOT_RUN}, report;

/* What to wait for. */
enum until {
	TEST_ENDED,
	REPORT_ENDED,
	ALL_ENDED,
	ALL_KILLED,
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What whoever started this program ignores asks for nothing. */
static void handle_signals(void)
{
	const int requests[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	struct sigaction is;

	signal(SIGCHLD, SIG_DFL); /* where it is ignored there is nothing to wait for */
	sigemptyset(&handled);
	sigaddset(&handled, SIGCHLD);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (sigaction(requests[i], NULL, &is) == 0 && is.sa_handler != SIG_IGN)
			sigaddset(&handled, requests[i]);
	}
	sigprocmask(SIG_BLOCK, &handled, &before);
}

/* One that can't be started has ended. */
static void start(struct child *child, char **argv)
{
	pid_t pid = fork();

	if (pid > 0) {
		child->pid = pid;
		return;
	}
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		execvp(argv[0], argv);
	}
	dprintf(STDOUT_FILENO, "Bail out! %s: %s\n", argv[0], strerror(errno));
	if (pid == 0)
		_exit(NOT_RUN);
}

static void note_end(struct child *child, pid_t pid, int status)
{
	if (pid != child->pid)
		return;
	child->pid = 0;
	child->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Takes the status of all that has ended. Returns whether something is left. */
static bool reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		note_end(&test, pid, status);
		note_end(&report, pid, status);
	}
	return pid == 0;
}

/* Those of a child that is gone have become children of this process. */
static void kill_children(void)
{
	char path[64];
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());

	FILE *in = fopen(path, "re");

	while (in && fscanf(in, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	if (in)
		fclose(in);
	else if (test.pid) /* a kernel that does not list them */
		kill(test.pid, SIGKILL);
}

static void pass_on(int signal, const siginfo_t *info)
{
	interrupted = signal;
	if (test.pid && info->si_code != SI_KERNEL) /* a terminal has told it by itself */
		kill(test.pid, signal);
}

static bool has_come(enum until until)
{
	return !reap() || (until == TEST_ENDED && !test.pid) ||
	       (until == REPORT_ENDED && !report.pid);
}

/* Returns whether it came to that within so many seconds; from an interrupt on, it has others. */
static bool await(enum until until, int64_t seconds)
{
	int64_t end = now_ms() + seconds * 1000;

	while (!has_come(until)) {
		const int64_t ms = end - now_ms();
		const struct timespec left = {ms / 1000, ms % 1000 * 1000000};
		siginfo_t info;

		if (ms <= 0)
			return false;
		if (until == ALL_KILLED)
			kill_children();

		const int signal = sigtimedwait(&handled, &info, &left);

		if (signal <= 0 || signal == SIGCHLD)
			continue;
		if (!interrupted)
			end = now_ms() + END_SECONDS * 1000;
		pass_on(signal, &info);
	}
	return true;
}

/* Has the report told about all that runs. */
static void tell(char *program)
{
	char self[16];

	snprintf(self, sizeof(self), "%d", (int)getpid());
	start(&report, (char *[]){program, self, NULL});
	await(REPORT_ENDED, TELL_SECONDS);
}

/* An interrupted program says so by its end: a script that called it stops, too. */
static void end_by(int signal)
{
	struct sigaction action = {.sa_handler = SIG_DFL};

	sigaction(signal, &action, NULL);
	raise(signal);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

int main(int argc, char **argv)
{
	const int64_t seconds = argc > 3 ? strtoll(argv[1], NULL, 10) : -1;
	const char *fault = NULL;

	if (seconds < 0) {
		fputs("usage: limit SECONDS REPORT TEST [ARGUMENT]...\n", stderr);
		return 2;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	handle_signals();
	start(&test, argv + 3);
	if (!await(TEST_ENDED, seconds ? seconds : INT32_MAX))
		fault = "has not ended";
	else if (!await(ALL_ENDED, END_SECONDS))
		fault = "has ended, and left processes behind";
	if (fault && !interrupted)
		tell(argv[2]);
	if (test.pid)
		kill(test.pid, SIGTERM);
	await(TEST_ENDED, END_SECONDS);
	await(ALL_KILLED, END_SECONDS);
	if (interrupted)
		end_by(interrupted);
	if (!fault)
		return test.status;
	printf("\nBail out! %s %s\n", argv[3], fault);
	return STOPPED;
}
