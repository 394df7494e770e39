/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/identify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "shim/next.h"

/* A longer target of a link is not one that is looked for here. */
#define LINK_MAX_LEN 512

/* Between a device and its node, in sysfs. */
#define VFIO_DEV "/vfio-dev/"

/* Bytes of an fdinfo. What VFIO adds is one line with a path of sysfs. */
#define FDINFO_MAX 1024

/* A link's target, terminated, "" if it does not fit; false if it can't be read. */
static bool read_link(const char *path, char target[LINK_MAX_LEN])
{
	ssize_t n = readlink(path, target, LINK_MAX_LEN);

	if (n < 0)
		return false;
	target[n < LINK_MAX_LEN ? n : 0] = '\0';
	return true;
}

/*
 * By the thread: one can have descriptors of its own, and /proc/self has none any more once the
 * main thread is gone.
 */
static bool read_fd_link(int fd, char target[LINK_MAX_LEN])
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", fd);
	return read_link(path, target);
}

/* What sysfs says of a node: ../../devices/pci0000:00/.../0000:01:00.0/vfio-dev/vfioN. */
static bool read_node_link(int fd, char target[LINK_MAX_LEN])
{
	struct stat st;
	char path[48];

	if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode))
		return false;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", major(st.st_rdev), minor(st.st_rdev));
	return read_link(path, target);
}

/*
 * Whether a node is iommufd's way to a device. By its number, since it may have any path; where
 * there is no sysfs the path has to do.
 */
static bool is_node(int fd, const char *path)
{
	static const char dir[] = "/vfio/devices/";
	char link[LINK_MAX_LEN];

	return read_node_link(fd, link) ? strstr(link, VFIO_DEV) != NULL
					: strstr(path, dir) != NULL;
}

static void base_name(const char *path, char *buf, size_t size)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (strlen(name) < size)
		memcpy(buf, name, strlen(name) + 1);
}

/* "vfio-device-syspath: /sys/devices/pci0000:00/.../0000:01:00.0", by newer kernels. */
static void name_by_fdinfo(int fd, char *buf, size_t size)
{
	static const char key[] = "\nvfio-device-syspath:";
	char path[48], text[FDINFO_MAX];

	snprintf(path, sizeof(path), "/proc/thread-self/fdinfo/%d", fd);

	int info = next_open(path, O_RDONLY | O_CLOEXEC);

	if (info < 0)
		return;

	ssize_t n = read(info, text, sizeof(text) - 1);

	next_close(info);
	text[n > 0 ? n : 0] = '\0';

	char *line = strstr(text, key);
	char *end = line ? strchr(line + 1, '\n') : NULL;

	if (!end)
		return;
	*end = '\0';
	base_name(line + sizeof(key) - 1, buf, size);
}

static void name_by_sysfs(int fd, char *buf, size_t size)
{
	char link[LINK_MAX_LEN];
	char *end = read_node_link(fd, link) ? strstr(link, VFIO_DEV) : NULL;

	if (!end)
		return;
	*end = '\0';
	base_name(link, buf, size);
}

static enum identity identity_of(int fd)
{
	char link[LINK_MAX_LEN];

	if (!read_fd_link(fd, link))
		return next_fcntl(fd, F_GETFD) < 0 ? IDENTITY_OTHER : IDENTITY_UNREADABLE;
	if (strcmp(link, "anon_inode:[vfio-device]") == 0)
		return IDENTITY_GROUP;
	/* a path may be longer than what is kept of it */
	return (link[0] == '/' || !link[0]) && is_node(fd, link) ? IDENTITY_CDEV : IDENTITY_OTHER;
}

enum identity identify(int fd)
{
	int saved = errno;
	enum identity ret = identity_of(fd);

	errno = saved;
	return ret;
}

void identify_name(int fd, enum identity kind, char *buf, size_t size)
{
	int saved = errno;

	buf[0] = '\0';
	name_by_fdinfo(fd, buf, size);
	if (!buf[0] && kind == IDENTITY_CDEV)
		name_by_sysfs(fd, buf, size);
	errno = saved;
}

bool identify_same(int fd, int other)
{
	int saved = errno;
	long self = syscall(SYS_gettid);
	bool same = syscall(SYS_kcmp, self, self, KCMP_FILE, fd, other) == 0;

	errno = saved;
	return same;
}
