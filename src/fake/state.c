/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/state.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/pci_bdf.h"
#include "fake/file.h"
#include "fake/iommufd/iommufd.h"
#include "fake/load.h"
#include "fake/log.h"
#include "fake/pci/container.h"
#include "fake/pci/dev.h"
#include "fake/pci/group.h"
#include "fake/share.h"
#include "fake/sys.h"

/* Tells a state that is finished, and this layout of it. */
#define STATE_MAGIC (0x56464b4600000000ULL + sizeof(struct fake_state))

static struct fake_state *state;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool broken;

bool fake_wanted(void)
{
	const char *list = getenv("FAKEVFIO");

	return list && *list;
}

/*
 * The lock of all processes. Where the kernel has no robust lists (qemu-user has none), libc may
 * refuse a robust one, and leaves zeros: a lock of one process, that wakes no other.
 */
static bool make_lock(void)
{
	pthread_mutexattr_t attr;
	int error;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	error = pthread_mutex_init(&state->lock, &attr);
	if (error) {
		pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_STALLED);
		error = pthread_mutex_init(&state->lock, &attr);
	}
	pthread_mutexattr_destroy(&attr);
	if (error)
		log_complain("fakevfio: no lock between processes: %s", strerror(error));
	return !error;
}

/* Makes a state out of zeros. */
static bool fill(const char *list)
{
	if (!make_lock())
		return false;
	for (unsigned int i = 0; i < FAKE_CONTAINERS; i++)
		fake_file_init(state, &state->containers[i].file, "container");
	for (unsigned int i = 0; i < FAKE_IOMMUFDS; i++)
		fake_file_init(state, &state->iommufds[i].file, "iommu");
	if (!fake_load(state, list)) {
		state->nr_devs = state->nr_groups = 0;
		return false;
	}
	state->magic = STATE_MAGIC;
	return true;
}

static void init(void)
{
	const char *path = share_wanted();
	int saved = errno, fd = -1;

	if (!fake_wanted())
		return;
	if (path) {
		fd = share_open(path, STATE_MAGIC, sizeof(*state));
		broken = fd < 0;
	}
	state = sys_map(fd, sizeof(*state));
	if (!state || (state->magic != STATE_MAGIC && !fill(getenv("FAKEVFIO"))))
		broken = true;
	if (fd >= 0)
		share_done(fd);
	errno = saved;
}

struct fake_state *fake_state(void)
{
	pthread_once(&once, init);
	return state;
}

bool fake_broken(void)
{
	return broken;
}

/*
 * Signals of the thread that holds the lock: a handler may call into the fake again.
 * initial-exec, since the general model needs __tls_get_addr() of the dynamic loader.
 */
static __thread sigset_t before_lock __attribute__((tls_model("initial-exec")));

void fake_lock(void)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	/* A process that was killed in a call left the state as it is. */
	if (pthread_mutex_lock(&state->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&state->lock);
	before_lock = old;
}

void fake_unlock(void)
{
	sigset_t old = before_lock;

	pthread_mutex_unlock(&state->lock);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static struct fake_ref ref_of(const struct stat *st)
{
	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (fake_file_is(&state->devs[i].file, st))
			return (struct fake_ref){.kind = FAKE_DEVICE, .dev = &state->devs[i]};
	}
	for (uint32_t i = 0; i < state->nr_groups; i++) {
		if (fake_file_is(&state->groups[i].file, st))
			return (struct fake_ref){.kind = FAKE_GROUP, .group = &state->groups[i]};
	}
	for (unsigned int i = 0; i < FAKE_CONTAINERS; i++) {
		struct fake_container *c = &state->containers[i];

		if (fake_file_is(&c->file, st))
			return (struct fake_ref){.kind = FAKE_CONTAINER, .container = c};
	}
	for (unsigned int i = 0; i < FAKE_IOMMUFDS; i++) {
		struct fake_iommufd *iommufd = &state->iommufds[i];

		if (fake_file_is(&iommufd->file, st))
			return (struct fake_ref){.kind = FAKE_IOMMUFD, .iommufd = iommufd};
	}
	return (struct fake_ref){.kind = FAKE_NONE};
}

bool fake_is_vfio(const struct stat *st)
{
	return ref_of(st).kind != FAKE_NONE;
}

