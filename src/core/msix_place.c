/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/msix_place.h"

#include "core/align.h"

struct extent msix_place_table(const struct pci_msix *msix)
{
	return (struct extent){msix->table_offset,
			       msix->table_offset + pci_msix_table_size(msix->vectors)};
}

struct extent msix_place_pba(const struct pci_msix *msix)
{
	return (struct extent){msix->pba_offset,
			       msix->pba_offset + pci_msix_pba_size(msix->vectors)};
}

struct msix_place msix_place_in(const struct pci_msix *msix, uint32_t bar)
{
	struct msix_place place = {.table = {0, 0}};

	if (msix->pos && msix->table_bir == bar)
		place.table = msix_place_table(msix);
	if (msix->pos && msix->pba_bir == bar)
		place.pba = msix_place_pba(msix);
	return place;
}

bool msix_place_is_empty(const struct msix_place *place)
{
	return place->table.end == 0 && place->pba.end == 0;
}

bool msix_place_holds(const struct msix_place *place, uint64_t offset)
{
	return extent_holds(place->table, offset) || extent_holds(place->pba, offset);
}

bool msix_place_fills_page(const struct msix_place *place, uint64_t page, uint64_t page_size)
{
	for (uint64_t block = page; block < page + page_size; block += MSIX_BLOCK)
		if (!msix_place_holds(place, block))
			return false;
	return true;
}

/* The same for the pages of one structure. */
static bool shares_page_of(const struct msix_place *place, struct extent structure,
			   uint64_t bar_size, uint64_t page_size)
{
	struct extent rest[3] = {extent_widen(structure, page_size)};
	uint32_t n = extent_list_clip(rest, 1, (struct extent){0, bar_size});

	n = extent_list_cut(rest, n, 3, extent_widen(place->table, MSIX_BLOCK));
	n = extent_list_cut(rest, n, 3, extent_widen(place->pba, MSIX_BLOCK));
	return n > 0;
}

bool msix_place_shares_page(const struct msix_place *place, uint64_t bar_size, uint64_t page_size)
{
	return shares_page_of(place, place->table, bar_size, page_size) ||
	       shares_page_of(place, place->pba, bar_size, page_size);
}

bool msix_place_takes_all(const struct msix_place *place, uint64_t bar_size)
{
	uint64_t end = place->table.end > place->pba.end ? place->table.end : place->pba.end;

	return msix_place_holds(place, 0) && bar_size <= pow2_up(align_up(end, MSIX_BLOCK));
}
