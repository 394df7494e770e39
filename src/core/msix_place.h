/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the MSI-X structures, table and PBA, are in a BAR, and what shares pages with them.
 *
 * The specification asks for no other register in a naturally aligned block of 4 KiB that holds a
 * structure (PCIe 7.7.2). Not all devices keep to it: some have registers before their structures
 * in the same block. What comes after a structure in its block is taken to be nothing. Pure.
 */
#ifndef MSIXSHIM_MSIX_PLACE_H
#define MSIXSHIM_MSIX_PLACE_H

#include "core/extent.h"
#include "core/pci_cfg.h"

#define MSIX_BLOCK UINT64_C(4096)

/* The structures in one BAR. One that is in another BAR is empty, {0, 0}. */
struct msix_place {
	struct extent table;
	struct extent pba;
};

/* What table and PBA take of their BARs, according to the capability. */
struct extent msix_place_table(const struct pci_msix *msix);
struct extent msix_place_pba(const struct pci_msix *msix);

/* What is in BAR `bar`. Both are empty if there is no capability (msix->pos is 0). */
struct msix_place msix_place_in(const struct pci_msix *msix, uint32_t bar);

/* Whether neither structure is there. */
bool msix_place_is_empty(const struct msix_place *place);

/* Whether the byte at `offset` is one of a structure. */
bool msix_place_holds(const struct msix_place *place, uint64_t offset);

/*
 * Whether the page [page, page + page_size) has MSI-X structures and nothing else: each of its
 * blocks starts with a byte of one.
 */
bool msix_place_fills_page(const struct msix_place *place, uint64_t page, uint64_t page_size);

/*
 * Whether a page with a byte of a structure also has a block without one, in a BAR of `bar_size`
 * bytes.
 */
bool msix_place_shares_page(const struct msix_place *place, uint64_t bar_size, uint64_t page_size);

/*
 * Whether the structures take a BAR of `bar_size` bytes: the first is at 0, and the BAR has at most
 * the power of two that holds the last structure's block.
 */
bool msix_place_takes_all(const struct msix_place *place, uint64_t bar_size);

#endif
