/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>

#include "core/le.h"
#include "desc/lspci/lspci_read.h"
#include "desc/lspci/lspci_text.h"

void desc_notes_free(struct desc_notes *notes)
{
	free(notes->list);
	free(notes->left);
	*notes = (struct desc_notes){.list = NULL};
}

static bool make_room(struct desc_notes *n)
{
	size_t room = n->room ? 2 * n->room : 64;
	struct desc_note *list;

	if (n->count < n->room)
		return true;
	list = realloc(n->list, room * sizeof(*list));
	if (!list)
		return false;
	n->list = list;
	n->room = room;
	return true;
}

static void note(struct lspci *l, int bar, enum desc_note_kind kind, const char *text)
{
	struct desc_notes *n = l->notes;
	uint32_t device = (uint32_t)(*l->count - 1);

	if (make_room(n))
		n->list[n->count++] = (struct desc_note){device, bar, kind, text};
	else
		l->no_memory = true;
}

void lspci_note(struct lspci *l, int bar, const char *text)
{
	note(l, bar, DESC_NOTE_OTHER, text);
}

void lspci_note_kind(struct lspci *l, enum desc_note_kind kind, const char *text)
{
	note(l, -1, kind, text);
}

void lspci_fail(struct lspci *l, const char *at, const char *reason)
{
	if (l->fault)
		return;
	l->fault = reason;
	l->fault_at = at;
}

/* "VVVV:DDDD" at the start of w. */
static bool ids(struct word w, uint8_t *reg)
{
	uint64_t vendor, device;

	if (word_hex(w, &vendor) != 4 || w.len < 9 || w.p[4] != ':' ||
	    word_hex((struct word){w.p + 5, w.len - 5}, &device) != 4)
		return false;
	le16_put(reg, (uint16_t)vendor);
	le16_put(reg + 2, (uint16_t)device);
	return true;
}

/* The last "[VVVV:DDDD]" of the line, for -nn. */
static bool bracketed_ids(struct word line, uint8_t *reg)
{
	bool found = false;

	for (; line.len > 10; line.p++, line.len--) {
		if (line.p[0] == '[' && line.p[10] == ']')
			found |= ids((struct word){line.p + 1, line.len - 1}, reg);
	}
	return found;
}

/* A device's second head line, as of `lspci -xxxx` after `lspci -vvnn`, may say less. */
static void class_of(struct lspci *l, struct word line)
{
	struct word w = word_after(line, " ["), n = line;
	uint64_t class = 0, v;
	bool found;

	/* "[0107]: " with names and numbers; "0107: ", once "Class 0107: ", with numbers alone. */
	if (!w.p || word_hex(w, &class) != 4 || w.len < 5 || w.p[4] != ']') {
		word_next(&n);
		w = word_next(&n);
		n = word_is(w, "Class") ? word_next(&n) : w;
		found = n.len == 5 && word_hex(n, &class) == 4;
	} else {
		found = true;
	}
	if (found)
		le16_put(l->d->cfg + PCI_CLASS_DEVICE, (uint16_t) class);
	l->has_class |= found;
	w = word_after(line, "(rev ");
	if (w.p && word_hex(w, &v))
		l->d->cfg[PCI_REVISION_ID] = (uint8_t)v;
	l->silent |= w.p && word_starts(w, "ff)");
	w = word_after(line, "(prog-if ");
	if (w.p && word_hex(w, &v))
		l->d->cfg[PCI_CLASS_PROG] = (uint8_t)v;
	else if (word_after(line, "(prog-if").p)
		lspci_note(l, -1, "its programming interface is unknown: 00 assumed");
}

static void head_line(struct lspci *l, struct word line)
{
	struct word rest = line, w;

	l->in_cap = false;
	class_of(l, line);
	l->has_ids |= bracketed_ids(line, l->d->cfg + PCI_VENDOR_ID);
	while (!l->has_ids && (w = word_next(&rest)).len)
		l->has_ids = ids(w, l->d->cfg + PCI_VENDOR_ID);
}

