/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock: two processes call into the fake as fast as they can, where libc makes no robust locks, as
 * on a kernel without lists of them. One that is not woken never ends.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/next_symbol.h"

#define CALLS 20000

static int refused;

/* The fake's call comes here. */
__attribute__((visibility("default"))) int pthread_mutex_init(pthread_mutex_t *lock,
							      const pthread_mutexattr_t *attr)
{
	int robust = PTHREAD_MUTEX_STALLED;

	if (attr)
		pthread_mutexattr_getrobust(attr, &robust);
	if (robust == PTHREAD_MUTEX_ROBUST) {
		refused++;
		return ENOTSUP;
	}
	return NEXT(pthread_mutex_init)(lock, attr);
}

static int failures(int container)
{
	int n = 0;

	for (int i = 0; i < CALLS; i++)
		n += ioctl(container, VFIO_GET_API_VERSION) != VFIO_API_VERSION;
	return n;
}

int main(void)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC), status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(failures(container) != 0);

	int failed = failures(container);

	waitpid(pid, &status, 0);
	printf("robust locks refused: %d, failed: %d and %d\n", refused, failed, status);
	return 0;
}
