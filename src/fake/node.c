/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens the nodes in /dev: VFIO's and the iommufd's. */
#include "fake/node.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fake/file.h"
#include "fake/iommufd/iommufd.h"
#include "fake/log.h"
#include "fake/pci/container.h"
#include "fake/pci/dev.h"
#include "fake/pci/group.h"
#include "fake/state.h"

static int open_container(int flags)
{
	struct fake_state *s = fake_state();

	for (unsigned int i = 0; i < FAKE_CONTAINERS; i++) {
		struct fake_container *c = &s->containers[i];
		int fd;

		if (c->open)
			continue;
		fd = fake_file_open(&c->file, 0, flags);
		c->open = fd >= 0;
		return fd;
	}
	return -ENOMEM;
}

static int open_iommufd(int flags)
{
	struct fake_state *s = fake_state();

	for (unsigned int i = 0; i < FAKE_IOMMUFDS; i++) {
		struct fake_iommufd *iommufd = &s->iommufds[i];
		int fd;

		if (iommufd->open)
			continue;
		fd = fake_file_open(&iommufd->file, 0, flags);
		iommufd->open = fd >= 0;
		return fd;
	}
	return -ENOMEM;
}

/* Whether a device of the group was opened by its own node: vfio_group_fops_open(). */
static bool group_blocked(const struct fake_group *g)
{
	struct fake_state *s = fake_state();

	for (uint32_t i = 0; i < s->nr_devs; i++) {
		if (s->devs[i].open && s->devs[i].cdev && fake_group_of(&s->devs[i]) == g)
			return true;
	}
	return false;
}

static int open_group(struct fake_group *g, int flags)
{
	int fd;

	if (g->open || group_blocked(g))
		return -EBUSY;
	fd = fake_file_open(&g->file, 0, flags);
	g->open = fd >= 0;
	return fd;
}

/* The device of a node's name: "vfioN". */
static struct fake_dev *dev_of_node(const char *name)
{
	struct fake_state *s = fake_state();
	char text[16];

	for (uint32_t i = 0; i < s->nr_devs; i++) {
		snprintf(text, sizeof(text), "vfio%u", i);
		if (strcmp(text, name) == 0)
			return &s->devs[i];
	}
	return NULL;
}

static int open_cdev(const char *name, int flags)
{
	struct fake_dev *d = dev_of_node(name);

	if (!d)
		return -ENOENT;
	/* A process that is not an ancestor of this one has it open. */
	if (d->open && fake_file_fd(&d->file) < 0)
		return -EBUSY;
	return fake_file_open_unbound(&d->file, REGION_OFFSET(VFIO_PCI_NUM_REGIONS), flags);
}

static int open_named(const char *name, int flags)
{
	static const char devices[] = "vfio/devices/", vfio[] = "vfio/";
	struct fake_group *g;

	if (strcmp(name, "iommu") == 0)
		return open_iommufd(flags);
	if (strncmp(name, devices, strlen(devices)) == 0)
		return open_cdev(name + strlen(devices), flags);
	if (strncmp(name, vfio, strlen(vfio)) != 0)
		return -ENOENT;
	name += strlen(vfio);
	if (strcmp(name, "vfio") == 0)
		return open_container(flags);
	g = fake_group_named(name, strlen(name));
	return g ? open_group(g, flags) : -ENOENT;
}

int fake_open_node(const char *name, int flags)
{
	int fd;

	fake_lock();
	fake_collect();
	fd = fake_broken() ? -EINVAL : open_named(name, flags);
	log_result(fd < 0 ? fd : 0, "open /dev/%s", name);
	fake_unlock();
	return fd;
}
