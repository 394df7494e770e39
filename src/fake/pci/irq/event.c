/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Eventfds that programs gave: duplicates of them, and signals by them. */
#include "fake/pci/irq/event.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake/sys.h"

static bool is_eventfd(int fd)
{
	char path[32], link[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

	ssize_t n = sys_readlink(path, link, sizeof(link));

	return n == 20 && memcmp(link, "anon_inode:[eventfd]", 20) == 0;
}

void event_clear(struct fake_event *e)
{
	/* Unless the program closed it, and opened something else there. */
	if (e->fd >= 0 && e->pid == getpid() && is_eventfd(e->fd))
		sys_close(e->fd);
	e->fd = -1;
}

bool event_set(struct fake_event *e, int fd, int *error)
{
	int own = sys_dup_high(fd);

	if (own < 0) {
		*error = own;
		return false;
	}
	if (!is_eventfd(own)) {
		sys_close(own);
		*error = -EINVAL;
		return false;
	}
	event_clear(e);
	*e = (struct fake_event){.fd = own, .pid = getpid()};
	return true;
}

/* A duplicate of the fd of another process, for the caller to close; -errno. */
static int foreign_eventfd(pid_t pid, int fd)
{
	int process = (int)sys_ret(syscall(SYS_pidfd_open, pid, 0));
	int ret = process < 0 ? process : (int)sys_ret(syscall(SYS_pidfd_getfd, process, fd, 0));

	if (process >= 0)
		sys_close(process);
	return ret;
}

static void signal_eventfd(int fd)
{
	static const uint64_t one = 1;

	if (is_eventfd(fd))
		sys_write(fd, &one, sizeof(one));
}

bool event_signal(const struct fake_event *e)
{
	if (e->fd < 0)
		return false;
	if (e->pid == getpid()) {
		signal_eventfd(e->fd);
		return true;
	}

	int fd = foreign_eventfd(e->pid, e->fd);

	if (fd >= 0) {
		signal_eventfd(fd);
		sys_close(fd);
	}
	return true;
}
