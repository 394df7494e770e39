/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of devices, groups, containers and iommufds: made on first use, handed out as new
 * descriptions that hold a lock.
 *
 * A VFIO file is a description of a memfd, or of a file in the directory of FAKEVFIO_STATE; every
 * description that is handed out holds an open file description lock, so the kernel keeps count of
 * them over dup, fork, SCM_RIGHTS and mappings: a device, group or container is closed once nobody
 * holds its lock. The caller holds the state's lock unless said otherwise.
 */
#ifndef FAKE_FILE_H
#define FAKE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct fake_state;

#define FAKE_NAME "fakevfio:" /* start of the name of each file */

/* What the descriptions that are handed out are of. */
struct fake_file {
	unsigned int id; /* below FAKE_FILES, no other file's */
	char name[40];	 /* FAKE_NAME KIND "." ID */
	pid_t pid;	 /* of the process that made it; 0 before its first use */
	dev_t dev;
	ino_t ino;
};

/* How a device's file was opened; by its own node, it answers once it is bound to an iommufd. */
enum fake_way { FAKE_BY_GROUP, FAKE_UNBOUND, FAKE_BOUND };

/* Whether any VFIO file was ever handed out: before that no fd is the fake's. Without the lock. */
bool fake_live(void);
/*
 * Gives f its id in the state, which no other file has, and its name; `kind` is the name of a file
 * in all but the id, without a '/'.
 */
void fake_file_init(struct fake_state *s, struct fake_file *f, const char *kind);
/* The kind in `link`, the target of a link to a file; false for another file's. Without the lock.
 */
bool fake_file_kind(const char *link, char *kind, size_t size);
/*
 * Opens one more description of f's file, with its lock; makes the file, of `size` bytes, if it is
 * out of reach. Of flags, O_CLOEXEC counts. The program's fd, or -errno.
 */
int fake_file_open(struct fake_file *f, uint64_t size, int flags);
/* The same without the lock, for a device's own node: FAKE_UNBOUND. */
int fake_file_open_unbound(struct fake_file *f, uint64_t size, int flags);
/* From now on fd's description holds the lock: FAKE_BOUND. 0 or -errno. */
int fake_file_bind(int fd);
/* How the description of a device's fd came to be: kept in the description. Without the lock. */
enum fake_way fake_file_way(int fd);
/* Makes a file of `size` bytes; returns the fake's own fd of it, or -errno. */
int fake_file_create(struct fake_file *f, uint64_t size);
/* The fake's own fd of it, without a lock; -1 if this process has none (any more). */
int fake_file_fd(const struct fake_file *f);
/* Gets one through the program's fd, if there is none. */
void fake_file_adopt(const struct fake_file *f, int fd);
/* Whether st is the file's. */
bool fake_file_is(const struct fake_file *f, const struct stat *st);
/* Whether any description that was handed out may still be open, here or elsewhere. */
bool fake_file_held(const struct fake_file *f);

#endif
