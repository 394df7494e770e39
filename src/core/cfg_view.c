/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cfg_view.h"

#include <linux/pci_regs.h>

#include "core/le.h"

/* Sizes of a Resizable BAR are encoded from 1 MiB up (PCIe 7.8.6.2); bit 4 stands for it. */
#define REBAR_MIN_SIZE	     (UINT64_C(1) << 20)
#define REBAR_CAP_SIZES_LSB  4
#define REBAR_CTRL_SIZE_LSB  8
#define REBAR_CTRL_SIZE	     0x00003f00U /* older <linux/pci_regs.h> leave out bit 13 */
#define REBAR_CTRL_MORE_SIZE 0xffff0000U /* sizes from 256 TiB up */

/* Whether the byte at `reg` is in [pos, pos + len). */
static bool inside(uint64_t reg, uint64_t pos, uint64_t len)
{
	return reg >= pos && reg - pos < len;
}

static void patch_apply(const struct cfg_patch *patch, uint64_t pos, uint8_t *buf, uint64_t len)
{
	for (uint32_t i = 0; i < patch->len; i++) {
		uint64_t at = patch->pos + i;
		uint8_t keep = (uint8_t)(patch->keep >> (8 * i));
		uint8_t set = (uint8_t)(patch->set >> (8 * i));

		if (inside(at, pos, len))
			buf[at - pos] = (buf[at - pos] & keep) | set;
	}
}

static bool patch_meets(const struct cfg_patch *patch, uint64_t pos, uint64_t len)
{
	return pos < (uint64_t)patch->pos + patch->len && patch->pos < pos + len;
}

/* What a new BAR's register reads as after `written` was written to it. */
static uint64_t new_bar_reg(const struct plan *plan, uint64_t written)
{
	return (written & ~(plan->bar.size - 1)) | pci_bar_flags(&plan->bar);
}

static struct cfg_patch bar_patch(const struct plan *plan)
{
	struct cfg_patch patch = {
		.pos = (uint16_t)(PCI_BASE_ADDRESS_0 + 4 * plan->target),
		.len = plan->bar.kind == BAR_MEM64 ? 8 : 4,
		.keep = ~(plan->bar.size - 1) | ~PCI_BASE_ADDRESS_MEM_MASK,
	};

	if (plan->new_bar) {
		patch.keep = 0;
		patch.set = new_bar_reg(plan, 0);
	}
	return patch;
}

static struct cfg_patch msix_flags_patch(const struct plan *plan)
{
	return (struct cfg_patch){
		.pos = plan->hw.pos + PCI_MSIX_FLAGS,
		.len = 2,
		.keep = ~(uint64_t)PCI_MSIX_FLAGS_QSIZE,
		.set = plan->hw.vectors - 1U,
	};
}

static struct cfg_patch msix_place_patch(const struct plan *plan)
{
	uint64_t bir = (uint64_t)plan->target;

	return (struct cfg_patch){
		.pos = plan->hw.pos + PCI_MSIX_TABLE,
		.len = 8,
		.keep = 0,
		.set = (plan->pba.start | bir) << 32 | plan->table.start | bir,
	};
}

/* The entry at `pos`; of none, 0, a patch of no bytes. */
static struct cfg_patch rebar_patch(const struct plan *plan, uint16_t pos)
{
	unsigned int size = 0;

	while (REBAR_MIN_SIZE << size < plan->bar.size)
		size++;

	uint32_t cap = 1U << (REBAR_CAP_SIZES_LSB + size);
	uint32_t ctrl = size << REBAR_CTRL_SIZE_LSB;
	uint32_t ctrl_keep = ~(REBAR_CTRL_SIZE | REBAR_CTRL_MORE_SIZE);
	uint32_t cap_keep = (1U << REBAR_CAP_SIZES_LSB) - 1;

	return (struct cfg_patch){
		.pos = pos,
		.len = pos ? PCI_REBAR_ENTRY_SIZE : 0,
		.keep = (uint64_t)ctrl_keep << 32 | cap_keep,
		.set = (uint64_t)ctrl << 32 | cap,
	};
}

