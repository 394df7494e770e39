/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>

#include "cli/columns.h"
#include "cli/json.h"
#include "cli/plan/plan.h"

static const char *verdict_id(enum choice_verdict verdict)
{
	static const char *const ids[] = {
		[VERDICT_CHOSEN] = "chosen",
		[VERDICT_REFUSED] = "refused",
		[VERDICT_KNOWN_FAIL] = "known-fail",
		[VERDICT_KNOWN_OTHER] = "known-other",
		[VERDICT_BEFORE_FIRST] = "before-first",
		[VERDICT_DISPLAY] = "display",
		[VERDICT_MEASURED] = "measured",
		[VERDICT_EXTENDS] = "extends",
		[VERDICT_IN_BETWEEN] = "in-between",
		[VERDICT_NARROW] = "narrow",
		[VERDICT_HIGHER_SLOT] = "higher-slot",
		[VERDICT_RESIZABLE] = "resizable",
		[VERDICT_MORE_MMIO] = "more-mmio",
		[VERDICT_LOWER_SLOT] = "lower-slot",
	};

	return ids[verdict];
}

static const char *type_id(const struct pci_bar *bar)
{
	static const char *const ids[] = {
		[BAR_EMPTY] = "none",  [BAR_IO] = "io",	     [BAR_MEM32] = "mem32",
		[BAR_MEM64] = "mem64", [BAR_UPPER] = "none", [BAR_UNASSIGNED] = "unassigned",
	};

	return ids[bar->kind];
}

static const char *state_id(enum layout_state state)
{
	static const char *const ids[] = {
		[LAYOUT_NONE] = "none",	  [LAYOUT_DROPPED] = "dropped",
		[LAYOUT_AS_IS] = "as-is", [LAYOUT_EXTENDED] = "extended",
		[LAYOUT_NEW] = "new",
	};

	return ids[state];
}

static const char *what_id(enum layout_what what)
{
	static const char *const ids[] = {
		[LAYOUT_REGISTERS] = "registers",
		[LAYOUT_TABLE] = "table",
		[LAYOUT_PBA] = "pba",
		[LAYOUT_OVERLAP] = "overlap",
		[LAYOUT_OLD_TABLE] = "old-table",
		[LAYOUT_OLD_PBA] = "old-pba",
		[LAYOUT_PADDING] = "padding",
	};

	return ids[what];
}

static const char *access_id(enum layout_access access)
{
	static const char *const ids[] = {
		[LAYOUT_DIRECT] = "direct",	    [LAYOUT_EMULATED] = "emulated",
		[LAYOUT_SHARED] = "shared-page",    [LAYOUT_UNMAPPED] = "unmapped",
		[LAYOUT_HIDDEN] = "hidden",	    [LAYOUT_MISALIGNED] = "misaligned",
		[LAYOUT_CROWDED] = "crowded",	    [LAYOUT_PORTS] = "ports",
		[LAYOUT_NO_ADDRESS] = "no-address",
	};

	return ids[access];
}

static struct json_object *decision_json(const struct report *r)
{
	struct json_object *o = json_object_new_object();
	char line[DECISION_TEXT_MAX], why[DECISION_TEXT_MAX];

	json_put_text(o, "line", decision_text(&r->decision, r->rule, line, sizeof(line)));
	json_put_text(o, "rule_target", policy_target_name(r->settings.target));
	json_put_text(o, "target", policy_target_name(r->decision.plan.target));
	if (r->decision.vmm != vmm_none())
		json_put_text(o, "vmm", r->decision.vmm->name);
	json_put_int(o, "planned_page_size", r->decision.facts.page_size);
	json_put_text(o, "auto_cause", json_cause(r->decision.choice.cause));
	json_put_text(o, "auto_why",
		      r->decision.hides_table ? report_why(r, why, sizeof(why))
					      : choice_why(&r->decision.choice));
	return o;
}

/* What a plan makes of its target; NULL for one that leaves the device as it is. */
static struct json_object *plan_object(const struct plan *p)
{
	struct json_object *o;

