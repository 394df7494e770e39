/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To be preloaded between the shim and the fake: what newer kernels tell of a device's descriptor.
 *
 *   FDINFO_NAME  a path of sysfs, which /proc/PID/fdinfo names
 *   NODE         descriptors are those of a node of iommufd: no device before
 *                VFIO_DEVICE_BIND_IOMMUFD
 */
#include <errno.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "tests/lib/next_symbol.h"
#include "tests/lib/user.h"

#define EXPORT __attribute__((visibility("default")))

int open(const char *path, int flags, ...);
int ioctl(int fd, unsigned long request, ...);

/* Whether VFIO is behind a descriptor, by its link in /proc. */
static bool is_device(const char *link)
{
	static const char device[] = "anon_inode:[vfio-device]";
	char target[64] = "";
	ssize_t n = NEXT(readlink)(link, target, sizeof(target));

	return n == sizeof(device) - 1 && memcmp(target, device, sizeof(device) - 1) == 0;
}

static bool starts(const char *path, const char *prefix)
{
	return strncmp(path, prefix, strlen(prefix)) == 0;
}

static int fdinfo(const char *name)
{
	int fd = memfd_create("fdinfo", MFD_CLOEXEC);

	dprintf(fd, "pos:\t0\nflags:\t02000002\nmnt_id:\t16\nino:\t1\nvfio-device-syspath: %s\n",
		name);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

EXPORT int open(const char *path, int flags, ...)
{
	static const char dir[] = "/proc/thread-self/fdinfo/";
	const char *name = getenv("FDINFO_NAME");
	char link[64];
	va_list ap;

	va_start(ap, flags);
	mode_t mode = va_arg(ap, mode_t);
	va_end(ap);
	if (name && starts(path, dir)) {
		snprintf(link, sizeof(link), "/proc/thread-self/fd/%s", path + strlen(dir));
		if (is_device(link))
			return fdinfo(name);
	}
	return NEXT(open)(path, flags, mode);
}

EXPORT ssize_t readlink(const char *restrict path, char *restrict buf, size_t size)
{
	static const char node[] = "/dev/vfio/devices/vfio3";
	size_t len = strlen(node) < size ? strlen(node) : size;

	if (!getenv("NODE") || !starts(path, "/proc/thread-self/fd/") || !is_device(path))
		return NEXT(readlink)(path, buf, size);
	for (size_t i = 0; i < len; i++) /* the kernel does not terminate it either */
		buf[i] = node[i];
	return (ssize_t)len;
}

EXPORT int ioctl(int fd, unsigned long request, ...)
{
	static bool bound;
	const bool node = getenv("NODE");
	va_list ap;

	va_start(ap, request);
	void *arg = va_arg(ap, void *);
	va_end(ap);
	if (node && request == USER_BIND) {
		errno = EINVAL;
		return bound ? -1 : (bound = true, 0);
	}
	if (node && !bound && request >= VFIO_DEVICE_GET_INFO && request <= VFIO_DEVICE_RESET) {
		errno = EINVAL;
		return -1;
	}
	return NEXT(ioctl)(fd, request, arg);
}
