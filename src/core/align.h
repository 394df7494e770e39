/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Powers of two, and rounding to multiples of one: pages, blocks, sizes of BARs.
 */
#ifndef MSIXSHIM_ALIGN_H
#define MSIXSHIM_ALIGN_H

#include <stdbool.h>
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

/* Whether `v` is a power of two. */
static inline bool is_pow2(uint64_t v)
{
	return v && !(v & (v - 1));
}

/* The smallest power of two from `v` on, which is at most 1 << 63; 1 for 0. */
static inline uint64_t pow2_up(uint64_t v)
{
	uint64_t p = 1;

	while (p < v)
		p <<= 1;
	return p;
}

#endif