	if (p->target == PLAN_OFF)
		return NULL;
	o = json_object_new_object();
	json_put_text(o, "target", policy_target_name(p->target));
	json_put_text(o, "state", state_id(p->new_bar ? LAYOUT_NEW : LAYOUT_EXTENDED));
	json_put_text(o, "type", type_id(&p->bar));
	json_object_object_add(o, "prefetchable", json_object_new_boolean(p->bar.prefetchable));
	json_put_int(o, "size", p->bar.size);
	json_put_int(o, "additional", p->bar.size - p->phys_size);
	json_put_int(o, "table_offset", p->table.start);
	json_put_int(o, "pba_offset", p->pba.start);
	json_object_object_add(o, "pba_sound", json_object_new_boolean(p->pba_sound));
	return o;
}

static struct json_object *rules_json(const struct report *r)
{
	struct json_object *list = json_object_new_array();
	char rule[REPORT_RULE_SIZE];

	json_object_array_add(list, json_object_new_string(report_rule(r, true, rule)));
	if (report_has_ids(r))
		json_object_array_add(list, json_object_new_string(report_rule(r, false, rule)));
	return list;
}

static struct json_object *extents_json(const struct layout_bar *bar)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < bar->count; i++) {
		const struct layout_extent *e = &bar->list[i];
		struct json_object *o = json_object_new_object();

		json_put_int(o, "offset", e->bytes.start);
		json_put_int(o, "size", e->bytes.end - e->bytes.start);
		json_put_text(o, "what", what_id(e->what));
		json_put_text(o, "access", access_id(e->access));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *side_json(const struct layout_side *side)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	json_put_int(o, "memory", side->memory);
	json_put_int(o, "direct", side->direct);
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct layout_bar *bar = &side->bars[i];
		struct json_object *b;

		if (bar->state == LAYOUT_NONE)
			continue;
		b = json_object_new_object();
		json_put_int(b, "bar", i);
		json_put_text(b, "state", state_id(bar->state));
		json_put_text(b, "type", type_id(&bar->bar));
		json_object_object_add(b, "prefetchable",
				       json_object_new_boolean(bar->bar.prefetchable));
		json_put_int(b, "size", bar->bar.size);
		json_put_int(b, "direct", bar->direct);
		json_object_object_add(b, "extents", extents_json(bar));
		json_object_array_add(list, b);
	}
	json_object_object_add(o, "bars", list);
	return o;
}

static struct json_object *targets_json(const struct report *r)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < PCI_BARS && r->decision.choice.cause != CHOICE_NOTHING; i++) {
		struct json_object *o = json_object_new_object();
		struct layout layout;
		struct plan plan;
		bool refused = plan_reason_refuses(report_target(r, i, &plan, &layout));

		json_put_text(o, "target", policy_target_name(i));
		json_put_text(o, "verdict", verdict_id(r->decision.choice.targets[i].verdict));
		json_put_text(o, "why", report_why_not(r, i));
		json_object_object_add(o, "plan", refused ? NULL : plan_object(&plan));
		if (!refused)
			json_put_int(o, "direct", layout.after.direct);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *notes_json(const struct report *r)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < r->devices->notes.count; i++) {
		const struct desc_note *n = &r->devices->notes.list[i];
		struct json_object *o = json_object_new_object();

		if (n->bar >= 0 && n->bar < PCI_BARS)
			json_put_int(o, "bar", (uint64_t)n->bar);
		json_put_text(o, "about",
			      n->bar < 0	  ? "device"
			      : n->bar < PCI_BARS ? "bar"
						  : "rom");
		json_put_text(o, "text", n->text);
		json_object_array_add(list, o);
	}
	return list;
}

int plan_json(FILE *out, const struct report *r)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "device",
			       json_device(r->device, &r->decision.facts.ids, r->numeric));
	json_object_object_add(o, "msix",
			       json_msix(&r->decision.facts.msix, r->decision.choice.defect));
	json_put_int(o, "page_size", r->decision.host_page);
	json_object_object_add(o, "decision", decision_json(r));
	json_object_object_add(o, "known", json_known(r->decision.choice.known));
	json_object_object_add(o, "plan", plan_object(&r->decision.plan));
	json_object_object_add(o, "rules", rules_json(r));
	json_object_object_add(o, "before", side_json(&r->layout.before));
	json_object_object_add(o, "after", side_json(&r->layout.after));
	json_object_object_add(o, "targets", targets_json(r));
	json_object_object_add(o, "assumed", notes_json(r));
	return json_print(out, o);
}
