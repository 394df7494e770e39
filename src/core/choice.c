/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/choice.h"

#include "core/align.h"
#include "core/msix_place.h"

#define BASE_DISPLAY 0x03

enum msix_defect choice_defect(const struct plan_facts *facts)
{
	const struct pci_msix *msix = &facts->msix;
	const struct pci_bar *bars = facts->bars;

	if (!msix->pos)
		return MSIX_SOUND;
	if (msix->table_bir >= PCI_BARS || !pci_bar_is_memory(&bars[msix->table_bir]))
		return MSIX_TABLE_NOWHERE;
	if (msix->pba_bir >= PCI_BARS || !pci_bar_is_memory(&bars[msix->pba_bir]))
		return MSIX_PBA_NOWHERE;
	if (msix_place_table(msix).end > bars[msix->table_bir].size)
		return MSIX_TABLE_OUTSIDE;
	if (msix_place_pba(msix).end > bars[msix->pba_bir].size)
		return MSIX_PBA_OUTSIDE;
	if (msix->table_bir == msix->pba_bir &&
	    extent_overlaps(msix_place_table(msix), msix_place_pba(msix)))
		return MSIX_OVERLAP;
	return MSIX_SOUND;
}

/* Whether a BAR has structures, *place, and is not dedicated to them. */
static bool is_shared(const struct plan_facts *facts, int bar, struct msix_place *place)
{
	*place = msix_place_in(&facts->msix, (uint32_t)bar);
	return !msix_place_is_empty(place) && pci_bar_is_memory(&facts->bars[bar]) &&
	       !msix_place_is_dedicated(place, facts->bars[bar].size, facts->page_size);
}

static bool shares_bar(const struct plan_facts *facts)
{
	struct msix_place place;

	for (int bar = 0; bar < PCI_BARS; bar++)
		if (is_shared(facts, bar, &place))
			return true;
	return false;
}

bool choice_shares_page(const struct plan_facts *facts)
{
	struct msix_place place;

	for (int bar = 0; bar < PCI_BARS; bar++)
		if (is_shared(facts, bar, &place) &&
		    msix_place_shares_page(&place, facts->bars[bar].size, facts->page_size))
			return true;
	return false;
}

bool choice_shares_block(const struct plan_facts *facts)
{
	const struct pci_msix *msix = &facts->msix;
	struct msix_place place = msix_place_in(msix, msix->table_bir);

	return !msix_place_is_empty(&place) &&
	       !msix_place_holds(&place, align_down(msix->table_offset, MSIX_BLOCK));
}

static enum choice_cause find_cause(const struct plan_facts *facts, int wish, bool share_bar,
				    const struct choice *choice)
{
	if (choice->nothing != PLAN_OK)
		return CHOICE_NOTHING;
	if (choice->defect != MSIX_SOUND)
		return CHOICE_BROKEN;
	if (choice->known && choice->known->changes)
		return CHOICE_KNOWN;
	if (choice_shares_page(facts))
		return CHOICE_SHARED_PAGE;
	if (choice_shares_block(facts))
		return CHOICE_SHARED_BLOCK;
	if (share_bar && shares_bar(facts))
		return CHOICE_SHARED_BAR;
	return wish == PLAN_ANY ? CHOICE_ASKED : CHOICE_NO_GAIN;
}

/* What the criteria look at. */
struct field {
	const struct plan_facts *facts;
	int first_memory; /* the first memory BAR, PCI_BARS if there is none */
	int last;	  /* the last implemented slot, -1 if there is none */
	struct plan plans[PCI_BARS];
	unsigned int left; /* bit n: barN may still be chosen */
	struct choice *choice;
};

/* A criterion on one target: true if the target is what it asks for. */
typedef bool criterion(const struct field *field, int target);

static bool is_not_before_first(const struct field *field, int target)
{
	return !field->plans[target].new_bar || field->first_memory == PCI_BARS ||
	       target > field->first_memory;
}

static bool is_not_at_quirk(const struct field *field, int target)
{
	return !field->plans[target].new_bar ||
	       field->facts->ids.class_code >> 16 != BASE_DISPLAY ||
	       (target != 1 && target != 4 && target != 5);
}

static bool is_new(const struct field *field, int target)
{
	return field->plans[target].new_bar;
}

static bool is_behind_last(const struct field *field, int target)
{
	return !is_new(field, target) || target > field->last;
}

static bool is_wide(const struct field *field, int target)
{
	return !is_new(field, target) || field->plans[target].bar.kind == BAR_MEM64;
}

static bool is_fixed(const struct field *field, int target)
{
	return is_new(field, target) || !(field->facts->resizable >> target & 1);
}

