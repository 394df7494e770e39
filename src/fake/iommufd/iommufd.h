/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An iommufd: its objects, and what is mapped in its address spaces. No DMA happens, so what
 * is kept is what the answers depend on. Functions return 0 or -errno, as the kernel's do.
 */
#ifndef FAKE_IOMMUFD_H
#define FAKE_IOMMUFD_H

#include "fake/fake.h"
#include "fake/iommufd/abi.h"

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

/* One ioctl: `args` is the kernel's copy of what the program gave, longer ones zero-filled. */
struct iommu_call {
	struct fake_iommufd *i;
	void *user;
	uint32_t user_size;
	union iommu_args args;
	char details[112]; /* for the transcript: "", or " name=value ..." */
};

/* Gives the first len bytes of the arguments back, as far as the program has room. */
long iommu_respond(const struct iommu_call *call, size_t len);

/* --- iommufd.c: objects --- */
/* A free id, with an object of that type; 0 if there is none. */
uint32_t iommu_object_new(struct fake_iommufd *i, enum iommu_type type);
/* The object, or NULL; OBJ_NONE for one of any type. */
struct iommu_object *iommu_object(struct fake_iommufd *i, uint32_t id, enum iommu_type type);
/* iommufd_object_remove(): ENOENT, EBUSY while another object uses it. */
long iommu_object_remove(struct fake_iommufd *i, uint32_t id);

/* --- io_pagetable.c: one address space, io_pagetable.c; ioas is the id of one that exists --- */
#define IOPT_RESERVED_MAX 2
/* What can't be mapped there now, in ascending order: how many. */
unsigned int iopt_reserved(struct fake_iommufd *i, uint32_t ioas, struct abi_range *ranges);
/* The rest, at most one more. */
unsigned int iopt_usable(struct fake_iommufd *i, uint32_t ioas, struct abi_range *holes);
/* The multiple that addresses and lengths have to be of now, in bytes. */
uint64_t iopt_alignment(struct fake_iommufd *i, uint32_t ioas);
/*
 * Maps what *pages says (size, start, writable, file; the rest is ignored) at *iova, or where
 * there is room: then *iova is set. EINVAL, EOVERFLOW, EEXIST, ENOSPC; EFAULT if a page table
 * has to be filled and the memory can't be pinned; ENOMEM if the fake has no room.
 */
long iopt_map(struct fake_iommufd *i, uint32_t ioas, const struct iommu_area *pages, uint64_t *iova,
	      bool fixed);
/* Maps again what is mapped at src: ENOENT where nothing is; EPERM to write what is read-only. */
long iopt_copy(struct fake_iommufd *i, const struct abi_ioas_copy *c, uint64_t *iova);
/* Removes all that meets [start, last], upwards; ENOENT at one that is not wholly inside. */
long iopt_unmap(struct fake_iommufd *i, uint32_t ioas, uint64_t start, uint64_t last,
		uint64_t *unmapped);
/* Cuts the mapping around iova in two, of which the first one ends with iova. */
long iopt_cut(struct fake_iommufd *i, uint32_t ioas, uint64_t iova);
/* Whether [start, last] can become reserved: EADDRINUSE. */
long iopt_can_reserve(struct fake_iommufd *i, uint32_t ioas, uint64_t start, uint64_t last);
/* iopt_table_add_domain(): whether one more page table can hold all that is mapped. */
long iopt_can_add_domain(struct fake_iommufd *i, uint32_t ioas);
/* IOPT's disable_large_pages. */
long iopt_set_small_pages(struct fake_iommufd *i, uint32_t ioas, bool small);

/* --- ioas.c, hw_pagetable.c: ioctls, which iommufd.c calls by a table --- */
long ioas_alloc(struct iommu_call *call);
long ioas_iova_ranges(struct iommu_call *call);
long ioas_allow_iovas(struct iommu_call *call);
long ioas_map(struct iommu_call *call);
long ioas_map_file(struct iommu_call *call);
long ioas_copy(struct iommu_call *call);
long ioas_unmap(struct iommu_call *call);
long hwpt_alloc(struct iommu_call *call);
long hwpt_hw_info(struct iommu_call *call);

/* --- hw_pagetable.c: devices --- */
/* The device becomes an object of the iommufd: EPERM if another one owns its group. */
long iommu_bind(struct fake_dev *d, struct fake_iommufd *i);
/* To an IOAS or a HWPT; *pt_id becomes the HWPT's id. A second time, instead of the first. */
long iommu_attach(struct fake_dev *d, uint32_t *pt_id);
void iommu_detach(struct fake_dev *d);

/* --- vfio_compat.c: the ioctls of a container, on an iommufd --- */
long iommufd_vfio_ioctl(struct fake_iommufd *i, unsigned int cmd, void *arg);
/* Makes the address space that they work on, if there is none. */
long iommufd_vfio_create(struct fake_iommufd *i);

#endif
