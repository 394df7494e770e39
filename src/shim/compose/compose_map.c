/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/compose/compose_map.h"

#include <stddef.h>

enum { FREE, LIVE, HELD };

/* Bounds are written while the entry is held; what is read without that is only a hint. */
static struct mapping {
	_Atomic int state;
	_Atomic uintptr_t start, at, end;
} mappings[COMPOSE_MAP_MAX];

_Atomic unsigned int compose_map_count;

static bool take(struct mapping *e, int from)
{
	return atomic_compare_exchange_strong(&e->state, &from, HELD);
}

static void set(struct mapping *e, uintptr_t start, uintptr_t at, uintptr_t end)
{
	e->start = start;
	e->at = at;
	e->end = end;
}

static void drop(struct mapping *e)
{
	e->state = FREE;
	compose_map_count--;
}

void compose_map_add(uintptr_t start, uintptr_t at, uintptr_t end)
{
	for (int i = 0; i < COMPOSE_MAP_MAX; i++) {
		if (!take(&mappings[i], FREE))
			continue;
		set(&mappings[i], start, at, end);
		compose_map_count++;
		mappings[i].state = LIVE;
		return;
	}
}

static bool meets(const struct mapping *e, uintptr_t from, uintptr_t to)
{
	return from < e->end && e->start < to;
}

uint64_t compose_map_hold(uintptr_t from, uintptr_t to)
{
	uint64_t held = 0;

	if (to <= from)
		return 0;
	for (int i = 0; i < COMPOSE_MAP_MAX; i++) {
		struct mapping *e = &mappings[i];

		if (e->state != LIVE || !meets(e, from, to) || !take(e, LIVE))
			continue;
		if (meets(e, from, to)) /* still */
			held |= UINT64_C(1) << i;
		else
			e->state = LIVE;
	}
	return held;
}

/* The next held entry, which `held` then is without. */
static struct mapping *next_held(uint64_t *held)
{
	if (!*held)
		return NULL;

	struct mapping *e = &mappings[__builtin_ctzll(*held)];

	*held &= *held - 1;
	return e;
}

uintptr_t compose_map_inside(uint64_t held, uintptr_t from, uintptr_t to)
{
	const struct mapping *e;

	while ((e = next_held(&held))) {
		if (e->start <= from && from < e->at && e->at < to && to <= e->end)
			return e->at;
	}
	return 0;
}

void compose_map_release(uint64_t held)
{
	struct mapping *e;

	while ((e = next_held(&held)))
		e->state = LIVE;
}

static void cut(struct mapping *e, uintptr_t from, uintptr_t to)
{
	if (from <= e->at && e->at <= to) {
		drop(e);
		return;
	}
	if (from > e->at && from < e->end)
		e->end = from;
	else if (to < e->at && to > e->start)
		e->start = to;
	e->state = LIVE;
}

void compose_map_cut(uint64_t held, uintptr_t from, uintptr_t to)
{
	struct mapping *e;

	if (from >= to) {
		compose_map_release(held);
		return;
	}
	while ((e = next_held(&held)))
		cut(e, from, to);
}

void compose_map_move(uint64_t held, uintptr_t from, uintptr_t to, uintptr_t kept, uintptr_t now)
{
	struct mapping *e;

	while ((e = next_held(&held))) {
		const uintptr_t start = e->start > from ? e->start : from;
		const uintptr_t end = e->end < kept ? e->end : kept;

		if (start < e->at && e->at < end) {
			set(e, start - from + now, e->at - from + now, end - from + now);
			e->state = LIVE;
		} else {
			cut(e, from, to);
		}
	}
}
