/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IOMMU groups: vfio's group.c. The caller holds the lock. */
#ifndef FAKE_GROUP_H
#define FAKE_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "fake/file.h"

struct fake_group {
	struct fake_file file;
	uint32_t number;
	bool open;
	uint32_t container; /* places; at most one of the two is not 0 */
	uint32_t iommufd;
};

/* vfio_group_fops_unl_ioctl(): what the ioctl returns, or -errno. */
long group_ioctl(struct fake_group *g, unsigned int cmd, void *arg);
/*
 * vfio_group_detach_container(): takes it off its container or iommufd, and off the container the
 * IOMMU driver with the last group.
 */
void group_detach(struct fake_group *g);

#endif
