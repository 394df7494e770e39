/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a VMM makes of a region of VFIO's: the one table of VMMs. What differs between two of them
 * is a property of the program, so it is known by the name of its executable, and a rule's option
 * vmm= names another one, or none. The table is in vmm_rows.inc, a row each. Pure.
 */
#ifndef MSIXSHIM_VMM_H
#define MSIXSHIM_VMM_H

#include <stdint.h>

#include "core/text/word.h"

/* Where the VMM sees what its guest writes to the MSI-X table; what else traps there. */
enum vmm_traps {
	VMM_TRAPS_PAGES,    /* the host's pages that hold the table */
	VMM_TRAPS_BAR,	    /* all of the BAR: other registers in it are lost */
	VMM_TRAPS_MAPPABLE, /* those pages, but only in a BAR that can be mapped (the flag MMAP) */
	VMM_TRAPS_NOTHING,  /* there is no guest: the program drives the device itself */
};

/* What it makes of the capabilities SPARSE_MMAP and MSIX_MAPPABLE. */
enum vmm_caps {
	VMM_CAPS_HEEDED,     /* it maps what they allow, and traps the table all the same */
	VMM_CAPS_MAPS_TABLE, /* it maps the table too where one is there, and traps nothing then */
	VMM_CAPS_IGNORED,
};

/* Whether it maps a larger BAR beyond the hardware's part. */
enum vmm_beyond {
	VMM_BEYOND_NEVER,
	/*
	 * It does, and needs memory there; that is safe, as no guest writes its vectors to such
	 * memory: the VMM maps around the table, or there is no guest.
	 */
	VMM_BEYOND_SAFE,
};

/* Texts and no pointers: nothing has to be relocated when the shim is loaded. */
struct vmm_traits {
	char name[20];
	/* names of executables, separated by blanks; a "*" at the end stands for any rest */
	char programs[40];
	uint8_t traps, caps, beyond; /* of the enums above */
};

/* All rows: those of vmm_rows.inc in their order, then vmm_none(). */
extern const struct vmm_traits vmm_table[];
extern const unsigned int vmm_count;

/* The row "none", for a VMM that is not in the table: it gets what suits most. */
const struct vmm_traits *vmm_none(void);

/* The row with this name, "none" too; NULL if there is none. */
const struct vmm_traits *vmm_by_name(struct word name);

/*
 * The row for an executable, by the last part of its path; vmm_none() if there is none. As the link
 * /proc/PID/exe has it, " (deleted)" may follow.
 */
const struct vmm_traits *vmm_by_program(struct word path);

/* "the VMMs are qemu, kvmtool, ..., none": for a message. */
extern const char vmm_names[];

#endif
