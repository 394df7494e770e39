/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbols that use a descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "entries.h"

#define KEPT	 4711	   /* an errno that no call sets */
#define HARDWARE "of BAR1" /* 8 bytes that the hardware gets */

/* --- ioctl --- */

static const char *asks_files(const struct call *c, struct subject *s)
{
	struct vfio_region_info info = {.argsz = sizeof(info), .index = 1};
	int pipes[2], n = 0;

	CHECK(pipe(pipes) == 0 && write(pipes[1], "abc", 3) == 3);
	errno = KEPT;
	CHECK(c->symbol.ioctl(pipes[0], FIONREAD, &n) == 0 && n == 3 && errno == KEPT);
	for (int i = 0; i < 2; i++) {
		CHECK(c->symbol.ioctl(s->files[i], VFIO_DEVICE_GET_REGION_INFO, &info) == -1);
		CHECK(errno == ENOTTY);
	}
	CHECK(c->symbol.ioctl(-1, VFIO_DEVICE_GET_REGION_INFO, &info) == -1 && errno == EBADF);
	return NULL;
}

/* Whether what the symbol tells of `fd` is BAR1 with the table in its upper half. */
static const char *tells(const struct call *c, int fd)
{
	struct vfio_region_info info = {.argsz = sizeof(info), .index = 1};

	errno = KEPT;
	CHECK(c->symbol.ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info) == 0 && errno == KEPT);
	CHECK(info.size == SIZE && info.offset == BAR1);
	info = (struct vfio_region_info){.argsz = sizeof(info), .index = 99};
	CHECK(c->symbol.ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info) == -1 && errno == EINVAL);
	CHECK(entries_set_table(fd));
	CHECK(c->symbol.ioctl(fd, VFIO_DEVICE_RESET) == 0 && entries_table(fd) == 0);
	return NULL;
}

static const char *asks_a_group(const struct call *c, struct subject *s)
{
	int fd = c->symbol.ioctl(s->user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME);

	CHECK(fd >= 0);
	return tells(c, fd);
}

static const char *binds_a_node(const struct call *c, struct subject *s)
{
	struct user_bind bind = {.argsz = sizeof(bind), .iommufd = s->user.container};

	CHECK(close(s->user.device) == 0);
	s->user.device = open(NODE, O_RDWR);
	CHECK(c->symbol.ioctl(s->user.device, USER_BIND, &bind) == 0);
	CHECK(entries_table(s->user.device) == 0);
	return tells(c, s->user.device);
}

static const char *asks_what_came(const struct call *c, struct subject *s)
{
	const struct call receive = {.symbol.recvmsg = recvmsg};
	int fd = entries_take(&receive, entries_send(s->user.device));

	CHECK(fd >= 0 && entries_table(fd) == -EINVAL);
	return tells(c, fd);
}

const struct entries_family entries_ioctl = {
	.of_file = {"asks as libc does", asks_files},
	.of_device =
		{
			[KIND_GROUP] = {"gets the device", asks_a_group},
			[KIND_CDEV] = {"binds the device", binds_a_node},
			[KIND_PASSED] = {"makes the device known", asks_what_came},
		},
};

/* --- read --- */

static ssize_t read_by(const struct call *c, int fd, void *buf, size_t len, uint64_t at)
{
	struct iovec iov[] = {{buf, len / 2}, {(uint8_t *)buf + len / 2, len - len / 2}};

	switch (c->form) {
	case FORM_CHK:
		return c->symbol.pread_chk(fd, buf, len, (off_t)at, len);
	case FORM_VECTOR:
		return c->symbol.preadv(fd, iov, 2, (off_t)at);
	case FORM_VECTOR_2:
		return c->symbol.preadv2(fd, iov, 2, (off_t)at, 0);
	default:
		return c->symbol.pread(fd, buf, len, (off_t)at);
	}
}

