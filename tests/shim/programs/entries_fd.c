/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbols by which descriptors come and go. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "entries.h"

#define HIGH	300  /* a number above all that is open */
#define KEPT	4711 /* an errno that no call sets */
#define ON_EXEC 4    /* CLOSE_RANGE_CLOEXEC, which older headers lack */

/* Whether `fd` is the file of A_FILE. */
static bool is_file(int fd)
{
	char buf[sizeof(A_FILE)];

	return pread(fd, buf, sizeof(buf), (off_t)TABLE) == sizeof(buf) &&
	       memcmp(buf, A_FILE, sizeof(buf)) == 0;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Leaves s->hole to be the next number, as one that the shim takes for the device's. */
static bool leave_stale(const struct subject *s)
{
	return dup2(s->user.device, s->hole) == s->hole && syscall(SYS_close, s->hole) == 0;
}

/* --- open --- */

static bool takes_directory(const struct call *c)
{
	return c->form == FORM_AT || c->form == FORM_AT_2;
}

static bool takes_mode(const struct call *c)
{
	return c->form == FORM_PLAIN || c->form == FORM_AT;
}

static int open_at(const struct call *c, int dir, const char *path, int flags, mode_t mode)
{
	switch (c->form) {
	case FORM_2:
		return c->symbol.open_2(path, flags);
	case FORM_AT:
		return c->symbol.openat(dir, path, flags, mode);
	case FORM_AT_2:
		return c->symbol.openat_2(dir, path, flags);
	default:
		return c->symbol.open(path, flags, mode);
	}
}

static int open_by(const struct call *c, const char *path)
{
	return open_at(c, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
}

/* A file of mode 0640 that the symbol makes, if it takes a mode, and opens. */
static const char *opens_files(const struct call *c, struct subject *s)
{
	const int flags = O_RDWR | O_CLOEXEC | (takes_mode(c) ? O_CREAT | O_EXCL : 0);
	int dir = open(s->dir, O_RDONLY | O_DIRECTORY);
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/file", s->dir);
	umask(0);
	if (!takes_mode(c))
		CHECK(mknod(path, S_IFREG | 0640, 0) == 0);
	errno = KEPT;

	int fd = open_at(c, dir, takes_directory(c) ? "file" : path, flags, 0640);

	CHECK(errno == KEPT);
	CHECK(fd > dir);
	CHECK(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0640);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
	CHECK(unlink(path) == 0);
	CHECK(open_by(c, path) == -1 && errno == ENOENT);
	CHECK(open_by(c, s->dir) == -1 && errno == EISDIR);
	return NULL;
}

static int device_of_group(struct user *u)
{
	u->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (u->container < 0 || ioctl(u->group, VFIO_GROUP_SET_CONTAINER, &u->container) ||
	    ioctl(u->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -1;
	return ioctl(u->group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME);
}

static const char *opens_a_group(const struct call *c, struct subject *s)
{
	CHECK(leave_stale(s));
	entries_close_device(s);
	s->user.group = open_by(c, "/dev/vfio/" USER_GROUP);
	CHECK(s->user.group == s->hole);
	CHECK(entries_table(s->user.group) == -EINVAL);
	s->user.device = device_of_group(&s->user);
	CHECK(entries_bar1(s->user.device) == SIZE);
	CHECK(open_by(c, "/dev/vfio/" USER_GROUP) == -1 && errno == EBUSY);
	return NULL;
}

static const char *opens_a_node(const struct call *c, struct subject *s)
{
	struct user_bind bind = {.argsz = sizeof(bind), .iommufd = s->user.container};

	CHECK(leave_stale(s));
	CHECK(close(s->user.device) == 0);
	s->user.device = open_by(c, NODE);
	CHECK(s->user.device == s->hole);
	CHECK(entries_table(s->user.device) == -EINVAL);
	CHECK(ioctl(s->user.device, USER_BIND, &bind) == 0);
	CHECK(entries_bar1(s->user.device) == SIZE);
	return NULL;
}

static const char *opens_on_its_number(const struct call *c, struct subject *s)
{
	CHECK(leave_stale(s));
	CHECK(open_by(c, "/dev/vfio/vfio") == s->hole);
	CHECK(entries_table(s->hole) == -EINVAL);
	CHECK(ioctl(s->hole, VFIO_GET_API_VERSION) == VFIO_API_VERSION);
	CHECK(entries_bar1(s->user.device) == SIZE);
	return NULL;
}

const struct entries_family entries_open = {
	.of_file = {"opens as libc does", opens_files},
	.of_device =
		{
			[KIND_GROUP] = {"opens a group", opens_a_group},
			[KIND_CDEV] = {"opens a node", opens_a_node},
			[KIND_PASSED] = {"opens on its old number", opens_on_its_number},
		},
};

/* --- over a socket --- */

static const char *receives_files(const struct call *c, struct subject *s)
{
	int sock = entries_send(s->files[0]);

	CHECK(sock >= 0 && leave_stale(s));

	int fd = entries_take(c, sock);

	CHECK(fd == s->hole && is_file(fd));
	CHECK(entries_bar1(fd) == 0 && errno == ENOTTY);
	errno = 0;
	CHECK(entries_take(c, -1) == -1 && errno == EBADF);
	return NULL;
}

/* Known from its first ioctl on, whatever its number was before. */
static const char *receives_the_device(const struct call *c, struct subject *s)
{
	int sock = entries_send(s->user.device);

	CHECK(sock >= 0 && leave_stale(s));

	int fd = entries_take(c, sock);

	CHECK(fd == s->hole);
	CHECK(entries_table(fd) == -EINVAL);
	CHECK(entries_bar1(fd) == SIZE);
	CHECK(entries_set_table(fd) && entries_table(fd) == A_VALUE);
	return NULL;
}

const struct entries_family entries_receive = {
	.of_file = {"receives as libc does", receives_files},
	.of_device = {{"receives it, known from its first ioctl", receives_the_device}},
};

/* --- dup --- */

static int dup_by(const struct call *c, int fd, int to)
{
	switch (c->form) {
	case FORM_TO:
		return c->symbol.dup2(fd, to);
	case FORM_FLAGS:
		return c->symbol.dup3(fd, to, O_CLOEXEC);
	case FORM_FCNTL:
		return c->symbol.fcntl(fd, F_DUPFD, to);
	default:
		return c->symbol.dup(fd);
	}
}

static const char *uses_fcntl(const struct call *c, const struct subject *s)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = s->files[0];

	CHECK(c->symbol.fcntl(fd, F_SETFD, FD_CLOEXEC) == 0);
	CHECK(c->symbol.fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK((c->symbol.fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
	CHECK(c->symbol.fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK);
	fd = c->symbol.fcntl(fd, F_DUPFD_CLOEXEC, HIGH);
	CHECK(fd == HIGH && fcntl(fd, F_GETFD) == FD_CLOEXEC && is_file(fd));
	return NULL;
}

static const char *duplicates_files(const struct call *c, struct subject *s)
{
	for (int i = 0; i < 2; i++) {
		errno = KEPT;

		int copy = dup_by(c, s->files[i], s->hole);

		CHECK(copy == s->hole && errno == KEPT && is_file(copy));
		CHECK(lseek(copy, 7 + i, SEEK_SET) == 7 + i);
		CHECK(lseek(s->files[i], 0, SEEK_CUR) == 7 + i);
		CHECK(fcntl(copy, F_GETFD) == (c->form == FORM_FLAGS ? FD_CLOEXEC : 0));
		CHECK(close(copy) == 0);
	}
	CHECK(dup_by(c, -1, s->hole) == -1 && errno == EBADF);
	if (c->form == FORM_TO)
		CHECK(dup_by(c, s->files[0], s->files[0]) == s->files[0]);
	if (c->form == FORM_FLAGS)
		CHECK(dup_by(c, s->files[0], s->files[0]) == -1 && errno == EINVAL);
	return c->form == FORM_FCNTL ? uses_fcntl(c, s) : NULL;
}

static const char *duplicates_the_device(const struct call *c, struct subject *s)
{
	CHECK(entries_set_table(s->user.device));

	int copy = dup_by(c, s->user.device, s->hole);

	CHECK(copy == s->hole && entries_bar1(copy) == SIZE);
	CHECK(entries_table(copy) == A_VALUE);
	CHECK(close(s->user.device) == 0);
	CHECK(entries_table(copy) == A_VALUE);
	if (c->form == FORM_FCNTL) {
		CHECK(c->symbol.fcntl(copy, F_DUPFD_CLOEXEC, HIGH) == HIGH);
		CHECK(entries_table(HIGH) == A_VALUE);
	}
	/* and what is no device takes its number */
	CHECK(syscall(SYS_close, copy) == 0);
	CHECK(dup_by(c, s->user.container, copy) == copy);
	CHECK(entries_table(copy) == -EINVAL);
	s->user.device = -1;
	return NULL;
}

const struct entries_family entries_dup = {
	.of_file = {"duplicates as libc does", duplicates_files},
	.of_device = {{"duplicates it, one device", duplicates_the_device}},
};

/* --- close --- */

static int close_by(const struct call *c, int fd)
{
	switch (c->form) {
	case FORM_RANGE:
		return c->symbol.close_range((unsigned int)fd, (unsigned int)fd, 0);
	case FORM_FROM:
		c->symbol.closefrom(fd);
		return 0;
	default:
		return c->symbol.close(fd);
	}
}

static const char *closes_files(const struct call *c, struct subject *s)
{
	for (int i = 0; i < 2; i++) {
		CHECK(syscall(SYS_dup3, s->files[i], HIGH, 0) == HIGH);
		errno = KEPT;
		CHECK(close_by(c, HIGH) == 0 && errno == KEPT);
		CHECK(!is_open(HIGH) && is_open(s->files[i]));
	}
	if (c->form == FORM_PLAIN)
		CHECK(close_by(c, HIGH) == -1 && errno == EBADF);
	if (c->form == FORM_RANGE) {
		CHECK(c->symbol.close_range(HIGH, HIGH - 1, 0) == -1 && errno == EINVAL);
		CHECK(c->symbol.close_range(HIGH, HIGH, 1 << 30) == -1 && errno == EINVAL);
	}
	return NULL;
}

static const char *closes_the_device(const struct call *c, struct subject *s)
{
	CHECK(fcntl(s->user.device, F_DUPFD, HIGH) == HIGH && entries_table(HIGH) >= 0);
	if (c->form == FORM_RANGE) {
		CHECK(c->symbol.close_range(HIGH, HIGH, ON_EXEC) == 0);
		CHECK(fcntl(HIGH, F_GETFD) == FD_CLOEXEC && entries_table(HIGH) >= 0);
	}
	CHECK(close_by(c, HIGH) == 0);
	CHECK(!is_open(HIGH));
	CHECK(entries_forgot(s, HIGH));
	/* the last one ends the device's state */
	CHECK(entries_set_table(s->user.device));
	CHECK(fcntl(s->user.device, F_DUPFD, HIGH) == HIGH && close(s->user.device) == 0);
	CHECK(entries_table(HIGH) == A_VALUE);
	CHECK(close_by(c, HIGH) == 0);
	s->user.device = -1;
	entries_close_device(s);
	CHECK(entries_open_device(s) == 0 && entries_table(s->user.device) == 0);
	return NULL;
}

const struct entries_family entries_close = {
	.of_file = {"closes as libc does", closes_files},
	.of_device = {{"ends it, and its state with the last", closes_the_device}},
};
