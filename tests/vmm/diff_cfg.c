/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pci_regs.h>

#include "core/le.h"
#include "diff.h"

#define REBAR_ENTRIES  4U /* offset of the first entry in the capability */
#define REBAR_SIZE     8U /* bytes of an entry: capability and control register */
#define REBAR_SMALLEST 20 /* log2 of the size of the lowest bit, bit 4 */

/*
 * Position of the Resizable BAR entry of the target, 0 if it has none. By the description: QEMU
 * hides the capability from its list and shows its registers.
 */
static uint32_t target_entry(const struct diff_case *c)
{
	const uint8_t *cfg = c->desc->cfg;
	uint16_t pos = pci_cfg_find_ext_cap(cfg, c->desc->cfg_size, PCI_EXT_CAP_ID_REBAR);

	if (!pos || c->target == PLAN_OFF || diff_unassigned_table(c))
		return 0;
	/* of a BAR that the host found no room for: a new one in its slot has no part in that */
	if (!desc_bar_size(c->desc, (unsigned int)c->target))
		return 0;

	uint32_t entry = pos + REBAR_ENTRIES;
	unsigned int n =
		(le32_get(cfg + entry + 4) & PCI_REBAR_CTRL_NBAR_MASK) >> PCI_REBAR_CTRL_NBAR_SHIFT;

	for (; n > 0 && entry + REBAR_SIZE <= c->desc->cfg_size; n--, entry += REBAR_SIZE)
		if ((le32_get(cfg + entry + 4) & PCI_REBAR_CTRL_BAR_IDX) == (uint32_t)c->target)
			return entry;
	return 0;
}

/* The shim offers one size, that of the BAR as it is shown. */
static void compare_resizable(struct diff_case *c, uint32_t entry)
{
	const struct guest *g = &c->side[SHIM].guest;
	uint64_t size = UINT64_C(1) << REBAR_SMALLEST;
	uint32_t log2 = 0, control = le32_get(g->cfg + entry + 4);

	for (; size < g->bars[c->target].size; size *= 2)
		log2++;
	diff_equal(c, UINT32_C(1) << (4 + log2), le32_get(g->cfg + entry),
		   "sizes of resizable bar%d, against what must be", c->target);
	diff_equal(c, log2, (control & PCI_REBAR_CTRL_BAR_SIZE) >> PCI_REBAR_CTRL_BAR_SHIFT,
		   "size of resizable bar%d, against what must be", c->target);
}

/* Whether a byte is of the addresses of virtual functions' BARs, in a device of this host. */
static bool is_vf_address(const struct diff_case *c, uint32_t at)
{
	uint32_t pos = pci_cfg_find_ext_cap(c->desc->cfg, c->desc->cfg_size, PCI_EXT_CAP_ID_SRIOV);

	return !c->description && pos && at >= pos + PCI_SRIOV_BAR &&
	       at < pos + PCI_SRIOV_BAR + PCI_BARS * 4;
}

static void compare_bars(struct diff_case *c)
{
	const struct guest *a = &c->side[NATIVE].guest, *b = &c->side[SHIM].guest;

	for (int i = 0; i < PCI_BARS; i++) {
		diff_equal(c, a->bars[i].kind, b->bars[i].kind, "kind of bar%d", i);
		diff_equal(c, a->bars[i].size, b->bars[i].size, "size of bar%d", i);
		diff_equal(c, a->bars[i].prefetchable, b->bars[i].prefetchable,
			   "prefetchable bit of bar%d", i);
	}
}

void diff_cfg(struct diff_case *c)
{
	const struct guest *a = &c->side[NATIVE].guest, *b = &c->side[SHIM].guest;
	uint32_t entry = target_entry(c);

	diff_equal(c, a->cfg_len, b->cfg_len, "size of configuration space");
	diff_equal(c, a->rom_mask, b->rom_mask, "expansion ROM register, sized");
	for (uint32_t i = 0; i < a->cfg_len && i < b->cfg_len; i++) {
		if (entry && i >= entry && i < entry + REBAR_SIZE && a->cfg[i] != b->cfg[i])
			diff_excused(c, DIFF_RESIZABLE);
		else if (a->cfg[i] != b->cfg[i] && is_vf_address(c, i))
			diff_excused(c, DIFF_VF_ADDRESS);
		else
			diff_equal(c, a->cfg[i], b->cfg[i], "configuration space 0x%x", i);
	}
	if (entry)
		compare_resizable(c, entry);
	compare_bars(c);
}
