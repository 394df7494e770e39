/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/log/log_file.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "shim/next.h"

/* Above the numbers that a VMM uses, and below the usual limit of 1024. */
#define KEPT_MIN 960

/* Nobody else says anything of a log that is no more. */
#define LOST "its descriptor was closed; it goes on when the next device is opened"

static char path[PATH_MAX]; /* "": standard error */

/* The descriptor for lines of any time, and which file that was. */
static struct {
	_Atomic int fd;
	_Atomic dev_t dev;
	_Atomic ino_t ino;
} kept = {.fd = -1};

static atomic_bool stderr_is_device;

void log_file_spare_stderr(bool is_device)
{
	stderr_is_device = is_device;
}

bool log_file_set(const char *wish)
{
	size_t len = strlen(wish);

	if (len == 0 || len >= sizeof(path))
		return false;
	memcpy(path, wish, len + 1);
	return true;
}

/*
 * Pipes and files have no flag for that: what tells of a pipe without a reader, or of
 * RLIMIT_FSIZE, waits until it can be taken away, if it is ours.
 */
static ssize_t write_unsignalled(int fd, int signal, int failure, const char *line, size_t len)
{
	const struct timespec now = {0};
	sigset_t ours, pending, old;

	sigemptyset(&ours);
	sigaddset(&ours, signal);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &ours, &old);

	ssize_t n = write(fd, line, len);
	int error = errno;

	if (n < 0 && error == failure && sigismember(&pending, signal) == 0)
		sigtimedwait(&ours, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = error;
	return n;
}

/* All of the line or false with errno, and no signal. */
static bool write_to(int fd, mode_t mode, const char *line, size_t len)
{
	if (fd == STDERR_FILENO && stderr_is_device)
		return true;

	ssize_t n = S_ISSOCK(mode)   ? send(fd, line, len, MSG_NOSIGNAL)
		    : S_ISFIFO(mode) ? write_unsignalled(fd, SIGPIPE, EPIPE, line, len)
		    : S_ISREG(mode)  ? write_unsignalled(fd, SIGXFSZ, EFBIG, line, len)
				     : write(fd, line, len);

	if (n >= 0 && n < (ssize_t)len)
		errno = ENOSPC;
	return n == (ssize_t)len;
}

static bool write_fd(int fd, const char *line, size_t len)
{
	struct stat st;

	return fstat(fd, &st) == 0 && write_to(fd, st.st_mode, line, len);
}

/* Why the log can't be written; once, and where standard error is the log there is nowhere. */
static void report(const char *why)
{
	static atomic_flag reported = ATOMIC_FLAG_INIT;
	char line[PATH_MAX + 256];

	if (!path[0] || atomic_flag_test_and_set(&reported))
		return;

	int n = snprintf(line, sizeof(line), "msixshim: cannot write the log %s: %s\n", path, why);

	write_fd(STDERR_FILENO, line, (size_t)n);
}

static void report_errno(void)
{
	report(errno == ELOOP ? "a symbolic link in a directory that everybody can write to"
			      : strerror(errno));
}

/* Whether everybody can write to the directory that holds the log; errno is untouched. */
static bool directory_is_open(void)
{
	char dir[sizeof(path)];
	char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) + 1 : 0;
	int saved = errno;
	struct stat st;

	memcpy(dir, path, len);
	dir[len] = '\0';

	bool is_open = stat(len ? dir : ".", &st) < 0 || (st.st_mode & S_IWOTH);

	errno = saved;
	return is_open;
}

/* Never waits: not for the reader of a pipe, nor for room in it. */
static int open_path(void)
{
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd = next_open(path, flags | O_NOFOLLOW, 0600);

	if (fd < 0 && errno == ELOOP && !directory_is_open())
		fd = next_open(path, flags, 0600);
	return fd;
}

void log_file_write(const char *line, size_t len)
{
	int saved = errno;

	if (path[0]) {
		int fd = open_path();

		if (fd < 0 || !write_fd(fd, line, len))
			report_errno();
		if (fd >= 0)
			next_close(fd);
	} else {
		write_fd(STDERR_FILENO, line, len);
	}
	errno = saved;
}

void log_file_refusal(const char *line, size_t len)
{
	int saved = errno;

	if (path[0])
		log_file_write(line, len);
	write_fd(STDERR_FILENO, line, len);
	errno = saved;
}

/* Whether `fd` is the file that is kept, and then its mode. */
static bool is_kept(int fd, mode_t *mode)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	*mode = st.st_mode;
	return st.st_dev == kept.dev && st.st_ino == kept.ino;
}

/* Puts `fd` where `old` was; false if another thread was faster, or if `fd` is none. */
static bool keep(int old, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	kept.dev = st.st_dev;
	kept.ino = st.st_ino;
	return atomic_compare_exchange_strong(&kept.fd, &old, fd);
}

/* The log by a number of our own; -1 with errno. */
static int open_kept(void)
{
	int fd = open_path();
	int high = fd < 0 ? -1 : next_fcntl(fd, F_DUPFD_CLOEXEC, (void *)KEPT_MIN);

	if (high < 0)
		return fd;
	next_close(fd);
	return high;
}

void log_file_keep(void)
{
	int saved = errno;
	int old = kept.fd;
	mode_t mode;

	if (!is_kept(old, &mode)) {
		/* standard error is whatever the program has made of it */
		int fd = path[0] ? open_kept() : STDERR_FILENO;

		if (fd < 0)
			report_errno();
		else if (!keep(old, fd) && path[0])
			next_close(fd);
	}
	errno = saved;
}

void log_file_write_kept(const char *line, size_t len)
{
	int saved = errno;
	int fd = kept.fd;
	mode_t mode;

	if (fd >= 0 && !is_kept(fd, &mode)) {
		kept.fd = -1;
		report(LOST);
	} else if (fd >= 0 && !write_to(fd, mode, line, len)) {
		report_errno();
	}
	errno = saved;
}
