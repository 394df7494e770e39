/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSIXSHIM_LOG=trace: what strace would show of a VMM's calls on VFIO descriptors, with the
 * results that the VMM gets, and with VFIO's own words for numbers and places:
 *
 *   [1234] ioctl(5</dev/vfio/1>, VFIO_GROUP_GET_DEVICE_FD, "0000:01:00.0") = 9
 *   [1234] pread(9<0000:01:00.0>, config+0x10 BAR0, 4) = 4 0x80000004
 *
 * Devices are known by the table of descriptors. Any other descriptor is what the number of the
 * request means; its name is the path that was opened under its number, if that was one of the
 * kind, and else the kind. So a call takes no system call to be told, and one that is not VFIO's
 * costs nothing.
 */
#ifndef SHIM_TRACE_H
#define SHIM_TRACE_H

#include <stdint.h>
#include <sys/types.h>

#include "shim/fdtab.h"

/* Bytes of an ioctl's argument that a trace keeps from before the call. */
#define TRACE_ARG_MAX 40

struct trace_arg {
	size_t len; /* 0: it is no memory that can be read */
	uint8_t bytes[TRACE_ARG_MAX];
};

/* Puts the tracer in front of the next open and its like, if a trace is wanted. After each dlsym().
 */
void trace_install(void);

/* Whether there is a trace. One load. */
bool trace_wanted(void);

/* Keeps what the argument holds before the call. */
void trace_keep_arg(struct trace_arg *ret, const void *arg);

/* One call each, done, on the tracked `fd` of `dev`. `result` is a result or -errno. */
void trace_device_ioctl(int fd, const struct device *dev, unsigned long request,
			const struct trace_arg *before, const void *arg, int result);
void trace_xfer(const struct device *dev, const struct vfio_xfer *x, int64_t result);
void trace_mmap(int fd, const struct device *dev, size_t len, int prot, int flags, uint64_t offset,
		const void *result, int error);

/*
 * An ioctl on an fd that is not tracked, done: of a container, a group, or a node of a device. No
 * line where the answer is that of a file which is not VFIO's.
 */
void trace_other_ioctl(int fd, unsigned long request, const struct trace_arg *before,
		       const void *arg, int result);

/* VFIO_GROUP_GET_DEVICE_FD, done with `result` or -errno. */
void trace_get_device_fd(int group, const void *name, int result);

#endif
