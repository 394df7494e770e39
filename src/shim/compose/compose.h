/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * map=compose: an extended BAR that can be mapped from end to end.
 *
 * Some programs map a whole BAR in one call, whatever VFIO says of its parts: DPDK before 23.07.
 * They get the kernel's pages up to the end of what the hardware has, and after them pages
 * of memory, which reads and writes of the device reach as well. Not for a VMM that maps a
 * BAR into its guest: no trap would tell it what the guest writes to the table.
 *
 * A composed mapping is two to the kernel, side by side. What works on any number of mappings works
 * on it: munmap, mprotect, msync, and madvise as far as both parts allow. mremap does not: before
 * Linux 6.17 it moves no more than one. So where each mapping has its edge is noted
 * (compose_map.h), and a range that the kernel refuses to move over it goes in two parts.
 */
#ifndef SHIM_COMPOSE_H
#define SHIM_COMPOSE_H

#include "shim/fdtab.h"

/*
 * Gets memory for what `plan` adds to the target, if that is `wanted` and it extends a BAR, or
 * makes one that says that it can be mapped: dev->vfio.extension, which is NULL otherwise. *dev has
 * none yet. 0, or -ENOMEM.
 */
int compose_prepare(struct device *dev, const struct plan *plan, const struct region_style *style,
		    bool wanted);

/* Gives that memory back, if *dev has some. */
void compose_release(struct device *dev);

/*
 * Whether an mmap of the tracked `fd` reaches what only a composed mapping can show. Not where
 * the kernel shows that `fd` is not `dev` any more. Changes errno.
 */
bool compose_covers(const struct device *dev, const void *addr, size_t len, int flags, int fd,
		    uint64_t offset);

/* Such an mmap. Results and errno are mmap's. */
void *compose_mmap(const struct device *dev, void *addr, size_t len, int prot, int flags, int fd,
		   uint64_t offset);

/* munmap, while there are composed mappings: what has ended is not noted any more. */
int compose_munmap(void *addr, size_t len);

/*
 * mremap, while there are composed mappings: as mremap_to() and move_vma() for one mapping of VFIO.
 * The kernel is asked first. Its EFAULT for a range with an edge in it stands, but for a move to
 * a fixed place, of the whole range or of its beginning: that is done in two parts, or not at all.
 * The memory after the real pages, by itself, is memory to the kernel: it may also grow.
 */
void *compose_mremap(void *old, size_t old_len, size_t new_len, int flags, void *new_place);

#endif
