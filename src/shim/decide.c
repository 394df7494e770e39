/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/decide.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/choice.h"
#include "shim/log/log.h"

int decide_impossible(const char *name, bool lenient, int error, const char *why)
{
	if (lenient) {
		log_info("%s: left as it is: %s", name, why);
		return 0;
	}
	log_refusal("%s: cannot be relocated: %s", name, why);
	return -error;
}

int decide_no_address(const char *name, const struct wish *wish)
{
	log_refusal(
		"%s: refused: the rule \"%.*s\" of %s asks for the address of the device, which "
		"this kernel does not tell of a descriptor that another program opened; rules by "
		"ids or class work",
		name, (int)wish->rule.len, wish->rule.text, wish->where);
	return -EINVAL;
}

void decide_tell_wish(const char *name, const struct wish *wish)
{
	if (!wish->where)
		log_debug("%s: no rule matches: " POLICY_DEFAULT, name);
	else
		log_debug("%s: the rule \"%.*s\" of %s matches", name, (int)wish->rule.len,
			  wish->rule.text, wish->where);
	if (wish->what.target == PLAN_OFF)
		log_info("%s: left as it is: the rule \"%.*s\" asks for it", name,
			 (int)wish->rule.len, wish->rule.text);
}

void decide_style(const struct wish *wish, struct region_style *ret)
{
	*ret = (struct region_style){
		.page_size = (uint64_t)sysconf(_SC_PAGESIZE),
		.caps_sparse = wish->what.caps_sparse,
		.old_hide = wish->what.old_hide,
	};
}

uint64_t decide_page(const struct wish *wish, const struct region_style *style)
{
	return wish->what.page_size ? wish->what.page_size : style->page_size;
}

/* "off, bar0, bar5": the targets that the planner accepts. */
static void list_works(const struct plan_facts *facts, char *buf, size_t size)
{
	struct plan plan;

	snprintf(buf, size, "off");
	for (int t = 0; t < PCI_BARS; t++) {
		size_t len = strlen(buf);

		if (plan_make(facts, t, &plan) == PLAN_OK)
			snprintf(buf + len, size - len, ", %s", policy_target_name(t));
	}
}

/* One line: why, and which targets would work. */
static void refuse_target(const char *name, const struct plan_facts *facts, int target,
			  enum plan_reason reason)
{
	char works[64];

	list_works(facts, works, sizeof(works));
	log_refusal("%s: %s refused: %s; targets that work: %s", name, policy_target_name(target),
		    plan_reason_text(reason), works);
}

/* `any` finds none. */
static void refuse_any(const char *name, const struct plan_facts *facts,
		       const struct choice *choice)
{
	char reasons[LOG_LINE_MAX / 2] = "", works[64];

	for (int t = 0; t < PCI_BARS; t++) {
		size_t len = strlen(reasons);

		snprintf(reasons + len, sizeof(reasons) - len, "%s%s: %s", t ? ", " : "",
			 policy_target_name(t), choice_why_not(choice, t));
	}
	list_works(facts, works, sizeof(works));
	log_refusal("%s: any refused: no target is left: %s; targets that work: %s", name, reasons,
		    works);
}

static void tell_choice(const char *name, const struct choice *choice)
{
	for (int t = 0; t < PCI_BARS; t++)
		log_debug("%s: %s: %s", name, policy_target_name(t), choice_why_not(choice, t));
}

/* The target that auto or any comes to. 1 and *ret, 0, or -EINVAL. */
static int choose(const char *name, const struct plan_facts *facts, const struct wish *wish,
		  int *ret, const char **why)
{
	struct choice choice;

	choice_make(facts, wish->what.target, wish->what.share_bar, &choice);
	if (choice.cause != CHOICE_NOTHING && choice.cause != CHOICE_NO_GAIN)
		tell_choice(name, &choice);
	*ret = choice.target;
	*why = choice_why(&choice);
	if (choice.target != PLAN_OFF)
		return 1;
	if (wish->what.target == PLAN_ANY && choice.cause != CHOICE_NOTHING) {
		refuse_any(name, facts, &choice);
		return -EINVAL;
	}
	log_info("%s: left as it is: %s", name, *why);
	return 0;
}

/* A BAR is mapped by whole pages of the host: no plan can be for smaller ones. */
static int check_page(const char *name, const struct wish *wish, uint64_t host)
{
	const bool lenient = wish->what.target == PLAN_AUTO;

	if (!wish->what.page_size || wish->what.page_size >= host)
		return 1;

	void (*say)(const char *format, ...) = lenient ? log_info : log_refusal;

	say("%s: %sthe rule \"%.*s\" is refused: pages of this host have %" PRIu64
	    " bytes, and a BAR is mapped by whole ones; page= takes these or larger ones",
	    name, lenient ? "left as it is: " : "", (int)wish->rule.len, wish->rule.text, host);
	return lenient ? 0 : -EINVAL;
}

int decide_plan(const char *name, const struct plan_facts *facts, const struct wish *wish,
		const struct region_style *style, struct plan *ret, const char **why)
{
	int target = wish->what.target;

	*why = NULL;
	if (target == PLAN_AUTO || target == PLAN_ANY) {
		int rc = choose(name, facts, wish, &target, why);

		if (rc <= 0)
			return rc;
	}

	enum plan_reason reason = plan_make(facts, target, ret);

	if (plan_reason_refuses(reason)) {
		refuse_target(name, facts, target, reason);
		return -EINVAL;
	}
	if (reason != PLAN_OK) {
		log_info("%s: left as it is: %s", name, plan_reason_text(reason));
		return 0;
	}
	return check_page(name, wish, style->page_size);
}

void decide_tell_plan(const char *name, const struct plan *p, const struct region_style *style,
		      const char *why)
{
	struct extent pages[REGION_HIDDEN_MAX];

	log_info("%s: BAR%d %s %s %sprefetchable BAR of %" PRIu64
		 " bytes; MSI-X table (%u vectors) at 0x%" PRIx64 ", PBA at 0x%" PRIx64
		 "; the hardware's are BAR%u+0x%" PRIx32 ", BAR%u+0x%" PRIx32 "%s%s%s",
		 name, p->target, p->new_bar ? "becomes a new" : "is extended to a",
		 p->bar.kind == BAR_MEM64 ? "64-bit" : "32-bit", p->bar.prefetchable ? "" : "non-",
		 p->bar.size, p->hw.vectors, p->table.start, p->pba.start, p->hw.table_bir,
		 p->hw.table_offset, p->hw.pba_bir, p->hw.pba_offset,
		 p->pba_sound ? "" : " (unsound: reads as 0)", why ? "; why: " : "",
		 why ? why : "");
	if (style->old_hide &&
	    region_info_old_pages(p, style->page_size, pages, REGION_HIDDEN_MAX) == 0)
		log_info("%s: old=hide hides nothing: no page holds MSI-X structures alone", name);
}
