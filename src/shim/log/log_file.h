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
 * Opens the log, if it is a file and is not open (any more). The descriptor is close-on-exec and
 * has a high number, so that those of the VMM stay as they were. To be called where a file may be
 * opened: while a device is handed out.
 */
void log_file_keep(void);

/*
 * Writes a line to the log: to standard error, unless that number is a device's; or by the
 * descriptor that log_file_keep() got, unless the number is another file's by now. Beside what
 * log_write.h names it takes one fcntl for a file, and a pread for standard error, with an lseek if
 * that can be read at an offset.
 */
void log_file_write(const char *line, size_t len);

/* Writes a line to standard error, and to the log if that is a file. */
void log_file_refusal(const char *line, size_t len);

#endif
