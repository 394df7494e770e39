/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The moment at which a VMM is given a device: the one at which the shim makes
 * system calls as it needs them. Threads of VMMs run under seccomp filters later.
 */
#ifndef SHIM_ATTACH_H
#define SHIM_ATTACH_H

/*
 * Looks at `fd`, which VFIO_GROUP_GET_DEVICE_FD just gave for `name` (the ioctl's
 * argument: "0000:01:00.0", options after a blank). The fd is known from here on, also where
 * the rules leave the device as it is: of one device there is one view, and each fd is looked at
 * once.
 *
 * 0, or -errno: then the VMM must not get the fd, and a line has said why: -EINVAL for rules
 * that do not parse and for a target or an option that is refused, -EMFILE for a number beyond
 * FDTAB_MAX, -ENOMEM for too many devices, else the kernel's. `auto` is given the device as it
 * is where it can't be relocated, but not where a call failed that may work the next time
 * (tell_failed()). Before a device's ids are known the most counts that a rule may ask of it.
 */
int attach(int fd, const char *name);

/*
 * The same for an `fd` of which nothing is known, on which the VMM makes a call that only a VFIO
 * device answers: one that another program opened, or that was duplicated unseen. What is no
 * device of VFIO, or is not bound to an iommufd yet, is let pass: 0, and nothing is known of it
 * afterwards either.
 *
 * Where neither the descriptor nor sysfs tells the device's name, it has a separate state, which
 * only duplicates of the descriptor share, and -EINVAL is also for a rule by address.
 */
int attach_unseen(int fd);

#endif
