/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the shim says: refusals, always, on standard error; with MSIXSHIM_LOG=LEVEL[:FILE] also
 *
 *   info   what was decided for each device, and why
 *   debug  what led to it, and what becomes of the devices' descriptors
 *   trace  each call of the VMM on VFIO descriptors (trace.h)
 *
 * on standard error or, with FILE, in FILE alone (refusals in both).
 *
 * A line is formatted on the stack and written with one write(2), so lines of threads, and in
 * a file lines of processes, do not mix. Nothing is allocated, no lock is held over it, errno is
 * untouched. A log that can't be written is reported once on standard error; a pipe or socket
 * without a reader raises no SIGPIPE, a file at its limit no SIGXFSZ, and a FILE that is full
 * loses the line rather than wait.
 *
 * FILE is made with mode 0600 and appended to. In a directory that others can write to, or that is
 * another user's, a symbolic link is not followed, and what is neither the user's nor root's is no
 * log.
 *
 * FILE is opened while a device is handed out, and kept: lines also come when a seccomp filter
 * forbids to open it. Before each line it is proved that the number still is the log's, since a
 * VMM that closes all its descriptors may have put another file there; and of standard error, that
 * it is no device. So a line, of any level, makes few system calls, and none that a filter of a
 * VMM is known to kill for: log_file.h and log_write.h name them.
 */
#ifndef SHIM_LOG_H
#define SHIM_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_REFUSALS,
	LOG_INFO,
	LOG_DEBUG,
	LOG_TRACE,
};

/* Bytes of a line with everything; a longer one is cut. */
#define LOG_LINE_MAX 1280

/* Reads MSIXSHIM_LOG, once; says nothing. For the constructor, and before all else here. */
void log_read_variable(void);

/*
 * Call when a device is handed out or a VFIO file opened, before any line: reports a MSIXSHIM_LOG
 * that is not understood, and opens FILE where it is not open (any more).
 */
void log_start(void);

/* In a child that was forked, before anything else here. */
void log_after_fork(void);

/* Whether lines of `level` are wanted. One load. */
bool log_wants(enum log_level level);

/*
 * The words of strerror() for `error`, in English. That one reads files and allocates once a
 * program has set a locale. Static.
 */
const char *log_errno(int error);

/* Says why a device is refused. While a device is handed out. */
__attribute__((format(printf, 1, 2))) void log_refusal(const char *format, ...);

/* Says what was decided. While a device is handed out. */
__attribute__((format(printf, 1, 2))) void log_info(const char *format, ...);

/* Says what led to it. At any time after the first log_start(). */
__attribute__((format(printf, 1, 2))) void log_debug(const char *format, ...);

/* One call of the VMM, with the thread that made it. At any time after the first log_start(). */
__attribute__((format(printf, 1, 2))) void log_trace(const char *format, ...);

#endif
