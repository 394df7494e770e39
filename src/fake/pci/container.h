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
	uint32_t nr_mappings;
	struct fake_mapping {
		uint64_t iova;
		uint64_t size;	    /* in bytes */
	} mappings[TYPE1_MAPPINGS]; /* in the order of iova */
};

/* vfio_fops_unl_ioctl(): what the ioctl returns, or -errno. */
long container_ioctl(struct fake_container *c, unsigned int cmd, void *arg);

#endif
