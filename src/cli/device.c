/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/device.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/file.h"
#include "cli/names/names.h"
#include "core/le.h"
#include "desc/lspci/lspci_text.h"

/* More than one host has; a bound for other texts. */
#define MAX_DEVICES 1024

void devices_free(struct devices *devices)
{
	free(devices->list);
	desc_notes_free(&devices->notes);
	*devices = (struct devices){.list = NULL};
}

/* Where all are parsed to: untouched pages of it cost nothing. */
struct parsed {
	struct desc *descs;
	size_t count;
	struct desc_notes notes;
};

/* The device at *only alone is looked at, of a text of lspci; NULL: all. */
static bool parse(const char *text, size_t len, const struct pci_bdf *only, struct parsed *p,
		  struct desc_error *error)
{
	if (!desc_is_lspci(text, len))
		return desc_parse(text, len, p->descs, MAX_DEVICES, &p->count, error);
	if (only)
		return desc_parse_lspci_one(text, len, only, p->descs, &p->count, &p->notes, error);
	return desc_parse_lspci(text, len, p->descs, MAX_DEVICES, &p->count, &p->notes, error);
}

const char *device_partial_text(enum desc_note_kind why)
{
	switch (why) {
	case DESC_NOTE_CAPS_SILENT:
		return ": it does not answer, all is ff; it is in D3cold, or was lost after a "
		       "reset";
	case DESC_NOTE_CAPS_HEADER:
		return ": the dump has 64 bytes; lspci -xxx or -xxxx prints more, as root";
	case DESC_NOTE_CAPS_UNASKED:
		return ": lspci prints them with -vv or -xxxx, as root";
	case DESC_NOTE_CAPS_CUT:
		return ": the text ends before them";
	default:
		return "; only root can read them, also with lspci";
	}
}

/* Keeps why a device's capabilities are unknown: a device without MSI-X looks otherwise. */
static void take_note(struct device *d, enum desc_note_kind kind)
{
	if (desc_note_lacks_caps(kind) && (!d->partial || kind < d->partial))
		d->partial = kind;
}

