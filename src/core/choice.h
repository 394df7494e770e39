/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `auto` and `any`: whether a device gains from a relocation, and which target is the best.
 *
 * Pure: identical facts give identical choices on every machine. Each criterion decides
 * before the next; HACKING.md has their list.
 */
#ifndef MSIXSHIM_CHOICE_H
#define MSIXSHIM_CHOICE_H

#include "core/known/known.h"
#include "core/plan.h"

/* What makes an MSI-X capability unusable. (Its fields cannot express a misaligned offset.) */
enum msix_defect {
	MSIX_SOUND,
	MSIX_TABLE_NOWHERE, /* the BIR names no memory BAR */
	MSIX_PBA_NOWHERE,
	MSIX_TABLE_OUTSIDE, /* not all of it inside its BAR */
	MSIX_PBA_OUTSIDE,
	MSIX_OVERLAP, /* of table and PBA */
};

/* Why a device is relocated, or is not. */
enum choice_cause {
	CHOICE_NOTHING,	     /* it has nothing to relocate: choice.nothing */
	CHOICE_NO_GAIN,	     /* no: the pages with the structures hold nothing else */
	CHOICE_BROKEN,	     /* yes: the capability is unusable: choice.defect */
	CHOICE_SHARED_PAGE,  /* yes: a host page holds a structure and something else */
	CHOICE_SHARED_BLOCK, /* yes: registers come before the structures in one 4K block */
	CHOICE_SHARED_BAR,   /* yes: share=bar, and the BAR is not dedicated to MSI-X */
	CHOICE_ASKED,	     /* yes: nothing is gained, but `any` was asked for */
	CHOICE_KNOWN,	     /* yes: it looks usable, and is known not to stay so: choice.known */
};

/* What became of a target; the criterion that decided against it. */
enum choice_verdict {
	VERDICT_CHOSEN,
	VERDICT_REFUSED,      /* by the planner: choice_target.reason */
	VERDICT_KNOWN_FAIL,   /* the device is known to fail with it: choice.known->why */
	VERDICT_KNOWN_OTHER,  /* another target is known to work */
	VERDICT_BEFORE_FIRST, /* a new BAR before the first memory BAR */
	VERDICT_DISPLAY,      /* a new BAR 1, 4 or 5 of a display controller */
	VERDICT_MEASURED,     /* extends a BAR whose length drivers take for what is in it */
	VERDICT_EXTENDS,      /* extends a BAR, and a new one is possible */
	VERDICT_IN_BETWEEN,   /* a new BAR between others, and one after the last is possible */
	VERDICT_NARROW,	      /* a new 32-bit BAR, and a 64-bit one is possible */
	VERDICT_HIGHER_SLOT,  /* a new BAR in a higher slot than the chosen one */
	VERDICT_RESIZABLE,    /* extends a resizable BAR, and another can be extended */
	VERDICT_MORE_MMIO,    /* extends by more than the chosen one */
	VERDICT_LOWER_SLOT,   /* extends a BAR in a lower slot than the chosen one */
};

struct choice_target {
	enum choice_verdict verdict;
	enum plan_reason reason; /* of plan_make() */
	uint64_t additional;	 /* bytes of MMIO space that it adds; 0 if refused */
};

struct choice {
	int target; /* 0..5, or PLAN_OFF */
	enum choice_cause cause;
	enum plan_reason nothing; /* with CHOICE_NOTHING: why */
	enum msix_defect defect;  /* of the capability as it is; MSIX_SOUND where there is none */
	/*
	 * As if the device were to be relocated, also where it is not, so that
	 * there is exactly one VERDICT_CHOSEN unless no target is left.
	 */
	struct choice_target targets[PCI_BARS];
	const struct known_device *known; /* NULL: nothing is known of the device */
};

/*
 * Whether a page of facts->page_size that holds a part of table or PBA also holds a 4K block
 * with neither, in a BAR that is not dedicated to MSI-X. What holds for a size of pages holds for
 * each larger one.
 */
bool choice_shares_page(const struct plan_facts *facts);

/* Whether the 4K block where the table starts begins with something else than MSI-X. */
bool choice_shares_block(const struct plan_facts *facts);

/*
 * Chooses for `target`, PLAN_AUTO or PLAN_ANY. share_bar: the VMM loses the whole BAR that holds a
 * structure, so that `auto` helps wherever that BAR is not dedicated to MSI-X.
 *
 * ret->target is PLAN_OFF if there is nothing to relocate, if auto finds no gain, or if no
 * target is left; it is always one that plan_make() accepts.
 */
void choice_make(const struct plan_facts *facts, int target, bool share_bar, struct choice *ret);

/* One line of text each, without a full stop. Static; never NULL. */
const char *choice_defect_text(enum msix_defect defect);
const char *choice_cause_text(enum choice_cause cause);
const char *choice_verdict_text(enum choice_verdict verdict);

/* The most specific text there is: why ret->target, and why not barN. Static; never NULL. */
const char *choice_why(const struct choice *choice);
const char *choice_why_not(const struct choice *choice, int target);

#endif
