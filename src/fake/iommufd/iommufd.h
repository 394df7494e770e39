/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An iommufd and its objects: iommufd's main.c. No DMA happens, so what is kept is what the
 * answers depend on. The caller holds the lock.
 */
#ifndef FAKE_IOMMUFD_H
#define FAKE_IOMMUFD_H

#include <stdbool.h>
#include <stdint.h>

#include "fake/file.h"
#include "fake/iommu.h"
#include "fake/iommufd/abi.h"
#include "fake/iommufd/io_pagetable.h"

#define IOMMU_OBJECTS	 64
#define IOAS_ALLOWED_MAX 16

enum iommu_type { OBJ_NONE, OBJ_IOAS, OBJ_HWPT, OBJ_DEVICE };

/* An object of an iommufd; its id is its place, from 1. What refers to others are ids, or 0. */
struct iommu_object {
	enum iommu_type type;
	uint32_t group;	     /* device: its IOMMU group */
	uint32_t hwpt;	     /* device: the page table that it is attached to */
	uint32_t ioas;	     /* page table: whose mappings it holds */
	bool automatic;	     /* page table: made by an attach */
	bool small_pages;    /* IOAS: huge pages are off */
	uint32_t nr_allowed; /* IOAS: where addresses are chosen, in ascending order */
	struct abi_range allowed[IOAS_ALLOWED_MAX];
};

struct fake_iommufd {
	struct fake_file file;
	bool open;
	bool account_mm;    /* IOMMU_OPTION_RLIMIT_MODE */
	uint32_t vfio_ioas; /* for the ioctls of a container; 0 if there is none */
	struct iommu_object objects[IOMMU_OBJECTS];
	struct iommu_area areas[FAKE_MAPPINGS];
};

/*
 * iommufd_fops_ioctl(): what the ioctl returns, or -errno. ENOTTY for one that Linux 6.14 does
 * not have.
 */
long iommufd_ioctl(struct fake_iommufd *i, unsigned int cmd, void *arg);
/* iommufd_ctx_from_fd(): the one that the program's fd is; NULL with -EBADF or -EBADFD in *error.
 */
struct fake_iommufd *iommufd_of_fd(int fd, long *error);
/* iommufd_fops_release(): nobody holds it any more. */
void iommufd_release(struct fake_iommufd *i);

/* A free id, with an object of that type; 0 if there is none. */
uint32_t iommu_object_new(struct fake_iommufd *i, enum iommu_type type);
/* iommufd_get_object(): the object, or NULL; OBJ_NONE asks for one of any type. */
struct iommu_object *iommu_object(struct fake_iommufd *i, uint32_t id, enum iommu_type type);
/* iommufd_object_remove(): 0, ENOENT, EBUSY while another object uses it. */
long iommu_object_remove(struct fake_iommufd *i, uint32_t id);

#endif
