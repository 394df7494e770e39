/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function of the program's that is called in the middle of a call of the shim's.
 *
 * libmidway.so is to be preloaded between the shim and the fake. A program finds it by dlsym().
 */
#ifndef TESTS_PRELOADS_MIDWAY_H
#define TESTS_PRELOADS_MIDWAY_H

/*
 * Calls `read` once, after the kernel has answered the next pread, and `unmap` once, before the
 * next munmap; NULL: never. Both in the thread that makes the call.
 */
void midway_call(void (*read)(void), void (*unmap)(void));
typedef void midway_call_fn(void (*read)(void), void (*unmap)(void));

#endif
