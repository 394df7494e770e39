/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded last: how many bytes the program and its libraries asked for and did not give back, and
 * in how many blocks, as two int64_t in the file that TEST_HEAP names. Exact, and without
 * a call in the program: what an allocator says of itself has its caches in it.
 *
 * The number of bytes that were asked for stands at the end of each block.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* glibc's own: dlsym() allocates. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *p);

struct count {
	_Atomic int64_t blocks;
	_Atomic int64_t bytes;
};

static struct count until_shared;
static struct count *count = &until_shared;

__attribute__((constructor)) static void share_count(void)
{
	const char *path = getenv("TEST_HEAP");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return;

	struct count *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p != MAP_FAILED)
		count = p;
	close(fd);
}

/* Where a block keeps how much was asked for. No program that is run here uses those bytes. */
static uint8_t *size_at(void *p)
{
	return (uint8_t *)p + malloc_usable_size(p) - sizeof(size_t);
}

static void *born(void *p, size_t size)
{
	if (!p)
		return NULL;
	memcpy(size_at(p), &size, sizeof(size));
	atomic_fetch_add(&count->blocks, 1);
	atomic_fetch_add(&count->bytes, (int64_t)size);
	return p;
}

static size_t size_of(void *p)
{
	size_t size;

	memcpy(&size, size_at(p), sizeof(size));
	return size;
}

static void dies(size_t size)
{
	atomic_fetch_sub(&count->blocks, 1);
	atomic_fetch_sub(&count->bytes, (int64_t)size);
}

/* Room for the size, too; what is too much for size_t is too much for libc. */
static size_t with_size(size_t size)
{
	return size > SIZE_MAX - sizeof(size) ? SIZE_MAX : size + sizeof(size);
}

EXPORT void *malloc(size_t size)
{
	return born(__libc_malloc(with_size(size)), size);
}

EXPORT void *calloc(size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		all = SIZE_MAX;
	return born(__libc_calloc(1, with_size(all)), all);
}

EXPORT void free(void *p)
{
	if (p)
		dies(size_of(p));
	__libc_free(p);
}

EXPORT void *realloc(void *p, size_t size)
{
	if (!p)
		return malloc(size);
	if (!size) {
		free(p);
		return NULL;
	}

	const size_t before = size_of(p);
	void *q = __libc_realloc(p, with_size(size));

	if (q)
		dies(before);
	return born(q, size);
}

EXPORT void *memalign(size_t align, size_t size)
{
	return born(__libc_memalign(align, with_size(size)), size);
}

EXPORT void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

EXPORT int posix_memalign(void **ret, size_t align, size_t size)
{
	void *p = memalign(align, size);

	if (!p)
		return ENOMEM;
	*ret = p;
	return 0;
}
