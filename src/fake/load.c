/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices that the files of FAKEVFIO describe. */
#include "fake/load.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pci_bdf.h"
#include "core/pci_cfg.h"
#include "desc/desc.h"
#include "desc/lspci/lspci.h"
#include "fake/file.h"
#include "fake/log.h"
#include "fake/pci/dev.h"
#include "fake/pci/group.h"
#include "fake/pci/irq/irq.h"
#include "fake/state.h"
#include "fake/sys.h"

/* The whole of a file, NUL-terminated, to be freed; NULL if it can't be read. */
static char *read_text(const char *path, size_t *len)
{
	size_t size = 1 << 16, n = 0;
	char *text = malloc(size);
	int fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
	ssize_t got = -1;

	while (fd >= 0 && text && (got = sys_read(fd, text + n, size - n - 1)) > 0) {
		n += (size_t)got;
		if (n < size - 1)
			continue;

		char *more = realloc(text, size *= 2);

		if (!more) {
			got = -1;
			break;
		}
		text = more;
	}
	if (fd >= 0)
		sys_close(fd);
	if (got < 0) {
		free(text);
		return NULL;
	}
	text[n] = 0;
	*len = n;
	return text;
}

/* Tells what an lspci text left open, so that nobody wonders about parts that were made up. */
static void tell_notes(const char *path, const struct desc_notes *notes, const struct desc *devs)
{
	for (size_t i = 0; i < notes->count; i++) {
		const struct desc_note *note = &notes->list[i];
		char address[PCI_BDF_SIZE], bar[8] = "";

		if (note->bar >= PCI_BARS)
			snprintf(bar, sizeof(bar), "ROM: ");
		else if (note->bar >= 0)
			snprintf(bar, sizeof(bar), "BAR%d: ", note->bar);
		log_complain("fakevfio: note: %s: %s: %s%s", path,
			     pci_bdf_print(&devs[note->device].bdf, address), bar, note->text);
	}
	for (size_t i = 0; i < notes->nr_left; i++) {
		const struct desc_left *left = &notes->left[i];
		char address[PCI_BDF_SIZE];

		log_complain("fakevfio: note: %s:%u:%u: %s is left out: %s", path, left->error.line,
			     left->error.column, pci_bdf_print(&left->bdf, address),
			     left->error.reason);
	}
}

/* Leaves the device at *only alone in the list, if it is there. */
static void keep(struct desc *devs, size_t *count, const struct pci_bdf *only)
{
	for (size_t i = 0; i < *count; i++) {
		if (!pci_bdf_equal(&devs[i].bdf, only))
			continue;
		devs[0] = devs[i];
		*count = 1;
		return;
	}
	*count = 0;
}

/* The devices of a text, or the one at *only if that is not NULL. */
static bool parse(const char *path, const char *text, size_t len, const struct pci_bdf *only,
		  struct desc *devs, size_t max, size_t *count)
{
	struct desc_notes notes = {.list = NULL};
	struct desc_error err;
	bool ok = !desc_is_lspci(text, len) ? desc_parse(text, len, devs, max, count, &err)
		  : only ? desc_parse_lspci_one(text, len, only, devs, count, &notes, &err)
			 : desc_parse_lspci(text, len, devs, max, count, &notes, &err);

	if (ok && only)
		keep(devs, count, only);
	if (ok)
		tell_notes(path, &notes, devs);
	else if (err.line)
		log_complain("fakevfio: %s:%u:%u: %s", path, err.line, err.column, err.reason);
	else
		log_complain("fakevfio: %s: %s", path, err.reason);
	desc_notes_free(&notes);
	return ok;
}

