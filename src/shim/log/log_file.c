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

#include "shim/log/log.h"
#include "shim/log/log_write.h"
#include "shim/next.h"

/* Above the numbers that a VMM uses, and below the usual limit of 1024. */
#define KEPT_MIN 960

/*
 * What F_GETSIG says of the log's descriptor, and of no other: it names the signal that tells of
 * data, and for that nobody takes this one. It is never sent, since O_ASYNC is not set.
 */
#define MARK SIGCONT

/* Nobody else says anything of a log that is no more. */
#define LOST "its descriptor was closed; it goes on when the next device is opened"

static char path[PATH_MAX];   /* "": standard error */
static _Atomic int kept = -1; /* the descriptor of `path`, if it still is */

bool log_file_set(const char *value)
{
	size_t len = strlen(value);

	if (len == 0 || len >= sizeof(path))
		return false;
	memcpy(path, value, len + 1);
	return true;
}

/* Whether the number still is the log's. */
static bool is_log(int fd)
{
	return fd >= 0 && next_fcntl(fd, F_GETSIG, NULL) == MARK;
}

/*
 * Whether what is written to standard error can't go to a device's registers, as it would where a
 * program without standard error got a device by its number. A device is the only file that can be
 * read at an offset and has none itself; reading nothing says so. A terminal, a pipe and a socket
 * can't be read at an offset, and neither can what is only written to.
 */
static bool stderr_is_no_device(void)
{
	return (next_pread(STDERR_FILENO, NULL, 0, 0) < 0 && (errno == ESPIPE || errno == EBADF)) ||
	       lseek(STDERR_FILENO, 0, SEEK_CUR) >= 0;
}

static void write_stderr(const char *line, size_t len)
{
	if (stderr_is_no_device())
		log_write(STDERR_FILENO, line, len);
}

/* Why the log can't be written; once. */
static void report(const char *why)
{
	static atomic_int reported; /* a bool: see HACKING.md on atomics */
	char line[PIPE_BUF];

	if (atomic_exchange(&reported, true))
		return;

	int n = snprintf(line, sizeof(line), "msixshim: cannot write the log %.3840s: %.100s\n",
			 path, why);

	write_stderr(line, (size_t)n);
}

/* What no call here fails with. */
#define NOT_OURS EKEYREJECTED

static void report_errno(void)
{
	report(errno == ELOOP	   ? "a symbolic link in a directory that others can write to"
	       : errno == NOT_OURS ? "another user's, in a directory that others can write to"
				   : log_errno(errno));
}

/* The user's own, or root's. getuid(), because filters of VMMs do not know geteuid(). */
static bool is_trusted(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == getuid();
}

/* Whether others can put files where the log is; errno is untouched. */
static bool directory_is_open(void)
{
	char dir[sizeof(path)];
	char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) + 1 : 0;
	int saved = errno;
	struct stat st;

	memcpy(dir, path, len);
	dir[len] = '\0';

	bool is_open = stat(len ? dir : ".", &st) < 0 || (st.st_mode & S_IWOTH) || !is_trusted(&st);

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

/* As sudo and systemd do: what somebody else has put there may be anything. */
static int open_trusted(void)
{
	int fd = open_path();
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && is_trusted(&st)) || !directory_is_open())
		return fd;
	next_close(fd);
	errno = NOT_OURS;
	return -1;
}

/* The log by a number of our own, with our mark; -1 with errno. */
static int open_marked(void)
{
	int fd = open_trusted();
	int high = fd < 0 ? -1 : next_fcntl(fd, F_DUPFD_CLOEXEC, (void *)KEPT_MIN);

	if (high >= 0) {
		next_close(fd);
		fd = high;
	}
	if (fd < 0 || next_fcntl(fd, F_SETSIG, (void *)MARK) == 0)
		return fd;

	int error = errno;

	next_close(fd);
	errno = error;
	return -1;
}

/*
 * What is written here must not end a thread that is cancelled, in a call of the program's that is
 * not a cancellation point. No system call.
 */
static int start(void)
{
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	return state;
}

static void end(int state, int saved_errno)
{
	pthread_setcancelstate(state, &(int){0});
	errno = saved_errno;
}

void log_file_keep(void)
{
	int saved = errno, state = start();
	int old = kept;

	if (path[0] && !is_log(old)) {
		int fd = open_marked();

		if (fd < 0)
			report_errno();
		else if (!atomic_compare_exchange_strong(&kept, &old, fd))
			next_close(fd); /* another thread was faster */
	}
	end(state, saved);
}

void log_file_write(const char *line, size_t len)
{
	int saved = errno, state = start();
	int fd = kept;

	if (!path[0])
		write_stderr(line, len);
	else if (fd >= 0 && !is_log(fd))
		report(LOST);
	else if (fd >= 0 && !log_write(fd, line, len))
		report_errno();
	end(state, saved);
}

void log_file_refusal(const char *line, size_t len)
{
	int saved = errno, state = start();

	if (path[0])
		log_file_write(line, len);
	write_stderr(line, len);
	end(state, saved);
}
