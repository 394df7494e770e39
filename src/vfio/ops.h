/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the vfio layer reaches the kernel. The shim gives the next symbols after
 * its own; a test gives a fake.
 *
 * Every function returns the system call's result, or -errno; none changes errno.
 * Offsets are positions on the device fd.
 */
#ifndef MSIXSHIM_VFIO_OPS_H
#define MSIXSHIM_VFIO_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct vfio_ops {
	int (*ioctl)(int fd, unsigned long request, void *arg);
	ssize_t (*pread)(int fd, void *buf, size_t count, uint64_t offset);
	ssize_t (*pwrite)(int fd, const void *buf, size_t count, uint64_t offset);
	/* For callers that used a vector form: a seccomp filter may allow only that one. */
	ssize_t (*preadv)(int fd, const struct iovec *iov, int iovcnt, uint64_t offset);
	/* Whether [p, p + len) can be read or written without a fault. */
	bool (*readable)(const void *p, size_t len);
	bool (*writable)(void *p, size_t len);
};

#endif
