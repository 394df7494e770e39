/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the exported symbols share. Each symbol is called by its own name, on four
 * kinds of descriptors, under MSIXSHIM=bar1 over the SAS3008 of the fake: BAR1 has 64 KiB and is
 * shown with 128 KiB, the table at 64 KiB.
 */
#ifndef TESTS_SHIM_ENTRIES_H
#define TESTS_SHIM_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "tests/lib/user.h"

#define PHYS	0x10000ULL
#define SIZE	(2 * PHYS)
#define BAR1	(1ULL << 40)
#define TABLE	(BAR1 + PHYS)
#define NODE	"/dev/vfio/devices/vfio0"
#define A_FILE	"what is in the file, where a device has its table"
#define A_VALUE 0x1230 /* that can be in an entry of the table */

enum kind {
	KIND_FILE, /* not VFIO */
	KIND_GROUP,
	KIND_CDEV,
	KIND_PASSED, /* over a socket */
	KINDS,
};

/* How a symbol's arguments differ from those of the first of its family. */
enum form {
	FORM_PLAIN,
	FORM_AT,
	FORM_2, /* __open_2: without a mode */
	FORM_AT_2,
	FORM_CHK,
	FORM_VECTOR,
	FORM_VECTOR_2,
	FORM_TO,    /* dup2 */
	FORM_FLAGS, /* dup3 */
	FORM_FCNTL,
	FORM_RANGE,
	FORM_FROM,
	FORM_MANY, /* recvmmsg */
};

/* A symbol as dlsym() finds it. */
union symbol {
	void *found;
	int (*close)(int);
	int (*close_range)(unsigned int, unsigned int, int);
	void (*closefrom)(int);
	int (*dup)(int);
	int (*dup2)(int, int);
	int (*dup3)(int, int, int);
	int (*fcntl)(int, int, ...);
	int (*ioctl)(int, unsigned long, ...);
	void *(*mmap)(void *, size_t, int, int, int, off_t);
	void *(*mremap)(void *, size_t, size_t, int, ...);
	int (*munmap)(void *, size_t);
	int (*open)(const char *, int, ...);
	int (*open_2)(const char *, int);
	int (*openat)(int, const char *, int, ...);
	int (*openat_2)(int, const char *, int);
	ssize_t (*pread)(int, void *, size_t, off_t);
	ssize_t (*pread_chk)(int, void *, size_t, off_t, size_t);
	ssize_t (*preadv)(int, const struct iovec *, int, off_t);
	ssize_t (*preadv2)(int, const struct iovec *, int, off_t, int);
	ssize_t (*pwrite)(int, const void *, size_t, off_t);
	ssize_t (*pwritev)(int, const struct iovec *, int, off_t);
	ssize_t (*pwritev2)(int, const struct iovec *, int, off_t, int);
	int (*recvmmsg)(int, struct mmsghdr *, unsigned int, int, struct timespec *);
	ssize_t (*recvmsg)(int, struct msghdr *, int);
};

/* What a symbol is called on. */
struct subject {
	enum kind kind;
	/* The device, which is there for every kind: what is no device is so beside one, too. */
	struct user user;
	int hole;	 /* a free number, the lowest one */
	int files[2];	 /* a file with A_FILE at TABLE; the same on a number that was the device's,
			    which was closed unseen */
	const char *dir; /* where files can be made */
};

struct call {
	union symbol symbol;
	enum form form;
};

/* NULL, or what did not hold. */
typedef const char *entries_check(const struct call *c, struct subject *s);

/* What is asserted of a family of symbols: its name in the table, and the check. */
struct entries_case {
	const char *name;
	entries_check *check;
};

/* [KIND_FILE] of the device's is for all kinds that have none of their own. */
struct entries_family {
	struct entries_case of_file;
	struct entries_case of_device[KINDS];
	struct entries_case composed; /* under map=compose, if that adds anything */
};

extern const struct entries_family entries_open, entries_ioctl, entries_read, entries_write,
	entries_map, entries_unmap, entries_remap, entries_close, entries_dup, entries_receive;

#define CHECK(what)                                                                                \
	do {                                                                                       \
		if (!(what))                                                                       \
			return entries_failed(__FILE__, __LINE__, #what);                          \
	} while (0)

const char *entries_failed(const char *file, int line, const char *what);

/* Opens and closes the device of s->kind anew. 0, or -1 with errno. */
int entries_open_device(struct subject *s);
void entries_close_device(struct subject *s);

/* The size of BAR1; 0 where `fd` is no device. */
uint64_t entries_bar1(int fd);

/* The first dword of the table, or -errno. */
int64_t entries_table(int fd);

/* Writes A_VALUE there. */
bool entries_set_table(int fd);

/* Puts `file` on number `to`, which nobody sees. */
bool entries_replace(int to, int file);

/*
 * Whether `to`, that the device had until a call that the shim is to have seen, is a container's
 * now and nothing else: which answers an access with the error that a device has behind a BAR.
 */
bool entries_forgot(const struct subject *s, int to);

/* Sends `fd` over a new socket and returns the other end of that, or -1. */
int entries_send(int fd);

/* Receives a descriptor from `sock`, which is closed, by a symbol; -1: none came. */
int entries_take(const struct call *c, int sock);

#endif
