/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake's part of sysfs and /dev/vfio: a private tree that paths are redirected to. */
#ifndef FAKE_SYSFS_H
#define FAKE_SYSFS_H

/*
 * The path to use instead of path: buf of PATH_MAX bytes, or path itself. Makes the tree at the
 * first path that needs it. Without the lock; leaves errno alone.
 */
const char *sysfs_path(const char *path, char *buf);
/* If path is in the fake's tree: what the program is to see, which is part of path; else path. */
const char *sysfs_unpath(const char *path);

#endif
