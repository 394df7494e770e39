/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "jail.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/lib/next_symbol.h"

#define EXPORT __attribute__((visibility("default")))

#ifdef __GLIBC__
typedef unsigned long ioctl_request;
#else
typedef int ioctl_request;
int close_range(unsigned int first, unsigned int last, int flags);
#endif

int ioctl(int fd, ioctl_request request, ...);
ssize_t __pread_chk(int fd, void *buf, size_t count, off_t offset, size_t buflen);

/* What is to be called: by `run`, with its arguments. */
struct call {
	void (*run)(struct call *c);
	int fd, other, prot, flags;
	unsigned long request;
	void *p;
	const void *from;
	size_t len;
	off_t offset;
	/* the answer */
	long ret;
	void *mapped;
	int error;
};

static atomic_bool entered;
static atomic_uint calls;
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER; /* at a time */
static sem_t asked, answered;
static struct call *pending;
static __thread bool is_free; /* this thread has no filter */

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem) < 0)
		;
}

/* The thread that is the kernel. */
static void *serve(void *unused)
{
	is_free = true;
	for (;;) {
		wait_for(&asked);
		pending->run(pending);
		pending->error = errno;
		sem_post(&answered);
	}
	return unused;
}

static int start_kernel(void)
{
	pthread_t thread;
	sigset_t all, old;

	sem_init(&asked, 0, 0);
	sem_init(&answered, 0, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);

	int error = pthread_create(&thread, NULL, serve, NULL);

	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!error)
		return 0;
	errno = error;
	return -1;
}

EXPORT int jail_enter(const char *names)
{
	if (!atomic_exchange(&entered, true) && start_kernel() < 0)
		return -1;
	return *names ? jail_install(names) : 0;
}

EXPORT unsigned int jail_calls(void)
{
	return atomic_load(&calls);
}

static bool is_inside(void)
{
	return atomic_load(&entered) && !is_free;
}

/*
 * Whether the filter answers the call by itself. `result` is that of the same call on no file,
 * which the kernel refuses with EBADF, unless no file will do.
 */
static bool is_refused(long result)
{
	return result == -1 && errno != EBADF;
}

/* Has the call made by the kernel's thread. */
static long ask(struct call *c)
{
	int saved = errno;

	pthread_mutex_lock(&one);
	pending = c;
	sem_post(&asked);
	wait_for(&answered);
	pending = NULL;
	pthread_mutex_unlock(&one);
	errno = c->ret < 0 ? c->error : saved;
	return c->ret;
}

/* The same in a thread without a filter, or with one that let `nr` with these arguments pass. */
#define PASS(c, nr, ...)                                                                           \
	({                                                                                         \
		int saved_ = errno;                                                                \
		if (!is_inside())                                                                  \
			(c)->run(c);                                                               \
		else if (is_refused(syscall(nr, __VA_ARGS__)))                                     \
			(c)->ret = -1;                                                             \
		else                                                                               \
			errno = saved_, atomic_fetch_add(&calls, 1), ask(c);                       \
		(c)->ret;                                                                          \
	})

static void run_openat(struct call *c)
{
	c->ret = NEXT(openat)(c->fd, c->from, c->flags, (mode_t)c->other);
}

EXPORT int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	int mode = va_arg(ap, int);
	va_end(ap);

	struct call c = {.run = run_openat, .fd = dir, .from = path, .flags = flags, .other = mode};

	return (int)PASS(&c, SYS_openat, -1, "none", flags, mode);
}

EXPORT int open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	int mode = va_arg(ap, int);
	va_end(ap);
	return openat(AT_FDCWD, path, flags, mode);
}

static void run_readlink(struct call *c)
{
	c->ret = NEXT(readlink)(c->from, c->p, c->len);
}

EXPORT ssize_t readlink(const char *restrict path, char *restrict buf, size_t size)
{
	struct call c = {.run = run_readlink, .from = path, .p = buf, .len = size};

	return PASS(&c, SYS_readlinkat, -1, "none", buf, size);
}

static void run_ioctl(struct call *c)
{
	c->ret = NEXT(ioctl)(c->fd, (ioctl_request)c->request, c->p);
}

EXPORT int ioctl(int fd, ioctl_request request, ...)
{
	va_list ap;

	va_start(ap, request);
	void *arg = va_arg(ap, void *);
	va_end(ap);

	struct call c = {.run = run_ioctl, .fd = fd, .request = (unsigned long)request, .p = arg};

	return (int)PASS(&c, SYS_ioctl, -1, request, arg);
}

static void run_pread(struct call *c)
{
	c->ret = NEXT(pread)(c->fd, c->p, c->len, c->offset);
}

EXPORT ssize_t pread(int fd, void *buf, size_t n, off_t at)
{
	struct call c = {.run = run_pread, .fd = fd, .p = buf, .len = n, .offset = at};

	jail_env_access(at);
	return PASS(&c, SYS_pread64, -1, buf, n, at);
}