static void verbose_line(struct lspci *l, struct word line)
{
	struct word group = word_after(line, "IOMMU group: ");
	uint64_t v;

	l->after_blank |= !line.len;
	l->verbose |= word_starts(line, "Flags: ") || word_starts(line, "Control: ");
	l->cap_list |= word_starts(line, "Status: Cap+ ");
	if (word_starts(line, "Subsystem: ")) {
		if (!bracketed_ids(line, l->d->cfg + PCI_SUBSYSTEM_VENDOR_ID))
			ids(word_after(line, ": "), l->d->cfg + PCI_SUBSYSTEM_VENDOR_ID);
	} else if (word_starts(line, "Bus: primary=")) {
		l->skip = true;
	} else if (word_starts(line, "!!! Unknown header type 7f")) {
		l->silent = true;
	} else if (word_starts(line, "Interrupt: pin ") && line.len > 15 && line.p[15] >= 'A' &&
		   line.p[15] <= 'D') {
		l->has_pin = true;
		l->d->cfg[PCI_INTERRUPT_PIN] = (uint8_t)(line.p[15] - 'A' + 1);
	} else if (word_starts(line, "IOMMU group: ")) {
		l->has_group = word_number(group, 10, &v) && v < DESC_NO_GROUP;
		if (l->has_group)
			l->d->group = (uint32_t)v;
	} else if (!lspci_bar_line(l, line) && !lspci_size_line(l, line)) {
		lspci_cap_line(l, line);
		if (word_after(line, "Memory at ").p || word_after(line, "I/O ports at ").p)
			lspci_note(l, -1, "a line that tells of a BAR is damaged: left out");
	}
}

/* Takes back the device that was read last, with its notes. */
static void drop_device(struct lspci *l)
{
	--*l->count;
	while (l->notes->count && l->notes->list[l->notes->count - 1].device == *l->count)
		l->notes->count--;
}

/* Whether "[virtual]" can't mean a virtual function: that has no pin and no I/O BAR. */
static bool is_physical(const struct lspci *l)
{
	bool physical = l->has_pin || le16_get(l->d->cfg) == 0x1af4 || /* a guest's VirtIO */
			le16_get(l->d->cfg + PCI_CLASS_DEVICE) == 0x0101;

	for (unsigned int i = 0; i < PCI_BARS; i++)
		physical |= l->d->bars[i].bar.kind == BAR_IO;
	return physical;
}

static bool end_device(struct lspci *l, struct desc_error *err)
{
	lspci_caps_end(l);
	lspci_use_dump(l);
	if (l->skip || !pci_cfg_is_type0(l->d->cfg, PCI_CFG_SIZE)) {
		drop_device(l);
		return true;
	}
	lspci_caps_compare(l);
	lspci_quiesce(l->d);
	l->d->vf &= !is_physical(l);
	if (l->d->vf) {
		le16_put(l->d->cfg + PCI_COMMAND, 0);
		l->d->cfg[PCI_INTERRUPT_PIN] = 0;
	}
	if (!l->has_class)
		lspci_note_kind(l, DESC_NOTE_CLASS, "class unknown: lspci needs -nn or -x");
	if (!l->has_ids)
		lspci_note_kind(l, DESC_NOTE_IDS,
				"vendor and device unknown: lspci needs -nn or -x");
	if (!l->has_group) {
		l->d->group = DESC_NO_GROUP;
		lspci_note(l, -1, "IOMMU group unknown: one of its own assumed");
	}
	lspci_bars_end(l);
	err->reason = build_bars(l->d);
	build_writable(l->d);
	return !err->reason && !l->fault;
}

/* Forgets what was read of another device. */
static void start_device(struct lspci *l, const struct pci_bdf *bdf, struct desc *d)
{
	*l = (struct lspci){
		.devs = l->devs,
		.max = l->max,
		.count = l->count,
		.notes = l->notes,
		.no_memory = l->no_memory,
		.last_bar = -1,
		.d = d,
	};
	build_init(&l->build, d);
	d->bdf = *bdf;
}

static void any_line(struct lspci *l, struct word line)
{
	struct pci_bdf bdf;
	struct word bytes;
	uint64_t offset;

	if (lspci_is_head(line, &bdf))
		head_line(l, line);
	else if (lspci_dump_offset(line, &offset, &bytes))
		lspci_dump_line(l, offset, bytes);
	else
		verbose_line(l, line);
}

/* The fault, and where it is. */
static void locate(struct word text, const struct lspci *l, struct desc_error *err)
{
	struct word line;

	err->reason = l->fault;
	err->line = 0;
	while (word_line(&text, &line)) {
		err->line++;
		err->column = (uint32_t)(l->fault_at - line.p) + 1;
		if (l->fault_at <= line.p + line.len)
			break;
	}
}

static void read_section(struct lspci *l, const struct lspci_section *s)
{
	struct word rest = s->text, line;

	while (!l->fault && word_line(&rest, &line)) {
		l->indent = lspci_indent(line);
		if (!word_is(line, LSPCI_JOINED))
			any_line(l, lspci_trim(line));
	}
}

/*
 * Reads a section by itself, into *alone. False if it tells nothing but that the device was silent;
 * fails if it is not of the device that earlier ones are of.
 */
static bool check_section(struct lspci *l, const struct lspci_section *s, struct lspci *alone)
{
	struct desc_notes notes = {.list = NULL};
	const char *unlike;
	struct desc d;

	alone->notes = &notes; /* cppcheck-suppress autoVariables ; until they are freed */
	alone->count = l->count;
	start_device(alone, &s->bdf, &d);
	read_section(alone, s);
	desc_notes_free(&notes);
	alone->notes = NULL;
	l->no_memory |= alone->no_memory;
	if (lspci_is_silent(alone))
		return false;
	unlike = lspci_unlike(l, alone);
	if (unlike)
		lspci_fail(l, s->text.p, unlike);
	return true;
}

