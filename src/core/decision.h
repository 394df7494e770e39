/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of a device, and the words for it: facts and what its rule asks for -> the device
 * stays as it is, is relocated, or is refused. The shim, plan, scan and demo decide here and
 * nowhere else. Pure: identical facts and rules give identical decisions on every machine.
 */
#ifndef MSIXSHIM_DECISION_H
#define MSIXSHIM_DECISION_H

#include "core/choice.h"
#include "core/plan.h"
#include "core/policy/policy.h"

enum decision_kind {
	DECISION_KEEP,	   /* the VMM is shown what the kernel shows, but for hides_table */
	DECISION_RELOCATE, /* decision.plan */
	DECISION_REFUSE,   /* what was asked for can't be done: the VMM must not get the device */
};

struct decision {
	enum decision_kind kind;
	int target;	    /* that the rule names: PLAN_OFF, PLAN_AUTO, PLAN_ANY or 0..5 */
	uint64_t host_page; /* bytes */
	const struct vmm_traits *vmm; /* that the rule names, else the program's */
	/* the rule's, and for the options that it leaves open what suits the VMM */
	struct policy_settings settings;
	struct plan_facts facts; /* planned with: page_size is the rule's, if it names one */
	struct choice choice;	 /* of `any` where the rule says so, else of `auto` */
	enum plan_reason reason; /* of plan_make() for the target, named or chosen */
	bool small_pages;	 /* it is planned for smaller pages than the host's */
	/*
	 * The device is kept, and shown without what would have the VMM map its table. Never where
	 * the rule says `off`: that changes nothing.
	 */
	bool hides_table;
	/* that for PLAN_OFF unless the device is relocated; .hw is set with hides_table, too */
	struct plan plan;
};

/*
 * Decides. facts->page_size is the host's; a plan is for the pages that settings->page_size names,
 * if it names some. A BAR is mapped by whole pages of the host, so a plan for smaller ones can't be
 * shown: `auto` leaves the device as it is then, all else is refused. `auto` never refuses a
 * device. `program` is the VMM that runs, as its name tells: vmm_none() if it does not.
 */
void decision_make(const struct plan_facts *facts, const struct policy_settings *settings,
		   const struct vmm_traits *program, struct decision *ret);

/* Makes *d one that keeps the device: a relocation can't be done after all. */
void decision_keep(struct decision *d);

/* Bytes that hold any decision's words, with the NUL, but for a rule of more than 200 bytes. */
#define DECISION_TEXT_MAX 1200

/*
 * The words of a decision, one line without a full stop, as they follow a device's address in the
 * shim's log:
 *
 *   left as it is: the device has no MSI-X capability
 *   left where it is: shown without MSIX_MAPPABLE, as crosvm would map the table; ...
 *   BAR5 becomes a new 32-bit prefetchable BAR of 4096 bytes; ...; why: ...
 *   bar1 refused: the slot is the upper half of a 64-bit BAR; targets that work: off, bar0, ...
 *
 * `rule` is the text of the rule that holds. Returns buf.
 */
char *decision_text(const struct decision *d, struct policy_span rule, char *buf, size_t size);

/* Why, alone: what follows "left as it is: ", "why: " or "bar1 refused: ". Returns buf. */
char *decision_why(const struct decision *d, struct policy_span rule, char *buf, size_t size);

#endif
