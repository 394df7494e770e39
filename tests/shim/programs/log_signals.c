/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VMM under MSIXSHIM_LOG whose lines can't be written: whatever it makes of SIGPIPE and SIGXFSZ,
 * it sees nothing of them. Over the SAS3008 of the fake; exit status 0 if all is well.
 *
 *   log_signals KIND DISPOSITION
 *     pipe     standard error is a pipe without a reader
 *     socket   or a socket without a peer
 *     limit    no file may grow any more
 *     default, ignored, handled, blocked
 *   log_signals threads     many of them write to the pipe at once, and children are forked
 * meanwhile log_signals meanwhile   the program sets a handler while a line fails
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/next_symbol.h"
#include "tests/lib/user.h"

#define CONFIG ((off_t)VFIO_PCI_CONFIG_REGION_INDEX << 40)

static struct user user;
static volatile sig_atomic_t caught;

static void on_signal(int number, siginfo_t *info, void *context)
{
	caught = number;
}

static void on_another(int number)
{
	caught = number;
}

/* A call that each level but info has a line for. */
static bool call(void)
{
	uint8_t buf[4];
	int copy = dup(user.device);

	errno = 4711;
	return pread(copy, buf, sizeof(buf), CONFIG) == sizeof(buf) && close(copy) == 0 &&
	       errno == 4711;
}

/* As the kernel has it, with what libc keeps to itself. */
struct action {
	unsigned long words[4];
};

static struct action action_of(int number)
{
	struct action ret = {{0}};

	syscall(SYS_rt_sigaction, number, NULL, &ret, 8L);
	return ret;
}

static void set(int number, const char *disposition)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, number);
	if (strcmp(disposition, "ignored") == 0)
		action.sa_handler = SIG_IGN;
	if (strcmp(disposition, "handled") == 0) {
		action.sa_sigaction = on_signal;
		action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
		sigaddset(&action.sa_mask, SIGUSR1);
	}
	sigaction(number, &action, NULL);
	pthread_sigmask(strcmp(disposition, "blocked") == 0 ? SIG_BLOCK : SIG_UNBLOCK, &one, NULL);
}

static bool break_stderr(const char *kind)
{
	int fds[2];

	if (strcmp(kind, "limit") == 0)
		return true;
	if (strcmp(kind, "socket") == 0 ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) : pipe(fds))
		return false;
	close(fds[0]);
	return dup2(fds[1], STDERR_FILENO) == STDERR_FILENO && close(fds[1]) == 0;
}

/* What failed, or 0. */
static int quiet(const char *kind, const char *disposition)
{
	const bool limit = strcmp(kind, "limit") == 0;
	const int number = limit ? SIGXFSZ : SIGPIPE;
	sigset_t masked, pending, mask;

	set(number, disposition);
	pthread_sigmask(SIG_SETMASK, NULL, &masked);

	const struct action before = action_of(number);

	if (!break_stderr(kind) || user_open(&user, USER_GROUP, USER_NAME) < 0)
		return 2;
	if (limit && setrlimit(RLIMIT_FSIZE, &(struct rlimit){0}))
		return 2;
	if (!call())
		return 3;

	const struct action after = action_of(number);

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	sigpending(&pending);
	return sigismember(&pending, number)		 ? 4
	       : caught					 ? 5
	       : memcmp(&before, &after, sizeof(before)) ? 6
	       : memcmp(&masked, &mask, _NSIG / 8)	 ? 7
							 : 0;
}

/* --- the moment --- */

static void (*before)(void), (*during)(void);
static _Atomic pid_t first;			  /* the thread whose line fails first */
static atomic_bool started, queried, ended, done; /* by the other; by the first; by the other */
static _Atomic pid_t other;

/*
 * The shim's calls come here, since the program's symbols stand before all libraries'. No other
 * thread finds it ignored unless it looks while the first one has made it so; then that one ends
 * before it goes on.
 */
__attribute__((visibility("default"))) int sigaction(int number, const struct sigaction *act,
						     struct sigaction *old)
{
	const bool is_first = gettid() == first;
	const bool ignores = is_first && act && act->sa_handler == SIG_IGN;

	if (ignores && before)
		before();

	int rc = NEXT(sigaction)(number, act, old);

	if (ignores && during)
		during();
	if (is_first && act && !ignores)
		ended = true;
	if (gettid() == other && !act && old->sa_handler == SIG_IGN) {
		queried = true;
		while (!ended)
			;
	}
	return rc;
}

static void set_another(void)
{
	signal(SIGPIPE, on_another);
}

static bool is_asleep(pid_t thread)
{
	char path[48], text[512] = "";

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", thread);

	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	const char *end = n > 0 ? strrchr(text, ')') : NULL;

	close(fd);
	return end && end[2] == 'S';
}

static void *write_line(void *unused)
{
	other = gettid();
	while (!started)
		;
	if (!call())
		_exit(3);
	done = true;
	return unused;
}

/* Until the other thread has looked, or waits to be let. */
static void start_other(void)
{
	started = true;
	while (!queried && !done && !is_asleep(other))
		;
}

static void write_in_child(void)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(call() ? 0 : 3);
	if (waitpid(child, &status, 0) != child || status)
		_exit(4);
}

static int moment(const char *what)
{
	const bool sets = strcmp(what, "before") == 0 || strcmp(what, "after") == 0;
	const bool has_other = strcmp(what, "together") == 0;
	struct sigaction now;
	pthread_t thread;

	set(SIGPIPE, sets ? "handled" : "default");
	if (!break_stderr("pipe") || user_open(&user, USER_GROUP, USER_NAME) < 0 ||
	    (has_other && pthread_create(&thread, NULL, write_line, NULL)))
		return 2;
	while (has_other && !other)
		;
	if (strcmp(what, "before") == 0)
		before = set_another;
	else
		during = sets ? set_another : has_other ? start_other : write_in_child;
	first = gettid();

	const int copy = dup(user.device); /* one line */

	first = 0;
	if (has_other)
		pthread_join(thread, NULL);
	if (!ended || close(copy))
		return 3;
	sigaction(SIGPIPE, NULL, &now);
	return caught ? 5 : now.sa_handler == (sets ? on_another : SIG_DFL) ? 0 : 6;
}

int main(int argc, char **argv)
{
	user_close_range(3, ~0U, 0);
	return argc == 3 ? quiet(argv[1], argv[2]) : argc == 2 ? moment(argv[1]) : 2;
}