/* All sections of a device, if there are several. */
static void read_sections(struct lspci *l, const struct lspci_section *s)
{
	const struct lspci_section *silent = NULL;
	struct lspci *alone = calloc(1, sizeof(*alone));
	bool heard = false;

	l->no_memory |= !alone;
	for (; alone && s && !l->fault; s = s->next) {
		if (check_section(l, s, alone)) {
			heard = true;
			read_section(l, s);
		} else {
			silent = s;
		}
	}
	free(alone);
	if (silent && heard)
		lspci_note(l, -1, "a section in which the device did not answer was left out");
	else if (silent)
		read_section(l, silent);
}

/* False, with what is wrong in l->fault or *err, if the device can't be. */
static bool read_device(struct lspci *l, const struct lspci_section *s, struct desc_error *err)
{
	err->line = s->line;
	start_device(l, &s->bdf, &l->devs[(*l->count)++]);
	if (s->headless)
		lspci_note(l, -1, "PCI address unknown: 0000:01:00.0 assumed");
	if (s->next)
		read_sections(l, s);
	else
		read_section(l, s);
	if (!l->fault && lspci_is_silent(l))
		lspci_fail(l, s->text.p,
			   "the device did not answer, all is ff: it was in D3cold, or was lost "
			   "after a reset");
	return !l->fault && end_device(l, err);
}

/* Leaves the device out because of *err. */
static void leave_out(struct lspci *l, const struct pci_bdf *bdf, const struct desc_error *err)
{
	struct desc_notes *n = l->notes;
	struct desc_left *left = realloc(n->left, (n->nr_left + 1) * sizeof(*left));

	drop_device(l);
	l->fault = NULL;
	l->no_memory |= !left;
	if (!left)
		return;
	n->left = left;
	left[n->nr_left++] = (struct desc_left){*bdf, *err};
}

/* What is wrong with a text of which no device is left. */
static bool no_device(const struct lspci *l, const struct lspci_sections *sections,
		      struct desc_error *err)
{
	if (l->notes->nr_left) {
		*err = l->notes->left[0].error;
		return false;
	}
	err->line = sections->lines;
	err->reason = "no device with a header of type 0 in this text";
	return false;
}

static bool read_devices(struct lspci *l, const struct lspci_sections *sections, struct word all,
			 const struct pci_bdf *only, struct desc_error *err)
{
	for (size_t i = 0; i < sections->count; i++) {
		const struct lspci_section *s = &sections->list[i];

		if (s->later || (only && !pci_bdf_equal(only, &s->bdf)))
			continue;
		if (*l->count == l->max) {
			err->line = s->line;
			err->reason = "too many devices";
			return false;
		}
		if (read_device(l, s, err))
			continue;
		if (l->fault)
			locate(all, l, err);
		leave_out(l, &s->bdf, err);
	}
	return *l->count || (only && !l->notes->nr_left) || no_device(l, sections, err);
}

/* Not the text's fault. */
static bool out_of_memory(struct desc_error *err)
{
	*err = (struct desc_error){.reason = "out of memory"};
	return false;
}

static bool parse(const char *text, size_t len, const struct pci_bdf *only, struct lspci *l,
		  struct desc_error *err)
{
	char *clean = lspci_clean(text, len, &len);
	struct word all = {clean, len};
	struct lspci_sections sections;
	bool ok;

	*l->count = 0;
	*l->notes = (struct desc_notes){.list = NULL};
	*err = (struct desc_error){.line = 1, .column = 1};
	if (!clean || !lspci_sections_find(all, &sections)) {
		free(clean);
		return out_of_memory(err);
	}
	ok = read_devices(l, &sections, all, only, err);
	lspci_sections_free(&sections);
	free(clean);
	if (l->no_memory)
		return out_of_memory(err);
	return ok && (lspci_own_groups(l) || out_of_memory(err));
}

bool desc_parse_lspci(const char *text, size_t len, struct desc *devs, size_t max, size_t *count,
		      struct desc_notes *notes, struct desc_error *err)
{
	struct lspci l = {.devs = devs, .max = max, .count = count, .notes = notes};

	return parse(text, len, NULL, &l, err);
}

bool desc_parse_lspci_one(const char *text, size_t len, const struct pci_bdf *only,
			  struct desc *dev, size_t *count, struct desc_notes *notes,
			  struct desc_error *err)
{
	struct lspci l = {.devs = dev, .max = 1, .count = count, .notes = notes};

	return parse(text, len, only, &l, err);
}
