/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call on VFIO that does not come back for a while, as a device that wakes up takes its time.
 *
 * libhold.so is to be preloaded between the shim and the fake. A program finds these by dlsym().
 */
#ifndef TESTS_SHIM_HOLD_H
#define TESTS_SHIM_HOLD_H

#include <stdbool.h>

/*
 * From now on the `nth` call of the calling thread that the shim makes on files is held, until
 * hold_release(): ioctl, pread, pwrite, mmap of a file, dup, dup2 and close.
 */
void hold_arm(unsigned int nth);
typedef void hold_arm_fn(unsigned int nth);

/* To be called by the same thread, after its call returned: there was, or will be, no held one. */
void hold_disarm(void);
typedef void hold_disarm_fn(void);

/* Waits until a call is held, or disarmed: false. */
bool hold_wait(void);
typedef bool hold_wait_fn(void);

void hold_release(void);
typedef void hold_release_fn(void);

#endif
