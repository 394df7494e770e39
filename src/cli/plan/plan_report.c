/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/plan/plan.h"
#include "desc/text.h"

enum plan_reason report_target(const struct report *r, int target, struct plan *plan,
			       struct layout *layout)
{
	struct layout_host host = {r->decision.host_page, r->settings.old_hide};
	enum plan_reason reason = plan_make(&r->decision.facts, target, plan);

	if (!plan_reason_refuses(reason))
		layout_make(&r->device->desc, &r->decision.facts, plan, &host, layout);
	return reason;
}

void report_make(const struct devices *devices, const struct policy_settings *settings,
		 struct policy_span rule, const struct report_host *host, struct report *ret)
{
	struct plan_facts facts;
	struct plan plan;

	*ret = (struct report){
		.devices = devices,
		.device = &devices->list[0],
		.settings = *settings,
		.rule = rule,
	};
	desc_facts(&ret->device->desc, host->page_size, &facts);
	decision_make(&facts, settings, host->vmm, &ret->decision);
	report_target(ret, ret->decision.plan.target, &plan, &ret->layout);
}

bool report_has_ids(const struct report *r)
{
	return r->decision.facts.ids.vendor || r->decision.facts.ids.device;
}

char *report_rule(const struct report *r, bool by_address, char buf[REPORT_RULE_SIZE])
{
	const struct pci_ids *ids = &r->decision.facts.ids;
	char selector[PCI_BDF_SIZE], page[32];

	if (by_address)
		pci_bdf_print(&r->device->desc.bdf, selector);
	else
		snprintf(selector, sizeof(selector), "%04x:%04x", ids->vendor, ids->device);
	if (r->decision.plan.target == PLAN_OFF && !r->decision.hides_table)
		snprintf(buf, REPORT_RULE_SIZE, "%s=off", selector);
	else
		snprintf(buf, REPORT_RULE_SIZE, "%s=%s%s%s%s%s%s,page=%s", selector,
			 policy_target_name(r->decision.hides_table ? PLAN_AUTO
								    : r->decision.plan.target),
			 r->settings.vmm ? ",vmm=" : "",
			 r->settings.vmm ? r->settings.vmm->name : "",
			 r->settings.caps_sparse ? ",caps=sparse" : "",
			 r->settings.map_compose ? ",map=compose" : "",
			 r->settings.old_hide ? ",old=hide" : "",
			 text_suffixed(r->decision.facts.page_size, page, sizeof(page)));
	return buf;
}

char *report_decision(const struct report *r, char *buf, size_t size)
{
	const struct plan *plan = &r->decision.plan;
	const char *target = policy_target_name(r->settings.target);
	bool chosen = r->settings.target == PLAN_AUTO || r->settings.target == PLAN_ANY;
	char change[80];

	if (r->decision.hides_table)
		snprintf(buf, size, "%s leaves the table where it is", target);
	else if (plan->target == PLAN_OFF && chosen)
		snprintf(buf, size, "%s leaves the device as it is", target);
	else if (plan->target == PLAN_OFF)
		snprintf(buf, size, "%s: the device stays as it is", target);
	else
		snprintf(buf, size, "%s%s%s: %s; table at 0x%" PRIx64 ", PBA at 0x%" PRIx64,
			 chosen ? target : "", chosen ? " chooses " : "",
			 policy_target_name(plan->target),
			 report_change(plan, change, sizeof(change)), plan->table.start,
			 plan->pba.start);
	return buf;
}

char *report_why(const struct report *r, char *buf, size_t size)
{
	return decision_why(&r->decision, r->rule, buf, size);
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
	return r->decision.choice.known ? known_words(r->decision.choice.known)->name : "";
}

const char *report_why_not(const struct report *r, int target)
{
	if (r->decision.choice.targets[target].verdict == VERDICT_CHOSEN &&
	    r->decision.choice.target != target)
		return "the best one, if the device were relocated";
	return choice_why_not(&r->decision.choice, target);
}
