/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities as lspci's verbose half names them. */
#include <linux/pci_regs.h>
#include <string.h>

#include "core/le.h"
#include "desc/cap_name.h"
#include "desc/lspci/lspci_read.h"

const char lspci_unknown_cap[] = "a capability of an unknown name was left out";
const char lspci_unknown_ext_cap[] = "an extended capability of an unknown name was left out";

/* The decimal or hexadecimal number that follows `key` in the line. */
static bool value_after(struct word line, const char *key, unsigned int base, uint64_t *ret)
{
	struct word w = word_after(line, key), digits = {w.p, 0};

	if (!w.p)
		return false;
	while (digits.len < w.len && w.p[digits.len] != ' ' && w.p[digits.len] != '/' &&
	       w.p[digits.len] != ',' && w.p[digits.len] != '\t')
		digits.len++;
	return word_number(digits, base, ret);
}

static void msi_line(struct lspci *l, uint16_t pos, struct word line)
{
	uint8_t *flags = l->d->cfg + pos + PCI_MSI_FLAGS;
	struct word slash = word_after(line, "Count=");
	uint64_t vectors = 1;
	uint16_t v = 0;

	if (slash.p)
		value_after(slash, "/", 10, &vectors);
	else if (value_after(word_after(line, "Queue="), "/", 10, &vectors) && vectors <= 5)
		vectors = UINT64_C(1) << vectors; /* before lspci 3.1 */
	for (; vectors > 1 && v < 5 << 1; vectors >>= 1)
		v += 1 << 1;
	if (word_after(line, "64bit+").p)
		v |= PCI_MSI_FLAGS_64BIT;
	if (word_after(line, "Maskable+").p)
		v |= PCI_MSI_FLAGS_MASKBIT;
	le16_put(flags, v);
}

static void msix_line(struct lspci *l, uint16_t pos, struct word line)
{
	/* The second one is of lspci before 3.1. */
	const char *key = word_after(line, "Count=").p ? "Count=" : "TabSize=";
	struct word w = word_after(line, key);
	uint64_t count = 0;

	l->msix.pos = pos;
	l->msix_at = line.p;
	if (!w.p)
		return;
	if (!value_after(line, key, 10, &count) || count < 1 || count > 2048)
		lspci_fail(l, w.p, "expected 1 to 2048 vectors");
	l->msix.vectors = (uint16_t)count;
}

/* Bytes of struct virtio_pci_notify_cap, the longest; its type is after three others. */
#define VIRTIO_CAP_SIZE 20
#define VIRTIO_CAP_TYPE 3
#define VIRTIO_CAP_BAR	4

/* What lspci calls a capability of VirtIO, as the number that stands there; 0 for any other. */
static uint8_t virtio_type(struct word text)
{
	static const char *const names[] = {"CommonCfg", "Notify", "ISR", "DeviceCfg"};
	struct word name = word_after(text, "VirtIO: ");

	for (uint8_t i = 0; name.p && i < sizeof(names) / sizeof(names[0]); i++)
		if (word_starts(name, names[i]))
			return i + 1;
	return 0;
}

static void vendor_line(struct lspci *l, uint16_t pos, uint16_t len, struct word line)
{
	uint8_t type = virtio_type(line);

	l->d->cfg[pos + 2] = (uint8_t)len;
	if (!type)
		return;
	l->d->cfg[pos + VIRTIO_CAP_TYPE] = type;
	l->virtio = pos;
}

/* Whether an earlier section of the device listed the capability. */
static bool std_listed(const struct lspci *l, uint16_t pos, uint16_t id)
{
	return pos >= PCI_STD_HEADER_SIZEOF && pos < PCI_CFG_SIZE && l->d->cfg[pos] == id;
}

static bool ext_listed(const struct lspci *l, uint16_t pos, uint16_t id)
{
	return pos >= PCI_CFG_SIZE && pos <= PCI_CFG_EXT_SIZE - 4 &&
	       le16_get(l->d->cfg + pos) == id;
}

static void std_cap(struct lspci *l, uint16_t pos, struct word text)
{
	const struct cap_name *c = cap_name_parse(text, false);
	uint16_t len;

	if (!c) {
		lspci_note(l, -1, lspci_unknown_cap);
		return;
	}
	len = c->len;
	if (c->id == PCI_CAP_ID_EXP && pos + len > PCI_CFG_SIZE) /* then it is of version 1 */
		len = PCI_CAP_EXP_ENDPOINT_SIZEOF_V1;
	if (c->id == PCI_CAP_ID_VNDR && virtio_type(text))
		len = VIRTIO_CAP_SIZE;
	if (!std_listed(l, pos, c->id) && build_cap(&l->build, (uint8_t)c->id, len, &pos)) {
		lspci_note(l, -1, "a capability at an impossible position was left out");
		return;
	}
	switch (c->id) {
	case PCI_CAP_ID_PM:
		le16_put(l->d->cfg + pos + PCI_PM_PMC, 3);
		break;
	case PCI_CAP_ID_MSI:
		msi_line(l, pos, text);
		break;
	case PCI_CAP_ID_MSIX:
		msix_line(l, pos, text);
		break;
	case PCI_CAP_ID_VNDR:
		vendor_line(l, pos, len, text);
		break;
	case PCI_CAP_ID_EXP:
		le16_put(l->d->cfg + pos + PCI_EXP_FLAGS, len == c->len ? 2 : 1);
		l->pcie = pos;
		break;
	default:
		break;
	}
}

