/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/tell.h"

#include <errno.h>
#include <string.h>

#include "shim/log/log.h"

int tell_impossible(const char *name, enum rules_demand demand, int error, const char *why)
{
	switch (demand) {
	case RULES_OFF:
		log_info("%s: left as it is: %s", name, why);
		return 0;
	case RULES_AUTO:
		log_refusal("%s: left as it is: %s", name, why);
		return 0;
	default:
		log_refusal("%s: cannot be relocated: %s; the target that works: off", name, why);
		return -error;
	}
}

/* What a driver or the shim says of a device that is not made for it. */
static bool is_lasting(int error)
{
	return error == EINVAL || error == ENOTTY || error == EOPNOTSUPP || error == E2BIG;
}

int tell_failed(const char *name, enum rules_demand demand, int error)
{
	if (demand == RULES_AUTO && !is_lasting(error))
		demand = RULES_TARGET;
	return tell_impossible(name, demand, error, log_errno(error));
}

int tell_no_address(const char *name, const struct rules_match *rule)
{
	log_refusal(
		"%s: refused: the rule \"%.*s\" of %s asks for the address of the device, which "
		"this kernel does not tell of a descriptor that another program opened; rules by "
		"ids or class work",
		name, (int)rule->text.len, rule->text.text, rule->where);
	return -EINVAL;
}

void tell_rule(const char *name, const struct rules_match *rule)
{
	if (!rule->where)
		log_debug("%s: no rule matches: " POLICY_DEFAULT, name);
	else
		log_debug("%s: the rule \"%.*s\" of %s matches", name, (int)rule->text.len,
			  rule->text.text, rule->where);
}

static void tell_choice(const char *name, const struct choice *choice)
{
	if (choice->cause == CHOICE_NOTHING || choice->cause == CHOICE_NO_GAIN)
		return;
	for (int t = 0; t < PCI_BARS; t++)
		log_debug("%s: %s: %s", name, policy_target_name(t), choice_why_not(choice, t));
}

int tell_decision(const char *name, const struct decision *d, const struct rules_match *rule)
{
	char text[DECISION_TEXT_MAX];

	if (d->vmm && d->vmm != vmm_none())
		log_debug("%s: the VMM is %s", name, d->vmm->name);
	if (d->target == PLAN_AUTO || d->target == PLAN_ANY)
		tell_choice(name, &d->choice);
	decision_text(d, rule->text, text, sizeof(text));
	if (d->kind == DECISION_REFUSE) {
		log_refusal("%s: %s", name, text);
		return -EINVAL;
	}
	log_info("%s: %s", name, text);
	return 0;
}

void tell_off(const char *name, const struct rules_match *rule)
{
	static const struct decision off = {.kind = DECISION_KEEP, .target = PLAN_OFF};

	tell_decision(name, &off, rule);
}

void tell_style(const char *name, const struct plan *plan, const struct region_style *style)
{
	struct extent pages[REGION_HIDDEN_MAX];

	if (style->old_hide &&
	    region_info_old_pages(plan, style->page_size, pages, REGION_HIDDEN_MAX) == 0)
		log_info("%s: old=hide hides nothing: no page holds MSI-X structures alone", name);
}
