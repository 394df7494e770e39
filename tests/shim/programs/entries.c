/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entries all|plain|compose DIR: for each exported symbol and each kind of descriptor one line of
 * TAP, "SYMBOL: KIND: what is asserted". plain: without the shim, what is no device alone. compose:
 * under map=compose, what that adds.
 */
#include "entries.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static enum mode { ALL, PLAIN, COMPOSE } mode;
static const char *dir;
static int count;

static const char *const kind_names[KINDS] = {"not VFIO", "group", "cdev", "passed"};

static const struct {
	const char *name;
	const struct entries_family *family;
	enum form form;
} entries[] = {
	{"open", &entries_open, FORM_PLAIN},
	{"open64", &entries_open, FORM_PLAIN},
	{"openat", &entries_open, FORM_AT},
	{"openat64", &entries_open, FORM_AT},
	{"__open_2", &entries_open, FORM_2},
	{"__open64_2", &entries_open, FORM_2},
	{"__openat_2", &entries_open, FORM_AT_2},
	{"__openat64_2", &entries_open, FORM_AT_2},
	{"recvmsg", &entries_receive, FORM_PLAIN},
	{"recvmmsg", &entries_receive, FORM_MANY},
	{"ioctl", &entries_ioctl, FORM_PLAIN},
	{"pread", &entries_read, FORM_PLAIN},
	{"pread64", &entries_read, FORM_PLAIN},
	{"__pread_chk", &entries_read, FORM_CHK},
	{"__pread64_chk", &entries_read, FORM_CHK},
	{"preadv", &entries_read, FORM_VECTOR},
	{"preadv64", &entries_read, FORM_VECTOR},
	{"preadv2", &entries_read, FORM_VECTOR_2},
	{"preadv64v2", &entries_read, FORM_VECTOR_2},
	{"pwrite", &entries_write, FORM_PLAIN},
	{"pwrite64", &entries_write, FORM_PLAIN},
	{"pwritev", &entries_write, FORM_VECTOR},
	{"pwritev64", &entries_write, FORM_VECTOR},
	{"pwritev2", &entries_write, FORM_VECTOR_2},
	{"pwritev64v2", &entries_write, FORM_VECTOR_2},
	{"mmap", &entries_map, FORM_PLAIN},
	{"mmap64", &entries_map, FORM_PLAIN},
	{"munmap", &entries_unmap, FORM_PLAIN},
	{"mremap", &entries_remap, FORM_PLAIN},
	{"dup", &entries_dup, FORM_PLAIN},
	{"dup2", &entries_dup, FORM_TO},
	{"dup3", &entries_dup, FORM_FLAGS},
	{"fcntl", &entries_dup, FORM_FCNTL},
	{"fcntl64", &entries_dup, FORM_FCNTL},
	{"close", &entries_close, FORM_PLAIN},
	{"close_range", &entries_close, FORM_RANGE},
	{"closefrom", &entries_close, FORM_FROM},
};

const char *entries_failed(const char *file, int line, const char *what)
{
	static char text[256];

	snprintf(text, sizeof(text), "%s:%d: %s (errno %d)", file, line, what, errno);
	return text;
}

uint64_t entries_bar1(int fd)
{
	struct vfio_region_info info = {.argsz = sizeof(info), .index = 1};

	return ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info) == 0 ? info.size : 0;
}

int64_t entries_table(int fd)
{
	uint32_t v;
	ssize_t n = pread(fd, &v, sizeof(v), (off_t)TABLE);

	return n == sizeof(v) ? v : n < 0 ? -errno : n;
}

bool entries_set_table(int fd)
{
	uint32_t v = A_VALUE;

	return pwrite(fd, &v, sizeof(v), (off_t)TABLE) == sizeof(v);
}

bool entries_replace(int to, int file)
{
	return syscall(SYS_dup3, file, to, 0) == to;
}

bool entries_forgot(const struct subject *s, int to)
{
	return entries_replace(to, s->user.container) && entries_table(to) == -EINVAL &&
	       close(to) == 0;
}

/* --- over a socket --- */

struct message {
	struct mmsghdr header;
	struct iovec iov;
	char byte;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
};

static struct msghdr *message_init(struct message *m)
{
	*m = (struct message){0};
	m->iov = (struct iovec){&m->byte, 1};
	m->header.msg_hdr = (struct msghdr){
		.msg_iov = &m->iov,
		.msg_iovlen = 1,
		.msg_control = m->control,
		.msg_controllen = sizeof(m->control),
	};
	return &m->header.msg_hdr;
}

