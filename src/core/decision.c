/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/decision.h"

#include "core/text/line.h"

static bool names_no_bar(int target)
{
	return target == PLAN_AUTO || target == PLAN_ANY;
}

/* Whether `any` was asked for, and each target is impossible or would break a driver. */
static bool finds_none(const struct decision *d)
{
	return d->target == PLAN_ANY && d->choice.target == PLAN_OFF &&
	       d->choice.cause != CHOICE_NOTHING;
}

static enum decision_kind find_kind(const struct decision *d)
{
	if (plan_reason_refuses(d->reason) || finds_none(d))
		return DECISION_REFUSE;
	if (d->plan.target == PLAN_OFF)
		return DECISION_KEEP;
	if (d->small_pages)
		return d->target == PLAN_AUTO ? DECISION_KEEP : DECISION_REFUSE;
	return DECISION_RELOCATE;
}

/* What the rule leaves open is as it suits the VMM. */
static void complete(struct policy_settings *s, const struct vmm_traits *vmm)
{
	if (!(s->options_set & POLICY_SET_SHARE))
		s->share_bar = vmm->traps == VMM_TRAPS_BAR;
	if (!(s->options_set & POLICY_SET_CAPS))
		s->caps_sparse = vmm->caps == VMM_CAPS_MAPS_TABLE;
	if (!(s->options_set & POLICY_SET_MAP))
		s->map_compose = vmm->beyond == VMM_BEYOND_SAFE;
}

static bool has_table(const struct plan_facts *facts)
{
	const struct pci_msix *msix = &facts->msix;

	return msix->pos && msix->table_bir < PCI_BARS &&
	       pci_bar_is_memory(&facts->bars[msix->table_bir]);
}

void decision_keep(struct decision *d)
{
	d->kind = DECISION_KEEP;
	plan_make(&d->facts, PLAN_OFF, &d->plan);
	d->hides_table = d->target != PLAN_OFF && d->vmm->caps == VMM_CAPS_MAPS_TABLE &&
			 d->settings.caps_sparse && has_table(&d->facts);
	if (d->hides_table)
		d->plan.hw = d->facts.msix;
}

void decision_make(const struct plan_facts *facts, const struct policy_settings *settings,
		   const struct vmm_traits *program, struct decision *ret)
{
	int target = settings->target;

	*ret = (struct decision){
		.target = target,
		.host_page = facts->page_size,
		.vmm = settings->vmm ? settings->vmm : program,
		.settings = *settings,
		.facts = *facts,
	};
	complete(&ret->settings, ret->vmm);
	if (settings->page_size)
		ret->facts.page_size = settings->page_size;
	choice_make(&ret->facts, target == PLAN_ANY ? PLAN_ANY : PLAN_AUTO, ret->settings.share_bar,
		    &ret->choice);
	ret->reason = plan_make(&ret->facts, names_no_bar(target) ? ret->choice.target : target,
				&ret->plan);
	ret->small_pages = ret->reason == PLAN_OK && ret->plan.target != PLAN_OFF &&
			   ret->facts.page_size < ret->host_page;
	ret->kind = find_kind(ret);
	if (ret->kind == DECISION_KEEP)
		decision_keep(ret);
	else if (ret->kind == DECISION_REFUSE)
		plan_make(&ret->facts, PLAN_OFF, &ret->plan);
}

static void put_rule(struct line *l, struct policy_span rule)
{
	line_text(l, "the rule \"");
	line_bytes(l, rule.text, rule.len);
	line_text(l, "\"");
}

/* "bar0: why not, bar1: ..." */
static void put_why_none(struct line *l, const struct choice *choice)
{
	line_text(l, "no target is left: ");
	for (int t = 0; t < PCI_BARS; t++) {
		line_text(l, t ? ", " : "");
		line_text(l, policy_target_name(t));
		line_text(l, ": ");
		line_text(l, choice_why_not(choice, t));
	}
}

/* Where a relocation would gain nothing, something is gained without it. */
static void put_why(struct line *l, const struct decision *d, struct policy_span rule)
{
	if (d->hides_table) {
		line_text(l, "shown without MSIX_MAPPABLE, as ");
		line_text(l, d->vmm->name);
		line_text(l, " would map the table; ");
	}
	if (d->hides_table && d->choice.cause == CHOICE_NO_GAIN) {
		line_text(l, "a relocation gains no more");
	} else if (d->small_pages) {
		put_rule(l, rule);
		line_text(l, " is refused: pages of this host have ");
		line_decimal(l, d->host_page);
		line_text(l, " bytes, and a BAR is mapped by whole ones; page= takes these or "
			     "larger ones");
	} else if (finds_none(d)) {
		put_why_none(l, &d->choice);
	} else if (names_no_bar(d->target)) {
		line_text(l, choice_why(&d->choice));
	} else if (d->target == PLAN_OFF) {
		put_rule(l, rule);
		line_text(l, " asks for it");
	} else {
		line_text(l, plan_reason_text(d->reason));
	}
}

/* "off, bar0, bar5": the targets that the planner accepts. */
static void put_targets(struct line *l, const struct choice *choice)
{
	line_text(l, "; targets that work: off");
	for (int t = 0; t < PCI_BARS; t++) {
		if (choice->targets[t].reason != PLAN_OK)
			continue;
		line_text(l, ", ");
		line_text(l, policy_target_name(t));
	}
}

static void put_place(struct line *l, const char *before, unsigned int bir, uint64_t offset)
{
	line_text(l, before);
	line_decimal(l, bir);
	line_text(l, "+0x");
	line_hex(l, offset, 1);
}

static void put_plan(struct line *l, const struct plan *p)
{
	line_text(l, "BAR");
	line_decimal(l, (uint64_t)p->target);
	line_text(l, p->new_bar ? " becomes a new " : " is extended to a ");
	line_text(l, p->bar.kind == BAR_MEM64 ? "64-bit " : "32-bit ");
	line_text(l, p->bar.prefetchable ? "prefetchable BAR of " : "non-prefetchable BAR of ");
	line_decimal(l, p->bar.size);
	line_text(l, " bytes; MSI-X table (");
	line_decimal(l, p->hw.vectors);
	line_text(l, " vectors) at 0x");
	line_hex(l, p->table.start, 1);
	line_text(l, ", PBA at 0x");
	line_hex(l, p->pba.start, 1);
	put_place(l, "; the hardware's are BAR", p->hw.table_bir, p->hw.table_offset);
	put_place(l, ", BAR", p->hw.pba_bir, p->hw.pba_offset);
	line_text(l, p->pba_sound ? "" : " (unsound: reads as 0)");
}

char *decision_text(const struct decision *d, struct policy_span rule, char *buf, size_t size)
{
	struct line l;

	line_start(&l, buf, size);
	switch (d->kind) {
	case DECISION_KEEP:
		line_text(&l, d->hides_table ? "left where it is: " : "left as it is: ");
		put_why(&l, d, rule);
		break;
	case DECISION_RELOCATE:
		put_plan(&l, &d->plan);
		if (!names_no_bar(d->target))
			break;
		line_text(&l, "; why: ");
		put_why(&l, d, rule);
		break;
	case DECISION_REFUSE:
		if (!d->small_pages) {
			line_text(&l, policy_target_name(d->target));
			line_text(&l, " refused: ");
		}
		put_why(&l, d, rule);
		if (!d->small_pages)
			put_targets(&l, &d->choice);
		break;
	}
	return buf;
}

char *decision_why(const struct decision *d, struct policy_span rule, char *buf, size_t size)
{
	struct line l;

	line_start(&l, buf, size);
	put_why(&l, d, rule);
	return buf;
}
