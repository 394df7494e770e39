/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/choice.h"

#include "core/align.h"
#include "core/msix_place.h"

#define BASE_DISPLAY 0x03

static enum msix_defect find_defect(const struct plan_facts *facts)
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

static bool is_only_bar(const struct plan_facts *facts, int bar)
{
	for (int i = 0; i < PCI_BARS; i++)
		if (i != bar && facts->bars[i].size)
			return false;
	return true;
}

/* Whether a BAR with the structures at *place is there for them alone. */
static bool is_dedicated(const struct plan_facts *facts, int bar, const struct msix_place *place)
{
	return msix_place_takes_all(place, facts->bars[bar].size) && !is_only_bar(facts, bar) &&
	       !(facts->registers >> bar & 1);
}

/* Whether a BAR has structures, *place, and is not dedicated to them. */
static bool is_shared(const struct plan_facts *facts, int bar, struct msix_place *place)
{
	*place = msix_place_in(&facts->msix, (uint32_t)bar);
	return !msix_place_is_empty(place) && pci_bar_is_memory(&facts->bars[bar]) &&
	       !is_dedicated(facts, bar, place);
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

static enum choice_cause find_cause(const struct plan_facts *facts, int target, bool share_bar,
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
	return target == PLAN_ANY ? CHOICE_ASKED : CHOICE_NO_GAIN;
}

/* Which targets are in the running, and what the criteria look at. */
struct contest {
	const struct plan_facts *facts;
	int first_memory; /* the first memory BAR, PCI_BARS if there is none */
	int last;	  /* the last implemented slot, -1 if there is none */
	struct plan plans[PCI_BARS];
	unsigned int left; /* bit n: barN may still be chosen */
	struct choice *choice;
};

/* A criterion on one target: true if the target is what it asks for. */
typedef bool criterion(const struct contest *c, int target);

static bool is_new(const struct contest *c, int target)
{
	return c->plans[target].new_bar;
}

static bool is_not_before_first(const struct contest *c, int target)
{
	return !is_new(c, target) || c->first_memory == PCI_BARS || target > c->first_memory;
}

static bool is_not_at_quirk(const struct contest *c, int target)
{
	return !is_new(c, target) || c->facts->ids.class_code >> 16 != BASE_DISPLAY ||
	       (target != 1 && target != 4 && target != 5);
}

/*
 * BARs of which drivers take the length, for that of the memory or the registers in them: a larger
 * one would have them reach past the hardware's. Linux: nvme_map_cmb(), amdgpu_device_init(),
 * amdgpu_doorbell_init(), i915_ttm's and nouveau's apertures, ntb's mw_get_align(), habanalabs'
 * DRAM; QEMU's ivshmem-spec.
 */
static const struct {
	uint16_t vendor; /* 0: any */
	uint16_t class_code;
	uint16_t mask; /* of the class */
	uint8_t bars;
	bool prefetchable; /* these alone */
} measured[] = {
	{0, 0x0108, 0xffff, 0x3c, false},      /* NVMe: memory buffer, persistent memory */
	{0, 0x0300, 0xff00, 0x3f, true},       /* a display controller's memory */
	{0x1002, 0x0300, 0xff00, 0x3f, false}, /* AMD's: doorbells, registers */
	{0, 0x0680, 0xffff, 0x3f, false},      /* a bridge to another host: its windows */
	{0, 0x0500, 0xffff, 0x3f, false},      /* memory, such as ivshmem's */
	{0, 0x1200, 0xff00, 0x3f, false},      /* an accelerator's memory */
};

static bool is_not_measured(const struct contest *c, int target)
{
	const struct pci_ids *ids = &c->facts->ids;

	for (size_t i = 0; i < sizeof(measured) / sizeof(measured[0]); i++)
		if (!is_new(c, target) && measured[i].bars >> target & 1 &&
		    (ids->class_code >> 8 & measured[i].mask) == measured[i].class_code &&
		    (!measured[i].vendor || measured[i].vendor == ids->vendor) &&
		    (!measured[i].prefetchable || c->facts->bars[target].prefetchable))
			return false;
	return true;
}

static bool is_after_last(const struct contest *c, int target)
{
	return !is_new(c, target) || target > c->last;
}

static bool is_wide(const struct contest *c, int target)
{
	return !is_new(c, target) || c->plans[target].bar.kind == BAR_MEM64;
}

static bool is_fixed(const struct contest *c, int target)
{
	return is_new(c, target) || !(c->facts->resizable >> target & 1);
}

static bool adds_least(const struct contest *c, int target)
{
	const struct choice_target *targets = c->choice->targets;

	for (int t = 0; t < PCI_BARS; t++)
		if (c->left >> t & 1 && targets[t].additional < targets[target].additional)
			return false;
	return true;
}

static bool is_known_to_work(const struct contest *c, int target)
{
	return c->choice->known && c->choice->known->works == target;
}

static bool is_not_known_to_fail(const struct contest *c, int target)
{
	return !c->choice->known || !(c->choice->known->fails >> target & 1);
}

static bool is_lowest_new(const struct contest *c, int target)
{
	return !is_new(c, target) || !(c->left & ((1U << target) - 1));
}

static bool is_highest_extended(const struct contest *c, int target)
{
	return is_new(c, target) || !(c->left >> target >> 1);
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
	{is_not_measured, true, VERDICT_MEASURED},
	{is_new, false, VERDICT_EXTENDS},
	{is_after_last, false, VERDICT_IN_BETWEEN},
	{is_wide, false, VERDICT_NARROW},
	{is_fixed, false, VERDICT_RESIZABLE},
	{adds_least, false, VERDICT_MORE_MMIO},
	{is_lowest_new, false, VERDICT_HIGHER_SLOT},
	{is_highest_extended, false, VERDICT_LOWER_SLOT},
};

/* The targets that are left and meet a criterion. What is known to work meets all of them. */
static unsigned int meeting(const struct contest *c, criterion *holds)
{
	unsigned int set = 0;

	for (int t = 0; t < PCI_BARS; t++)
		if (c->left >> t & 1 && (holds(c, t) || is_known_to_work(c, t)))
			set |= 1U << t;
	return set;
}

static int best_target(struct contest *c)
{
	for (size_t i = 0; i < sizeof(criteria) / sizeof(criteria[0]); i++) {
		unsigned int keep = meeting(c, criteria[i].holds);

		if (!keep && !criteria[i].never)
			continue;
		for (int t = 0; t < PCI_BARS; t++)
			if (c->left >> t & 1 && !(keep >> t & 1))
				c->choice->targets[t].verdict = criteria[i].verdict;
		c->left = keep;
	}
	for (int t = 0; t < PCI_BARS; t++)
		if (c->left >> t & 1)
			return t;
	return PLAN_OFF;
}

/* Plans every target, and notes the slots that the criteria compare with. */
static void survey(struct contest *c)
{
	const struct pci_bar *bars = c->facts->bars;

	for (int t = PCI_BARS - 1; t >= 0; t--) {
		struct choice_target *target = &c->choice->targets[t];
		struct plan *plan = &c->plans[t];

		if (pci_bar_is_memory(&bars[t]))
			c->first_memory = t;
		if (bars[t].kind != BAR_EMPTY && c->last < t)
			c->last = t;
		target->reason = plan_make(c->facts, t, plan);
		if (target->reason == PLAN_OK) {
			target->additional = plan->bar.size - plan->phys_size;
			c->left |= 1U << t;
			continue;
		}
		target->verdict = VERDICT_REFUSED;
		if (!plan_reason_refuses(target->reason))
			c->choice->nothing = target->reason;
	}
}

void choice_make(const struct plan_facts *facts, int target, bool share_bar, struct choice *ret)
{
	struct contest contest = {
		.facts = facts,
		.first_memory = PCI_BARS,
		.last = -1,
		.choice = ret,
	};

	*ret = (struct choice){
		.nothing = PLAN_OK,
		.defect = find_defect(facts),
		.known = known_find(&facts->ids),
	};
	survey(&contest);
	ret->target = best_target(&contest);
	ret->cause = find_cause(facts, target, share_bar, ret);
	if (ret->cause == CHOICE_NOTHING || ret->cause == CHOICE_NO_GAIN)
		ret->target = PLAN_OFF;
}