static uint16_t find_flr_exp(const uint8_t *cfg, uint32_t len)
{
	uint16_t pos = pci_cfg_find_cap(cfg, len, PCI_CAP_ID_EXP);

	if (!pos || pos + PCI_EXP_DEVCTL + 2U > len ||
	    !(le32_get(cfg + pos + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLR))
		return 0;
	return pos + PCI_EXP_DEVCTL + 1;
}

static uint16_t find_flr_af(const uint8_t *cfg, uint32_t len)
{
	const uint8_t both = PCI_AF_CAP_TP | PCI_AF_CAP_FLR;
	uint16_t pos = pci_cfg_find_cap(cfg, len, PCI_CAP_ID_AF);

	if (!pos || pos + PCI_AF_CTRL + 1U > len || (cfg[pos + PCI_AF_CAP] & both) != both)
		return 0;
	return pos + PCI_AF_CTRL;
}

void cfg_view_init(struct cfg_view *view, const struct plan *plan, const uint8_t *cfg, uint32_t len)
{
	bool sizes = !plan->new_bar && plan->bar.size >= REBAR_MIN_SIZE;
	uint16_t rebar = sizes ? pci_cfg_rebar_entry(cfg, len, plan->target) : 0;

	*view = (struct cfg_view){
		.plan = plan,
		.patches =
			{
				[CFG_BAR] = bar_patch(plan),
				[CFG_MSIX_FLAGS] = msix_flags_patch(plan),
				[CFG_MSIX_PLACE] = msix_place_patch(plan),
				[CFG_REBAR] = rebar_patch(plan, rebar),
			},
		.flr_exp = find_flr_exp(cfg, len),
		.flr_af = find_flr_af(cfg, len),
	};
}

void cfg_view_read(const struct cfg_view *view, uint64_t pos, uint8_t *buf, uint64_t len)
{
	for (int i = 0; i < CFG_PATCHES; i++)
		patch_apply(&view->patches[i], pos, buf, len);
}

bool cfg_view_edits(const struct cfg_view *view, uint64_t pos, uint64_t len)
{
	bool found = false;

	for (int i = 0; i < CFG_PATCHES; i++)
		found |= patch_meets(&view->patches[i], pos, len);
	return found;
}

/* The same for a byte that may be missing, at 0. */
static bool meets_byte(uint16_t reg, uint64_t pos, uint64_t len)
{
	return reg && inside(reg, pos, len);
}

bool cfg_view_notes(const struct cfg_view *view, uint64_t pos, uint64_t len)
{
	return (view->plan->new_bar && patch_meets(&view->patches[CFG_BAR], pos, len)) ||
	       meets_byte(view->flr_exp, pos, len) || meets_byte(view->flr_af, pos, len);
}

static bool wrote_bits(uint16_t reg, uint8_t bits, uint64_t pos, const uint8_t *buf, uint64_t len)
{
	return meets_byte(reg, pos, len) && (buf[reg - pos] & bits);
}

/* Puts what was written to the register of a new BAR into its patch. */
static void note_bar(struct cfg_view *view, uint64_t pos, const uint8_t *buf, uint64_t len)
{
	struct cfg_patch *patch = &view->patches[CFG_BAR];
	uint8_t bytes[8];

	le64_put(bytes, patch->set);
	for (uint32_t i = 0; i < patch->len; i++)
		if (inside(patch->pos + i, pos, len))
			bytes[i] = buf[patch->pos + i - pos];
	patch->set = new_bar_reg(view->plan, le64_get(bytes));
}

bool cfg_view_write(struct cfg_view *view, uint64_t pos, const uint8_t *buf, uint64_t len)
{
	if (view->plan->new_bar)
		note_bar(view, pos, buf, len);
	return wrote_bits(view->flr_exp, PCI_EXP_DEVCTL_BCR_FLR >> 8, pos, buf, len) ||
	       wrote_bits(view->flr_af, PCI_AF_CTRL_FLR, pos, buf, len);
}
