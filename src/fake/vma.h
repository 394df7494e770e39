/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel would find at an address of the program: its mappings, of /proc/self/maps. */
#ifndef FAKE_VMA_H
#define FAKE_VMA_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether [start, start + size) of the program is memory that the kernel could pin:
 * pin_user_pages() and its check_vma_flags(). True if /proc can't be read.
 */
bool vma_pinnable(uint64_t start, uint64_t size, bool write);
/* Whether the mapping that `address` is in is one of a device: VM_PFNMAP. */
bool vma_is_device(uint64_t address);

#endif
