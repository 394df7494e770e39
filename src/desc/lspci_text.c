/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pci_regs.h>
#include <string.h>

#include "core/le.h"
#include "desc/lspci_priv.h"

static void note(struct lspci *l, int bar, enum desc_note_kind kind, const char *text)
{
	struct desc_notes *n = l->notes;

	if (n->count < n->max)
		n->list[n->count] = (struct desc_note){(uint32_t)(*l->count - 1), bar, kind, text};
	n->count++;
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

/* Columns in front of what trim() leaves of a line. */
static uint32_t indent_of(struct word line)
{
	uint32_t columns = 0;

	for (; line.len; line.p++, line.len--) {
		if (*line.p == '\t')
			columns |= 7;
		else if (*line.p != ' ' && *line.p != '>')
			break;
		columns++;
	}
	return columns;
}

static struct word trim(struct word w)
{
	while (w.len && (*w.p == ' ' || *w.p == '\t' || *w.p == '>'))
		w.p++, w.len--;
	while (w.len && (w.p[w.len - 1] == ' ' || w.p[w.len - 1] == '\r'))
		w.len--;
	return w;
}

/* "c0: 11 00 5f 80 ...": the offset, and what follows it in *rest. */
static bool dump_offset(struct word line, uint64_t *offset, struct word *rest)
{
	size_t n = word_hex(line, offset);
	uint64_t byte;

	if (n < 2 || n > 3 || line.len < n + 4 || line.p[n] != ':' || line.p[n + 1] != ' ')
		return false;
	*rest = (struct word){line.p + n + 2, line.len - n - 2};
	return word_hex(*rest, &byte) == 2 && *offset % 16 == 0;
}

static bool is_device(struct word line, struct pci_bdf *bdf)
{
	struct word first = word_next(&line);

	return pci_bdf_parse(first.p, first.len, bdf);
}

/* "device BB:DD.F", which starts each device of a description. */
static bool is_statement(struct word line)
{
	struct pci_bdf bdf;

	return word_is(word_next(&line), "device") && is_device(line, &bdf);
}

bool desc_is_lspci(const char *text, size_t len)
{
	struct word rest = word_text(text, len), line, bytes;
	struct pci_bdf bdf;
	uint64_t offset;

	/* A prompt or a sentence may stand above what was pasted. */
	while (word_line(&rest, &line)) {
		line = trim(line);
		if (is_statement(line))
			return false;
		if (is_device(line, &bdf) || dump_offset(line, &offset, &bytes))
			return true;
	}
	return false;
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

/* A device's second head line, as of `lspci -xxxx` behind `lspci -vvnn`, may say less. */
static void class_of(struct lspci *l, struct word line)
{
	struct word w = word_after(line, " ["), n = line;
	uint64_t class = 0, v;
	bool found;

	/* "[0107]: " with names and numbers, "0107: " with numbers alone. */
	if (!w.p || word_hex(w, &class) != 4 || w.len < 5 || w.p[4] != ']') {
		word_next(&n);
		n = word_next(&n);
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
	w = word_after(line, "(prog-if ");
	if (w.p && word_hex(w, &v))
		l->d->cfg[PCI_CLASS_PROG] = (uint8_t)v;
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
	} else if (word_starts(line, "IOMMU group: ")) {
		l->has_group = word_number(group, 10, &v) && v < DESC_NO_GROUP;
		if (l->has_group)
			l->d->group = (uint32_t)v;
	} else if (!lspci_bar_line(l, line)) {
		lspci_cap_line(l, line);
	}
}

static void dump_line(struct lspci *l, uint64_t offset, struct word bytes)
{
	struct word w;
	uint64_t v;

	if (offset > l->hex_len) {
		lspci_fail(l, bytes.p,
			   "a line of the dump before this one is missing, or cut short");
		return;
	}
	while ((w = word_next(&bytes)).len) {
		if (offset >= sizeof(l->hex) || w.len != 2 || !word_number(w, 16, &v))
			return;
		l->hex[offset++] = (uint8_t)v;
		if (offset > l->hex_len)
			l->hex_len = (uint32_t)offset;
	}
}

/* A driver was at work when the dump was made; vfio-pci finds the device idle. */
static void quiesce(struct desc *d)
{
	uint16_t msix = pci_cfg_find_cap(d->cfg, PCI_CFG_SIZE, PCI_CAP_ID_MSIX);
	uint16_t msi = pci_cfg_find_cap(d->cfg, PCI_CFG_SIZE, PCI_CAP_ID_MSI);

	if (msix && msix <= PCI_CFG_SIZE - PCI_CAP_MSIX_SIZEOF)
		d->cfg[msix + PCI_MSIX_FLAGS + 1] &=
			(uint8_t) ~((PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) >> 8);
	if (msi && msi <= PCI_CFG_SIZE - 10)
		d->cfg[msi + PCI_MSI_FLAGS] &= (uint8_t)~PCI_MSI_FLAGS_ENABLE;
}

/* The dump is the truth as far as it goes. */
static void use_dump(struct lspci *l)
{
	uint8_t list = l->d->cfg[PCI_CAPABILITY_LIST];
	uint16_t id = le16_get(l->d->cfg), device = le16_get(l->d->cfg + 2);

	if (l->hex_len >= PCI_CFG_SIZE) {
		memcpy(l->d->cfg, l->hex, sizeof(l->hex));
		l->d->cfg_size = l->hex_len >= PCI_CFG_EXT_SIZE ? PCI_CFG_EXT_SIZE : PCI_CFG_SIZE;
		if (l->hex_len < PCI_CFG_EXT_SIZE)
			lspci_note(l, -1, "extended configuration space unknown: left out");
	} else if (l->hex_len >= PCI_STD_HEADER_SIZEOF) {
		memcpy(l->d->cfg, l->hex, PCI_STD_HEADER_SIZEOF);
		l->d->cfg[PCI_CAPABILITY_LIST] = list;
		if (!list)
			l->d->cfg[PCI_STATUS] &= (uint8_t)~PCI_STATUS_CAP_LIST;
		if (!l->has_caps)
			lspci_note_kind(l, DESC_NOTE_CAPS_HEADER,
					"capabilities unknown: the dump has 64 bytes");
	} else {
		lspci_note(l, -1, "no dump: contents of the capabilities are unknown");
		return;
	}
	/* A virtual function's own ids read as ffff. */
	if (l->hex[0] == 0xff && l->hex[1] == 0xff && l->has_ids) {
		le16_put(l->d->cfg, id);
		le16_put(l->d->cfg + 2, device);
	}
	l->has_ids = true;
	l->has_class = true;
}

static bool end_device(struct lspci *l, struct desc_error *err)
{
	lspci_caps_end(l);
	use_dump(l);
	if (l->skip || !pci_cfg_is_type0(l->d->cfg, PCI_CFG_SIZE)) {
		--*l->count;
		while (l->notes->count && l->notes->count <= l->notes->max &&
		       l->notes->list[l->notes->count - 1].device == *l->count)
			l->notes->count--;
		return true;
	}
	lspci_caps_compare(l);
	quiesce(l->d);
	if (l->d->vf) {
		le16_put(l->d->cfg + PCI_COMMAND, 0);
		l->d->cfg[PCI_INTERRUPT_PIN] = 0;
	}
	if (!l->has_class)
		lspci_note(l, -1, "class unknown: lspci needs -nn or -x");
	if (!l->has_ids)
		lspci_note(l, -1, "vendor and device unknown: lspci needs -nn or -x");
	if (!l->has_group) {
		l->d->group = DESC_NO_GROUP;
		lspci_note(l, -1, "IOMMU group unknown: one of its own assumed");
	}
	lspci_bars_end(l);
	err->reason = build_bars(l->d);
	build_writable(l->d);
	return !err->reason && !l->fault;
}

static bool start_device(struct lspci *l, const struct pci_bdf *bdf, struct desc_error *err)
{
	if (*l->count == l->max) {
		err->reason = "too many devices";
		return false;
	}
	*l = (struct lspci){
		.devs = l->devs,
		.max = l->max,
		.count = l->count,
		.notes = l->notes,
		.ascending = l->ascending,
		.d = &l->devs[(*l->count)++],
	};
	build_init(&l->build, l->d);
	l->d->bdf = *bdf;
	return true;
}

static void any_line(struct lspci *l, struct word line)
{
	struct pci_bdf bdf;
	struct word bytes;
	uint64_t offset;

	if (is_device(line, &bdf))
		head_line(l, line);
	else if (dump_offset(line, &offset, &bytes))
		dump_line(l, offset, bytes);
	else
		verbose_line(l, line);
}

/* Where in the text we are. */
struct place {
	struct word rest;   /* what is still to be read */
	uint32_t line;	    /* of the line taken last, from 1 */
	uint32_t indent;    /* its columns, see indent_of() */
	bool inside;	    /* a device's section has begun, */
	struct pci_bdf bdf; /* and this is its address */
};

/* Takes a line. *head: a device's section starts with it. False at the end of the text. */
static bool take_line(struct place *at, struct word *line, bool *head)
{
	struct pci_bdf bdf;
	struct word bytes;
	uint64_t offset;

	if (!word_line(&at->rest, line))
		return false;
	at->line++;
	at->indent = indent_of(*line);
	*line = trim(*line);
	*head = is_device(*line, &bdf);
	if (*head) {
		at->bdf = bdf;
	} else if (!at->inside && dump_offset(*line, &offset, &bytes)) {
		at->bdf = (struct pci_bdf){.bus = 1};
		*head = true;
	}
	at->inside |= *head;
	return true;
}

/*
 * Whether the addresses of the sections ascend, as in what one run of lspci prints. Then no later
 * section has to be sought for a device: with hundreds of them that takes seconds.
 */
static bool is_ascending(struct word text)
{
	struct place at = {.rest = text};
	struct pci_bdf last;
	struct word line;
	bool head, first = true;

	while (take_line(&at, &line, &head)) {
		if (!head)
			continue;
		if (!first && pci_bdf_compare(&last, &at.bdf) >= 0)
			return false;
		last = at.bdf;
		first = false;
	}
	return true;
}

/* Whether a section before the line taken last has the same address. */
static bool read_before(struct word text, const struct place *at)
{
	struct place p = {.rest = text};
	struct word line;
	bool head;

	while (take_line(&p, &line, &head) && p.line < at->line) {
		if (head && pci_bdf_equal(&p.bdf, &at->bdf))
			return true;
	}
	return false;
}

/* All of the text that is of the device whose section starts with `line`, taken last. */
static bool read_device(struct lspci *l, struct place at, struct word line, struct desc_error *err)
{
	struct pci_bdf bdf = at.bdf, other;
	bool head;

	err->line = at.line;
	if (!start_device(l, &bdf, err))
		return false;
	if (!is_device(line, &other))
		lspci_note(l, -1, "PCI address unknown: 0000:01:00.0 assumed");
	do {
		l->indent = at.indent;
		if (pci_bdf_equal(&at.bdf, &bdf))
			any_line(l, line);
	} while (!l->fault && take_line(&at, &line, &head) && !(head && l->ascending));
	return !l->fault && end_device(l, err);
}

static bool group_taken(const struct lspci *l, uint32_t group)
{
	for (size_t i = 0; i < *l->count; i++) {
		if (l->devs[i].group == group)
			return true;
	}
	return false;
}

static void own_groups(struct lspci *l)
{
	uint32_t group = 1;

	for (size_t i = 0; i < *l->count; i++) {
		if (l->devs[i].group != DESC_NO_GROUP)
			continue;
		while (group_taken(l, group))
			group++;
		l->devs[i].group = group;
	}
}

/* The fault, and where it stands. */
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

bool desc_parse_lspci(const char *text, size_t len, struct desc *devs, size_t max, size_t *count,
		      struct desc_notes *notes, struct desc_error *err)
{
	struct lspci l = {.devs = devs, .max = max, .count = count, .notes = notes};
	struct word all = word_text(text, len), line;
	struct place at = {.rest = all};
	bool head;

	*count = 0;
	notes->count = 0;
	*err = (struct desc_error){.line = 0, .column = 1};
	l.ascending = is_ascending(all);
	while (take_line(&at, &line, &head)) {
		if (head && (l.ascending || !read_before(all, &at)) &&
		    !read_device(&l, at, line, err)) {
			if (l.fault)
				locate(all, &l, err);
			return false;
		}
	}
	if (!*count) {
		err->line = at.line;
		err->reason = "no device with a header of type 0 in this text";
	}
	own_groups(&l);
	return *count > 0;
}
