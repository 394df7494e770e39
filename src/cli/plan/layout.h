/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which bytes of a device's BARs a guest reaches directly, before and after a relocation.
 *
 * The model is QEMU under KVM, over a kernel that lets the table's pages be mapped (QEMU 2.12,
 * Linux 4.16; the latter unless the description says otherwise):
 *
 *   - What the kernel lets be mapped is mapped into the guest; everything else traps.
 *   - QEMU lays its emulated table over the BAR. KVM maps whole host pages, so all of a host page
 *     that holds a byte of the table traps.
 *   - A PBA of the hardware is mapped like a register: QEMU lays its own over it only while a
 *     masked vector is pending.
 *   - A memory BAR smaller than a host page can be mapped if its host address starts a page, and no
 *     other BAR or ROM of the device is in that page. Other devices are not looked at.
 *   - Of a target, the hardware's bytes can be mapped, to the end of their last host page. Table,
 *     PBA and padding after them are emulated, as is all of a new BAR.
 *   - I/O ports trap.
 *
 * QEMU's quirks for single devices are not in it: they trap registers that mirror others, such as a
 * page in BAR2 of the Realtek 8168.
 *
 * Sources: vfio_pci_fixup_msix_region(), vfio_sub_page_bar_update_mapping(), vfio_msix_setup(),
 * kvm_set_phys_mem() of QEMU; vfio_pci_probe_mmaps() of Linux.
 */
#ifndef MSIXSHIM_CLI_LAYOUT_H
#define MSIXSHIM_CLI_LAYOUT_H

#include "core/extent.h"
#include "core/plan.h"
#include "desc/desc.h"

/* What stands in some bytes of a BAR. */
enum layout_what {
	LAYOUT_REGISTERS, /* the device's own: all that is not MSI-X */
	LAYOUT_TABLE,
	LAYOUT_PBA,
	LAYOUT_OVERLAP, /* both the table and the PBA, by a broken capability */
	LAYOUT_OLD_TABLE,
	LAYOUT_OLD_PBA,
	LAYOUT_PADDING, /* nothing: reads as 0 */
};

/* How a guest reaches them; all but LAYOUT_DIRECT trap. */
enum layout_access {
	LAYOUT_DIRECT,
	LAYOUT_EMULATED,   /* by the VMM or the shim */
	LAYOUT_SHARED,	   /* in a host page with the table */
	LAYOUT_UNMAPPED,   /* the kernel does not let them be mapped */
	LAYOUT_HIDDEN,	   /* by option old=hide */
	LAYOUT_MISALIGNED, /* a BAR below a page that does not start one */
	LAYOUT_CROWDED,	   /* a BAR below a page, with another BAR or the ROM in its page */
	LAYOUT_PORTS,	   /* I/O ports */
	LAYOUT_NO_ADDRESS, /* the host gave the BAR no address: accesses fail */
};

struct layout_extent {
	struct extent bytes;
	enum layout_what what;
	enum layout_access access;
};

enum layout_state {
	LAYOUT_NONE,	/* an empty slot, or an upper half */
	LAYOUT_DROPPED, /* the hardware has a BAR there, but the host dropped it: as an empty slot
			 */
	LAYOUT_AS_IS,
	LAYOUT_EXTENDED,
	LAYOUT_NEW,
};

/* More than the boundaries that a BAR can have. */
#define LAYOUT_EXTENTS 40

struct layout_bar {
	enum layout_state state;
	struct pci_bar bar; /* as a VMM sees it; size 0 with the first two states */
	uint64_t direct;    /* bytes */
	/* Ascending, without gaps, neighbours differ, [0, bar.size) in all. */
	struct layout_extent list[LAYOUT_EXTENTS];
	size_t count;
};

struct layout_side {
	struct layout_bar bars[PCI_BARS];
	uint64_t memory; /* bytes of all memory BARs */
	uint64_t direct; /* of these */
	uint64_t useful; /* of the direct ones, those that are the device's: no padding */
};

struct layout {
	struct layout_side before;
	struct layout_side after; /* the same where the plan is PLAN_OFF */
};

/* What a layout depends on besides the device and the plan. */
struct layout_host {
	uint64_t page_size; /* which a rule's option `page` may have planned otherwise */
	bool old_hide;	    /* the option old=hide */
};

/* The layout of device `d` that VFIO shows as `facts`, under `plan`. Pure. */
void layout_make(const struct desc *d, const struct plan_facts *facts, const struct plan *plan,
		 const struct layout_host *host, struct layout *ret);

/*
 * Shares out `width` cells among the extents of `bar`: each gets `least` or more, the rest goes by
 * size; they add up to width. width >= least * bar->count. Fills ret[0, bar->count).
 */
void layout_share(const struct layout_bar *bar, unsigned int width, unsigned int least,
		  unsigned int *ret);

/* "registers", "table", ...; and why an access traps, "direct" if it does not. Static. */
const char *layout_what_text(enum layout_what what);
const char *layout_access_text(enum layout_access access);

#endif
