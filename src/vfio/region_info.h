/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VFIO_DEVICE_GET_REGION_INFO as the VMM sees it.
 *
 * Answers for the two regions that a plan changes, the target BAR and the BAR
 * that held the table, are made once, when the device is handed out; all later
 * queries get the same one. Sources: vfio_pci_ioctl_get_region_info(),
 * vfio_info_add_capability() and <linux/vfio.h>.
 */
#ifndef MSIXSHIM_REGION_INFO_H
#define MSIXSHIM_REGION_INFO_H

#include <linux/vfio.h>
#include <stdint.h>

#include "core/plan.h"
#include "vfio/ops.h"

/* Room for a capability chain: 60 mmap areas, far more than any driver has. */
#define REGION_CHAIN_MAX 1024

struct region_info {
	uint32_t index;
	uint32_t flags; /* VFIO_REGION_INFO_FLAG_*, CAPS included where the chain is not empty */
	uint64_t size;
	uint64_t offset;
	uint32_t chain_len;			     /* bytes of chain */
	_Alignas(8) uint8_t chain[REGION_CHAIN_MAX]; /* starts right after the 32-byte struct */
};

/*
 * Asks the kernel for region `index` of `fd`, chain included.
 * 0, or the kernel's -errno; -E2BIG if the chain exceeds REGION_CHAIN_MAX.
 */
int region_info_query(const struct vfio_ops *ops, int fd, uint32_t index, struct region_info *ret);

/* Room for what region_info_old_pages() can give: the table's pages, and the PBA's. */
#define REGION_HIDDEN_MAX 4

/* What a plan does not say of how it is shown. */
struct region_style {
	uint64_t page_size; /* of the host, bytes; the plan's may be more */
	bool caps_sparse;   /* leave MSIX_MAPPABLE out: crosvm takes it for "map it all" */
	bool old_hide;	    /* leave out of the areas what region_info_old_pages() gives */
	bool new_mmap;	    /* a new BAR gets the flag MMAP: alioth traps no table without it */
	/* of a device that stays as it is, nothing says that the table can be mapped */
	bool table_hide;
};

/*
 * Turns the kernel's answer for the target or the old table BAR into the one
 * to show under `plan`; under PLAN_OFF, where only plan->hw is set, that for the table's BAR into
 * one by which a VMM maps no page of the table. 0, or -E2BIG if the chain would exceed
 * REGION_CHAIN_MAX.
 */
int region_info_plan(const struct plan *plan, const struct region_style *style,
		     struct region_info *info);

/*
 * The host pages of the old table BAR that hold MSI-X structures and nothing else: list[0, n)
 * of them, joined; `max` is the room in `list`. See msix_place_fills_page().
 */
uint32_t region_info_old_pages(const struct plan *plan, uint64_t page_size, struct extent *list,
			       uint32_t max);

/*
 * Edits the struct vfio_region_info that the kernel wrote to `user`: size, flags and chain of
 * `shown`, with the kernel's rules for argsz and cap_offset. argsz and cap_offset are what the
 * caller had put there before the kernel changed them. 0, or -EFAULT if the chain's
 * place cannot be written.
 */
int region_info_show(const struct vfio_ops *ops, const struct region_info *shown, uint32_t argsz,
		     uint32_t cap_offset, void *user);

#endif
