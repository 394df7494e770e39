/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the fake's iommufd share. Calls return as result(): a value or -errno. */
#ifndef MSIXSHIM_TESTS_IOMMUFD_USER_H
#define MSIXSHIM_TESTS_IOMMUFD_USER_H

#include "fake/iommufd/abi.h"
#include "vfio_user.h"

/* The nodes of edge.desc's devices, in its order; the last two share group 9. */
#define EDGE	 "/dev/vfio/devices/vfio0"
#define NEIGHBOR "/dev/vfio/devices/vfio1"
#define FIRST	 "/dev/vfio/devices/vfio4"
#define SECOND	 "/dev/vfio/devices/vfio5"

#define RW (ABI_MAP_WRITEABLE | ABI_MAP_READABLE)

/* Opens /dev/iommu; fails the test if it can't. */
int iommu_open(void);

/* Private memory of the program, of n pages. */
void *ram(size_t pages);

uint64_t page(void);

/* The id of a new IOAS. */
uint32_t ioas_new(int iommu);
long destroy(int iommu, uint32_t id);

/* At *iova with ABI_MAP_FIXED in flags; else *iova is what was chosen. */
long map(int iommu, uint32_t ioas, uint32_t flags, const void *va, uint64_t length, uint64_t *iova);
/* *length becomes how much was unmapped. */
long unmap(int iommu, uint32_t ioas, uint64_t iova, uint64_t *length);
long allow(int iommu, uint32_t ioas, const struct abi_range *ranges, uint32_t count);
/* How many ranges there are, at most 4 of them in `ranges`, and the alignment. */
uint32_t iova_ranges(int iommu, uint32_t ioas, struct abi_range ranges[4], uint64_t *alignment);
long option(int iommu, uint32_t id, uint16_t op, uint32_t object, uint64_t *value);

/* Opens a device's own node; fails the test if it can't. */
int node_open(const char *path);
/* Binds it; *id is the device's id in the iommufd. */
long bind_to(int device, int iommu, uint32_t *id);
/* Both, which must succeed. */
int bound(const char *path, int iommu, uint32_t *id);
/* To an IOAS or a page table; *pt becomes the page table. */
long attach(int device, uint32_t *pt);
long attach_to(int device, uint32_t pt);
long detach(int device);
/* A page table for the device, of an IOAS. */
long hwpt(int iommu, uint32_t device, uint32_t pt, uint32_t *id);

/* What readlink says of an fd. */
void assert_link(int fd, const char *expected);
/* What fstat says of one: a character device of that number. */
void assert_node(int fd, unsigned int major, unsigned int minor);

#endif
