/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MSIXSHIM_CAP_WALK_H
#define MSIXSHIM_CAP_WALK_H

#include "desc/desc.h"

/* A walk along one of the two lists of capabilities; all but the first two members start as 0. */
struct cap_walk {
	const struct desc *d;
	bool extended;
	uint16_t pos; /* of the capability found last */
	bool seen[PCI_CFG_EXT_SIZE / 4];
};

/* Finds the next one. False at the end, or where the list loops or leaves its space. */
bool cap_next(struct cap_walk *walk);

#endif
