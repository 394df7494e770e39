/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/plan/plan.h"
#include "desc/text.h"

/* The target that the wish comes to. */
static int target_of(const struct report *r)
{
	bool wishes = r->wish.target == PLAN_AUTO || r->wish.target == PLAN_ANY;

	return wishes ? r->choice.target : r->wish.target;
}

bool report_finds_none(const struct report *r)
{
	return r->wish.target == PLAN_ANY && r->choice.target == PLAN_OFF &&
	       r->choice.cause != CHOICE_NOTHING;
}

enum plan_reason report_target(const struct report *r, int target, struct plan *plan,
			       struct layout *layout)
{
	struct layout_host host = {r->page_size, r->wish.old_hide};
	enum plan_reason reason = plan_make(&r->facts, target, plan);

	if (!plan_reason_refuses(reason))
		layout_make(&r->device->desc, &r->facts, plan, &host, layout);
	return reason;
}

bool report_make(const struct devices *devices, const struct policy_wish *wish, uint64_t page_size,
		 struct report *ret)
{
	*ret = (struct report){
		.devices = devices,
		.device = &devices->list[0],
		.page_size = page_size,
		.wish = *wish,
	};
	desc_facts(&ret->device->desc, wish->page_size ? wish->page_size : page_size, &ret->facts);
	choice_make(&ret->facts, wish->target == PLAN_ANY ? PLAN_ANY : PLAN_AUTO, wish->share_bar,
		    &ret->choice);
	ret->reason = report_target(ret, target_of(ret), &ret->plan, &ret->layout);
	return !plan_reason_refuses(ret->reason) && !report_finds_none(ret);
}

char *report_rule(const struct report *r, bool by_address, char buf[REPORT_RULE_SIZE])
{
	const struct pci_ids *ids = &r->facts.ids;
	char selector[PCI_BDF_SIZE], page[32];

	if (by_address)
		pci_bdf_print(&r->device->desc.bdf, selector);
	else
		snprintf(selector, sizeof(selector), "%04x:%04x", ids->vendor, ids->device);
	if (r->plan.target == PLAN_OFF)
		snprintf(buf, REPORT_RULE_SIZE, "%s=off", selector);
	else
		snprintf(buf, REPORT_RULE_SIZE, "%s=%s%s%s%s,page=%s", selector,
			 policy_target_name(r->plan.target),
			 r->wish.caps_sparse ? ",caps=sparse" : "",
			 r->wish.map_compose ? ",map=compose" : "",
			 r->wish.old_hide ? ",old=hide" : "",
			 text_suffixed(r->facts.page_size, page, sizeof(page)));
	return buf;
}

char *report_decision(const struct report *r, char *buf, size_t size)
{
	bool chosen = r->wish.target == PLAN_AUTO || r->wish.target == PLAN_ANY;
	const char *wish = policy_target_name(r->wish.target);
	char change[80];

	if (r->plan.target == PLAN_OFF && chosen)
		snprintf(buf, size, "%s leaves the device as it is", wish);
	else if (r->plan.target == PLAN_OFF)
		snprintf(buf, size, "%s: the device stays as it is", wish);
	else
		snprintf(buf, size, "%s%s%s: %s; table at 0x%" PRIx64 ", PBA at 0x%" PRIx64,
			 chosen ? wish : "", chosen ? " chooses " : "",
			 policy_target_name(r->plan.target),
			 report_change(&r->plan, change, sizeof(change)), r->plan.table.start,
			 r->plan.pba.start);
	return buf;
}

char *report_change(const struct plan *plan, char *buf, size_t size)
{
	char from[32], to[32];

	text_size(plan->bar.size, to, sizeof(to));
	if (plan->new_bar)
		snprintf(buf, size, "new, %s, %s", to,
			 plan->bar.kind == BAR_MEM64 ? "64-bit" : "32-bit");
	else
		snprintf(buf, size, "extended from %s to %s",
			 text_size(plan->phys_size, from, sizeof(from)), to);
	return buf;
}

const char *report_name(const struct report *r)
{
	if (!r->numeric && r->device->name[0])
		return r->device->name;
	return r->choice.known ? r->choice.known->name : "";
}

const char *report_why_not(const struct report *r, int target)
{
	if (r->choice.targets[target].verdict == VERDICT_CHOSEN && r->choice.target != target)
		return "the best one, if the device were relocated";
	return choice_why_not(&r->choice, target);
}
