/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What C libraries declare differently, or leave out of their headers, of the functions that a
 * preloaded library defines or calls. Declarations alone: whether a function is there is another
 * question, which configure or dlsym() answers.
 */
#ifndef MSIXSHIM_LIBC_GAPS_H
#define MSIXSHIM_LIBC_GAPS_H

#include <sys/types.h>
#include <sys/uio.h>

/* glibc's, for fortified programs: its headers have these with _FORTIFY_SOURCE alone. */
int __open_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);
ssize_t __pread_chk(int fd, void *buf, size_t count, off_t offset, size_t buflen);
char *__realpath_chk(const char *path, char *resolved, size_t size);

/* The parameters whose types differ, and what musl declares late, or never. */
#ifdef __GLIBC__
typedef unsigned long ioctl_request;
typedef int recvmmsg_flags;
#else
typedef int ioctl_request;
typedef unsigned int recvmmsg_flags;
int close_range(unsigned int first, unsigned int last, int flags);
void closefrom(int lowfd);
ssize_t preadv2(int fd, const struct iovec *iov, int iovcnt, off_t offset, int flags);
ssize_t pwritev2(int fd, const struct iovec *iov, int iovcnt, off_t offset, int flags);
#endif

#endif