static void ext_cap(struct lspci *l, uint16_t pos, uint8_t version, struct word text)
{
	const struct cap_name *c = cap_name_parse(text, true);

	if (!c)
		lspci_note(l, -1, lspci_unknown_ext_cap);
	else if (!ext_listed(l, pos, c->id) &&
		 build_ext_cap(&l->build, c->id, version, c->len, &pos))
		lspci_note(l, -1, "an extended capability at an impossible position was left out");
}

/* "[c0] MSI-X: ..." or "[100 v2] Advanced ..." */
static void cap_header(struct lspci *l, struct word w)
{
	uint64_t pos, version;
	size_t n;

	if (!w.len || *w.p != '[') {
		l->denied = true;
		return;
	}
	w = (struct word){w.p + 1, w.len - 1};
	n = word_hex(w, &pos);
	w = (struct word){w.p + n, w.len - n};
	if (!n || pos > PCI_CFG_EXT_SIZE - 4)
		return;
	l->has_caps = true;
	if (word_starts(w, "] ") && pos >= PCI_CFG_SIZE) /* before lspci 3.1 */
		ext_cap(l, (uint16_t)pos, 1, word_after(w, "] "));
	else if (word_starts(w, "] "))
		std_cap(l, (uint16_t)pos, (struct word){w.p + 2, w.len - 2});
	else if (word_starts(w, " v") && word_number((struct word){w.p + 2, 1}, 16, &version))
		ext_cap(l, (uint16_t)pos, (uint8_t)version, word_after(w, "] "));
}

/* False, with nothing taken, if the line does not tell both. */
static bool msix_place(struct lspci *l, struct word line, uint8_t *bir, uint32_t *offset)
{
	struct word bar = word_after(line, "BAR="), at = word_after(line, "offset=");
	uint64_t b = 0, o = 0;

	if (!bar.p || !at.p)
		return false;
	if (!value_after(line, "BAR=", 10, &b) || b > PCI_MSIX_TABLE_BIR)
		lspci_fail(l, bar.p, "expected a BAR number");
	if (!value_after(line, "offset=", 16, &o) || o & PCI_MSIX_TABLE_BIR || o > UINT32_MAX)
		lspci_fail(l, at.p, "expected an offset in hexadecimal, a multiple of 8");
	*bir = (uint8_t)b;
	*offset = (uint32_t)o;
	return true;
}

/* "BAR=0 offset=00003000 size=0000003c": where in the BAR makes no difference to anything. */
static void virtio_place(struct lspci *l, struct word line)
{
	uint64_t bar;

	if (value_after(line, "BAR=", 10, &bar) && bar <= UINT8_MAX)
		l->d->cfg[l->virtio + VIRTIO_CAP_BAR] = (uint8_t)bar;
	l->virtio = 0;
}

/* A line that starts a capability, with what follows "Capabilities: ". */
static void start_cap(struct lspci *l, struct word w)
{
	l->in_cap = true;
	l->cap_indent = l->indent;
	l->in_sriov = word_after(w, "] Single Root").p != NULL;
	l->after_blank = false;
	l->virtio = 0;
	cap_header(l, w);
}

void lspci_cap_line(struct lspci *l, struct word line)
{
	if (word_starts(line, "Capabilities: "))
		start_cap(l, word_after(line, "Capabilities: "));
	else if (word_starts(line, "Vector table: "))
		l->table_placed |= msix_place(l, line, &l->msix.table_bir, &l->msix.table_offset);
	else if (word_starts(line, "PBA: "))
		l->pba_placed |= msix_place(l, line, &l->msix.pba_bir, &l->msix.pba_offset);
	else if (l->virtio && word_starts(line, "BAR="))
		virtio_place(l, line);
	else if (l->pcie && word_after(line, "FLReset+").p)
		le32_put(l->d->cfg + l->pcie + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_FLR);
}

/* Bytes of BAR `bir`, as far as they are known: what can be pointed at. */
static uint64_t room_of(const struct lspci *l, uint8_t bir)
{
	uint64_t size = bir < PCI_BARS ? l->d->bars[bir].bar.size : 0;

	return size > UNKNOWN_SIZE ? size : UINT32_MAX;
}

