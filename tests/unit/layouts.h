/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All layouts of the six slots, and what holds of every plan for them. */
#ifndef MSIXSHIM_TESTS_LAYOUTS_H
#define MSIXSHIM_TESTS_LAYOUTS_H

#include "unit.h"

/* Ways to fill six slots with nothing, I/O, 32-bit memory and 64-bit memory, which takes two. */
#define LAYOUTS 1189

/*
 * Calls `visit` once for each of them. Sizes, from a small set, and prefetchability depend on
 * `salt`; the salt that visit() gets is another number for each layout.
 */
void layouts_visit(unsigned int salt, void (*visit)(const struct pci_bar *bars, unsigned int salt));

/* What QEMU's x-msix-relocation=barN does with a target that it is given. */
struct oracle {
	bool refused, new_bar, wide, prefetchable;
	uint64_t size, table, pba;
};

/*
 * Two steps, as in QEMU: the structures' bytes are rounded up to host pages and
 * then to a power of two; then an absent BAR is made of that size, and a present
 * one doubled until its upper half holds them.
 */
struct oracle oracle_relocate(const struct plan_facts *facts, int target);

/*
 * Asserts of a plan: a power of two, offsets that the capability can express, nothing overlaps,
 * each slot but the target as it was, zones without a gap.
 */
void layouts_check_plan(const struct plan_facts *facts, const struct plan *plan);

#endif
