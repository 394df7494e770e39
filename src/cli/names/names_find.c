/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ids of names: libpci finds names of ids alone, so each id is asked for. */
#include <pci/pci.h>
#include <stdlib.h>
#include <string.h>

#include "cli/names/names.h"
#include "core/text/word.h"

#define IDS	  0x10000
#define ANY_OTHER 0x80 /* the subclass that has the name of its class */

/* Names of all devices of a vendor, of all vendors or of all classes; each is made once. */
struct table {
	struct table *next;
	int flags, vendor;
	char *names[IDS]; /* NULL: the list has none */
};

static struct table *tables;

static struct table *make_table(int flags, int vendor)
{
	struct table *t = calloc(1, sizeof(*t));
	char buf[256];

	if (!t)
		return NULL;
	*t = (struct table){.next = tables, .flags = flags, .vendor = vendor};
	tables = t;
	for (int id = 0; id < IDS; id++) {
		int first = flags == PCI_LOOKUP_DEVICE ? vendor : id;

		if (pci_lookup_name(names_list(), buf, sizeof(buf),
				    flags | PCI_LOOKUP_NO_NUMBERS | PCI_LOOKUP_NO_HWDB, first, id))
			t->names[id] = strdup(buf);
	}
	return t;
}

static const struct table *find_table(int flags, int vendor)
{
	for (struct table *t = tables; t; t = t->next) {
		if (t->flags == flags && t->vendor == vendor)
			return t;
	}
	return make_table(flags, vendor);
}

/* The id of a name that one alone has, or the one that is for all others; -1 if there is none. */
static int find_id(const struct table *t, struct word name)
{
	int found = -1, count = 0;

	for (int id = 0; t && id < IDS; id++) {
		if (!t->names[id] || !word_is(name, t->names[id]))
			continue;
		if (t->flags == PCI_LOOKUP_CLASS && (id & 0xff) == ANY_OTHER)
			return id;
		found = id;
		count++;
	}
	return count == 1 ? found : -1;
}

/* "Device 0840", as lspci prints an id without a name. */
static int plain_id(struct word name)
{
	uint64_t id;

	if (!word_starts(name, "Device ") && !word_starts(name, "Unknown device "))
		return -1;
	name = word_after(name, "evice ");
	return name.len == 4 && word_hex(name, &id) == 4 ? (int)id : -1;
}

/* The device with that vendor's name and its own; false unless there is one alone. */
static bool find_ids(struct word name, uint16_t ids[2])
{
	const struct table *vendors = find_table(PCI_LOOKUP_VENDOR, 0);
	size_t longest = 0;
	int found = 0;

	for (int v = 0; vendors && v < IDS; v++) {
		const char *vendor = vendors->names[v];
		size_t len = vendor ? strlen(vendor) : 0;
		struct word rest = {name.p + len + 1, name.len - len - 1};
		int id;

		if (!vendor || len < longest || name.len <= len + 1 || !word_starts(name, vendor) ||
		    name.p[len] != ' ')
			continue;
		id = plain_id(rest);
		if (id < 0)
			id = find_id(find_table(PCI_LOOKUP_DEVICE, v), rest);
		if (id < 0)
			continue;
		found = len > longest ? 1 : found + 1;
		longest = len;
		ids[0] = (uint16_t)v;
		ids[1] = (uint16_t)id;
	}
	return found == 1;
}

/* The part before `end`, if that is there. */
static struct word before(struct word w, const char *end)
{
	struct word rest = word_after(w, end);

	return rest.p ? (struct word){w.p, (size_t)(rest.p - w.p) - strlen(end)} : w;
}

unsigned int names_find(const char *line, size_t len, uint16_t *class, uint16_t ids[2])
{
	struct word w = {line, len}, name;
	uint16_t pair[2];
	unsigned int ret = 0;
	int id;

	word_next(&w);
	while (w.len && *w.p == ' ')
		w.p++, w.len--;
	name = word_after(w, ": ");
	if (!name.p)
		return 0;
	id = find_id(find_table(PCI_LOOKUP_CLASS, 0), before(before(w, ": "), " ["));
	if (id >= 0) {
		*class = (uint16_t)id;
		ret |= 1;
	}
	if (find_ids(before(before(name, " (rev "), " (prog-if "), pair)) {
		memcpy(ids, pair, sizeof(pair));
		ret |= 2;
	}
	return ret;
}
