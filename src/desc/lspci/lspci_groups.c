/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IOMMU groups of devices of which a text tells none. */
#include <stdlib.h>

#include "desc/lspci/lspci_read.h"

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The smallest number from `group` on that is not in taken[0, count), which is sorted. */
static uint32_t free_group(const uint32_t *taken, size_t count, size_t *pos, uint32_t group)
{
	for (; *pos < count && taken[*pos] <= group; ++*pos)
		group += taken[*pos] == group;
	return group;
}

bool lspci_own_groups(struct lspci *l)
{
	uint32_t *taken = calloc(*l->count + 1, sizeof(*taken)), group = 1;
	size_t count = 0, pos = 0;

	if (!taken)
		return false;
	for (size_t i = 0; i < *l->count; i++) {
		if (l->devs[i].group != DESC_NO_GROUP)
			taken[count++] = l->devs[i].group;
	}
	qsort(taken, count, sizeof(*taken), by_number);
	for (size_t i = 0; i < *l->count; i++) {
		if (l->devs[i].group != DESC_NO_GROUP)
			continue;
		group = free_group(taken, count, &pos, group);
		l->devs[i].group = group++;
	}
	free(taken);
	return true;
}
