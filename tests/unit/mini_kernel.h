/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel of a few lines under the vfio layer: one device on fd MINI_FD, told by
 * its regions and its configuration space, with the transfer rules of vfio-pci.
 */
#ifndef TESTS_MINI_KERNEL_H
#define TESTS_MINI_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/extent.h"
#include "core/pci_cfg.h"
#include "vfio/ops.h"

#define MINI_FD	     7
#define MINI_REGIONS 9
#define MINI_MMAP                                                                                  \
	(VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE | VFIO_REGION_INFO_FLAG_MMAP)

struct mini_region {
	uint64_t size;
	uint32_t flags; /* VFIO_REGION_INFO_FLAG_*, without CAPS */
	bool msix_mappable;
	uint32_t nr_sparse;
	struct extent sparse[4];
	uint8_t bar_flags; /* bits 3:0 of the register */
	bool unassigned;   /* the register stays 0 and accesses fail */
};

struct mini_kernel {
	struct mini_region region[MINI_REGIONS];
	uint8_t config[PCI_CFG_SIZE];
	uint32_t device_flags;
	unsigned int
		region_shift; /* a region each 1 << region_shift bytes; 40, as the kernel has it */
	int bar_error;	/* what accesses to implemented BARs give: 0, or -EIO with the gate shut */
	int beyond;	/* what accesses at or beyond the end give: -EINVAL; 0: a plain file */
	int config_end; /* what accesses beyond configuration space give: -EFAULT */
	int ioctl_result;   /* of every ioctl that is not emulated here */
	bool memory_is_bad; /* no user memory can be touched */
	unsigned int reads; /* of BARs, that reached this kernel */
	unsigned int writes;
	unsigned int vector_reads;
	uint64_t last_write; /* position on the fd */
};

extern struct mini_kernel mini;
extern const struct vfio_ops mini_ops;

/* A fresh device: vendor 1000:0097, MSI-X with `vectors` at 0xc0, table and PBA as given. */
void mini_reset(uint16_t vectors, uint32_t table, uint32_t pba);

/* Adds a mappable BAR of `size` with these register flags; MSIX_MAPPABLE if it has the table. */
void mini_bar(unsigned int index, uint64_t size, uint8_t bar_flags);

/* The byte that the device has at `offset` of `bar`: never 0. */
uint8_t mini_byte(unsigned int bar, uint64_t offset);

/* Forward a VMM's call as the shim does, then complete it. For one test device. */
struct vfio_dev;
struct vfio_effect;
ssize_t mini_pread(struct vfio_dev *dev, void *buf, size_t count, uint64_t offset,
		   struct vfio_effect *effect);
ssize_t mini_pwrite(struct vfio_dev *dev, const void *buf, size_t count, uint64_t offset,
		    struct vfio_effect *effect);
ssize_t mini_preadv(struct vfio_dev *dev, const struct iovec *iov, int iovcnt, uint64_t offset,
		    struct vfio_effect *effect);

#endif
