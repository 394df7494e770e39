/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stale_call.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/lib/user.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* In BAR0, whose offsets are any file's, in BARs 1 and 5, and in configuration space. */
static const uint64_t regions[] = {0, 1ULL << 40, 5ULL << 40, 7ULL << 40};

/* Where something begins or ends in the devices of this test: registers, structures, BARs. */
static const uint64_t positions[] = {
	0,	0x10,	0x24,	0xb0,	    0xc2,   0x800,  4096 - 8, 4096,
	0x3ffc, 0x4000, 0x4880, 0x8000 - 8, 0x8000, 0xfffc, 0x10000,  0x18000,
};

static const unsigned long requests[] = {
	VFIO_GET_API_VERSION,
	VFIO_CHECK_EXTENSION,
	VFIO_DEVICE_GET_INFO,
	VFIO_DEVICE_GET_REGION_INFO,
	VFIO_DEVICE_GET_IRQ_INFO,
	VFIO_DEVICE_SET_IRQS,
	VFIO_DEVICE_RESET,
	VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
	VFIO_DEVICE_PCI_HOT_RESET,
	VFIO_DEVICE_FEATURE,
	USER_BIND,
	FIONREAD,
};

#define CALLS_MAX 640

static struct call table[CALLS_MAX];
const struct call *stale_calls = table;
size_t stale_calls_count;

/* Two parts, so that an edit behind the first one would show. */
static void split(uint8_t *buf, struct iovec iov[2])
{
	iov[0] = (struct iovec){buf, 5};
	iov[1] = (struct iovec){buf + 5, 11};
}

static long run_pread(int fd, const struct call *c, bool raw, uint8_t *buf)
{
	return raw ? syscall(SYS_pread64, fd, buf, 16, c->offset)
		   : pread(fd, buf, 16, (off_t)c->offset);
}

static long run_pwrite(int fd, const struct call *c, bool raw, uint8_t *buf)
{
	return raw ? syscall(SYS_pwrite64, fd, buf, 16, c->offset)
		   : pwrite(fd, buf, 16, (off_t)c->offset);
}

static long run_preadv(int fd, const struct call *c, bool raw, uint8_t *buf)
{
	struct iovec iov[2];

	split(buf, iov);
	return raw ? syscall(SYS_preadv, fd, iov, 2, c->offset, 0)
		   : preadv(fd, iov, 2, (off_t)c->offset);
}

static long run_pwritev(int fd, const struct call *c, bool raw, uint8_t *buf)
{
	struct iovec iov[2];

	split(buf, iov);
	return raw ? syscall(SYS_pwritev, fd, iov, 2, c->offset, 0)
		   : pwritev(fd, iov, 2, (off_t)c->offset);
}

static long run_preadv2(int fd, const struct call *c, bool raw, uint8_t *buf)
{
	struct iovec iov[2];

	split(buf, iov);
	return raw ? syscall(SYS_preadv2, fd, iov, 2, c->offset, 0, 0)
		   : preadv2(fd, iov, 2, (off_t)c->offset, 0);
}

static long run_pwritev2(int fd, const struct call *c, bool raw, uint8_t *buf)
{
	struct iovec iov[2];

	split(buf, iov);
	return raw ? syscall(SYS_pwritev2, fd, iov, 2, c->offset, 0, 0)
		   : pwritev2(fd, iov, 2, (off_t)c->offset, 0);
}

/* Of a file the start of the page is read, where there is one. */
static long map(int fd, const struct call *c, int how, uint8_t *buf)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const uint64_t start = c->offset & ~((uint64_t)page - 1);
	const int prot = PROT_READ, flags = MAP_SHARED;
	struct stat st;
	uint8_t *p = how == 0	? (uint8_t *)syscall(SYS_mmap, NULL, page, prot, flags, fd, start)
		     : how == 1 ? mmap(NULL, page, prot, flags, fd, (off_t)start)
				: mmap64(NULL, page, prot, flags, fd, (off_t)start);

	if (p == MAP_FAILED)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size > start)
		memcpy(buf, p, 16);
	munmap(p, page);
	return 0;
}

static long run_mmap(int fd, const struct call *c, bool raw, uint8_t *buf)
{
	return map(fd, c, raw ? 0 : 1, buf);
}

static long run_mmap64(int fd, const struct call *c, bool raw, uint8_t *buf)
{
	return map(fd, c, raw ? 0 : 2, buf);
}

static long run_ioctl(int fd, const struct call *c, bool raw, uint8_t *buf)
{
	const uint32_t argsz = sizeof(((struct outcome *)NULL)->bytes);

	memset(buf, 0, argsz);
	memcpy(buf, &argsz, sizeof(argsz));
	return raw ? syscall(SYS_ioctl, fd, c->request, buf) : ioctl(fd, c->request, buf);
}

static void add(const char *name, long (*run)(int, const struct call *, bool, uint8_t *))
{
	for (size_t i = 0; i < COUNT(regions); i++) {
		for (size_t j = 0; j < COUNT(positions); j++)
			table[stale_calls_count++] = (struct call){
				.name = name, .run = run, .offset = regions[i] + positions[j]};
	}
}

void stale_calls_make(void)
{
	add("pread", run_pread);
	add("pwrite", run_pwrite);
	add("preadv", run_preadv);
	add("pwritev", run_pwritev);
	add("preadv2", run_preadv2);
	add("pwritev2", run_pwritev2);
	add("mmap", run_mmap);
	add("mmap64", run_mmap64);
	for (size_t i = 0; i < COUNT(requests); i++)
		table[stale_calls_count++] = (struct call){.name = "ioctl",
							   .run = run_ioctl,
							   .request = requests[i],
							   .is_ioctl = true};
	if (stale_calls_count > CALLS_MAX)
		abort();
}

void stale_call_run(const struct call *c, int fd, bool raw, struct outcome *ret)
{
	for (size_t i = 0; i < sizeof(ret->bytes); i++)
		ret->bytes[i] = (uint8_t)(0x70 + i);
	ret->result = c->run(fd, c, raw, ret->bytes);
	if (ret->result < 0)
		ret->result = -errno;
}
