/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <json-c/json.h>

#include "cli/json.h"
#include "cli/scan/scan.h"
#include "core/policy/policy.h"

static const char *const states[SCAN_RANKS] = {
	[SCAN_GAINS] = "gains",	    [SCAN_STAYS] = "stays",   [SCAN_UNKNOWN] = "unknown",
	[SCAN_NO_MSIX] = "no-msix", [SCAN_BRIDGE] = "bridge",
};

/* By page size in bytes. */
static struct json_object *sharing(const struct scan_entry *e)
{
	struct json_object *o = json_object_new_object();
	char size[24];

	for (unsigned int i = 0; i < SCAN_PAGES; i++) {
		snprintf(size, sizeof(size), "%" PRIu64, scan_pages[i]);
		json_object_object_add(o, size, json_object_new_boolean(e->shares[i]));
	}
	return o;
}

static struct json_object *decision(const struct scan_entry *e)
{
	const struct choice *choice = &e->decision.choice;
	struct json_object *o = json_object_new_object();
	char why[DECISION_TEXT_MAX];

	json_put_text(o, "target", policy_target_name(choice->target));
	json_put_text(o, "cause", json_cause(choice->cause));
	json_put_text(o, "why", scan_why(e, why, sizeof(why)));
	return o;
}

static struct json_object *entry(const struct scan *s, const struct scan_entry *e)
{
	struct json_object *o = json_object_new_object();
	bool has_msix = e->rank <= SCAN_STAYS;

	json_put_text(o, "file", e->file);
	json_object_object_add(o, "device",
			       json_device(e->device, &e->decision.facts.ids, s->numeric));
	json_put_text(o, "state", states[e->rank]);
	json_object_object_add(o, "msix",
			       json_msix(&e->decision.facts.msix, e->decision.choice.defect));
	json_object_object_add(o, "shares_page", has_msix ? sharing(e) : NULL);
	json_object_object_add(o, "known", json_known(e->decision.choice.known));
	json_object_object_add(o, "auto", has_msix ? decision(e) : NULL);
	return o;
}

int scan_json(FILE *out, const struct scan *s)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	json_put_int(o, "page_size", s->page_size);
	json_object_object_add(o, "devices", list);
	for (size_t i = 0; i < s->count; i++)
		json_object_array_add(list, entry(s, &s->entries[i]));
	return json_print(out, o);
}