static const char *reads_files(const struct call *c, struct subject *s)
{
	const uint64_t end = TABLE + sizeof(A_FILE);
	char buf[sizeof(A_FILE)];

	for (int i = 0; i < 2; i++) {
		memset(buf, 0, sizeof(buf));
		errno = KEPT;
		CHECK(read_by(c, s->files[i], buf, sizeof(buf), TABLE) == sizeof(buf));
		CHECK(memcmp(buf, A_FILE, sizeof(buf)) == 0);
		CHECK(read_by(c, s->files[i], buf, 8, end - 5) == 5);
		CHECK(read_by(c, s->files[i], buf, 8, end) == 0);
		CHECK(errno == KEPT);
	}
	CHECK(read_by(c, -1, buf, 8, 0) == -1 && errno == EBADF);
	CHECK(read_by(c, s->files[0], buf, 8, UINT64_MAX - 1) == -1 && errno == EINVAL);
	return NULL;
}

static const char *reads_the_device(const struct call *c, struct subject *s)
{
	const int fd = s->user.device;
	uint32_t got[2];

	CHECK(entries_set_table(fd));
	errno = KEPT;
	CHECK(read_by(c, fd, got, 8, TABLE) == 8 && got[0] == A_VALUE && got[1] == 0);
	CHECK(read_by(c, fd, got, 8, TABLE + 8) == 8 && got[1] == 1); /* masked */
	CHECK(read_by(c, fd, got, 8, BAR1 + SIZE - 4) == 4);
	CHECK(errno == KEPT);
	CHECK(read_by(c, fd, got, 8, BAR1 + SIZE) == -1 && errno == EINVAL);
	/* what the hardware has is read from there, up to its end and over it */
	CHECK(pwrite(fd, HARDWARE, 8, (off_t)(TABLE - 8)) == 8);
	CHECK(read_by(c, fd, got, 8, TABLE - 8) == 8 &&
	      memcmp(got, HARDWARE, sizeof(HARDWARE)) == 0);
	CHECK(read_by(c, fd, got, 8, TABLE - 4) == 8 && memcmp(got, &HARDWARE[4], 4) == 0);
	CHECK(got[1] == A_VALUE);
	return NULL;
}

const struct entries_family entries_read = {
	.of_file = {"reads as libc does", reads_files},
	.of_device = {{"reads table and hardware", reads_the_device}},
};

/* --- write --- */

static ssize_t write_by(const struct call *c, int fd, const void *buf, size_t len, uint64_t at)
{
	const struct iovec iov[] = {{(void *)buf, len / 2},
				    {(uint8_t *)buf + len / 2, len - len / 2}};

	switch (c->form) {
	case FORM_VECTOR:
		return c->symbol.pwritev(fd, iov, 2, (off_t)at);
	case FORM_VECTOR_2:
		return c->symbol.pwritev2(fd, iov, 2, (off_t)at, 0);
	default:
		return c->symbol.pwrite(fd, buf, len, (off_t)at);
	}
}

static const char *writes_files(const struct call *c, struct subject *s)
{
	static const char new[2][9] = {"one file", "the same"};
	const int64_t before = entries_table(s->user.device);
	char buf[8];

	for (int i = 0; i < 2; i++) {
		errno = KEPT;
		CHECK(write_by(c, s->files[i], new[i], 8, TABLE) == 8 && errno == KEPT);
		CHECK(pread(s->files[0], buf, 8, (off_t)TABLE) == 8 && !memcmp(buf, new[i], 8));
	}
	CHECK(entries_table(s->user.device) == before);
	CHECK(write_by(c, -1, new[0], 8, 0) == -1 && errno == EBADF);
	CHECK(write_by(c, s->files[0], new[0], 8, UINT64_MAX - 1) == -1 && errno == EINVAL);
	return NULL;
}

static const char *writes_the_device(const struct call *c, struct subject *s)
{
	const uint32_t entry[] = {A_VALUE, 7}, edge[] = {7, 0x1240};
	const int fd = s->user.device;
	uint32_t got[2];

	errno = KEPT;
	CHECK(write_by(c, fd, entry, 8, TABLE) == 8);
	CHECK(pread(fd, got, 8, (off_t)TABLE) == 8 && memcmp(got, entry, 8) == 0);
	CHECK(write_by(c, fd, entry, 8, BAR1 + SIZE - 4) == 4);
	CHECK(errno == KEPT);
	CHECK(write_by(c, fd, entry, 8, BAR1 + SIZE) == -1 && errno == EINVAL);
	CHECK(write_by(c, fd, HARDWARE, 8, TABLE - 8) == 8);
	CHECK(pread(fd, got, 8, (off_t)(TABLE - 8)) == 8 &&
	      memcmp(got, HARDWARE, sizeof(HARDWARE)) == 0);
	CHECK(write_by(c, fd, edge, 8, TABLE - 4) == 8);
	CHECK(entries_table(fd) == 0x1240);
	return NULL;
}

