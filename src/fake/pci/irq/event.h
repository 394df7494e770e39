/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An eventfd that a program gave, the kernel's struct eventfd_ctx. The fake keeps a duplicate of
 * the descriptor, which belongs to the process that gave it.
 */
#ifndef FAKE_EVENT_H
#define FAKE_EVENT_H

#include <stdbool.h>
#include <sys/types.h>

struct fake_event {
	int fd;	   /* the duplicate, -1 for none */
	pid_t pid; /* whose fd it is */
};

/*
 * Takes a duplicate of the eventfd `fd` instead of the one in *e, as eventfd_ctx_fdget() does.
 * False with -errno in *error, and *e as it was: EBADF, EMFILE, EINVAL for another kind of file.
 */
bool event_set(struct fake_event *e, int fd, int *error);
/* Closes the duplicate, if there is one and it is this process's; *e has none then. */
void event_clear(struct fake_event *e);
/*
 * eventfd_signal(): adds 1. Returns whether *e has one. If the eventfd or its process is gone
 * nothing happens, though in the kernel it would live on.
 */
bool event_signal(const struct fake_event *e);

#endif