static void add_dev(struct fake_state *s, const struct desc *desc)
{
	char kind[24];
	struct fake_dev *d = &s->devs[s->nr_devs++];

	d->desc = *desc;
	fake_file_init(s, &d->file, "[vfio-device]");
	fake_file_init(s, &d->shut_file, "shut");
	pci_bdf_print(&desc->bdf, d->name);
	irq_init(d);
	if (fake_group_number(desc->group))
		return;

	struct fake_group *g = &s->groups[s->nr_groups++];

	g->number = desc->group;
	snprintf(kind, sizeof(kind), "group-%u", g->number);
	fake_file_init(s, &g->file, kind);
}

/* Two devices with one address in the same text are found by the parser. */
static bool check_new(const struct fake_state *s, const char *path, const struct pci_bdf *bdf)
{
	for (uint32_t i = 0; i < s->nr_devs; i++) {
		if (!pci_bdf_equal(&s->devs[i].desc.bdf, bdf))
			continue;
		log_complain("fakevfio: %s: another file describes %s too", path, s->devs[i].name);
		return false;
	}
	return true;
}

/* Region N is at N << 40 of the device's file. */
static bool check_sizes(const char *path, const struct desc *d)
{
	char address[PCI_BDF_SIZE];

	for (unsigned int i = 0; i < PCI_BARS; i++) {
		if (d->bars[i].bar.size <= DESC_SIZE_MAX)
			continue;
		log_complain("fakevfio: %s: %s: BAR%u is larger than 512G", path,
			     pci_bdf_print(&d->bdf, address), i);
		return false;
	}
	return true;
}

/* All devices of a file, or the one at *only. */
static bool load_file(struct fake_state *s, const char *path, const struct pci_bdf *only,
		      struct desc *devs)
{
	char address[PCI_BDF_SIZE];
	size_t len, count = 0;
	char *text = read_text(path, &len);
	bool ok;

	if (!text) {
		log_complain("fakevfio: %s: can't be read", path);
		return false;
	}
	ok = parse(path, text, len, only, devs, FAKE_DEVS - s->nr_devs, &count);
	free(text);
	if (ok && !count) {
		log_complain("fakevfio: %s: no device %s in this file", path,
			     pci_bdf_print(only, address));
		return false;
	}
	if (ok && s->nr_devs + count > FAKE_DEVS) {
		log_complain("fakevfio: %s: more than %d devices", path, FAKE_DEVS);
		return false;
	}
	for (size_t i = 0; ok && i < count; i++)
		ok = check_new(s, path, &devs[i].bdf) && check_sizes(path, &devs[i]);
	for (size_t i = 0; ok && i < count; i++)
		add_dev(s, &devs[i]);
	return ok;
}

/*
 * The length of the first of the files: a colon ends it that is not one of an address after '@'.
 * That address is in *bdf, and *path_len is the length of the name.
 */
static size_t first_of(const char *list, struct pci_bdf *bdf, size_t *path_len)
{
	size_t len = strcspn(list, ":");
	const char *at = memrchr(list, '@', len);

	*path_len = len;
	/* [SSSS:]BB:DD.F: the longer form first. */
	for (int colons = 2; at && colons; colons--) {
		size_t end = (size_t)(at + 1 - list);

		for (int i = 0; i < colons; i++) {
			end += strcspn(list + end, ":");
			end += list[end] == ':';
		}
		end += strcspn(list + end, ":");
		if (!pci_bdf_parse(at + 1, (size_t)(list + end - at - 1), bdf))
			continue;
		*path_len = (size_t)(at - list);
		return end;
	}
	return len;
}

bool fake_load(struct fake_state *s, const char *list)
{
	struct desc *devs = malloc(FAKE_DEVS * sizeof(*devs));
	char path[4096];
	bool ok = devs != NULL;

	while (ok && *list) {
		struct pci_bdf bdf;
		size_t path_len, len = first_of(list, &bdf, &path_len);

		if (path_len && path_len < sizeof(path)) {
			memcpy(path, list, path_len);
			path[path_len] = 0;
			ok = load_file(s, path, path_len < len ? &bdf : NULL, devs);
		}
		list += len + (list[len] == ':');
	}
	free(devs);
	return ok;
}