static bool adds_least(const struct field *field, int target)
{
	const struct choice_target *targets = field->choice->targets;

	for (int t = 0; t < PCI_BARS; t++)
		if (field->left >> t & 1 && targets[t].additional < targets[target].additional)
			return false;
	return true;
}

static bool is_known_to_work(const struct field *field, int target)
{
	return field->choice->known && field->choice->known->works == target;
}

static bool is_not_known_to_fail(const struct field *field, int target)
{
	return !field->choice->known || !(field->choice->known->fails >> target & 1);
}

/* Among new BARs the lowest slot, among extended ones the highest. */
static bool is_at_the_end(const struct field *field, int target)
{
	unsigned int others = field->left & ~(1U << target);

	return is_new(field, target) ? !(others & ((1U << target) - 1)) : !(others >> target);
}

/* In the order in which they decide; HACKING.md says why. */
static const struct {
	criterion *holds;
	bool never; /* a target that does not meet it is not chosen even if no other is left */
	enum choice_verdict verdict; /* of a target that does not meet it */
} criteria[] = {
	{is_not_known_to_fail, true, VERDICT_KNOWN_FAIL},
	{is_known_to_work, false, VERDICT_KNOWN_OTHER},
	{is_not_before_first, true, VERDICT_BEFORE_FIRST},
	{is_not_at_quirk, true, VERDICT_DISPLAY},
	{is_new, false, VERDICT_EXTENDS},
	{is_behind_last, false, VERDICT_IN_BETWEEN},
	{is_wide, false, VERDICT_NARROW},
	{is_fixed, false, VERDICT_RESIZABLE},
	{adds_least, false, VERDICT_MORE_MMIO},
	{is_at_the_end, false, VERDICT_LOWER_SLOT},
};

/* Takes `verdict` as the reason against a target. */
static void reject(struct field *field, int target, enum choice_verdict verdict)
{
	if (verdict == VERDICT_LOWER_SLOT && is_new(field, target))
		verdict = VERDICT_HIGHER_SLOT;
	field->choice->targets[target].verdict = verdict;
	field->left &= ~(1U << target);
}

/* The targets that are left and meet a criterion. What is known to work meets all of them. */
static unsigned int meeting(const struct field *field, criterion *holds)
{
	unsigned int set = 0;

	for (int t = 0; t < PCI_BARS; t++)
		if (field->left >> t & 1 && (holds(field, t) || is_known_to_work(field, t)))
			set |= 1U << t;
	return set;
}

static int best_target(struct field *field)
{
	for (size_t i = 0; i < sizeof(criteria) / sizeof(criteria[0]); i++) {
		unsigned int keep = meeting(field, criteria[i].holds);

		if (!keep && !criteria[i].never)
			continue;
		for (int t = 0; t < PCI_BARS; t++)
			if (field->left >> t & 1 && !(keep >> t & 1))
				reject(field, t, criteria[i].verdict);
	}
	for (int t = 0; t < PCI_BARS; t++)
		if (field->left >> t & 1)
			return t;
	return PLAN_OFF;
}

/* Plans every target, and notes the slots that the criteria compare with. */
static void survey(struct field *field)
{
	const struct pci_bar *bars = field->facts->bars;

	for (int t = PCI_BARS - 1; t >= 0; t--) {
		struct choice_target *target = &field->choice->targets[t];
		struct plan *plan = &field->plans[t];

		if (pci_bar_is_memory(&bars[t]))
			field->first_memory = t;
		if (bars[t].kind != BAR_EMPTY && field->last < t)
			field->last = t;
		target->reason = plan_make(field->facts, t, plan);
		if (target->reason == PLAN_OK) {
			target->additional = plan->bar.size - plan->phys_size;
			field->left |= 1U << t;
		} else {
			target->verdict = VERDICT_REFUSED;
		}
		if (target->reason != PLAN_OK && !plan_reason_refuses(target->reason))
			field->choice->nothing = target->reason;
	}
}

void choice_make(const struct plan_facts *facts, int wish, bool share_bar, struct choice *ret)
{
	struct field field = {
		.facts = facts,
		.first_memory = PCI_BARS,
		.last = -1,
		.choice = ret,
	};

	*ret = (struct choice){
		.nothing = PLAN_OK,
		.defect = choice_defect(facts),
		.known = known_find(&facts->ids),
	};
	survey(&field);
	ret->target = best_target(&field);
	ret->cause = find_cause(facts, wish, share_bar, ret);
	if (ret->cause == CHOICE_NOTHING || ret->cause == CHOICE_NO_GAIN)
		ret->target = PLAN_OFF;
}
