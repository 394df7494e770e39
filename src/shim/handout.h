/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The moment at which a VMM is given a device: the one at which the shim makes
 * system calls as it needs them. Threads of VMMs run under seccomp filters later.
 */
#ifndef SHIM_HANDOUT_H
#define SHIM_HANDOUT_H

#include <stdbool.h>

/*
 * Looks at `fd`, which VFIO_GROUP_GET_DEVICE_FD just gave for `name` (the ioctl's
 * argument: "0000:01:00.0", options behind a blank). Where MSIXSHIM asks for a
 * relocation and the device has something to relocate, the fd is tracked from here on.
 *
 * 0, or -errno: then the VMM must not get the fd, and a line has said why:
 * -EINVAL for a target that is refused and for a MSIXSHIM that does not parse,
 * -EMFILE for a number beyond FDTAB_MAX, -ENOMEM for too many devices, else the kernel's.
 */
int handout(int fd, const char *name);

#endif
