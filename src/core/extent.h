/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Half-open intervals [start, end) of bytes, and short sorted lists of them. Pure.
 *
 * Lists live in memory of the caller; areas of a list do not overlap.
 */
#ifndef MSIXSHIM_EXTENT_H
#define MSIXSHIM_EXTENT_H

#include <stdbool.h>
#include <stdint.h>

struct extent {
	uint64_t start;
	uint64_t end;
};

/* Whether the two share a byte; an empty one shares none. */
bool extent_overlaps(struct extent a, struct extent b);

/* Whether the byte at `offset` is in `e`. */
static inline bool extent_holds(struct extent e, uint64_t offset)
{
	return offset >= e.start && offset < e.end;
}

/* What both share; {0, 0} if they share no byte. */
struct extent extent_intersect(struct extent a, struct extent b);

/* The whole units, pages or blocks, that hold a byte of `e`. `unit` is a power of two. */
struct extent extent_widen(struct extent e, uint64_t unit);

/* Keeps of list[0, n) what lies inside `window`; drops what becomes empty. Returns the new n. */
uint32_t extent_list_clip(struct extent *list, uint32_t n, struct extent window);

/*
 * Takes `hole` out of list[0, n); an area around it becomes two. `max` is the
 * room in `list`. Returns the new n; where the second half has no room it is
 * left out, which only maps less.
 */
uint32_t extent_list_cut(struct extent *list, uint32_t n, uint32_t max, struct extent hole);

#endif
