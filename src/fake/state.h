/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake's state: all devices, groups, containers and iommufds.
 *
 * It lies in memory shared with forked children, or with all processes that name it by
 * FAKEVFIO_STATE, under one lock. It is at another address in each process: what refers to a part
 * of it is the part's place, from 1.
 *
 * Here as in the other headers, functions return 0 or a value, or -errno, as the kernel's do, and
 * the caller holds the lock, unless said otherwise.
 */
#ifndef FAKE_STATE_H
#define FAKE_STATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "fake/file.h"
#include "fake/iommufd/iommufd.h"
#include "fake/pci/container.h"
#include "fake/pci/dev.h"
#include "fake/pci/group.h"

#define FAKE_DEVS	32
#define FAKE_CONTAINERS 32
#define FAKE_IOMMUFDS	8
#define FAKE_FILES	(3 * FAKE_DEVS + FAKE_CONTAINERS + FAKE_IOMMUFDS)

struct fake_state {
	uint64_t magic; /* 0 before all the rest is there */
	pthread_mutex_t lock;
	struct fake_dev devs[FAKE_DEVS];
	uint32_t nr_devs;
	struct fake_group groups[FAKE_DEVS];
	uint32_t nr_groups;
	uint32_t nr_files; /* ids that were given */
	bool has_tree;	   /* the copy of sysfs is there */
	struct fake_container containers[FAKE_CONTAINERS];
	struct fake_iommufd iommufds[FAKE_IOMMUFDS];
};

enum fake_kind { FAKE_NONE, FAKE_CONTAINER, FAKE_GROUP, FAKE_DEVICE, FAKE_IOMMUFD };

/* What an fd of the program is a file of. */
struct fake_ref {
	enum fake_kind kind;
	struct fake_dev *dev;
	struct fake_group *group;
	struct fake_container *container;
	struct fake_iommufd *iommufd;
	enum fake_way way; /* of a device */
	int fd;
};

/* Whether FAKEVFIO is set: without it no path is looked at. Without the lock. */
bool fake_wanted(void);
/* The state; NULL if FAKEVFIO is unset, or there is no memory. Without the lock. */
struct fake_state *fake_state(void);
/* Whether the descriptions could not be read: VFIO files then fail to open. Without the lock. */
bool fake_broken(void);
/* Signals are blocked while it is held; a process that dies with it lets it go. */
void fake_lock(void);
void fake_unlock(void);

/* Finds what fd is a file of. Without the lock; leaves errno alone. */
struct fake_ref fake_find(int fd);
/* Whether it is any VFIO file. */
bool fake_is_vfio(const struct stat *st);
/* Releases every device, group, container and iommufd that nobody holds any more. */
void fake_collect(void);

/* The device of an address, of len characters in any of its forms; NULL if there is none. */
struct fake_dev *fake_dev_named(const char *name, size_t len);
/* The N of vfioN, its own node. */
unsigned int fake_dev_index(const struct fake_dev *d);
/* The group of a number, or of its node's name as the kernel writes it; NULL if there is none. */
struct fake_group *fake_group_number(uint64_t number);
struct fake_group *fake_group_named(const char *name, size_t len);
struct fake_group *fake_group_of(const struct fake_dev *d);

/* What is at a place of the state, NULL for place 0; and the place, 0 for NULL. */
struct fake_container *fake_container_at(uint32_t place);
struct fake_iommufd *fake_iommufd_at(uint32_t place);
uint32_t fake_container_place(const struct fake_container *c);
uint32_t fake_iommufd_place(const struct fake_iommufd *i);

#endif
