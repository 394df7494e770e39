/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rounding to multiples of a unit that is a power of two: pages, blocks, sizes of BARs.
 */
#ifndef MSIXSHIM_ALIGN_H
#define MSIXSHIM_ALIGN_H

#include <stdint.h>

/* The largest multiple of `unit` up to `v`. */
static inline uint64_t align_down(uint64_t v, uint64_t unit)
{
	return v & ~(unit - 1);
}

/* The smallest multiple of `unit` from `v` on; 0 where that does not fit into 64 bits. */
static inline uint64_t align_up(uint64_t v, uint64_t unit)
{
	return align_down(v + unit - 1, unit);
}

#endif