/* What the verbose half left open of MSI-X. */
static void assume_msix(struct lspci *l)
{
	struct pci_msix *m = &l->msix;
	uint64_t table, pba, end;

	if (!m->vectors) {
		m->vectors = 1;
		lspci_note_kind(l, DESC_NOTE_MSIX_VECTORS,
				"number of MSI-X vectors unknown: 1 assumed");
	}
	table = pci_msix_table_size(m->vectors);
	pba = pci_msix_pba_size(m->vectors);
	if (!l->table_placed && l->pba_placed && !m->pba_bir && m->pba_offset < table) {
		m->table_offset = m->pba_offset + (uint32_t)pba;
		lspci_note_kind(l, DESC_NOTE_MSIX_TABLE,
				"place of the MSI-X table unknown: next to the PBA assumed");
	} else if (!l->table_placed) {
		lspci_note_kind(l, DESC_NOTE_MSIX_TABLE,
				"place of the MSI-X table unknown: the start of BAR0 assumed");
	}
	if (l->pba_placed)
		return;
	end = m->table_offset + table;
	m->pba_bir = m->table_bir;
	m->pba_offset = (uint32_t)end;
	if (end + pba > room_of(l, m->table_bir) && m->table_offset >= pba)
		m->pba_offset = m->table_offset - (uint32_t)pba;
	lspci_note_kind(l, DESC_NOTE_MSIX_PBA,
			"place of the MSI-X PBA unknown: next to the table assumed");
}

bool lspci_dump_caps(const struct lspci *l, uint8_t *end)
{
	uint8_t pos = l->hex[PCI_CAPABILITY_LIST] & 0xfc;
	bool msix = false;

	*end = 0;
	if (l->has_caps || l->hex_len <= PCI_STD_HEADER_SIZEOF || l->hex_len >= PCI_CFG_SIZE)
		return false;
	for (int ttl = 48; ttl && pos >= PCI_STD_HEADER_SIZEOF; ttl--) {
		unsigned int len = pos + 1U < l->hex_len && l->hex[pos] == PCI_CAP_ID_MSIX
					   ? PCI_CAP_MSIX_SIZEOF
					   : 2;

		if (pos + len > l->hex_len)
			return msix;
		msix |= l->hex[pos] == PCI_CAP_ID_MSIX;
		*end = pos;
		pos = l->hex[pos + PCI_CAP_LIST_NEXT] & 0xfc;
	}
	return *end != 0;
}

void lspci_caps_end(struct lspci *l)
{
	uint8_t end;
	bool unknown = !l->has_caps && l->hex_len < PCI_CFG_SIZE && !lspci_dump_caps(l, &end);

	if (unknown && l->denied)
		lspci_note_kind(l, DESC_NOTE_CAPS_DENIED,
				"capabilities unknown: lspci was not allowed to read them");
	else if (unknown && !l->verbose)
		lspci_note_kind(l, DESC_NOTE_CAPS_UNASKED,
				"capabilities unknown: lspci needs -vv or -xxxx");
	else if (unknown && l->cap_list)
		lspci_note_kind(l, DESC_NOTE_CAPS_CUT,
				"capabilities unknown: the text ends before them");
	/* a line of the verbose half is missing, and the dump was not cut before its capability */
	if (!l->msix.pos && l->has_caps && pci_cfg_msix(l->hex, l->hex_len, &l->msix))
		l->table_placed = l->pba_placed = true;
	if (l->hex_len >= PCI_CFG_SIZE)
		return;
	if (!l->msix.pos && (l->table_placed || l->pba_placed))
		lspci_note(l, -1, "MSI-X is told of without its capability: a line is missing");
	if (!l->msix.pos)
		return;
	assume_msix(l);
	build_msix(l->d, &l->msix);
}

static bool same_msix(const struct lspci *l, const struct pci_msix *dump)
{
	const struct pci_msix *m = &l->msix;

	if (dump->pos != m->pos || (m->vectors && dump->vectors != m->vectors))
		return false;
	if (l->table_placed &&
	    (dump->table_bir != m->table_bir || dump->table_offset != m->table_offset))
		return false;
	return !l->pba_placed || (dump->pba_bir == m->pba_bir && dump->pba_offset == m->pba_offset);
}

void lspci_caps_compare(struct lspci *l)
{
	struct pci_msix dump;
	bool found = pci_cfg_msix(l->hex, l->hex_len, &dump);

	if (!l->msix.pos)
		return;
	if (!found && l->hex_len >= PCI_CFG_SIZE)
		lspci_fail(l, l->msix_at,
			   "the two halves contradict each other: the dump has no such capability");
	else if (found && !same_msix(l, &dump))
		lspci_fail(l, l->msix_at,
			   "the two halves contradict each other: the dump has another MSI-X");
}