static const struct fake_file *file_of(const struct fake_ref *ref)
{
	switch (ref->kind) {
	case FAKE_DEVICE:
		return &ref->dev->file;
	case FAKE_GROUP:
		return &ref->group->file;
	case FAKE_IOMMUFD:
		return &ref->iommufd->file;
	default:
		return &ref->container->file;
	}
}

struct fake_ref fake_find(int fd)
{
	struct fake_ref ref = {.kind = FAKE_NONE};
	struct stat st;
	int saved = errno;

	if (fake_live() && fd >= 0 && !sys_fstat(fd, &st) && S_ISREG(st.st_mode)) {
		fake_lock();
		ref = ref_of(&st);
		if (ref.kind != FAKE_NONE)
			fake_file_adopt(file_of(&ref), fd);
		fake_unlock();
		ref.fd = fd;
		if (ref.kind == FAKE_DEVICE)
			ref.way = fake_file_way(fd);
	}
	errno = saved;
	return ref;
}

static bool group_used(const struct fake_group *g)
{
	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (state->devs[i].open && state->devs[i].desc.group == g->number)
			return true;
	}
	return fake_file_held(&g->file);
}

static bool container_used(const struct fake_container *c)
{
	uint32_t place = fake_container_place(c);

	for (uint32_t i = 0; i < state->nr_groups; i++) {
		if (state->groups[i].container == place)
			return true;
	}
	return fake_file_held(&c->file);
}

/* A device that is bound to it holds it, and so does a group that took it for a container. */
static bool iommufd_used(const struct fake_iommufd *iommufd)
{
	uint32_t place = fake_iommufd_place(iommufd);

	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (state->devs[i].iommufd == place)
			return true;
	}
	for (uint32_t i = 0; i < state->nr_groups; i++) {
		if (state->groups[i].iommufd == place)
			return true;
	}
	return fake_file_held(&iommufd->file);
}

void fake_collect(void)
{
	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (state->devs[i].open && !fake_file_held(&state->devs[i].file))
			dev_release(&state->devs[i]);
	}
	for (uint32_t i = 0; i < state->nr_groups; i++) {
		struct fake_group *g = &state->groups[i];

		if (g->open && !group_used(g)) {
			g->open = false;
			group_detach(g);
			log_line("group %u release", g->number);
		}
	}
	for (unsigned int i = 0; i < FAKE_CONTAINERS; i++) {
		struct fake_container *c = &state->containers[i];

		if (c->open && !container_used(c)) {
			c->open = false;
			log_line("container release");
		}
	}
	for (unsigned int i = 0; i < FAKE_IOMMUFDS; i++) {
		if (state->iommufds[i].open && !iommufd_used(&state->iommufds[i]))
			iommufd_release(&state->iommufds[i]);
	}
}

struct fake_dev *fake_dev_named(const char *name, size_t len)
{
	struct pci_bdf bdf;

	if (!pci_bdf_parse(name, len, &bdf))
		return NULL;
	for (uint32_t i = 0; i < state->nr_devs; i++) {
		if (pci_bdf_equal(&state->devs[i].desc.bdf, &bdf))
			return &state->devs[i];
	}
	return NULL;
}

struct fake_group *fake_group_number(uint64_t number)
{
	for (uint32_t i = 0; i < state->nr_groups; i++) {
		if (state->groups[i].number == number)
			return &state->groups[i];
	}
	return NULL;
}

struct fake_group *fake_group_named(const char *name, size_t len)
{
	char text[16];

	for (uint32_t i = 0; i < state->nr_groups; i++) {
		if ((size_t)snprintf(text, sizeof(text), "%u", state->groups[i].number) == len &&
		    memcmp(text, name, len) == 0)
			return &state->groups[i];
	}
	return NULL;
}

struct fake_group *fake_group_of(const struct fake_dev *d)
{
	return fake_group_number(d->desc.group);
}

unsigned int fake_dev_index(const struct fake_dev *d)
{
	return (unsigned int)(d - state->devs);
}

struct fake_container *fake_container_at(uint32_t place)
{
	return place ? &state->containers[place - 1] : NULL;
}

struct fake_iommufd *fake_iommufd_at(uint32_t place)
{
	return place ? &state->iommufds[place - 1] : NULL;
}

uint32_t fake_container_place(const struct fake_container *c)
{
	return c ? (uint32_t)(c - state->containers) + 1 : 0;
}

uint32_t fake_iommufd_place(const struct fake_iommufd *i)
{
	return i ? (uint32_t)(i - state->iommufds) + 1 : 0;
}