/* The notes become those of *ret. */
static int adopt(struct parsed *p, struct devices *ret)
{
	struct device *list = calloc(p->count + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	*ret = (struct devices){.list = list, .count = p->count, .notes = p->notes};
	p->notes = (struct desc_notes){.list = NULL};
	for (size_t i = 0; i < p->count; i++) {
		const struct desc *d = &p->descs[i];

		list[i].desc = *d;
		lspci_name(le16_get(d->cfg), le16_get(d->cfg + 2), list[i].name,
			   sizeof(list[i].name));
	}
	for (size_t i = 0; i < ret->notes.count; i++)
		take_note(&list[ret->notes.list[i].device], ret->notes.list[i].kind);
	return 0;
}

/* Takes the note of that kind of device i off the list. */
static void drop_kind(struct desc_notes *notes, size_t i, enum desc_note_kind kind)
{
	size_t kept = 0;

	for (size_t n = 0; n < notes->count; n++) {
		if (notes->list[n].device != i || notes->list[n].kind != kind)
			notes->list[kept++] = notes->list[n];
	}
	notes->count = kept;
}

static bool has_kind(const struct desc_notes *notes, size_t i, enum desc_note_kind kind)
{
	for (size_t n = 0; n < notes->count; n++) {
		if (notes->list[n].device == i && notes->list[n].kind == kind)
			return true;
	}
	return false;
}

/* Takes the ids that a text has in names alone from the list of PCI ids. */
static void find_ids(struct parsed *p, size_t i, struct word head)
{
	bool needs_class = has_kind(&p->notes, i, DESC_NOTE_CLASS);
	bool needs_ids = has_kind(&p->notes, i, DESC_NOTE_IDS);
	uint8_t *cfg = p->descs[i].cfg;
	uint16_t class, ids[2];
	unsigned int found;

	if (!needs_class && !needs_ids)
		return;
	found = names_find(head.p, head.len, &class, ids);
	if (needs_class && found & 1) {
		le16_put(cfg + PCI_CLASS_DEVICE, class);
		drop_kind(&p->notes, i, DESC_NOTE_CLASS);
	}
	if (needs_ids && found & 2) {
		le16_put(cfg, ids[0]);
		le16_put(cfg + 2, ids[1]);
		drop_kind(&p->notes, i, DESC_NOTE_IDS);
	}
}

/* Looks up the names of head lines, which are in the order of the devices. */
static void find_names(struct parsed *p, const char *text, size_t len)
{
	char *clean = p->notes.count ? lspci_clean(text, len, &len) : NULL;
	struct word rest = {clean, len}, line;
	size_t i = 0;

	while (clean && i < p->count && word_line(&rest, &line)) {
		struct word first, w = line;
		struct pci_bdf bdf;
		size_t k = i;

		do {
			first = word_next(&w);
		} while (first.len && *first.p == '>');
		if (!pci_bdf_parse(first.p, first.len, &bdf))
			continue;
		while (k < p->count && !pci_bdf_equal(&bdf, &p->descs[k].bdf))
			k++;
		if (k == p->count)
			continue;
		find_ids(p, k, (struct word){first.p, (size_t)(line.p + line.len - first.p)});
		i = k + 1;
	}
	free(clean);
}

bool device_lacks_bars(const struct devices *devices, size_t i)
{
	const struct desc *d = &devices->list[i].desc;
	bool noted = false, bars = false;

	for (size_t n = 0; n < devices->notes.count; n++)
		noted |= devices->notes.list[n].device == i;
	for (int bar = 0; bar < PCI_BARS; bar++)
		bars |= d->bars[bar].bar.kind != BAR_EMPTY;
	return noted && !bars && pci_cfg_find_cap(d->cfg, d->cfg_size, PCI_CAP_ID_MSIX);
}

/* "-" is not what a person would call it. */
static const char *path_name(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

/* Tells of the devices that the text has, and the list does not. */
static void tell_left(const char *path, struct devices *devices)
{
	for (size_t i = 0; i < devices->notes.nr_left; i++) {
		const struct desc_left *left = &devices->notes.left[i];
		char address[PCI_BDF_SIZE];

		cli_error("note: %s:%u:%u: %s is left out: %s", path_name(path), left->error.line,
			  left->error.column, pci_bdf_print(&left->bdf, address),
			  left->error.reason);
		devices->incomplete = true;
	}
}

/* The devices of a text; the one at *only, if it is not NULL, which may be none. */
static int of_text(const char *path, const char *text, size_t len, const struct pci_bdf *only,
		   struct devices *ret, char *err, size_t size)
{
	struct parsed p = {.descs = calloc(MAX_DEVICES, sizeof(*p.descs))};
	struct desc_error error = {.line = 0};
	int rc = -ENOMEM;

	*ret = (struct devices){.list = NULL};
	if (p.descs && parse(text, len, only, &p, &error)) {
		find_names(&p, text, len);
		rc = adopt(&p, ret);
	} else if (error.line)
		rc = -EINVAL;
	if (rc == -EINVAL)
		snprintf(err, size, "%s:%u:%u: %s", path_name(path), error.line, error.column,
			 error.reason);
	else if (rc == -ENOMEM)
		snprintf(err, size, "%s: %s", path_name(path), strerror(ENOMEM));
	if (!rc)
		tell_left(path, ret);
	free(p.descs);
	desc_notes_free(&p.notes);
	return rc;
}

int devices_of_text(const char *path, const char *text, size_t len, struct devices *ret, char *err,
		    size_t size)
{
	return of_text(path, text, len, NULL, ret, err, size);
}

/* What to say after the reason why a file can't be read. */
static const char *expectation(const char *path, int error)
{
	if (error == EISDIR)
		return "; expected a file: a description, or what lspci prints";
	if (error == ENOENT && strchr(path, ':') && !path[strspn(path, "0123456789abcdefABCDEF:.")])
		return "; an address would be [SSSS:]BB:DD.F, as 01:00.0";
	return "";
}

static int of_file(const char *path, const struct pci_bdf *only, struct devices *ret, char *err,
		   size_t size)
{
	size_t len;
	char *text = file_read(path, &len);

	*ret = (struct devices){.list = NULL};
	if (!text) {
		int rc = -errno;

		snprintf(err, size, "%s: %s%s", path_name(path), strerror(-rc),
			 expectation(path, -rc));
		return rc;
	}

	int rc = of_text(path, text, len, only, ret, err, size);

	free(text);
	return rc;
}

int devices_of_file(const char *path, struct devices *ret, char *err, size_t size)
{
	return of_file(path, NULL, ret, err, size);
}

bool devices_keep(struct devices *devices, const struct pci_bdf *bdf)
{
	struct desc_note *list = devices->notes.list;
	size_t kept = 0, notes = 0;

	while (kept < devices->count && !pci_bdf_equal(&devices->list[kept].desc.bdf, bdf))
		kept++;
	if (kept == devices->count)
		return false;
	for (size_t i = 0; i < devices->notes.count; i++) {
		if (list[i].device == kept) {
			list[notes] = list[i];
			list[notes++].device = 0;
		}
	}
	devices->list[0] = devices->list[kept];
	devices->count = 1;
	devices->notes.count = notes;
	return true;
}

static int find_in_host(const struct pci_bdf *bdf, struct devices *ret, char *err, size_t size)
{
	char address[PCI_BDF_SIZE];
	int rc = devices_of_host(ret, err, size);

	if (rc < 0 || devices_keep(ret, bdf))
		return rc;
	devices_free(ret);
	snprintf(err, size, "%s: this host has no such device; lspci -D lists those it has",
		 pci_bdf_print(bdf, address));
	return -ENODEV;
}

int devices_of_file_at(const char *path, const struct pci_bdf *bdf, struct devices *ret, char *err,
		       size_t size)
{
	char address[PCI_BDF_SIZE];
	int rc = of_file(path, bdf, ret, err, size);

	if (rc < 0 || devices_keep(ret, bdf))
		return rc;
	snprintf(err, size, "%s: no device %s in this file", path_name(path),
		 pci_bdf_print(bdf, address));
	devices_free(ret);
	return -EINVAL;
}

size_t devices_path_len(const char *what)
{
	const char *at = strrchr(what, '@');
	struct pci_bdf bdf;

	if (pci_bdf_parse(what, strlen(what), &bdf))
		return 0;
	if (at && at != what && pci_bdf_parse(at + 1, strlen(at + 1), &bdf))
		return (size_t)(at - what);
	return strlen(what);
}

int devices_named(const char *what, struct devices *ret, char *err, size_t size)
{
	size_t len = devices_path_len(what);
	struct pci_bdf bdf;

	*ret = (struct devices){.list = NULL};
	if (pci_bdf_parse(what, strlen(what), &bdf))
		return find_in_host(&bdf, ret, err, size);
	if (!what[len])
		return devices_of_file(what, ret, err, size);
	pci_bdf_parse(what + len + 1, strlen(what + len + 1), &bdf);

	char *path = strndup(what, len);
	int rc = path ? devices_of_file_at(path, &bdf, ret, err, size) : -ENOMEM;

	if (!path)
		snprintf(err, size, "%s: %s", what, strerror(ENOMEM));
	free(path);
	return rc;
}

int devices_find(const char *what, struct devices *ret, char *err, size_t size)
{
	char address[PCI_BDF_SIZE];
	int rc = devices_named(what, ret, err, size);

	if (rc < 0 || ret->count == 1)
		return rc;
	snprintf(err, size, "%s: %zu devices; name one of them, as in %s@%s", path_name(what),
		 ret->count, what, pci_bdf_print(&ret->list[0].desc.bdf, address));
	devices_free(ret);
	return -EINVAL;
}