int entries_send(int fd)
{
	struct message m;
	struct msghdr *header = message_init(&m);
	struct cmsghdr *c = CMSG_FIRSTHDR(header);
	int pair[2];

	c->cmsg_len = CMSG_LEN(sizeof(fd));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return -1;

	bool sent = sendmsg(pair[0], header, 0) == 1;

	close(pair[0]);
	if (sent)
		return pair[1];
	close(pair[1]);
	return -1;
}

int entries_take(const struct call *c, int sock)
{
	struct message m;
	struct msghdr *header = message_init(&m);
	bool got = c->form == FORM_MANY ? c->symbol.recvmmsg(sock, &m.header, 1, 0, NULL) == 1
					: c->symbol.recvmsg(sock, header, 0) == 1;
	const struct cmsghdr *control = got ? CMSG_FIRSTHDR(header) : NULL;
	int fd = -1;

	if (control)
		memcpy(&fd, CMSG_DATA(control), sizeof(fd));
	close(sock);
	return fd;
}

/* --- the device and what is none --- */

int entries_open_device(struct subject *s)
{
	const char *group = s->kind == KIND_CDEV ? "devices/vfio0" : USER_GROUP;
	const struct call receive = {.symbol.recvmsg = recvmsg};

	if (user_open(&s->user, group, USER_NAME))
		return -1;
	if (s->kind == KIND_PASSED) {
		int passed = entries_take(&receive, entries_send(s->user.device));

		close(s->user.device);
		s->user.device = passed;
		entries_bar1(passed); /* makes it known */
	}
	return s->user.device < 0 ? -1 : 0;
}

void entries_close_device(struct subject *s)
{
	user_close(&s->user);
	s->user = (struct user){-1, -1, -1};
}

/* The second one is beside no device alone: what is left of one holds on to its state. */
static bool make_files(struct subject *s)
{
	int file = (int)syscall(SYS_memfd_create, "other", 0);

	s->files[0] = file;
	s->files[1] = s->kind == KIND_FILE ? dup(s->user.device) : -1;
	return ftruncate(file, (off_t)(TABLE + sizeof(A_FILE))) == 0 &&
	       pwrite(file, A_FILE, sizeof(A_FILE), (off_t)TABLE) == sizeof(A_FILE) &&
	       (s->kind != KIND_FILE || entries_replace(s->files[1], file));
}

/* --- TAP --- */

/* What is asserted of a symbol and a kind; NULL: nothing. */
__attribute__((nonnull)) static const struct entries_case *
case_of(const struct entries_family *family, enum kind kind)
{
	const struct entries_case *own = &family->of_device[kind];

	if (mode == COMPOSE)
		return kind != KIND_FILE && family->composed.check ? &family->composed : NULL;
	if (mode == PLAIN && kind != KIND_FILE)
		return NULL;
	if (kind == KIND_FILE)
		return &family->of_file;
	return own->check ? own : &family->of_device[KIND_FILE];
}

/* In a process of its own, which what goes wrong does not outlive. */
static int run(size_t i, enum kind kind, entries_check *check)
{
	const struct call c = {{dlsym(RTLD_DEFAULT, entries[i].name)}, entries[i].form};
	struct subject s = {.kind = kind, .dir = dir};

	s.hole = dup(STDIN_FILENO);
	if (s.hole < 0 || entries_open_device(&s) || !make_files(&s)) {
		printf("# no device: %s\n", strerror(errno));
		return 1;
	}
	close(s.hole);

	const char *failed = check(&c, &s);

	if (failed)
		printf("# %s\n", failed);
	entries_close_device(&s);
	return failed != NULL;
}

static void print_case(size_t i, enum kind kind, const struct entries_case *what)
{
	const bool missing = !dlsym(RTLD_DEFAULT, entries[i].name);
	int status = 0;

	if (!missing) {
		fflush(stdout);

		pid_t pid = fork();

		if (pid == 0)
			exit(run(i, kind, what->check));
		if (waitpid(pid, &status, 0) != pid)
			status = -1;
	}
	printf("%sok %d - %s: %s: %s%s\n", status ? "not " : "", ++count, entries[i].name,
	       kind_names[kind], what->name, missing ? " # SKIP this libc has no such symbol" : "");
}

static enum mode mode_of(const char *name)
{
	if (strcmp(name, "plain") == 0)
		return PLAIN;
	return strcmp(name, "compose") == 0 ? COMPOSE : ALL;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	mode = mode_of(argv[1]);
	dir = argv[2];
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		for (enum kind kind = 0; kind < KINDS; kind++) {
			const struct entries_case *what = case_of(entries[i].family, kind);

			if (what)
				print_case(i, kind, what);
		}
	}
	printf("1..%d\n", count);
	return 0;
}
