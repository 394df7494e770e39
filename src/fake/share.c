/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directory of FAKEVFIO_STATE: a kernel that outlives processes, for all that name it. */
#include "fake/share.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake/entry/entry.h"
#include "fake/log.h"
#include "fake/sys.h"

static char dir[PATH_MAX / 2];

const char *share_wanted(void)
{
	const char *path = getenv("FAKEVFIO_STATE");

	return path && *path ? path : NULL;
}

const char *share_dir(void)
{
	return dir;
}

/* Keeps the real path, which stays right when a program changes its working directory. */
static bool find_dir(const char *path)
{
	char *real;

	mkdir(path, 0700);
	real = NEXT(realpath)(path, NULL);
	if (real && strlen(real) < sizeof(dir))
		memcpy(dir, real, strlen(real) + 1);
	free(real);
	return dir[0];
}

int share_open_file(const char *name, int flags)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return sys_open(path, O_RDWR | O_CLOEXEC | flags, 0600);
}

/* A lock of the description ends with a process that is killed. */
static int set_lock(int fd, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
	int error;

	do {
		error = sys_fcntl(fd, F_OFD_SETLKW, &lock);
	} while (error == -EINTR);
	return error;
}

/* Fills it with zeros unless a process finished it. 0 or -errno, ESTALE for another version's. */
static int prepare(int fd, uint64_t magic, size_t size)
{
	uint64_t found = 0;
	int error = set_lock(fd, F_WRLCK);

	if (error)
		return error;
	if (sys_pread(fd, &found, sizeof(found), 0) == sizeof(found) && found)
		return found == magic ? 0 : -ESTALE;
	return ftruncate(fd, 0) || ftruncate(fd, (off_t)size) ? -errno : 0;
}

int share_open(const char *path, uint64_t magic, size_t size)
{
	int fd = find_dir(path) ? share_open_file("state", O_CREAT) : -errno;
	int error = fd < 0 ? fd : prepare(fd, magic, size);

	if (!error)
		return fd;
	log_complain("fakevfio: %s: %s", path,
		     error == -ESTALE ? "another version of the library made it"
				      : strerror(-error));
	if (fd >= 0)
		sys_close(fd);
	dir[0] = 0;
	return error;
}

void share_done(int fd)
{
	/* A mapping would hold the lock as well. */
	set_lock(fd, F_UNLCK);
	sys_close(fd);
}
