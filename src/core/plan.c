/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/plan.h"

#include "core/align.h"
#include "core/msix_place.h"

#define GIB (UINT64_C(1) << 30)

static uint64_t bytes_needed(const struct plan_facts *facts)
{
	uint64_t bytes =
		pci_msix_table_size(facts->msix.vectors) + pci_msix_pba_size(facts->msix.vectors);

	return pow2_up(align_up(bytes, facts->page_size));
}

static struct pci_bar new_bar(const struct plan_facts *facts, int slot)
{
	bool pair = slot + 1 < PCI_BARS && facts->bars[slot + 1].kind == BAR_EMPTY;

	return (struct pci_bar){
		.kind = pair ? BAR_MEM64 : BAR_MEM32,
		.prefetchable = true,
		.size = bytes_needed(facts),
	};
}

/* The memory BAR `old` as it is shown when the upper half holds the structures. */
static enum plan_reason extended_bar(const struct plan_facts *facts, const struct pci_bar *old,
				     struct pci_bar *ret)
{
	uint64_t need = bytes_needed(facts);
	uint64_t half = old->size > need ? old->size : need;

	if (!is_pow2(old->size))
		return PLAN_NOT_POWER_OF_TWO;
	if (old->kind == BAR_MEM32 && old->size > GIB)
		return PLAN_ABOVE_1G;
	if (half >= 4 * GIB)
		return PLAN_OFFSET_ABOVE_4G;
	*ret = *old;
	ret->size = 2 * half;
	return PLAN_OK;
}

static enum plan_reason shown_bar(const struct plan_facts *facts, int target, struct pci_bar *ret)
{
	const struct pci_bar *old = &facts->bars[target];

	switch (old->kind) {
	case BAR_EMPTY:
		*ret = new_bar(facts, target);
		return PLAN_OK;
	case BAR_MEM32:
	case BAR_MEM64:
		return extended_bar(facts, old, ret);
	case BAR_IO:
		return PLAN_IO_BAR;
	case BAR_UPPER:
		return PLAN_UPPER_HALF;
	case BAR_UNASSIGNED:
		break;
	}
	return PLAN_UNASSIGNED;
}

static enum plan_reason nothing_to_relocate(const struct plan_facts *facts)
{
	const struct pci_msix *msix = &facts->msix;

	if (!msix->pos)
		return PLAN_NO_MSIX;
	if (msix->table_bir < PCI_BARS && facts->bars[msix->table_bir].kind == BAR_UNASSIGNED)
		return PLAN_TABLE_UNASSIGNED;
	return PLAN_OK;
}

enum plan_reason plan_make(const struct plan_facts *facts, int target, struct plan *ret)
{
	const struct pci_msix *msix = &facts->msix;
	enum plan_reason reason = target == PLAN_OFF ? PLAN_OK : nothing_to_relocate(facts);
	struct pci_bar bar;

	if (target == PLAN_OFF || reason != PLAN_OK) {
		*ret = (struct plan){.target = PLAN_OFF};
		return reason;
	}
	reason = shown_bar(facts, target, &bar);
	if (reason != PLAN_OK)
		return reason;
	if (bar.size > facts->room[target])
		return PLAN_NO_ROOM;

	bool is_new = facts->bars[target].kind == BAR_EMPTY;
	uint64_t table = is_new ? 0 : bar.size / 2;
	uint64_t pba = table + pci_msix_table_size(msix->vectors);

	*ret = (struct plan){
		.target = target,
		.new_bar = is_new,
		.bar = bar,
		.phys_size = facts->bars[target].size,
		.table = {table, pba},
		.pba = {pba, pba + pci_msix_pba_size(msix->vectors)},
		.hw = *msix,
		.pba_sound = plan_pba_is_sound(facts),
		.page_size = facts->page_size,
	};
	return PLAN_OK;
}

bool plan_reason_refuses(enum plan_reason reason)
{
	return reason != PLAN_OK && reason != PLAN_NO_MSIX && reason != PLAN_TABLE_UNASSIGNED;
}

const char *plan_reason_text(enum plan_reason reason)
{
	switch (reason) {
	case PLAN_OK:
		return "possible";
	case PLAN_NO_MSIX:
		return "the device has no MSI-X capability";
	case PLAN_TABLE_UNASSIGNED:
		return "the host gave no address to the BAR that holds the MSI-X table";
	case PLAN_IO_BAR:
		return "the BAR is I/O ports, and MSI-X needs memory";
	case PLAN_UPPER_HALF:
		return "the slot is the upper half of a 64-bit BAR";
	case PLAN_UNASSIGNED:
		return "the host gave the BAR no address";
	case PLAN_NOT_POWER_OF_TWO:
		return "the size of the BAR is not a power of two";
	case PLAN_ABOVE_1G:
		return "a 32-bit BAR above 1 GiB can't be doubled";
	case PLAN_OFFSET_ABOVE_4G:
		return "the table would start at 4 GiB or above, and its offset has 32 bits";
	case PLAN_NO_ROOM:
		return "the BAR would run into the next VFIO region";
	}
	return "unknown reason";
}

bool plan_pba_is_sound(const struct plan_facts *facts)
{
	const struct pci_msix *msix = &facts->msix;
	struct extent table = msix_place_table(msix), pba = msix_place_pba(msix);

	if (!msix->pos || msix->pba_bir >= PCI_BARS ||
	    !pci_bar_is_memory(&facts->bars[msix->pba_bir]) ||
	    pba.end > facts->bars[msix->pba_bir].size)
		return false;
	return msix->pba_bir != msix->table_bir || !extent_overlaps(table, pba);
}

enum plan_zone plan_zone_at(const struct plan *plan, uint64_t offset, struct extent *ret)
{
	struct extent real = {0, plan->phys_size};

	if (offset < real.end) {
		*ret = real;
		return ZONE_REAL;
	}
	if (offset < plan->table.start) {
		*ret = (struct extent){real.end, plan->table.start};
		return ZONE_PADDING;
	}
	if (offset < plan->table.end) {
		*ret = plan->table;
		return ZONE_TABLE;
	}
	if (offset < plan->pba.end) {
		*ret = plan->pba;
		return ZONE_PBA;
	}
	*ret = (struct extent){plan->pba.end, plan->bar.size};
	return ZONE_PADDING;
}
