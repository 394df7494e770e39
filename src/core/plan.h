/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The planner: what VFIO shows of a device, and a target -> where MSI-X goes, or why not.
 *
 * Where QEMU's x-msix-relocation=barN accepts a target, the layout is the same
 * bit for bit. Pure: identical facts give identical plans on every machine.
 */
#ifndef MSIXSHIM_PLAN_H
#define MSIXSHIM_PLAN_H

#include "core/extent.h"
#include "core/pci_cfg.h"

/*
 * A target is the number of a BAR, or one of these. plan_make() takes PLAN_OFF; choice_make()
 * turns the other two into one of these.
 */
#define PLAN_OFF  (-1) /* leave the device as it is, byte for byte */
#define PLAN_AUTO (-2) /* relocate where it helps, to the best target */
#define PLAN_ANY  (-3) /* relocate, to the best target */

struct plan_facts {
	struct pci_bar bars[PCI_BARS];
	/*
	 * Bytes of VFIO region space from the start of each BAR's region to the
	 * start of the next region that has a size: what an extension may fill.
	 */
	uint64_t room[PCI_BARS];
	struct pci_msix msix; /* pos 0: none */
	uint64_t page_size;   /* of the host; a power of two up to 1 GiB */
	struct pci_ids ids;
	uint8_t resizable; /* bit n: a Resizable BAR capability lists BAR n */
	uint8_t registers; /* bit n: a capability says that registers are in BAR n */
};

enum plan_reason {
	PLAN_OK,
	/* nothing to relocate: the device is shown as it is, under every target */
	PLAN_NO_MSIX,
	PLAN_TABLE_UNASSIGNED,
	/* refused */
	PLAN_IO_BAR,
	PLAN_UPPER_HALF,
	PLAN_UNASSIGNED,
	PLAN_NOT_POWER_OF_TWO,
	PLAN_ABOVE_1G,
	PLAN_OFFSET_ABOVE_4G,
	PLAN_NO_ROOM,
};

struct plan {
	int target;   /* 0..5, or PLAN_OFF: then nothing below counts (but .hw, see decision.h) */
	bool new_bar; /* the target is an empty slot */
	struct pci_bar bar;  /* the target as shown: kind, prefetchable, size V */
	uint64_t phys_size;  /* bytes of it that the hardware has (S); 0 for a new BAR */
	struct extent table; /* in the target */
	struct extent pba;   /* in the target; starts where the table ends */
	struct pci_msix hw;  /* the capability as the hardware has it */
	bool pba_sound;	     /* the hardware's PBA can be read: see plan_pba_is_sound() */
	uint64_t page_size;
};

/* What a byte of the shown target BAR is. */
enum plan_zone {
	ZONE_REAL,    /* below S: the hardware's */
	ZONE_TABLE,   /* emulated */
	ZONE_PBA,     /* the hardware's PBA, or zeros */
	ZONE_PADDING, /* reads as 0 */
};

/*
 * Plans `target` (PLAN_OFF or 0..5).
 *
 *   need = pow2ceil(align_up(16 N + 8 ceil(N / 64), page_size))
 *   empty slot: a new BAR of `need`, prefetchable, 64-bit if the next slot is
 *               empty and the slot is not 5; table at 0
 *   memory BAR of size S: V = max(2 S, 2 need); table at V / 2
 *   the PBA right after the table
 *
 * PLAN_OK: *ret is the plan (PLAN_OFF always gives one, with target PLAN_OFF).
 * PLAN_NO_MSIX, PLAN_TABLE_UNASSIGNED: *ret is the plan for PLAN_OFF.
 * Any other reason: refused, *ret is untouched.
 * Sources: PCIe 7.7.2; QEMU's vfio_pci_relocate_msix().
 */
enum plan_reason plan_make(const struct plan_facts *facts, int target, struct plan *ret);

/* Whether `reason` refuses a target (it is neither a plan nor "nothing to relocate"). */
bool plan_reason_refuses(enum plan_reason reason);

/* One line of text without a full stop: why. Static; never NULL. */
const char *plan_reason_text(enum plan_reason reason);

/*
 * Whether the hardware's PBA can be read where the capability says: all its
 * ceil(N/64)*8 bytes inside a memory BAR, and none of them in the table.
 */
bool plan_pba_is_sound(const struct plan_facts *facts);

/*
 * The zone of byte `offset` of the target as shown, and in *ret the whole extent
 * of that zone. offset < plan->bar.size.
 */
enum plan_zone plan_zone_at(const struct plan *plan, uint64_t offset, struct extent *ret);

#endif
