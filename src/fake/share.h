/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directory of FAKEVFIO_STATE: a kernel that outlives processes, for all that name it. */
#ifndef FAKE_SHARE_H
#define FAKE_SHARE_H

#include <stddef.h>
#include <stdint.h>

/* The directory that FAKEVFIO_STATE names, NULL for none. */
const char *share_wanted(void);
/* Its real path; "" before share_open(), and if that failed. */
const char *share_dir(void);
/*
 * Makes the directory, if need be, and opens the state in it, `size` bytes: zeros, or one that is
 * finished and starts with `magic`. Returns an fd with a lock that keeps other processes out, for
 * share_done(); or, after one line that says why, -errno.
 */
int share_open(const char *path, uint64_t magic, size_t size);
/* Lets others in, and closes fd. */
void share_done(int fd);
/*
 * Opens a file in the directory for reading and writing; `flags` may be O_CREAT and O_TRUNC. An fd
 * that is the caller's to close, or -errno.
 */
int share_open_file(const char *name, int flags);

#endif
