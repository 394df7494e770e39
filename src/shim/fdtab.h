/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which fd is which device.
 *
 * A slot a number, in memory that is never touched while the process has no such
 * device. A lookup is one atomic load: no lock, no call, safe anywhere. The table
 * is a cache: fds are closed in ways that no wrapper sees (fclose, a raw system
 * call, a process that shares them), so every use of a slot verifies it
 * (vfio_dev.h) and drops it when it proves stale.
 *
 * Only the process that owns the table changes it: a vfork child or a CLONE_VM
 * clone has its own fds but shares this memory.
 */
#ifndef SHIM_FDTAB_H
#define SHIM_FDTAB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "vfio/dev.h"

/* The kernel's default fs.nr_open. A device is not handed out on a higher number. */
#define FDTAB_MAX (1U << 20)

/* Devices alive at once. */
#define FDTAB_DEVICES 128

/* Bytes of a device's name with its end: a PCI address takes 13. */
#define FDTAB_NAME_MAX 64

/*
 * A device that was handed out, relocated or left as it is. Alive while an fd leads to it, and
 * while a call uses it that began before the last one was closed. Never freed, only used again.
 */
struct device {
	struct vfio_dev vfio;
	char name[FDTAB_NAME_MAX]; /* "0000:01:00.0", or what a log calls one of no known name */
	bool known;		   /* it is the device's own name, and no other's */
	bool has_bdf;		   /* name is a PCI address: */
	struct pci_bdf bdf;
	unsigned int refs;	   /* fds, and hot resets under way; under the table's lock */
	_Atomic unsigned int lost; /* of refs, to be taken off by who has the lock next */
	_Atomic unsigned int uses; /* calls that use it now */
	_Atomic int ended;	   /* a bool: refs are gone, and what is left goes with `uses` */
	_Atomic uint32_t life;	   /* another one each time that it is used again */
	size_t extension_len;	   /* bytes of vfio.extension; 0: there are none */
	bool claimed;		   /* being set up or alive; under the table's lock */
};

/*
 * The slot of an fd that is left as it is, with nothing kept of its device. To have looked at it
 * once is what counts: later calls on it have to do without more system calls.
 */
#define FDTAB_AS_IT_IS UINT32_MAX

/* 0, FDTAB_AS_IT_IS, or 1 + the device's number. Written by fdtab.c alone. */
extern _Atomic uint32_t fdtab_slots[FDTAB_MAX] __attribute__((visibility("hidden")));

/* The slot of `fd`; 0 for any number that no device was handed out on. */
static inline uint32_t fdtab_get(int fd)
{
	if ((unsigned int)fd >= FDTAB_MAX)
		return 0;
	return atomic_load_explicit(&fdtab_slots[fd], memory_order_acquire);
}

/* The device of a slot; NULL for 0 and FDTAB_AS_IT_IS. Not to be looked into without fdtab_use().
 */
struct device *fdtab_device(uint32_t slot);

/*
 * The device behind `fd`, which stays what it is until fdtab_unuse(), whoever closes the fd. NULL
 * if nothing is kept of it, or another thread just closed it. No lock; in a signal handler, too.
 * What ends a thread in between leaves a device that is never used again.
 */
struct device *fdtab_use(int fd);

/* Ends fdtab_use(); nothing for NULL. errno is untouched. */
void fdtab_unuse(struct device *dev);

/*
 * Which device `fd` leads to, in a number that none will have again; 0: to none. To be asked before
 * a call on the fd is forwarded: its result says nothing of a device that came to the fd
 * since.
 */
uint32_t fdtab_life(int fd);

/* Whether this process may change the table: not a vfork child, nor a CLONE_VM clone. */
bool fdtab_is_mine(void);

/* Takes a free device to set up, NULL if all are in use. */
struct device *fdtab_claim(void);

/* Gives a claimed device back that gets no fd. */
void fdtab_unclaim(struct device *dev);

/*
 * Makes `fd` lead to `dev`, whose set-up is complete; if a device of that name is
 * alive already, to that one, and `dev` is given back: VFIO shares a device's
 * state between all its fds. So, too, if another thread was faster and `fd` leads somewhere.
 */
void fdtab_publish(int fd, struct device *dev);

/* Notes that the device behind `fd` is left as it is. */
void fdtab_leave(int fd);

/* Adds `fd` to the live device called `name`; false if there is none. */
bool fdtab_join(int fd, const char *name);

/* Why a number stops leading to a device: words for the log. */
#define FDTAB_CLOSED "closed"
#define FDTAB_REUSED "the number is another file's now"
#define FDTAB_STALE  "not the device any more; it was closed unseen"

/*
 * `fd` stops leading anywhere, which level debug tells with `why`. Call before the real close:
 * the number is reused at once. A signal handler may call it at any time.
 */
void fdtab_drop(int fd, const char *why);

/* The lowest number from `from` on that leads somewhere; -1 if there is none. */
int fdtab_next(int from);

/* Whether a device may have a number of `first` or above. */
bool fdtab_reaches(unsigned int first);

/* fdtab_drop() for first..last, that are closed. */
void fdtab_drop_range(unsigned int first, unsigned int last);

/*
 * The kernel duplicated `from` into `to` (dup, F_DUPFD). A signal handler that interrupted a change
 * of the table makes no duplicates of devices: there it only notes that `to` is another file.
 */
void fdtab_copy(int from, int to);

/* Resets the emulated tables of all devices that a hot reset of `dev` resets. */
void fdtab_hot_reset(struct device *dev);

#endif
