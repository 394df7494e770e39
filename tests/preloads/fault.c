/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To be preloaded between the shim and the fake: the FAULT_AT-th call on a device fails with the
 * errno FAULT_ERRNO (EIO if there is none), or a read or write is short, if that is 0. Calls that
 * the shim makes while a device is handed out come first.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "tests/lib/next_symbol.h"

int ioctl(int fd, unsigned long request, ...);
ssize_t pread(int fd, void *buf, size_t count, off_t offset);
ssize_t pwrite(int fd, const void *buf, size_t count, off_t offset);

static bool is_hit(void)
{
	static int calls;
	const char *at = getenv("FAULT_AT");

	return at && ++calls == atoi(at);
}

static int error(void)
{
	const char *number = getenv("FAULT_ERRNO");

	return number ? atoi(number) : EIO;
}

static bool fails(void)
{
	if (!is_hit() || error() == 0)
		return false;
	errno = error();
	return true;
}

/* Whether a transfer fails; if it only falls short, *count is what is left of it. */
static bool transfer_fails(size_t *count)
{
	if (!is_hit())
		return false;
	if (error() == 0)
		*count /= 2;
	else
		errno = error();
	return error() != 0;
}

__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;

	va_start(ap, request);
	void *arg = va_arg(ap, void *);
	va_end(ap);
	if (request >= VFIO_DEVICE_GET_INFO && request <= VFIO_DEVICE_GET_IRQ_INFO && fails())
		return -1;
	return NEXT(ioctl)(fd, request, arg);
}

/* Only VFIO's regions are that far out. */
static bool is_region(off_t offset)
{
	return offset >= (off_t)1 << 40;
}

__attribute__((visibility("default"))) ssize_t pread(int fd, void *buf, size_t count, off_t offset)
{
	return is_region(offset) && transfer_fails(&count) ? -1
							   : NEXT(pread)(fd, buf, count, offset);
}

__attribute__((visibility("default"))) ssize_t pwrite(int fd, const void *buf, size_t count,
						      off_t offset)
{
	return is_region(offset) && transfer_fails(&count) ? -1
							   : NEXT(pwrite)(fd, buf, count, offset);
}
