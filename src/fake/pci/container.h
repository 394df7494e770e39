/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers: vfio's container.c. The caller holds the lock. */
#ifndef FAKE_CONTAINER_H
#define FAKE_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "fake/file.h"
#include "fake/iommu.h"

struct fake_container {
	struct fake_file file;
	bool open;
	unsigned int iommu; /* VFIO_TYPE1_IOMMU, VFIO_TYPE1v2_IOMMU, or 0 */
	struct fake_mapping {
		uint64_t iova;
		uint64_t size; /* in bytes; 0 for a free place */
	} mappings[FAKE_MAPPINGS];
};

/* vfio_fops_unl_ioctl(): what the ioctl returns, or -errno. */
long container_ioctl(struct fake_container *c, unsigned int cmd, void *arg);

#endif