const struct entries_family entries_write = {
	.of_file = {"writes as libc does", writes_files},
	.of_device = {{"writes table and hardware", writes_the_device}},
};

/* --- mmap --- */

static uint8_t *map_by(const struct call *c, int fd, uint64_t at, size_t len, int flags)
{
	return c->symbol.mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, (off_t)at);
}

static const char *maps_files(const struct call *c, struct subject *s)
{
	const int64_t before = entries_table(s->user.device);

	for (int i = 0; i < 2; i++) {
		errno = KEPT;

		uint8_t *p = map_by(c, s->files[i], TABLE, sizeof(A_FILE), MAP_SHARED);

		CHECK(p != MAP_FAILED && errno == KEPT && memcmp(p, A_FILE, sizeof(A_FILE)) == 0);
		munmap(p, sizeof(A_FILE));
	}
	CHECK(map_by(c, -1, 0, PHYS, MAP_SHARED) == MAP_FAILED && errno == EBADF);
	/* the kernel looks at neither descriptor nor offset here */
	CHECK(map_by(c, s->user.device, TABLE, PHYS, MAP_PRIVATE | MAP_ANONYMOUS) != MAP_FAILED);
	CHECK(entries_table(s->user.device) == before);
	return NULL;
}

static const char *maps_the_device(const struct call *c, struct subject *s)
{
	const int fd = s->user.device;
	uint8_t buf[8], *p;

	errno = KEPT;
	p = map_by(c, fd, BAR1, PHYS, MAP_SHARED);
	CHECK(p != MAP_FAILED && errno == KEPT);
	memcpy(p + 0x100, HARDWARE, sizeof(HARDWARE));
	CHECK(pread(fd, buf, 8, (off_t)(BAR1 + 0x100)) == 8 &&
	      memcmp(buf, HARDWARE, sizeof(HARDWARE)) == 0);
	munmap(p, PHYS);
	CHECK(map_by(c, fd, BAR1, SIZE, MAP_SHARED) == MAP_FAILED && errno == EINVAL);
	CHECK(map_by(c, fd, TABLE, PHYS, MAP_SHARED) == MAP_FAILED && errno == EINVAL);
	CHECK(map_by(c, fd, BAR1, PHYS, MAP_PRIVATE) == MAP_FAILED && errno == EINVAL);
	CHECK(entries_table(fd) == 0);
	return NULL;
}

/* Of a device with plain memory behind the hardware's, whose table is read there, too. */
static const char *maps_both(const struct call *c, struct subject *s)
{
	const int fd = s->user.device;
	uint32_t value;
	uint8_t *p;

	errno = KEPT;
	p = map_by(c, fd, BAR1, SIZE, MAP_SHARED);
	CHECK(p != MAP_FAILED && errno == KEPT);
	memcpy(p + PHYS - 8, HARDWARE, sizeof(HARDWARE));
	value = A_VALUE;
	memcpy(p + PHYS, &value, 4);
	CHECK(entries_table(fd) == A_VALUE);
	CHECK(pread(fd, p + PHYS + 16, 4, (off_t)(TABLE - 4)) == 4);
	CHECK(memcmp(p + PHYS + 16, &HARDWARE[4], 4) == 0);
	CHECK(map_by(c, fd, BAR1, SIZE + PHYS, MAP_SHARED) == MAP_FAILED && errno == EINVAL);
	CHECK(munmap(p, SIZE) == 0);
	return NULL;
}

const struct entries_family entries_map = {
	.of_file = {"maps as libc does", maps_files},
	.of_device = {{"maps the hardware alone", maps_the_device}},
	.composed = {"`map=compose`: the table, too", maps_both},
};
