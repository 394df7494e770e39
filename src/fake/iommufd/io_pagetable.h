/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mappings of one address space (IOAS): iommufd's io_pagetable.c.
 *
 * `ioas` is the id of one that exists. Addresses and lengths are in bytes; a range is
 * [start, last]. Functions that can fail return 0 or -errno. The caller holds the lock.
 */
#ifndef FAKE_IO_PAGETABLE_H
#define FAKE_IO_PAGETABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fake/iommufd/abi.h"

struct fake_iommufd;

/* A mapping: the kernel's struct iopt_area, with what it has of struct iopt_pages. */
struct iommu_area {
	uint64_t iova;
	uint64_t size;	/* 0 for a free place */
	uint64_t start; /* the program's address, or the offset in a file */
	uint32_t ioas;
	pid_t pid;	/* who mapped it */
	int file_error; /* why a file can't be pinned, or 0 */
	bool file;
	bool writable; /* by the one who mapped it first */
};

#define IOPT_RESERVED_MAX 2

/*
 * What can't be mapped there now, in ascending order, of at most IOPT_RESERVED_MAX ranges:
 * the interrupt window once a device is attached, and what page tables have no bits for.
 * Returns how many.
 */
unsigned int iopt_reserved(struct fake_iommufd *i, uint32_t ioas, struct abi_range *ranges);
/* The rest, at most one more: what iommufd_ioas_iova_ranges() tells. Returns how many. */
unsigned int iopt_usable(struct fake_iommufd *i, uint32_t ioas, struct abi_range *holes);
/* The multiple that addresses and lengths have to be of now: iopt_calculate_iova_alignment(). */
uint64_t iopt_alignment(struct fake_iommufd *i, uint32_t ioas);
/*
 * iopt_map_user_pages(), iopt_map_file_pages(): maps what *pages says (size, start, writable, file,
 * file_error; the rest is ignored) at *iova, or where there is room: then *iova is set. EINVAL,
 * EOVERFLOW, EEXIST, ENOSPC; EFAULT if a page table has to be filled and the memory can't be
 * pinned; ENOMEM if the fake has no room.
 */
long iopt_map(struct fake_iommufd *i, uint32_t ioas, const struct iommu_area *pages, uint64_t *iova,
	      bool fixed);
/*
 * iopt_map_pages(), for IOMMU_IOAS_COPY: maps again what is mapped at c->src_iova, at *iova as
 * iopt_map() does. ENOENT where nothing is, EPERM to write what is read-only.
 */
long iopt_copy(struct fake_iommufd *i, const struct abi_ioas_copy *c, uint64_t *iova);
/*
 * iopt_unmap_iova_range(): removes all that meets [start, last], upwards, up to one that is not
 * wholly inside: ENOENT. *unmapped is how many bytes were removed, even then.
 */
long iopt_unmap(struct fake_iommufd *i, uint32_t ioas, uint64_t start, uint64_t last,
		uint64_t *unmapped);
/*
 * iopt_area_split(): cuts the mapping around iova in two, of which the first one ends with iova.
 * EINVAL if that is not aligned, ENOMEM.
 */
long iopt_cut(struct fake_iommufd *i, uint32_t ioas, uint64_t iova);
/* iopt_reserve_iova(): EADDRINUSE if [start, last] is mapped or set apart for mappings. */
long iopt_can_reserve(struct fake_iommufd *i, uint32_t ioas, uint64_t start, uint64_t last);
/*
 * iopt_table_add_domain(): whether one more page table can hold all that is mapped. EADDRINUSE,
 * EFAULT or EINVAL for memory that can't be pinned.
 */
long iopt_can_add_domain(struct fake_iommufd *i, uint32_t ioas);
/*
 * iopt_disable_large_pages(), iopt_enable_large_pages(). EINVAL if page tables hold something
 * already, EADDRINUSE if a mapping is not made of whole pages.
 */
long iopt_set_small_pages(struct fake_iommufd *i, uint32_t ioas, bool small);

#endif
