/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls on a relocated device's fd, and those that hand out fds: what the exported
 * symbols do once they know that VFIO is concerned. Everything here returns as
 * libc does: -1 and errno on failure, errno untouched on success.
 */
#ifndef SHIM_DISPATCH_H
#define SHIM_DISPATCH_H

#include <stdint.h>
#include <sys/socket.h>

#include "vfio/dev.h"

/*
 * An ioctl of VFIO's type: on a tracked fd; or on one of which nothing is known, where it may hand
 * out a device, or be the first on one that came another way.
 */
int dispatch_ioctl(int fd, unsigned long request, void *arg);

/*
 * Completes a read or write on the tracked x->fd, whose forwarded call gave `result`, a count or
 * -errno; before that, fdtab_life() gave `life`.
 */
ssize_t dispatch_complete(const struct vfio_xfer *x, uint32_t life, ssize_t result);

/*
 * mmap of a tracked fd; or of any other, and of none, while there are composed mappings, which
 * MAP_FIXED may replace.
 */
void *dispatch_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset);

/* The fds that `msg` brought are new files under their numbers. */
void dispatch_received(struct msghdr *msg);

#endif
