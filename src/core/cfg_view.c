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

/* Little-endian bytes [pos, pos + len) read as (kernel's & keep) | set. */
struct patch {
	uint16_t pos;
	uint8_t len; /* 0..8 */
	uint64_t keep;
	uint64_t set;
};

#define PATCHES 4

static void patch_apply(const struct patch *patch, uint64_t pos, uint8_t *buf, uint64_t len)
{
	for (uint32_t i = 0; i < patch->len; i++) {
		uint64_t at = patch->pos + i - pos; /* wraps to a large number below pos */
		uint8_t keep = (uint8_t)(patch->keep >> (8 * i));
		uint8_t set = (uint8_t)(patch->set >> (8 * i));

		if (at < len)
			buf[at] = (buf[at] & keep) | set;
	}
}

static uint16_t bar_reg_pos(const struct plan *plan)
{
	return (uint16_t)(PCI_BASE_ADDRESS_0 + 4 * plan->target);
}

static uint8_t bar_reg_len(const struct plan *plan)
{
	return plan->bar.kind == BAR_MEM64 ? 8 : 4;
}

static struct patch bar_patch(const struct cfg_view *view)
{
	const struct plan *plan = view->plan;
	uint64_t address_bits = ~(plan->bar.size - 1);
	struct patch patch = {
		.pos = bar_reg_pos(plan),
		.len = bar_reg_len(plan),
		.keep = address_bits | ~PCI_BASE_ADDRESS_MEM_MASK,
	};

	if (plan->new_bar) {
		patch.keep = 0;
		patch.set = (le64_get(view->bar_bytes) & address_bits) | pci_bar_flags(&plan->bar);
	}
	return patch;
}

static struct patch msix_flags_patch(const struct plan *plan)
{
	return (struct patch){
		.pos = plan->hw.pos + PCI_MSIX_FLAGS,
		.len = 2,
		.keep = ~(uint64_t)PCI_MSIX_FLAGS_QSIZE,
		.set = plan->hw.vectors - 1U,
	};
}

static struct patch msix_place_patch(const struct plan *plan)
{
	uint64_t bir = (uint64_t)plan->target;

	return (struct patch){
		.pos = plan->hw.pos + PCI_MSIX_TABLE,
		.len = 8,
		.keep = 0,
		.set = (plan->pba.start | bir) << 32 | plan->table.start | bir,
	};
}

static struct patch rebar_patch(const struct cfg_view *view)
{
	unsigned int size = 0;

	while (REBAR_MIN_SIZE << size < view->plan->bar.size)
		size++;

	uint32_t cap = 1U << (REBAR_CAP_SIZES_LSB + size);
	uint32_t ctrl = size << REBAR_CTRL_SIZE_LSB;
	uint32_t ctrl_keep = ~(REBAR_CTRL_SIZE | REBAR_CTRL_MORE_SIZE);
	uint32_t cap_keep = (1U << REBAR_CAP_SIZES_LSB) - 1;

	return (struct patch){
		.pos = view->rebar_entry,
		.len = view->rebar_entry ? PCI_REBAR_ENTRY_SIZE : 0,
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

	*view = (struct cfg_view){
		.plan = plan,
		.rebar_entry = sizes ? pci_cfg_rebar_entry(cfg, len, plan->target) : 0,
		.flr_exp = find_flr_exp(cfg, len),
		.flr_af = find_flr_af(cfg, len),
	};
}

static void make_patches(const struct cfg_view *view, struct patch ret[PATCHES])
{
	ret[0] = bar_patch(view);
	ret[1] = msix_flags_patch(view->plan);
	ret[2] = msix_place_patch(view->plan);
	ret[3] = rebar_patch(view);
}

void cfg_view_read(const struct cfg_view *view, uint64_t pos, uint8_t *buf, uint64_t len)
{
	struct patch patches[PATCHES];

	make_patches(view, patches);
	for (int i = 0; i < PATCHES; i++)
		patch_apply(&patches[i], pos, buf, len);
}

bool cfg_view_edits(const struct cfg_view *view, uint64_t pos, uint64_t len)
{
	/* another thread may be writing what a register holds, which does not say where it is */
	const struct cfg_view unwritten = {.plan = view->plan, .rebar_entry = view->rebar_entry};
	struct patch patches[PATCHES];
	bool found = false;

	make_patches(&unwritten, patches);
	for (int i = 0; i < PATCHES; i++)
		found |= pos < (uint64_t)patches[i].pos + patches[i].len &&
			 patches[i].pos < pos + len;
	return found;
}

static bool holds(uint16_t reg, uint64_t pos, uint64_t len)
{
	return reg && reg - pos < len;
}

bool cfg_view_notes(const struct cfg_view *view, uint64_t pos, uint64_t len)
{
	const uint16_t bar = bar_reg_pos(view->plan);
	const bool is_register = view->plan->new_bar &&
				 pos < bar + bar_reg_len(view->plan) + 0ULL && bar < pos + len;

	return is_register || holds(view->flr_exp, pos, len) || holds(view->flr_af, pos, len);
}

static bool wrote_bits(uint16_t reg, uint8_t bits, uint64_t pos, const uint8_t *buf, uint64_t len)
{
	return holds(reg, pos, len) && (buf[reg - pos] & bits);
}

bool cfg_view_write(struct cfg_view *view, uint64_t pos, const uint8_t *buf, uint64_t len)
{
	if (view->plan->new_bar) {
		for (uint32_t i = 0; i < bar_reg_len(view->plan); i++) {
			uint64_t at = bar_reg_pos(view->plan) + i - pos;

			if (at < len)
				view->bar_bytes[i] = buf[at];
		}
	}
	return wrote_bits(view->flr_exp, PCI_EXP_DEVCTL_BCR_FLR >> 8, pos, buf, len) ||
	       wrote_bits(view->flr_af, PCI_AF_CTRL_FLR, pos, buf, len);
}
