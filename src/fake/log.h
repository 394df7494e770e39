/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transcript (FAKEVFIO_LOG), and complaints on standard error. Without the lock or with it. */
#ifndef FAKE_LOG_H
#define FAKE_LOG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fake_dev;

/* A line of the transcript, of 510 bytes at most; the end of line is added. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One call's line: "WHO VERB = RESULT", where a result below 0 is -errno. */
void log_result(long result, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A pread or pwrite at pos of a device's file, with the data of those of at most 16 bytes. */
void log_rdwr(const struct fake_dev *d, const char *verb, int64_t pos, size_t count,
	      const void *user, ssize_t result);
/* A problem with the fake's own surroundings, on standard error. */
void log_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
