/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities as lspci's verbose half names them. */
#include <linux/pci_regs.h>
#include <string.h>

#include "lspci_priv.h"
#include "msixshim/cap_name.h"
#include "msixshim/le.h"

static const struct cap_name *find(struct word text, bool extended)
{
	const struct cap_name *c;

	for (unsigned int i = 0; (c = cap_name_at(i, extended)); i++) {
		if (word_starts(text, c->name))
			break;
	}
	return c;
}

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
	uint64_t count;

	l->msix.pos = pos;
	l->msix.vectors = 1;
	if (value_after(line, "Count=", 10, &count) && count >= 1 && count <= 2048)
		l->msix.vectors = (uint16_t)count;
	else
		lspci_note(l, -1, "number of MSI-X vectors unknown: 1 assumed");
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
	const struct cap_name *c = find(text, false);
	uint16_t len;

	if (!c) {
		lspci_note(l, -1, "a capability of an unknown name was left out");
		return;
	}
	len = c->len;
	if (c->id == PCI_CAP_ID_EXP && pos + len > PCI_CFG_SIZE) /* then it is of version 1 */
		len = PCI_CAP_EXP_ENDPOINT_SIZEOF_V1;
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
		l->d->cfg[pos + 2] = 3;
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
	const struct cap_name *c = find(text, true);

	if (!c)
		lspci_note(l, -1, "an extended capability of an unknown name was left out");
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
	if (word_starts(w, "] "))
		std_cap(l, (uint16_t)pos, (struct word){w.p + 2, w.len - 2});
	else if (word_starts(w, " v") && word_number((struct word){w.p + 2, 1}, 16, &version))
		ext_cap(l, (uint16_t)pos, (uint8_t)version, word_after(w, "] "));
}

/* False, with nothing taken, if the line does not tell both. */
static bool msix_place(struct word line, uint8_t *bir, uint32_t *offset)
{
	uint64_t b, o;

	if (!value_after(line, "BAR=", 10, &b) || !value_after(line, "offset=", 16, &o))
		return false;
	*bir = b & PCI_MSIX_TABLE_BIR;
	*offset = (uint32_t)o & PCI_MSIX_TABLE_OFFSET;
	return true;
}

/* A line that starts a capability, with what stands behind "Capabilities: ". */
static void start_cap(struct lspci *l, struct word w)
{
	l->in_cap = true;
	l->cap_indent = l->indent;
	l->in_sriov = word_after(w, "] Single Root").p != NULL;
	l->after_blank = false;
	cap_header(l, w);
}

void lspci_cap_line(struct lspci *l, struct word line)
{
	if (word_starts(line, "Capabilities: "))
		start_cap(l, word_after(line, "Capabilities: "));
	else if (word_starts(line, "Vector table: "))
		l->msix_placed = msix_place(line, &l->msix.table_bir, &l->msix.table_offset);
	else if (word_starts(line, "PBA: "))
		msix_place(line, &l->msix.pba_bir, &l->msix.pba_offset);
	else if (l->pcie && word_after(line, "FLReset+").p)
		le32_put(l->d->cfg + l->pcie + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_FLR);
}

void lspci_caps_end(struct lspci *l)
{
	bool unknown = !l->has_caps && l->hex_len < PCI_CFG_SIZE;

	if (unknown && l->denied)
		lspci_note(l, -1, "capabilities unknown: lspci was not allowed to read them");
	else if (unknown && !l->verbose)
		lspci_note(l, -1, "capabilities unknown: lspci needs -vv or -xxxx");
	if (!l->msix.pos)
		return;
	if (!l->msix_placed && l->hex_len < PCI_CFG_SIZE)
		lspci_note(l, -1, "place of the MSI-X table unknown: the start of BAR0 assumed");
	build_msix(l->d, &l->msix);
}
