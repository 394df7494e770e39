/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exported functions that take a path: VFIO's nodes are the fake's, and so is a part of sysfs. */
#include "fake/entry/entry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "core/libc_gaps.h"
#include "fake/control.h"
#include "fake/file.h"
#include "fake/node.h"
#include "fake/state.h"
#include "fake/sysfs.h"
#include "fake/user.h"

#define DEV	"/dev/"
#define NODES	"/dev/vfio/"
#define IOMMUFD "/dev/iommu"

/* Whether opening path is the fake's business; then *fd is the result. */
static bool open_node(const char *path, int flags, int *fd)
{
	if (!fake_wanted() || !(user_starts(path, NODES) || user_starts(path, IOMMUFD)) ||
	    !fake_state())
		return false;

	int ret = fake_open_node(path + strlen(DEV), flags);

	if (ret == -ENOENT)
		return false;
	*fd = (int)entry_ret(ret);
	if (ret >= 0)
		control_start();
	return true;
}

static bool has_mode(int flags)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

static mode_t mode_arg(int flags, va_list ap)
{
	return has_mode(flags) ? va_arg(ap, mode_t) : 0;
}

static int open_at(int dir, const char *path, int flags, mode_t mode)
{
	char buf[PATH_MAX];
	int fd;

	return open_node(path, flags, &fd) ? fd
					   : NEXT(openat)(dir, sysfs_path(path, buf), flags, mode);
}

EXPORT int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	mode_t mode = mode_arg(flags, ap);
	va_end(ap);
	return open_at(dir, path, flags, mode);
}

EXPORT int open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	mode_t mode = mode_arg(flags, ap);
	va_end(ap);
	return open_at(AT_FDCWD, path, flags, mode);
}

ALIAS(open, open64)
ALIAS(openat, openat64)

#ifdef HAVE___OPEN_2
EXPORT int __open_2(const char *path, int flags)
{
	char buf[PATH_MAX];
	int fd;

	return open_node(path, flags, &fd) ? fd : NEXT(__open_2)(sysfs_path(path, buf), flags);
}

EXPORT int __openat_2(int dir, const char *path, int flags)
{
	char buf[PATH_MAX];
	int fd;

	return open_node(path, flags, &fd) ? fd
					   : NEXT(__openat_2)(dir, sysfs_path(path, buf), flags);
}

ALIAS(__open_2, __open64_2)
ALIAS(__openat_2, __openat64_2)
#endif

/* A function of one path and what follows it. */
#define PATH1(type, name, params, ...)                                                             \
	EXPORT type name params                                                                    \
	{                                                                                          \
		char buf[PATH_MAX];                                                                \
                                                                                                   \
		path = sysfs_path(path, buf);                                                      \
		return NEXT(name)(__VA_ARGS__);                                                    \
	}

PATH1(int, stat, (const char *restrict path, struct stat *restrict st), path, st)
PATH1(int, lstat, (const char *restrict path, struct stat *restrict st), path, st)
PATH1(int, fstatat, (int dir, const char *restrict path, struct stat *restrict st, int flags), dir,
      path, st, flags)
PATH1(int, access, (const char *path, int mode), path, mode)
PATH1(int, faccessat, (int dir, const char *path, int mode, int flags), dir, path, mode, flags)
PATH1(DIR *, opendir, (const char *path), path)
PATH1(FILE *, fopen, (const char *restrict path, const char *restrict mode), path, mode)

#ifdef HAVE_STATX
PATH1(int, statx,
      (int dir, const char *restrict path, int flags, unsigned int mask, struct statx *restrict st),
      dir, path, flags, mask, st)
#endif

ALIAS(stat, stat64)
ALIAS(lstat, lstat64)
ALIAS(fstatat, fstatat64)
ALIAS(fopen, fopen64)

/*
 * The name of the device's node, if path, ".../fd/N", is about a file that came from there; 0 if
 * not. N is looked up in this process, whose links are those that programs read.
 */
static int dev_link(const char *path, char *name, size_t size)
{
	const char *last = strrchr(path, '/');
	struct fake_ref ref = fake_find(last ? atoi(last + 1) : -1);

	if (ref.kind != FAKE_DEVICE || ref.way == FAKE_BY_GROUP)
		return 0;
	return snprintf(name, size, NODES "devices/vfio%u", fake_dev_index(ref.dev));
}

/*
 * A link in /proc that leads to one of the fake's files reads as the name of what the
 * file is: in buf, of `size` bytes. Returns its new length, -1 for a link to another file.
 */
static ssize_t fix_link(const char *path, char *buf, size_t size)
{
	char kind[40], name[64];
	int made = 0;

	if (!fake_file_kind(buf, kind, sizeof(kind)))
		return -1;
	if (strcmp(kind, "container") == 0)
		made = snprintf(name, sizeof(name), NODES "vfio");
	else if (strcmp(kind, "iommu") == 0)
		made = snprintf(name, sizeof(name), IOMMUFD);
	else if (strncmp(kind, "group-", 6) == 0)
		made = snprintf(name, sizeof(name), NODES "%s", kind + 6);
	else
		made = dev_link(path, name, sizeof(name));
	if (!made)
		made = snprintf(name, sizeof(name), "anon_inode:%s", kind);
	if ((size_t)made > size)
		made = (int)size;
	memcpy(buf, name, (size_t)made);
	return made;
}

/* Reads the link with room for its real target, so that a small buffer does not cut it. */
static ssize_t read_link(int dir, const char *path, char *buf, size_t size)
{
	char target[PATH_MAX], redirected[PATH_MAX];
	ssize_t n = -1, fixed = -1;

	path = sysfs_path(path, redirected);
	if (fake_live() && size)
		n = NEXT(readlinkat)(dir, path, target, sizeof(target) - 1);
	if (n >= 0) {
		target[n] = 0;
		fixed = fix_link(path, target, sizeof(target));
	}
	if (fixed < 0)
		return NEXT(readlinkat)(dir, path, buf, size);
	if ((size_t)fixed > size)
		fixed = (ssize_t)size;
	return entry_ret(user_write(buf, target, (size_t)fixed) ? -EFAULT : fixed);
}

EXPORT ssize_t readlink(const char *restrict path, char *restrict buf, size_t size)
{
	return read_link(AT_FDCWD, path, buf, size);
}

EXPORT ssize_t readlinkat(int dir, const char *restrict path, char *restrict buf, size_t size)
{
	return read_link(dir, path, buf, size);
}

/* A resolved path inside the fake's tree goes back to where the program thinks it is. */
static char *fix_resolved(char *resolved)
{
	if (resolved) {
		const char *seen = sysfs_unpath(resolved);

		if (seen != resolved)
			memmove(resolved, seen, strlen(seen) + 1);
	}
	return resolved;
}

EXPORT char *realpath(const char *restrict path, char *restrict resolved)
{
	char buf[PATH_MAX];

	return fix_resolved(NEXT(realpath)(sysfs_path(path, buf), resolved));
}

#ifdef HAVE_CANONICALIZE_FILE_NAME
EXPORT char *canonicalize_file_name(const char *path)
{
	char buf[PATH_MAX];

	return fix_resolved(NEXT(realpath)(sysfs_path(path, buf), NULL));
}
#endif

#ifdef HAVE___REALPATH_CHK
EXPORT char *__realpath_chk(const char *path, char *resolved, size_t size)
{
	char buf[PATH_MAX];

	return fix_resolved(NEXT(__realpath_chk)(sysfs_path(path, buf), resolved, size));
}
#endif
