/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One ioctl on an iommufd and its arguments: the kernel's struct iommufd_ucmd. */
#ifndef FAKE_CALL_H
#define FAKE_CALL_H

#include <stddef.h>
#include <stdint.h>

#include "fake/iommufd/abi.h"

struct fake_iommufd;

/* The kernel's union ucmd_buffer. */
union iommu_args {
	uint32_t size;
	struct abi_destroy destroy;
	struct abi_ioas_alloc ioas_alloc;
	struct abi_iova_ranges iova_ranges;
	struct abi_allow_iovas allow_iovas;
	struct abi_ioas_map map;
	struct abi_ioas_map_file map_file;
	struct abi_ioas_copy copy;
	struct abi_ioas_unmap unmap;
	struct abi_option option;
	struct abi_vfio_ioas vfio_ioas;
	struct abi_hwpt_alloc hwpt_alloc;
	struct abi_hw_info hw_info;
};

struct iommu_call {
	struct fake_iommufd *i;
	void *user;	    /* where the program has the arguments */
	uint32_t user_size; /* their size in bytes, as the program says it */
	union iommu_args args;
	char details[112]; /* for the transcript: "", or " name=value ..." */
};

/*
 * copy_struct_from_user(): args become the arguments of `size` bytes; those that the program does
 * not know are 0. E2BIG if it knows more and that is not 0; EFAULT.
 */
long iommu_copy_args(struct iommu_call *call, size_t size);
/* iommufd_ucmd_respond(): gives len bytes back, or as many as the program has. EFAULT. */
long iommu_respond(const struct iommu_call *call, size_t len);

#endif
