/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/fdtab.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shim/compose/compose.h"
#include "shim/log/log.h"

/* No host has larger pages. */
#define PAGE_MAX 65536

_Atomic uint32_t fdtab_slots[FDTAB_MAX];

static struct device devices[FDTAB_DEVICES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* for changes; lookups need none */
static _Atomic int lost;				 /* a bool, of some device: see forget() */
static _Atomic unsigned int top;			 /* above the highest slot ever used */
static _Atomic unsigned int used;			 /* above the highest device ever claimed */

/* This thread has the lock, or waits for it: a signal handler that interrupts it must not wait. */
static __thread volatile bool changing __attribute__((tls_model("initial-exec")));

/*
 * The process that owns the table, in memory that a child does not inherit
 * (MADV_WIPEONFORK): 0 in a child with its own copy, made by fork or by a raw
 * clone, which takes the table over; the parent's in one that shares its memory.
 */
static struct {
	_Alignas(PAGE_MAX) _Atomic pid_t pid;
} owner;

/* The locks of a copied table may have been held by threads that were not copied; devices, too. */
static void renew_locks(void)
{
	pthread_mutex_init(&lock, NULL);
	for (unsigned int i = 0; i < used; i++) {
		pthread_mutex_init(&devices[i].vfio.lock, NULL);
		atomic_store(&devices[i].uses, 0);
	}
	atomic_store(&lost, true);
}

static void child_after_fork(void)
{
	atomic_store(&owner.pid, getpid());
	renew_locks();
	log_after_fork();
}

/*
 * Ownership is taken when the library is loaded: taken at the first device, it could
 * go to a vfork child and die with it. glibc keeps the first handlers without malloc.
 */
__attribute__((constructor)) static void take_ownership(void)
{
	madvise(&owner, (size_t)sysconf(_SC_PAGESIZE), MADV_WIPEONFORK);
	atomic_store(&owner.pid, getpid());
	pthread_atfork(NULL, NULL, child_after_fork);
}

bool fdtab_is_mine(void)
{
	pid_t self = getpid();
	pid_t before = 0;

	if (!atomic_compare_exchange_strong(&owner.pid, &before, self))
		return before == self;
	renew_locks();
	return true;
}

struct device *fdtab_device(uint32_t slot)
{
	return slot && slot != FDTAB_AS_IT_IS ? &devices[slot - 1] : NULL;
}

static uint32_t slot_of(const struct device *dev)
{
	return (uint32_t)(dev - devices + 1);
}

static void start_change(void)
{
	changing = true;
	pthread_mutex_lock(&lock);
}

/*
 * Under the lock. Whoever begins to use the device from now on sees that its slot has changed, and
 * who ends the last use comes here again.
 */
static void end_unused(struct device *dev)
{
	if (atomic_load(&dev->uses))
		return;
	atomic_store(&dev->ended, false);
	compose_release(dev);
	dev->claimed = false;
}

/* Under the lock: `count` numbers less lead to the device. */
static void release(struct device *dev, unsigned int count)
{
	dev->refs -= count;
	if (dev->refs)
		return;
	atomic_store(&dev->ended, true);
	end_unused(dev);
}

/* Until no handler has left anything to do. */
static void end_change(void)
{
	bool more;

	do {
		if (atomic_exchange(&lost, false)) {
			for (unsigned int i = 0; i < used; i++) {
				unsigned int count = atomic_exchange(&devices[i].lost, 0);

				if (count)
					release(&devices[i], count);
				if (devices[i].ended)
					end_unused(&devices[i]);
			}
		}
		pthread_mutex_unlock(&lock);
		changing = false;
		more = atomic_load(&lost);
		if (more)
			start_change();
	} while (more);
}

struct device *fdtab_use(int fd)
{
	const uint32_t slot = fdtab_get(fd);
	struct device *dev = fdtab_device(slot);

	if (!dev)
		return NULL;
	if (!atomic_load(&owner.pid)) /* a raw clone's child: its copy of the locks may be held */
		fdtab_is_mine();
	atomic_fetch_add(&dev->uses, 1);
	if (atomic_load(&fdtab_slots[fd]) == slot)
		return dev;
	fdtab_unuse(dev);
	return NULL;
}

void fdtab_unuse(struct device *dev)
{
	if (!dev)
		return;

	unsigned int uses = atomic_load(&dev->uses);

	/* 0: a handler that interrupted the use has forked, and this is the child */
	while (uses && !atomic_compare_exchange_weak(&dev->uses, &uses, uses - 1))
		;
	if (uses > 1 || !atomic_load(&dev->ended))
		return;
	atomic_store(&lost, true);
	if (changing || !fdtab_is_mine())
		return;
	start_change();
	end_change();
}

uint32_t fdtab_life(int fd)
{
	const uint32_t slot = fdtab_get(fd);
	const struct device *dev = fdtab_device(slot);
	const uint32_t life = dev ? dev->life : 0;

	return fdtab_get(fd) == slot ? life : 0;
}

struct device *fdtab_claim(void)
{
	static uint32_t lives;
	struct device *found = NULL;

	start_change();
	for (unsigned int i = 0; i < FDTAB_DEVICES && !found; i++) {
		if (!devices[i].claimed)
			found = &devices[i];
	}
	if (found) {
		found->claimed = true;
		found->refs = 0;
		found->life = ++lives;
		if (found - devices >= used)
			used = (unsigned int)(found - devices) + 1;
	}
	end_change();
	return found;
}

void fdtab_unclaim(struct device *dev)
{
	start_change();
	release(dev, 0);
	end_change();
}

/* Under the lock. Returns the device that the number led to, NULL if to none. */
static struct device *slot_set(int fd, uint32_t slot)
{
	if ((unsigned int)fd >= FDTAB_MAX)
		return NULL;

	struct device *dev = fdtab_device(slot);

	if (dev)
		dev->refs++;
	if (slot && (unsigned int)fd >= top)
		top = (unsigned int)fd + 1;

	struct device *old = fdtab_device(atomic_exchange(&fdtab_slots[fd], slot));

	if (old)
		release(old, 1);
	return old;
}

/*
 * `fd` stops leading anywhere, by a signal handler that interrupted a change, and got a number that
 * was closed unseen. Who changes the table next does the rest. Returns the device.
 */
static const struct device *forget(int fd)
{
	struct device *old = fdtab_device(atomic_exchange(&fdtab_slots[fd], 0));

	if (old) {
		atomic_fetch_add(&old->lost, 1);
		atomic_store(&lost, true);
	}
	return old;
}

static struct device *find(const char *name)
{
	for (unsigned int i = 0; i < FDTAB_DEVICES; i++) {
		if (devices[i].refs && devices[i].known && strcmp(devices[i].name, name) == 0)
			return &devices[i];
	}
	return NULL;
}

bool fdtab_join(int fd, const char *name)
{
	start_change();

	const struct device *dev = find(name);

	if (dev)
		slot_set(fd, slot_of(dev));
	end_change();
	return dev;
}

void fdtab_publish(int fd, struct device *dev)
{
	start_change();

	const struct device *alive = dev->known ? find(dev->name) : NULL;
	const bool taken = fdtab_get(fd);

	if (!taken)
		slot_set(fd, slot_of(alive ? alive : dev));
	if (taken || alive)
		release(dev, 0);
	end_change();
}

void fdtab_leave(int fd)
{
	if ((unsigned int)fd >= FDTAB_MAX || !fdtab_is_mine())
		return;
	start_change();
	slot_set(fd, FDTAB_AS_IT_IS);
	end_change();
}

void fdtab_drop(int fd, const char *why)
{
	if (!fdtab_get(fd) || !fdtab_is_mine())
		return;

	const struct device *dev;

	if (changing) {
		dev = forget(fd);
	} else {
		start_change();
		dev = slot_set(fd, 0);
		end_change();
	}
	if (dev)
		log_debug("fd %d: %s: %s", fd, dev->name, why);
}

int fdtab_next(int from)
{
	for (unsigned int fd = (unsigned int)from; fd < top; fd++) {
		if (fdtab_get((int)fd))
			return (int)fd;
	}
	return -1;
}

bool fdtab_reaches(unsigned int first)
{
	return first < top;
}

void fdtab_drop_range(unsigned int first, unsigned int last)
{
	if (!fdtab_reaches(first) || !fdtab_is_mine())
		return;
	for (unsigned int fd = first; fd < top && fd <= last; fd++)
		fdtab_drop((int)fd, FDTAB_CLOSED);
}

void fdtab_copy(int from, int to)
{
	if (from == to || !(fdtab_get(from) || fdtab_get(to)) || !fdtab_is_mine())
		return;
	/* in a handler `from` is not a device, whatever its slot says: both would need the lock */
	if (changing || !fdtab_get(from)) {
		fdtab_drop(to, FDTAB_REUSED);
		return;
	}
	start_change();

	const uint32_t slot = fdtab_get(from);
	const struct device *dev = fdtab_device(slot);
	const struct device *old = slot_set(to, slot);

	end_change();
	if (old)
		log_debug("fd %d: %s: %s", to, old->name, FDTAB_REUSED);
	if (dev)
		log_debug("fd %d: %s: a duplicate of fd %d", to, dev->name, from);
}

/* Keeps a device alive as one more descriptor does; false where it has none, or no address. */
static bool hold(struct device *dev)
{
	start_change();

	const bool found = dev->refs && dev->has_bdf;

	if (found)
		dev->refs++;
	end_change();
	return found;
}

static void let_go(struct device *dev)
{
	start_change();
	release(dev, 1);
	end_change();
}

/*
 * A device's lock is never waited for under the table's: a signal handler may want the latter while
 * its own thread has the former.
 */
void fdtab_hot_reset(struct device *dev)
{
	vfio_dev_reset(&dev->vfio);
	for (unsigned int i = 0; i < used; i++) {
		struct device *other = &devices[i];

		if (!hold(other))
			continue;
		if (vfio_dev_hot_resets(&dev->vfio, dev->has_bdf ? &dev->bdf : NULL, &other->bdf))
			vfio_dev_reset(&other->vfio);
		let_go(other);
	}
}
