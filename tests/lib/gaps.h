/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the newest of glibc declares and other C libraries may lack: musl has no close_range() and
 * closefrom(), and preadv2() since 1.2.5. The references are weak, so that a program can be linked
 * without; the shim and the fake have all of them.
 */
#ifndef TESTS_LIB_GAPS_H
#define TESTS_LIB_GAPS_H

#include <linux/close_range.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef RWF_HIPRI
#define RWF_HIPRI 0x1
#endif
#ifndef RWF_NOWAIT
#define RWF_NOWAIT 0x8
#endif

#define WEAK __attribute__((weak))

int close_range(unsigned int first, unsigned int last, int flags) WEAK;
void closefrom(int first) WEAK;
ssize_t preadv2(int fd, const struct iovec *iov, int count, off_t pos, int flags) WEAK;
ssize_t pwritev2(int fd, const struct iovec *iov, int count, off_t pos, int flags) WEAK;

#undef WEAK

#endif