/* What overruns its buffer is libc's to punish, and no call. */
EXPORT ssize_t __pread_chk(int fd, void *buf, size_t n, off_t at, size_t size)
{
	return n <= size ? pread(fd, buf, n, at) : NEXT(__pread_chk)(fd, buf, n, at, size);
}

static void run_pwrite(struct call *c)
{
	c->ret = NEXT(pwrite)(c->fd, c->from, c->len, c->offset);
}

EXPORT ssize_t pwrite(int fd, const void *buf, size_t n, off_t at)
{
	struct call c = {.run = run_pwrite, .fd = fd, .from = buf, .len = n, .offset = at};

	jail_env_access(at);
	return PASS(&c, SYS_pwrite64, -1, buf, n, at);
}

static void run_preadv(struct call *c)
{
	c->ret = NEXT(preadv)(c->fd, c->from, c->other, c->offset);
}

EXPORT ssize_t preadv(int fd, const struct iovec *iov, int n, off_t at)
{
	struct call c = {.run = run_preadv, .fd = fd, .from = iov, .other = n, .offset = at};

	return PASS(&c, SYS_preadv, -1, iov, n, at, 0);
}

static void run_pwritev(struct call *c)
{
	c->ret = NEXT(pwritev)(c->fd, c->from, c->other, c->offset);
}

EXPORT ssize_t pwritev(int fd, const struct iovec *iov, int n, off_t at)
{
	struct call c = {.run = run_pwritev, .fd = fd, .from = iov, .other = n, .offset = at};

	return PASS(&c, SYS_pwritev, -1, iov, n, at, 0);
}

static void run_mmap(struct call *c)
{
	c->mapped = NEXT(mmap)(c->p, c->len, c->prot, c->flags, c->fd, c->offset);
	c->ret = c->mapped == MAP_FAILED ? -1 : 0;
}

EXPORT void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t at)
{
	struct call c = {.run = run_mmap,
			 .p = addr,
			 .len = len,
			 .prot = prot,
			 .flags = flags,
			 .fd = fd,
			 .offset = at};

	/* of no file: the kernel itself answers */
	if (flags & MAP_ANONYMOUS)
		run_mmap(&c);
	else
		PASS(&c, SYS_mmap, addr, len, prot, flags, -1, at);
	return c.ret < 0 ? MAP_FAILED : c.mapped;
}

static void run_mremap(struct call *c)
{
	c->mapped = NEXT(mremap)(c->p, c->len, (size_t)c->offset, c->flags, c->from);
	c->ret = c->mapped == MAP_FAILED ? -1 : 0;
}

/* Of no file; and the fake looks into /proc. What no page starts at is refused with EINVAL. */
EXPORT void *mremap(void *old, size_t len, size_t new_len, int flags, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, flags);
	const void *to = va_arg(ap, void *);
	va_end(ap);

	struct call c = {.run = run_mremap,
			 .p = old,
			 .len = len,
			 .offset = (off_t)new_len,
			 .flags = flags,
			 .from = to};

	if (!is_inside())
		run_mremap(&c);
	else if (syscall(SYS_mremap, 1, len, new_len, flags, to) == -1 && errno == EINVAL)
		errno = saved, ask(&c);
	else
		c.ret = -1;
	return c.ret < 0 ? MAP_FAILED : c.mapped;
}

static void run_fstat(struct call *c)
{
	c->ret = NEXT(fstat)(c->fd, c->p);
}

/* Some C libraries ask newfstatat instead; no set has that one. */
EXPORT int fstat(int fd, struct stat *st)
{
	struct call c = {.run = run_fstat, .fd = fd, .p = st};

	return (int)PASS(&c, SYS_fstat, -1, st);
}

static void run_close(struct call *c)
{
	c->ret = NEXT(close)(c->fd);
}

EXPORT int close(int fd)
{
	struct call c = {.run = run_close, .fd = fd};

	return (int)PASS(&c, SYS_close, -1);
}

static void run_close_range(struct call *c)
{
	c->ret = NEXT(close_range)((unsigned int)c->fd, (unsigned int)c->other, c->flags);
}

EXPORT int close_range(unsigned int first, unsigned int last, int flags)
{
	struct call c = {
		.run = run_close_range, .fd = (int)first, .other = (int)last, .flags = flags};

	return (int)PASS(&c, SYS_close_range, ~0U, ~0U, flags);
}

static void run_dup3(struct call *c)
{
	c->ret = NEXT(dup3)(c->fd, c->other, c->flags);
}

EXPORT int dup3(int fd, int to, int flags)
{
	struct call c = {.run = run_dup3, .fd = fd, .other = to, .flags = flags};

	return (int)PASS(&c, SYS_dup3, -1, to, flags);
}

#ifdef SYS_dup2
static void run_dup2(struct call *c)
{
	c->ret = NEXT(dup2)(c->fd, c->other);
}

EXPORT int dup2(int fd, int to)
{
	struct call c = {.run = run_dup2, .fd = fd, .other = to};

	return (int)PASS(&c, SYS_dup2, -1, to);
}
#endif
