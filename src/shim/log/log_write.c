/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/log/log_write.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The process whose thread takes a signal away; 0: none does. Another process's, which a child got
 * with a copy of its parent's memory, is out of date.
 */
static _Atomic pid_t taking;

static void lock(void)
{
	const pid_t self = getpid();
	pid_t holder = 0;

	while (!atomic_compare_exchange_strong(&taking, &holder, self)) {
		if (holder != self)
			continue; /* the next try takes it over */
		syscall(SYS_futex, &taking, FUTEX_WAIT_PRIVATE, self, NULL);
		holder = 0;
	}
}

static void unlock(void)
{
	atomic_store(&taking, 0);
	syscall(SYS_futex, &taking, FUTEX_WAKE_PRIVATE, INT_MAX);
}

/*
 * To ignore a signal discards one that waits, also where it is blocked. Not so where it is ignored
 * already: that one waits to no effect, and here nothing is touched. If another thread has set the
 * signal meanwhile, that stands.
 */
static void ignore_for_now(int signal)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction old, now;

	if (sigaction(signal, NULL, &old) < 0 || old.sa_handler == SIG_IGN ||
	    sigaction(signal, &ignore, &old) < 0)
		return;
	if (sigaction(signal, &old, &now) == 0 && now.sa_handler != SIG_IGN)
		sigaction(signal, &now, NULL);
}

/*
 * Takes away a signal that waits for this thread. Two threads that did so at once would take each
 * other's SIG_IGN for the program's; and a handler that interrupted it and wrote a line would wait
 * for its own thread.
 *
 * What this takes from the program, which only sigpending() and sigtimedwait() could spare, and
 * they are what filters kill for: a signal of that number that waited already, or that comes in
 * these few instructions to any of its threads. All that such a signal says is what the write that
 * it is for fails with. A program that is started by another thread meanwhile has it ignored.
 */
static void take_away(int signal)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	lock();
	ignore_for_now(signal);
	unlock();
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* A filter may refuse to block: then the line goes out without. */
bool log_write(int fd, const char *line, size_t len)
{
	sigset_t ours, old;

	sigemptyset(&ours);
	sigaddset(&ours, SIGPIPE);
	sigaddset(&ours, SIGXFSZ);

	const bool blocked = pthread_sigmask(SIG_BLOCK, &ours, &old) == 0;
	const ssize_t n = write(fd, line, len);
	const int error = n < 0 ? errno : ENOSPC;

	if (blocked && (error == EPIPE || error == EFBIG))
		take_away(error == EPIPE ? SIGPIPE : SIGXFSZ);
	if (blocked)
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = error;
	return n == (ssize_t)len;
}
