/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How `msixshim run` asks whether calls reach the shim: by an ioctl that the kernel answers with
 * EBADF, since it is on no file. The number is of VFIO's type, and none that VFIO has. The argument
 * is one that no program would give.
 */
#ifndef MSIXSHIM_REACH_H
#define MSIXSHIM_REACH_H

#include <linux/vfio.h>
#include <stdbool.h>
#include <stdint.h>

#define REACH_REQUEST  _IO(VFIO_TYPE, 0xff)
#define REACH_FD       (-1)
#define REACH_ARGUMENT 0x6d736978 /* no address: "msix" */
#define REACH_ANSWER   0x7368696d /* of the shim: "shim" */

/* Whether a call with REACH_REQUEST is that question. The shim makes no system call for it. */
static inline bool reach_is_asked(int fd, const void *arg)
{
	return fd == REACH_FD && (uintptr_t)arg == REACH_ARGUMENT;
}

#endif
