/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files: made on first use, handed out as new descriptions that hold a lock. */
#include "fake/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake/share.h"
#include "fake/state.h"
#include "fake/sys.h"
#include "fake/user.h"

/* Values of F_SETSIG, which dup, fork and SCM_RIGHTS keep. */
#define SIGNAL_UNBOUND 62
#define SIGNAL_BOUND   63

#define LOW_FDS 1024 /* where the program's own numbers are looked for */

/*
 * The fake's own numbers, of this process alone: forked children inherit them with the
 * files, others that share the state don't have them.
 */
static int own_fds[FAKE_FILES];
/* With a shared state, any fd may be the fake's from the start. */
static enum live { LIVE_UNKNOWN, LIVE_NO, LIVE_YES } live;

static enum live look(void)
{
	enum live now = LIVE_UNKNOWN;
	enum live next = fake_wanted() && share_wanted() && fake_state() ? LIVE_YES : LIVE_NO;

	if (__atomic_compare_exchange_n(&live, &now, next, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		now = next;
	return now;
}

bool fake_live(void)
{
	enum live now = __atomic_load_n(&live, __ATOMIC_ACQUIRE);

	return (now == LIVE_UNKNOWN ? look() : now) == LIVE_YES;
}

void fake_file_init(struct fake_state *s, struct fake_file *f, const char *kind)
{
	f->id = s->nr_files++;
	snprintf(f->name, sizeof(f->name), FAKE_NAME "%s.%u", kind, f->id);
}

bool fake_file_kind(const char *link, char *kind, size_t size)
{
	static const char memfd[] = "memfd:";
	const char *name = strrchr(link, '/'), *end;

	name = name ? name + 1 : link;
	if (strncmp(name, memfd, strlen(memfd)) == 0)
		name += strlen(memfd);
	if (strncmp(name, FAKE_NAME, strlen(FAKE_NAME)) != 0)
		return false;
	name += strlen(FAKE_NAME);
	end = strrchr(name, '.');
	if (!end || (size_t)(end - name) >= size)
		return false;
	snprintf(kind, size, "%.*s", (int)(end - name), name);
	return true;
}

bool fake_file_is(const struct fake_file *f, const struct stat *st)
{
	return f->pid && f->ino == st->st_ino && f->dev == st->st_dev;
}

static bool is_fd_of(const struct fake_file *f, int fd)
{
	struct stat st;

	return fd > 0 && !sys_fstat(fd, &st) && fake_file_is(f, &st);
}

/* Opens what fd is once more: a new description, which does not share the lock of fd's. */
static int reopen(int fd, int flags)
{
	char path[32];
	int ret;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = sys_open(path, O_RDWR | (flags & O_CLOEXEC), 0);
	/* No /proc. ENOENT would say that there is no such VFIO file. */
	return ret == -ENOENT ? -EIO : ret;
}

/* Moves fd to a high number: programs may count on the lowest free one. Closes fd. */
static int keep(const struct fake_file *f, int fd)
{
	int own = sys_dup_high(fd);

	sys_close(fd);
	if (own >= 0)
		own_fds[f->id] = own;
	return own;
}

int fake_file_fd(const struct fake_file *f)
{
	int fd = own_fds[f->id];

	/* The program may have closed the number, and opened another file there. */
	if (is_fd_of(f, fd))
		return fd;
	if (!f->pid || !share_dir()[0])
		return -1;
	fd = share_open_file(f->name, 0);
	if (fd < 0 || is_fd_of(f, fd))
		return fd < 0 ? -1 : keep(f, fd);
	sys_close(fd);
	return -1;
}

void fake_file_adopt(const struct fake_file *f, int fd)
{
	if (fake_file_fd(f) < 0) {
		int own = reopen(fd, O_CLOEXEC);

		if (own >= 0)
			keep(f, own);
	}
}

int fake_file_create(struct fake_file *f, uint64_t size)
{
	struct stat st;
	int fd = share_dir()[0] ? share_open_file(f->name, O_CREAT | O_TRUNC)
				: (int)sys_ret(memfd_create(f->name, MFD_CLOEXEC));

	if (fd < 0)
		return fd;
	if (ftruncate(fd, (off_t)size) || sys_fstat(fd, &st)) {
		sys_close(fd);
		return -ENOMEM;
	}
	fd = keep(f, fd);
	if (fd < 0)
		return fd;
	f->pid = getpid();
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	return fd;
}

static int open_description(struct fake_file *f, uint64_t size, int flags)
{
	int own = fake_file_fd(f);

	if (own < 0)
		own = fake_file_create(f, size);
	return own < 0 ? own : reopen(own, flags);
}

/* Hands out a new description, or closes it if `error` says that it could not be prepared. */
static int hand_out(int fd, int error)
{
	if (error) {
		sys_close(fd);
		return error;
	}
	__atomic_store_n(&live, LIVE_YES, __ATOMIC_RELEASE);
	return fd;
}

static int lock_description(int fd)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	return sys_fcntl(fd, F_OFD_SETLK, &lock);
}

int fake_file_open(struct fake_file *f, uint64_t size, int flags)
{
	int fd = open_description(f, size, flags);

	return fd < 0 ? fd : hand_out(fd, lock_description(fd));
}

/* F_SETSIG is kept in the description, and no program uses it on such a file. */
static int set_way(int fd, int signal)
{
	return sys_fcntl(fd, F_SETSIG, user_pointer((uint64_t)signal));
}

int fake_file_open_unbound(struct fake_file *f, uint64_t size, int flags)
{
	int fd = open_description(f, size, flags);

	return fd < 0 ? fd : hand_out(fd, set_way(fd, SIGNAL_UNBOUND));
}

int fake_file_bind(int fd)
{
	int error = lock_description(fd);

	return error ? error : set_way(fd, SIGNAL_BOUND);
}

enum fake_way fake_file_way(int fd)
{
	switch (sys_fcntl(fd, F_GETSIG, NULL)) {
	case SIGNAL_UNBOUND:
		return FAKE_UNBOUND;
	case SIGNAL_BOUND:
		return FAKE_BOUND;
	default:
		return FAKE_BY_GROUP;
	}
}

/* Looks among the program's numbers for a file whose number was lost. */
static void find_again(const struct fake_file *f)
{
	for (int fd = 0; fd < LOW_FDS; fd++) {
		if (is_fd_of(f, fd)) {
			fake_file_adopt(f, fd);
			return;
		}
	}
}

bool fake_file_held(const struct fake_file *f)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (!f->pid)
		return false;
	if (fake_file_fd(f) < 0)
		find_again(f);
	if (fake_file_fd(f) < 0 && share_dir()[0])
		return true; /* it can't be opened: nothing is known */
	/* Either a process out of reach holds it, or none does any more. */
	if (fake_file_fd(f) < 0)
		return f->pid != getpid() && (!kill(f->pid, 0) || errno == EPERM);
	if (sys_fcntl(fake_file_fd(f), F_OFD_GETLK, &lock))
		return false;
	return lock.l_type != F_UNLCK;
}
