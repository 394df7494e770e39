/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/log/log_write.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* No host has larger pages. */
#define PAGE_MAX 65536

/*
 * Held while a signal is taken away, in memory that a child does not inherit (MADV_WIPEONFORK):
 * there the thread that held it is not. One that shares its parent's memory shares the lock.
 */
static struct {
	_Alignas(PAGE_MAX) _Atomic int held;
} window;

/* What the program made of the signal that is ignored for now; 0: none is. Under the lock. */
static _Atomic int ignored;
static struct sigaction programs;

__attribute__((constructor)) static void wipe_on_fork(void)
{
	madvise(&window, (size_t)sysconf(_SC_PAGESIZE), MADV_WIPEONFORK);
}

static void lock(void)
{
	while (atomic_exchange(&window.held, 1))
		syscall(SYS_futex, &window.held, FUTEX_WAIT_PRIVATE, 1, NULL);
}

static void unlock(void)
{
	atomic_store(&window.held, 0);
	syscall(SYS_futex, &window.held, FUTEX_WAKE_PRIVATE, INT_MAX);
}

/* To ignore, in a way that no program asks for: the kernel keeps the mask, and looks at none. */
static struct sigaction our_ignore(void)
{
	struct sigaction ret = {.sa_handler = SIG_IGN};

	sigaddset(&ret.sa_mask, SIGURG);
	sigaddset(&ret.sa_mask, SIGWINCH);
	return ret;
}

static bool is_ours(const struct sigaction *action)
{
	return action->sa_handler == SIG_IGN && sigismember(&action->sa_mask, SIGURG) == 1 &&
	       sigismember(&action->sa_mask, SIGWINCH) == 1;
}

/* If the program has set the signal meanwhile, that stands. */
static void restore(int signal)
{
	struct sigaction now;

	if (sigaction(signal, &programs, &now) == 0 && !is_ours(&now))
		sigaction(signal, &now, NULL);
}

/* To ignore a signal discards one that waits, also where it is blocked, or ignored already. */
static bool ignore_for_now(int signal)
{
	const struct sigaction ours = our_ignore();

	if (sigaction(signal, NULL, &programs) < 0)
		return false;
	atomic_store(&ignored, signal);
	if (sigaction(signal, &ours, &programs) == 0)
		restore(signal);
	atomic_store(&ignored, 0);
	return true;
}

void log_write_after_fork(void)
{
	const int signal = atomic_exchange(&ignored, 0);
	struct sigaction now;

	if (signal && sigaction(signal, NULL, &now) == 0 && is_ours(&now))
		sigaction(signal, &programs, NULL);
}

/*
 * Takes away a signal that waits for this thread. Two threads that did so at once would take each
 * other's SIG_IGN for the program's; and a handler that interrupted it and wrote a line would wait
 * for its own thread.
 *
 * What this takes from the program, which only sigpending() and sigtimedwait() could spare, and
 * they are what filters kill for: a signal of that number that waited already, or that comes in
 * these few instructions to any of its threads. All that such a signal says is what the write that
 * it is for fails with. A program that is started by another thread meanwhile has it ignored, and
 * who asks for the disposition meanwhile is told so.
 *
 * False where a filter refuses to: the signal still waits.
 */
static bool take_away(int signal)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	lock();

	const bool gone = ignore_for_now(signal);

	unlock();
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return gone;
}

/*
 * A filter may refuse to block: then there is no line. Where it refuses to take the signal away,
 * the thread keeps it blocked, since it would end the program.
 */
bool log_write(int fd, const char *line, size_t len)
{
	sigset_t ours, old;

	sigemptyset(&ours);
	sigaddset(&ours, SIGPIPE);
	sigaddset(&ours, SIGXFSZ);
	sigaddset(&ours, SIGTTOU); /* blocked, it is not sent, and the line goes out */

	int error = pthread_sigmask(SIG_BLOCK, &ours, &old);
	ssize_t n = -1;

	if (!error) {
		n = write(fd, line, len);
		error = n < 0 ? errno : ENOSPC;
		if ((error != EPIPE && error != EFBIG) ||
		    take_away(error == EPIPE ? SIGPIPE : SIGXFSZ))
			pthread_sigmask(SIG_SETMASK, &old, NULL);
	}
	errno = error;
	return n == (ssize_t)len;
}
