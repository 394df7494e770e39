/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hold.h"

#include <semaphore.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>

#include "tests/lib/next_symbol.h"

#define EXPORT __attribute__((visibility("default")))

#ifdef __GLIBC__
typedef unsigned long ioctl_request;
#else
typedef int ioctl_request;
#endif

int ioctl(int fd, ioctl_request request, ...);
int close(int fd);
int dup(int fd);
int dup2(int fd, int to);
ssize_t pread(int fd, void *buf, size_t n, off_t at);
ssize_t pwrite(int fd, const void *buf, size_t n, off_t at);

static __thread unsigned int left; /* calls up to the one that is held, that one included */
static sem_t told, released;
static bool held;

__attribute__((constructor)) static void start(void)
{
	sem_init(&told, 0, 0);
	sem_init(&released, 0, 0);
}

static void tell(bool is_held)
{
	held = is_held;
	sem_post(&told);
}

EXPORT void hold_arm(unsigned int nth)
{
	left = nth;
}

EXPORT void hold_disarm(void)
{
	if (left)
		tell(false);
	left = 0;
}

EXPORT bool hold_wait(void)
{
	while (sem_wait(&told) < 0)
		;
	return held;
}

EXPORT void hold_release(void)
{
	sem_post(&released);
}

static void pass(void)
{
	if (!left || --left)
		return;
	tell(true);
	while (sem_wait(&released) < 0)
		;
}

EXPORT int ioctl(int fd, ioctl_request request, ...)
{
	va_list ap;

	va_start(ap, request);
	void *arg = va_arg(ap, void *);
	va_end(ap);
	pass();
	return NEXT(ioctl)(fd, request, arg);
}

EXPORT ssize_t pread(int fd, void *buf, size_t n, off_t at)
{
	pass();
	return NEXT(pread)(fd, buf, n, at);
}

EXPORT ssize_t pwrite(int fd, const void *buf, size_t n, off_t at)
{
	pass();
	return NEXT(pwrite)(fd, buf, n, at);
}

EXPORT void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t at)
{
	if (!(flags & MAP_ANONYMOUS))
		pass();
	return NEXT(mmap)(addr, len, prot, flags, fd, at);
}

EXPORT int dup(int fd)
{
	pass();
	return NEXT(dup)(fd);
}

EXPORT int dup2(int fd, int to)
{
	pass();
	return NEXT(dup2)(fd, to);
}

EXPORT int close(int fd)
{
	pass();
	return NEXT(close)(fd);
}
