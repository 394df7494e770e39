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

/*
 * A function of the next library and its arguments. Every 64-bit calling convention of Linux passes
 * so many numbers and pointers alike, whatever their types.
 */
typedef long next_fn(long, long, long, long, long, long);

struct call {
	next_fn *next;
	long args[6];
	long ret;
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

static void run(struct call *c)
{
	const long *a = c->args;

	c->ret = c->next(a[0], a[1], a[2], a[3], a[4], a[5]);
	c->error = errno;
}

/* The thread that is the kernel. */
static void *serve(void *unused)
{
	is_free = true;
	for (;;) {
		wait_for(&asked);
		run(pending);
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

/* Has the call made by the kernel's thread, if this one has a filter. An int fails as a long does.
 */
static long make(struct call *c)
{
	int saved = errno;

	if (!is_inside()) {
		run(c);
		return c->ret;
	}
	pthread_mutex_lock(&one);
	pending = c;
	sem_post(&asked);
	wait_for(&answered);
	pending = NULL;
	pthread_mutex_unlock(&one);
	errno = (int)c->ret == -1 ? c->error : saved;
	return c->ret;
}

#define CALL(name, ...)                                                                            \
	({                                                                                         \
		__typeof__(name) *name_ = NEXT(name);                                              \
		struct call call_ = {.args = {__VA_ARGS__}};                                       \
		memcpy(&call_.next, &name_, sizeof(name_));                                        \
		make(&call_);                                                                      \
	})

/*
 * Whether the filter answers the call by itself. `result` is that of the same call on no file,
 * which the kernel refuses with EBADF, unless no file will do.
 */
static bool is_refused(long result)
{
	return result == -1 && errno != EBADF;
}

/* The call, if the filter of this thread lets the system call on no file pass that stands for it.
 */
#define PASS(name, system_call, ...)                                                               \
	({                                                                                         \
		int saved_ = errno;                                                                \
		const bool inside_ = is_inside();                                                  \
		const bool refused_ = inside_ && is_refused(syscall system_call);                  \
		if (!refused_) {                                                                   \
			errno = saved_;                                                            \
			atomic_fetch_add(&calls, inside_);                                         \
		}                                                                                  \
		refused_ ? -1 : CALL(name, __VA_ARGS__);                                           \
	})

static int pass_openat(int dir, const char *path, int flags, int mode)
{
	return (int)PASS(openat, (SYS_openat, -1, "none", flags, mode), dir, (long)path, flags,
			 mode);
}

EXPORT int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	int mode = va_arg(ap, int);
	va_end(ap);
	return pass_openat(dir, path, flags, mode);
}

EXPORT int open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	int mode = va_arg(ap, int);
	va_end(ap);
	return pass_openat(AT_FDCWD, path, flags, mode);
}

EXPORT ssize_t readlink(const char *restrict path, char *restrict buf, size_t size)
{
	return PASS(readlink, (SYS_readlinkat, -1, "none", buf, size), (long)path, (long)buf,
		    (long)size);
}

EXPORT int ioctl(int fd, ioctl_request request, ...)
{
	va_list ap;

	va_start(ap, request);
	void *arg = va_arg(ap, void *);
	va_end(ap);
	return (int)PASS(ioctl, (SYS_ioctl, -1, request, arg), fd, (long)request, (long)arg);
}

EXPORT ssize_t pread(int fd, void *buf, size_t n, off_t at)
{
	jail_env_access(at);
	return PASS(pread, (SYS_pread64, -1, buf, n, at), fd, (long)buf, (long)n, at);
}

/* What overruns its buffer is libc's to punish, and no call. */
EXPORT ssize_t __pread_chk(int fd, void *buf, size_t n, off_t at, size_t size)
{
	return n <= size ? pread(fd, buf, n, at) : NEXT(__pread_chk)(fd, buf, n, at, size);
}

EXPORT ssize_t pwrite(int fd, const void *buf, size_t n, off_t at)
{
	jail_env_access(at);
	return PASS(pwrite, (SYS_pwrite64, -1, buf, n, at), fd, (long)buf, (long)n, at);
}

EXPORT ssize_t preadv(int fd, const struct iovec *iov, int n, off_t at)
{
	return PASS(preadv, (SYS_preadv, -1, iov, n, at, 0), fd, (long)iov, n, at);
}

EXPORT ssize_t pwritev(int fd, const struct iovec *iov, int n, off_t at)
{
	return PASS(pwritev, (SYS_pwritev, -1, iov, n, at, 0), fd, (long)iov, n, at);
}

EXPORT off_t lseek(int fd, off_t at, int whence)
{
	return PASS(lseek, (SYS_lseek, -1, at, whence), fd, at, whence);
}

/* Of no file: the kernel itself answers. */
EXPORT void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t at)
{
	if (flags & MAP_ANONYMOUS)
		return NEXT(mmap)(addr, len, prot, flags, fd, at);
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): as with mmap */
	return (void *)PASS(mmap, (SYS_mmap, addr, len, prot, flags, -1, at), (long)addr, (long)len,
			    prot, flags, fd, at);
}

/* Of no file; and the fake looks into /proc. What no page starts at is refused with EINVAL. */
EXPORT void *mremap(void *old, size_t len, size_t new_len, int flags, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, flags);
	void *to = va_arg(ap, void *);
	va_end(ap);
	if (is_inside() &&
	    (syscall(SYS_mremap, 1, len, new_len, flags, to) != -1 || errno != EINVAL))
		return MAP_FAILED;
	errno = saved;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): as with mmap */
	return (void *)CALL(mremap, (long)old, (long)len, (long)new_len, flags, (long)to);
}

/* The fake looks into /proc here, too. */
EXPORT int madvise(void *addr, size_t len, int advice)
{
	int saved = errno;

	if (is_inside() && (syscall(SYS_madvise, 1, len, advice) != -1 || errno != EINVAL))
		return -1;
	errno = saved;
	return (int)CALL(madvise, (long)addr, (long)len, advice);
}

/* Of these two some C libraries ask newfstatat instead; no set has but one of the two. */
EXPORT int fstat(int fd, struct stat *st)
{
	return (int)PASS(fstat, (SYS_fstat, -1, st), fd, (long)st);
}

EXPORT int stat(const char *restrict path, struct stat *restrict st)
{
	return (int)PASS(stat, (SYS_newfstatat, -1, "none", st, 0), (long)path, (long)st);
}

EXPORT int close(int fd)
{
	return (int)PASS(close, (SYS_close, -1), fd);
}

EXPORT int close_range(unsigned int first, unsigned int last, int flags)
{
	return (int)PASS(close_range, (SYS_close_range, ~0U, ~0U, flags), (long)first, (long)last,
			 flags);
}

EXPORT int dup3(int fd, int to, int flags)
{
	return (int)PASS(dup3, (SYS_dup3, -1, to, flags), fd, to, flags);
}

#ifdef SYS_dup2
EXPORT int dup2(int fd, int to)
{
	return (int)PASS(dup2, (SYS_dup2, -1, to), fd, to);
}
#endif
