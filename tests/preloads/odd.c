/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To be preloaded between the shim and the fake: a device, or a host, that answers oddly while a
 * device is handed out. ODD is one of
 *
 *   ones      configuration space reads as ones
 *   dying     so do its capabilities: the device went away in the middle
 *   bridge    its header is a bridge's
 *   cut       it has 64 bytes
 *   none      it has none
 *   few       the device has no region for it
 *   other     the device is not one of PCI's
 *   memory    there is no memory for a composed mapping
 *   proc      /proc can't be read
 *   fdinfo    only fdinfo can't
 *   owner     open files are another user's
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "tests/lib/next_symbol.h"

#define EXPORT	      __attribute__((visibility("default")))
#define CONFIG_REGION ((off_t)VFIO_PCI_CONFIG_REGION_INDEX << 40)

int ioctl(int fd, unsigned long request, ...);
ssize_t pread(int fd, void *buf, size_t count, off_t offset);
ssize_t readlink(const char *path, char *buf, size_t size);
int open(const char *path, int flags, ...);

static bool is(const char *what)
{
	const char *odd = getenv("ODD");

	return odd && strcmp(odd, what) == 0;
}

EXPORT int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;

	va_start(ap, request);
	void *arg = va_arg(ap, void *);
	va_end(ap);

	int rc = NEXT(ioctl)(fd, request, arg);
	struct vfio_device_info *device = arg;
	struct vfio_region_info *region = arg;

	if (rc < 0)
		return rc;
	if (request == VFIO_DEVICE_GET_INFO && is("few"))
		device->num_regions = VFIO_PCI_CONFIG_REGION_INDEX;
	if (request == VFIO_DEVICE_GET_INFO && is("other"))
		device->flags &= ~(uint32_t)VFIO_DEVICE_FLAGS_PCI;
	if (request == VFIO_DEVICE_GET_REGION_INFO &&
	    region->index == VFIO_PCI_CONFIG_REGION_INDEX && (is("cut") || is("none")))
		region->size = is("cut") ? PCI_STD_HEADER_SIZEOF : 0;
	return rc;
}

EXPORT ssize_t pread(int fd, void *buf, size_t count, off_t offset)
{
	ssize_t n = NEXT(pread)(fd, buf, count, offset);
	uint8_t *bytes = buf;

	for (ssize_t i = 0; i < n; i++) {
		const off_t at = offset + i - CONFIG_REGION;

		if ((at >= 0 && is("ones")) || (at >= PCI_STD_HEADER_SIZEOF && is("dying")))
			bytes[i] = 0xff;
		if (at == PCI_HEADER_TYPE && is("bridge"))
			bytes[i] = PCI_HEADER_TYPE_BRIDGE;
	}
	return n;
}

EXPORT void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	const int composed = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;

	if (flags == composed && is("memory")) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return NEXT(mmap)(addr, len, prot, flags, fd, offset);
}

EXPORT ssize_t readlink(const char *path, char *buf, size_t size)
{
	if (strncmp(path, "/proc/", 6) == 0 && is("proc")) {
		errno = ENOMEM;
		return -1;
	}
	return NEXT(readlink)(path, buf, size);
}

EXPORT int open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	int mode = va_arg(ap, int);
	va_end(ap);
	if (strstr(path, "/fdinfo/") && (is("fdinfo") || is("proc"))) {
		errno = ENOMEM;
		return -1;
	}
	return NEXT(open)(path, flags, mode);
}

EXPORT int fstat(int fd, struct stat *st)
{
	int rc = NEXT(fstat)(fd, st);

	if (rc == 0 && is("owner"))
		st->st_uid = 4711;
	return rc;
}
