/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line to one descriptor, in a program that must not notice: not by a signal, and not by a
 * system call that its seccomp filters kill for.
 */
#ifndef SHIM_LOG_WRITE_H
#define SHIM_LOG_WRITE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * All of the line, which is of at most PIPE_BUF bytes; or false with errno, ENOSPC for a part of
 * it, or what a filter answers in place of blocking signals. The SIGPIPE of a pipe or socket that
 * nobody reads and the SIGXFSZ of a file at its limit don't reach the program; nor does the SIGTTOU
 * of a terminal that lets its background jobs not write.
 *
 * By rt_sigprocmask, write and rt_sigprocmask; where a signal has to be taken away, also by
 * rt_sigaction, futex and two more of the first.
 */
bool log_write(int fd, const char *line, size_t len);

/* In a child that was forked while another thread took a signal away: what the program made of it.
 */
void log_write_after_fork(void);

#endif
