/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration space as a VMM sees it under a plan.
 *
 * Every access goes to the kernel first. A read is then edited byte by byte in
 * the buffer that the kernel filled, so any width, alignment and straddle is
 * right by construction; a write is looked at after it succeeded. Pure; the
 * caller serialises, but for cfg_view_edits() and cfg_view_notes(), which look at
 * nothing that changes.
 */
#ifndef MSIXSHIM_CFG_VIEW_H
#define MSIXSHIM_CFG_VIEW_H

#include "core/plan.h"

/* Little-endian bytes [pos, pos + len) of it read as (kernel's & keep) | set. */
struct cfg_patch {
	uint16_t pos;
	uint8_t len; /* 0..8 */
	uint64_t keep;
	uint64_t set;
};

/* What a view edits. */
enum cfg_edit {
	CFG_BAR, /* the target's registers */
	CFG_MSIX_FLAGS,
	CFG_MSIX_PLACE,
	CFG_REBAR, /* the target's entry in a Resizable BAR capability; of length 0 without one */
	CFG_PATCHES,
};

struct cfg_view {
	const struct plan *plan;
	/* Made once. Only `set` of a new BAR changes, with what is written to its registers. */
	struct cfg_patch patches[CFG_PATCHES];
	uint16_t flr_exp; /* position of the byte that holds Initiate FLR in PCI Express, or 0 */
	uint16_t flr_af;  /* the same in Advanced Features, or 0 */
};

/*
 * Makes the view of `plan` (target not PLAN_OFF; borrowed, must outlive the view)
 * over the device whose configuration space reads cfg[0, len).
 */
void cfg_view_init(struct cfg_view *view, const struct plan *plan, const uint8_t *cfg,
		   uint32_t len);

/*
 * Edits buf[0, len), which the kernel read from configuration position `pos`:
 *  - registers of an extended BAR: address bits below V read 0, flags stay the kernel's;
 *  - registers of a new BAR: what was written, masked to V, with the plan's flags;
 *  - MSI-X: Table Size, and the dwords of table and PBA. Enable and Function Mask
 *    stay the hardware's;
 *  - the Resizable BAR entry of an extended BAR: V is the only size (a BAR below 1 MiB
 *    can't be resizable, and is left alone).
 */
void cfg_view_read(const struct cfg_view *view, uint64_t pos, uint8_t *buf, uint64_t len);

/* Whether cfg_view_read() edits anything of configuration space [pos, pos + len). */
bool cfg_view_edits(const struct cfg_view *view, uint64_t pos, uint64_t len);

/* Whether cfg_view_write() looks at anything of configuration space [pos, pos + len). */
bool cfg_view_notes(const struct cfg_view *view, uint64_t pos, uint64_t len);

/*
 * Notes buf[0, len), which the kernel accepted at position `pos`: keeps what goes to
 * the registers of a new BAR. Returns whether the write started a function-level
 * reset (vfio_exp_config_write(), vfio_af_config_write()).
 */
bool cfg_view_write(struct cfg_view *view, uint64_t pos, const uint8_t *buf, uint64_t len);

#endif
