/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/json.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>

#include "core/policy/policy.h"

void json_put_int(struct json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

void json_put_text(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, text ? json_object_new_string(text) : NULL);
}

void json_put_hex(struct json_object *o, const char *key, uint32_t value, int digits)
{
	char text[16];

	snprintf(text, sizeof(text), "%0*" PRIx32, digits, value);
	json_put_text(o, key, text);
}

int json_print(FILE *out, struct json_object *o)
{
	const char *text = json_object_to_json_string_ext(
		o,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (text)
		fprintf(out, "%s\n", text);
	json_object_put(o);
	return text ? 0 : -ENOMEM;
}

const char *json_cause(enum choice_cause cause)
{
	static const char *const ids[] = {
		[CHOICE_NOTHING] = "nothing",	      [CHOICE_NO_GAIN] = "no-gain",
		[CHOICE_BROKEN] = "broken",	      [CHOICE_KNOWN] = "known",
		[CHOICE_SHARED_PAGE] = "shared-page", [CHOICE_SHARED_BLOCK] = "shared-block",
		[CHOICE_SHARED_BAR] = "shared-bar",   [CHOICE_ASKED] = "asked",
	};

	return ids[cause];
}

static const char *defect_id(enum msix_defect defect)
{
	static const char *const ids[] = {
		[MSIX_SOUND] = "none",
		[MSIX_TABLE_NOWHERE] = "table-nowhere",
		[MSIX_PBA_NOWHERE] = "pba-nowhere",
		[MSIX_TABLE_OUTSIDE] = "table-outside",
		[MSIX_PBA_OUTSIDE] = "pba-outside",
		[MSIX_OVERLAP] = "overlap",
	};

	return ids[defect];
}

/* A stretch of a BAR. */
static struct json_object *place(unsigned int bar, uint64_t offset, uint64_t size)
{
	struct json_object *o = json_object_new_object();

	json_put_int(o, "bar", bar);
	json_put_int(o, "offset", offset);
	json_put_int(o, "size", size);
	return o;
}

struct json_object *json_device(const struct device *d, const struct pci_ids *ids, bool numeric)
{
	struct json_object *o = json_object_new_object();
	char address[PCI_BDF_SIZE];

	json_put_text(o, "address", pci_bdf_print(&d->desc.bdf, address));
	json_put_hex(o, "vendor", ids->vendor, 4);
	json_put_hex(o, "device", ids->device, 4);
	json_put_hex(o, "subvendor", ids->subvendor, 4);
	json_put_hex(o, "subdevice", ids->subdevice, 4);
	json_put_hex(o, "class", ids->class_code, 6);
	if (!numeric && d->name[0])
		json_put_text(o, "name", d->name);
	if (d->driver[0])
		json_put_text(o, "driver", d->driver);
	json_object_object_add(
		o, "group",
		d->desc.group == DESC_NO_GROUP ? NULL : json_object_new_int64(d->desc.group));
	return o;
}

struct json_object *json_msix(const struct pci_msix *m, enum msix_defect defect)
{
	struct json_object *o;

	if (!m->pos)
		return NULL;
	o = json_object_new_object();
	json_put_int(o, "position", m->pos);
	json_put_int(o, "vectors", m->vectors);
	json_object_object_add(
		o, "table", place(m->table_bir, m->table_offset, pci_msix_table_size(m->vectors)));
	json_object_object_add(o, "pba",
			       place(m->pba_bir, m->pba_offset, pci_msix_pba_size(m->vectors)));
	json_put_text(o, "defect", defect_id(defect));
	return o;
}

struct json_object *json_known(const struct known_device *k)
{
	const struct known_words *words;
	struct json_object *o, *fails;

	if (!k)
		return NULL;
	words = known_words(k);
	o = json_object_new_object();
	fails = json_object_new_array();
	for (int i = 0; i < PCI_BARS; i++) {
		if (k->fails & 1U << i)
			json_object_array_add(fails, json_object_new_string(policy_target_name(i)));
	}
	json_put_text(o, "name", words->name);
	json_put_text(o, "problem", k->problem);
	json_put_text(o, "works", k->works == PLAN_OFF ? NULL : policy_target_name(k->works));
	json_object_object_add(o, "fails", fails);
	json_put_text(o, "driver", words->driver);
	json_put_text(o, "why", k->why);
	json_put_text(o, "source", words->source);
	return o;
}
