/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where composed mappings (compose.h) have their edge: the address at which the kernel's pages of
 * a BAR end and the shim's begin.
 *
 * A cache, as the table of descriptors is: mappings also end in ways that no wrapper sees. Nothing
 * is refused, and nothing done, for an entry alone. It only says where a range can be cut that the
 * kernel would not move as one, which is the same move for any other mapping there.
 *
 * No locks, so that signal handlers may map and unmap: a call holds the entries that its range
 * meets while the kernel works on it. Another call on the same mapping at the same time does not
 * see them, and what it does to them is not noted. A process that was forked meanwhile never does.
 */
#ifndef SHIM_COMPOSE_MAP_H
#define SHIM_COMPOSE_MAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Those beyond are not noted. */
#define COMPOSE_MAP_MAX 64

extern _Atomic unsigned int compose_map_count __attribute__((visibility("hidden")));

/* Whether there is any composed mapping. One load. */
static inline bool compose_map_any(void)
{
	return atomic_load_explicit(&compose_map_count, memory_order_relaxed) > 0;
}

/* A mapping of [start, end) is there, with its edge at `at`, in between. */
void compose_map_add(uintptr_t start, uintptr_t at, uintptr_t end);

/*
 * Holds the entries whose mappings [from, to) meets: one bit each. Every hold ends with one of
 * compose_map_release(), compose_map_cut() and compose_map_move().
 */
uint64_t compose_map_hold(uintptr_t from, uintptr_t to);

/* The edge of a held mapping that all of [from, to) is in, on both sides of the edge; 0: none. */
uintptr_t compose_map_inside(uint64_t held, uintptr_t from, uintptr_t to);

/* Nothing happened to them. */
void compose_map_release(uint64_t held);

/*
 * [from, to), which may be empty, is not theirs any more. An entry ends when one of its sides does.
 */
void compose_map_cut(uint64_t held, uintptr_t from, uintptr_t to);

/*
 * [from, kept) was moved to `now`, and what else there was up to `to` has ended. An entry whose
 * edge stays behind ends: it has one side left.
 */
void compose_map_move(uint64_t held, uintptr_t from, uintptr_t to, uintptr_t kept, uintptr_t now);

#endif
