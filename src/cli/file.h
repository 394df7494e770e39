/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MSIXSHIM_CLI_FILE_H
#define MSIXSHIM_CLI_FILE_H

#include <stddef.h>

/*
 * The whole of a file ("-": of standard input), with a NUL after it, which the caller frees.
 * NULL with errno set: EFBIG above 64 MiB, or what reading it gave.
 */
char *file_read(const char *path, size_t *len);

/* What follows the last slash of a path. */
const char *file_name(const char *path);

#endif
