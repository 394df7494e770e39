/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The symbols after the shim's own: the C library's, or another preloaded
 * library's such as libfakevfio.so.
 *
 * Constructors of other libraries run before ours, so each pointer can be called
 * from the first instruction: it starts at a raw system call and is replaced by
 * dlsym(RTLD_NEXT) in our constructor. `X64` needs no pointer: on a
 * 64-bit target it is `X`.
 */
#ifndef SHIM_NEXT_H
#define SHIM_NEXT_H

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/libc_gaps.h"
#include "vfio/ops.h"

#define NEXT_SYMBOLS(X)                                                                            \
	X(__open_2)                                                                                \
	X(__openat_2)                                                                              \
	X(__pread_chk)                                                                             \
	X(close)                                                                                   \
	X(close_range)                                                                             \
	X(closefrom)                                                                               \
	X(dup)                                                                                     \
	X(dup2)                                                                                    \
	X(dup3)                                                                                    \
	X(fcntl)                                                                                   \
	X(ioctl)                                                                                   \
	X(mmap)                                                                                    \
	X(mremap)                                                                                  \
	X(munmap)                                                                                  \
	X(open)                                                                                    \
	X(openat)                                                                                  \
	X(pread)                                                                                   \
	X(preadv)                                                                                  \
	X(preadv2)                                                                                 \
	X(pwrite)                                                                                  \
	X(pwritev)                                                                                 \
	X(pwritev2)                                                                                \
	X(recvmmsg)                                                                                \
	X(recvmsg)

/* hidden: a load of the pointer, without a detour over the GOT, on the way of every call */
#define NEXT_DECLARE(name)                                                                         \
	extern __typeof__(name) *next_##name __attribute__((visibility("hidden")));
NEXT_SYMBOLS(NEXT_DECLARE)
#undef NEXT_DECLARE

/* The kernel for the vfio layer, by the next symbols: results or -errno, errno untouched. */
extern const struct vfio_ops next_ops;

/*
 * The same for what the layer does not call itself: turns libc's `result` into a count
 * or -errno, and gives errno back the value that it had before the call.
 */
ssize_t next_result(ssize_t result, int saved_errno);

#endif
