/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limit SECONDS QUIET REPORT TEST [ARGUMENT]...: runs a test, and nothing that it started outlives
 * it.
 *
 * What counts is what the test does, not how long that takes, which may be long on a busy machine.
 * One that has taken SECONDS of processor time spins, and is stopped (0: there is no limit). So is
 * one that hangs: for QUIET seconds it printed nothing, and for less than a twentieth of them it
 * was on a processor, or in the queue for one. So is, too, what a test that has ended leaves
 * running. REPORT is called before, with the id of this process, to tell of all below it, and "Bail
 * out!" comes last: such a test has failed.
 *
 * The exit status is the test's, as a shell has it, or 124. An interrupt, or a request to end, is
 * passed on to the test, which has some time to follow it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOT_RUN 127
#define STOPPED 124 /* timeout(1) has the same */

static sigset_t handled; /* blocked, and read from: */
static int signals;
static sigset_t before; /* what the test has blocked */
static int interrupted; /* the signal that asks this program to end */
static int printed;	/* what the test prints is read from here; -1 once that is over */
static char own_children[64];

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

/* What may pass until then, in seconds. */
struct limits {
	int64_t ran;   /* on a processor; 0 if anything may pass */
	int64_t quiet; /* without any doing */
};

static const struct limits to_end = {10, 5}, to_report = {120, 120};

/* What came of waiting. */
enum outcome {
	GOES_ON, /* or that is there */
	HANGS,
	SPINS,
};

/* What all that was started has done so far. */
struct activity {
	int64_t ran_ms; /* on a processor; what has ended, too */
	bool runnable;	/* on a processor now, or waiting for one */
};

/* What has been seen of it. */
struct watch {
	int64_t start_ran_ms, looked_ms;
	int64_t quiet_ms;  /* since the last sign of life */
	int64_t ran_ms;	   /* until then */
	int64_t queued_ms; /* since then, for a processor */
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
	sigset_t blocked;

	signal(SIGCHLD, SIG_DFL); /* where it is ignored there is nothing to wait for */
	sigemptyset(&handled);
	sigaddset(&handled, SIGCHLD);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (sigaction(requests[i], NULL, &is) == 0 && is.sa_handler != SIG_IGN)
			sigaddset(&handled, requests[i]);
	}
	blocked = handled;
	sigaddset(&blocked, SIGPIPE); /* it is the test's to end by that */
	sigprocmask(SIG_BLOCK, &blocked, &before);
	signals = signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* One that can't be started has ended. */
static void start(struct child *child, char **argv, int output)
{
	pid_t pid = fork();

	if (pid > 0) {
		child->pid = pid;
		return;
	}
	if (pid == 0) {
		dup2(output, STDOUT_FILENO);
		sigprocmask(SIG_SETMASK, &before, NULL);
		execvp(argv[0], argv);
	}
	dprintf(STDOUT_FILENO, "Bail out! %s: %s\n", argv[0], strerror(errno));
	if (pid == 0)
		_exit(NOT_RUN);
}

static void start_test(char **argv)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1) {
		perror("limit");
		exit(NOT_RUN);
	}
	printed = ends[0];
	fcntl(printed, F_SETFL, O_NONBLOCK);
	start(&test, argv, ends[1]);
	close(ends[1]);
}

static bool write_all(const char *text, ssize_t size)
{
	while (size > 0) {
		const ssize_t written = write(STDOUT_FILENO, text, size);

		if (written <= 0)
			return false;
		text += written;
		size -= written;
	}
	return true;
}

/* Passes on what the test has printed. Returns whether it was anything. */
static bool pass_output(void)
{
	char text[65536];
	bool any = false;
	ssize_t size;

	while ((size = read(printed, text, sizeof(text))) > 0 && write_all(text, size))
		any = true;
	if (size >= 0) { /* nobody writes any more, or nobody reads */
		close(printed);
		printed = -1;
	}
	return any;
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
	FILE *in = fopen(own_children, "re");
	int pid;

	while (in && fscanf(in, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	if (in)
		fclose(in);
	else if (test.pid) /* a kernel that does not list them */
		kill(test.pid, SIGKILL);
}

/*
 * The state in a process's or thread's file, 0 if it is gone; the processor time of that, and of
 * the process's children that it has waited for.
 */
static char read_stat(const char *path, int64_t *ran_ms)
{
	char text[1024], state = 0;
	long ticks[4] = {0};
	FILE *in = fopen(path, "re");

	if (!in)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, in)] = 0;
	fclose(in);

	const char *rest = strrchr(text, ')'); /* the name before it may hold anything */

	if (rest)
		sscanf(rest, ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %ld %ld %ld", &state,
		       &ticks[0], &ticks[1], &ticks[2], &ticks[3]);
	*ran_ms = (ticks[0] + ticks[1] + ticks[2] + ticks[3]) * 1000 / sysconf(_SC_CLK_TCK);
	return state;
}

static void add_children(struct activity *activity, const char *children);

/* Adds what a process has done, and all below it. */
static void add_process(struct activity *activity, int pid)
{
	char path[64];
	struct dirent *thread;
	int64_t ran_ms;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_stat(path, &ran_ms))
		activity->ran_ms += ran_ms;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);

	DIR *threads = opendir(path);

	while (threads && (thread = readdir(threads))) {
		if (thread->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.16s/stat", pid, thread->d_name);
		if (read_stat(path, &ran_ms) == 'R')
			activity->runnable = true;
		snprintf(path, sizeof(path), "/proc/%d/task/%.16s/children", pid, thread->d_name);
		add_children(activity, path);
	}
	if (threads)
		closedir(threads);
}

