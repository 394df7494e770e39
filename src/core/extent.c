/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/extent.h"

#include <string.h>

#include "core/align.h"

bool extent_overlaps(struct extent a, struct extent b)
{
	struct extent both = extent_intersect(a, b);

	return both.start < both.end;
}

struct extent extent_intersect(struct extent a, struct extent b)
{
	struct extent both = {
		.start = a.start > b.start ? a.start : b.start,
		.end = a.end < b.end ? a.end : b.end,
	};

	return both.start < both.end ? both : (struct extent){0, 0};
}

struct extent extent_widen(struct extent e, uint64_t unit)
{
	if (e.start >= e.end)
		return (struct extent){0, 0};
	return (struct extent){align_down(e.start, unit), align_up(e.end, unit)};
}

uint32_t extent_list_clip(struct extent *list, uint32_t n, struct extent window)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct extent inside = extent_intersect(list[i], window);

		if (inside.start < inside.end)
			list[kept++] = inside;
	}
	return kept;
}

static uint32_t list_insert(struct extent *list, uint32_t n, uint32_t at, struct extent area)
{
	memmove(&list[at + 1], &list[at], (n - at) * sizeof(*list));
	list[at] = area;
	return n + 1;
}

static uint32_t list_remove(struct extent *list, uint32_t n, uint32_t at)
{
	memmove(&list[at], &list[at + 1], (n - at - 1) * sizeof(*list));
	return n - 1;
}

uint32_t extent_list_cut(struct extent *list, uint32_t n, uint32_t max, struct extent hole)
{
	for (uint32_t i = 0; i < n;) {
		struct extent area = list[i];
		bool below = area.start < hole.start;
		bool above = area.end > hole.end;

		if (!extent_overlaps(area, hole)) {
			i++;
			continue;
		}
		/* what is left here is looked at again, and no longer meets the hole */
		if (below)
			list[i].end = hole.start;
		else if (above)
			list[i].start = hole.end;
		else
			n = list_remove(list, n, i);
		if (below && above && n < max)
			n = list_insert(list, n, i + 1, (struct extent){hole.end, area.end});
	}
	return n;
}
