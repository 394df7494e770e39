/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the lines of the log go, and what may be wrong with that place. log.h tells what
 * holds for all of it.
 */
#ifndef SHIM_LOG_FILE_H
#define SHIM_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Makes `path` (copied) the log instead of standard error. False if it is empty or too long. */
bool log_file_set(const char *path);

/*
 * Gets a descriptor for log_file_write_kept(), if the one that it has is no longer the log.
 * It is close-on-exec and has a high number, so that those of the VMM stay as they were.
 */
void log_file_keep(void);

/* Whether the number of standard error is a device's: then nothing is written to it. */
void log_file_spare_stderr(bool is_device);

/* Writes a line to the log, which is opened for it. */
void log_file_write(const char *line, size_t len);

/* Writes a line to standard error, and to the log if that is a file. */
void log_file_refusal(const char *line, size_t len);

/*
 * Writes a line by the descriptor that log_file_keep() got; not if the number is another file's
 * by now. No other system calls than fstat and write (sendto for a socket; for a pipe those that
 * hold SIGPIPE back).
 */
void log_file_write_kept(const char *line, size_t len);

#endif