static void add_children(struct activity *activity, const char *children)
{
	FILE *in = fopen(children, "re");
	int pid;

	if (!in) /* who can't be seen might do something */
		activity->runnable = true;
	while (in && fscanf(in, "%d", &pid) == 1)
		add_process(activity, pid);
	if (in)
		fclose(in);
}

static struct activity find_activity(void)
{
	struct activity activity = {0};
	struct rusage ended;

	getrusage(RUSAGE_CHILDREN, &ended);
	activity.ran_ms = (ended.ru_utime.tv_sec + ended.ru_stime.tv_sec) * 1000 +
			  (ended.ru_utime.tv_usec + ended.ru_stime.tv_usec) / 1000;
	add_children(&activity, own_children);
	return activity;
}

static struct watch begin_watch(void)
{
	const int64_t ran_ms = find_activity().ran_ms;

	return (struct watch){.start_ran_ms = ran_ms, .looked_ms = now_ms(), .ran_ms = ran_ms};
}

/* How often to look. Time in which this program was stopped is nobody's. */
static int64_t interval_ms(const struct limits *limits)
{
	return limits->quiet < 10 ? limits->quiet * 100 : 1000;
}

static enum outcome look(struct watch *watch, const struct limits *limits, bool output)
{
	const int64_t interval = interval_ms(limits), passed = now_ms() - watch->looked_ms;
	const int64_t step = passed < 2 * interval ? passed : 2 * interval;

	if (output)
		watch->quiet_ms = watch->queued_ms = 0;
	if (!limits->ran || passed < interval)
		return GOES_ON;

	const struct activity activity = find_activity();

	watch->looked_ms += passed;
	watch->quiet_ms += step;
	if (activity.runnable)
		watch->queued_ms += step;
	if (activity.ran_ms - watch->ran_ms + watch->queued_ms > limits->quiet * 1000 / 20) {
		watch->ran_ms = activity.ran_ms;
		watch->quiet_ms = watch->queued_ms = 0;
	}
	if (activity.ran_ms - watch->start_ran_ms >= limits->ran * 1000)
		return SPINS;
	return watch->quiet_ms >= limits->quiet * 1000 ? HANGS : GOES_ON;
}

/* Returns whether somebody asks this program to end. */
static bool take_signals(void)
{
	struct signalfd_siginfo info;
	bool asked = false;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		asked = true;
		interrupted = info.ssi_signo;
		if (test.pid && info.ssi_code != SI_KERNEL) /* a terminal has told it by itself */
			kill(test.pid, interrupted);
	}
	return asked;
}

static bool has_come(enum until until)
{
	return !reap() || (until == TEST_ENDED && !test.pid) ||
	       (until == REPORT_ENDED && !report.pid);
}

/* Waits for that, and passes on what the test prints; from an interrupt on, it has to end. */
static enum outcome await(enum until until, struct limits limits)
{
	struct watch watch = begin_watch();
	enum outcome outcome = GOES_ON;

	while (outcome == GOES_ON && !has_come(until)) {
		const bool first = !interrupted;
		struct pollfd events[] = {{signals, POLLIN, 0}, {printed, POLLIN, 0}};

		if (until == ALL_KILLED)
			kill_children();
		poll(events, 2, (int)interval_ms(&limits));
		if (take_signals() && first) {
			limits = to_end;
			watch = begin_watch();
		}
		outcome = look(&watch, &limits, pass_output());
	}
	pass_output();
	return outcome;
}

/* Has the report told about all that runs. */
static void tell(char *program)
{
	char self[16];

	snprintf(self, sizeof(self), "%d", (int)getpid());
	start(&report, (char *[]){program, self, NULL}, STDOUT_FILENO);
	await(REPORT_ENDED, to_report);
}

/* An interrupted program says so by its end: a script that called it stops, too. */
static void end_by(int signal)
{
	struct sigaction action = {.sa_handler = SIG_DFL};

	sigaction(signal, &action, NULL);
	raise(signal);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* What is wrong with how the test ends, in words. */
static const char *find_fault(struct limits limits)
{
	switch (await(TEST_ENDED, limits)) {
	case HANGS:
		return "hangs: it neither runs nor prints";
	case SPINS:
		return "spins: it has taken all its processor time";
	default:
		return await(ALL_ENDED, to_end) ? "has ended and left processes running" : NULL;
	}
}

int main(int argc, char **argv)
{
	const struct limits limits = {argc > 4 ? strtoll(argv[1], NULL, 10) : -1,
				      argc > 4 ? strtoll(argv[2], NULL, 10) : -1};

	if (limits.ran < 0 || limits.quiet <= 0) {
		fputs("usage: limit SECONDS QUIET REPORT TEST [ARGUMENT]...\n", stderr);
		return 2;
	}
	snprintf(own_children, sizeof(own_children), "/proc/self/task/%d/children", (int)getpid());
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	handle_signals();
	start_test(argv + 4);

	const char *fault = find_fault(limits);

	if (fault && !interrupted)
		tell(argv[3]);
	if (test.pid) {
		kill(test.pid, SIGTERM);
		kill(test.pid, SIGCONT); /* it may have been stopped */
	}
	await(TEST_ENDED, to_end);
	await(ALL_KILLED, to_end);
	if (interrupted)
		end_by(interrupted);
	if (!fault)
		return test.status;
	printf("\nBail out! %s %s\n", argv[4], fault);
	return STOPPED;
}
