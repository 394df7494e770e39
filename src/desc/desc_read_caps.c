/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements that add a capability: NAME [at POSITION] OPTION... */
#include <linux/pci_regs.h>
#include <string.h>

#include "core/le.h"
#include "desc/desc_read.h"

#define REBAR_SMALLEST 20 /* size 0 is 1 MiB (PCIe 7.8.6) */
#define PCIE_FLAGS_V2  (PCI_EXP_TYPE_ENDPOINT << 4 | 2)

/* Of version 2, to its last register: PCIe 7.5.3. What the headers say differs. */
#define PCIE_SIZEOF_V2 0x3c

/* Takes "at POSITION" if it comes next; else *pos is 0: after the others. */
static bool take_at(struct stmt *s, uint16_t *pos)
{
	struct stmt ahead = *s;
	uint64_t v;

	*pos = 0;
	if (!stmt_word(&ahead) || !word_is(ahead.word, "at"))
		return true;
	*s = ahead;
	if (!stmt_number(s, 0, PCI_STD_HEADER_SIZEOF, PCI_CFG_EXT_SIZE - 4,
			 "expected a position in configuration space", &v))
		return false;
	*pos = (uint16_t)v;
	return true;
}

static bool add(struct stmt *s, uint8_t id, uint16_t len, uint16_t *pos)
{
	const char *reason = build_cap(&s->build, id, len, pos);

	return reason ? stmt_fail(s, reason) : true;
}

static bool st_pm(struct stmt *s)
{
	uint16_t pos;

	if (!take_at(s, &pos) || !add(s, PCI_CAP_ID_PM, PCI_PM_SIZEOF, &pos))
		return false;
	/* Version 3, keeps its state over D3hot to D0. */
	le16_put(s->build.d->cfg + pos + PCI_PM_PMC, 3);
	le16_put(s->build.d->cfg + pos + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET);
	return true;
}

static bool st_msi(struct stmt *s)
{
	uint16_t pos, flags = 0, len = PCI_MSI_DATA_32 + 2;
	uint64_t v;

	if (!take_at(s, &pos))
		return false;
	while (stmt_word(s)) {
		if (word_is(s->word, "vectors")) {
			if (!stmt_number(s, 0, 1, 32, "expected 1 to 32 vectors", &v) ||
			    v & (v - 1))
				return stmt_fail(s, "expected 1, 2, 4, 8, 16 or 32 vectors");
			for (; v > 1; v >>= 1)
				flags += 1 << 1;
		} else if (word_is(s->word, "64bit")) {
			flags |= PCI_MSI_FLAGS_64BIT;
		} else if (word_is(s->word, "mask")) {
			flags |= PCI_MSI_FLAGS_MASKBIT;
		} else {
			return stmt_fail(s, "expected vectors, 64bit or mask");
		}
	}
	if (flags & PCI_MSI_FLAGS_64BIT)
		len += 4;
	if (flags & PCI_MSI_FLAGS_MASKBIT)
		len += 10;
	if (!add(s, PCI_CAP_ID_MSI, len, &pos))
		return false;
	le16_put(s->build.d->cfg + pos + PCI_MSI_FLAGS, flags);
	return true;
}

static bool st_pcie(struct stmt *s)
{
	uint16_t pos;
	uint32_t devcap = PCI_EXP_DEVCAP_RBER;

	if (!take_at(s, &pos))
		return false;
	while (stmt_word(s)) {
		if (!word_is(s->word, "flr"))
			return stmt_fail(s, "expected flr");
		devcap |= PCI_EXP_DEVCAP_FLR;
	}
	if (!add(s, PCI_CAP_ID_EXP, PCIE_SIZEOF_V2, &pos))
		return false;
	le16_put(s->build.d->cfg + pos + PCI_EXP_FLAGS, PCIE_FLAGS_V2);
	le32_put(s->build.d->cfg + pos + PCI_EXP_DEVCAP, devcap);
	/* 8 GT/s, x4. */
	le32_put(s->build.d->cfg + pos + PCI_EXP_LNKCAP, 0x43);
	le16_put(s->build.d->cfg + pos + PCI_EXP_LNKSTA, 0x43);
	return true;
}

static bool st_af(struct stmt *s)
{
	uint16_t pos;

	if (!take_at(s, &pos) || !add(s, PCI_CAP_ID_AF, PCI_CAP_AF_SIZEOF, &pos))
		return false;
	s->build.d->cfg[pos + PCI_AF_LENGTH] = PCI_CAP_AF_SIZEOF;
	s->build.d->cfg[pos + PCI_AF_CAP] = PCI_AF_CAP_TP | PCI_AF_CAP_FLR;
	return true;
}

/* BIR:OFFSET */
static bool place(struct stmt *s, uint8_t *bir, uint32_t *offset)
{
	static const char reason[] = "expected BAR:OFFSET, 8-byte aligned and below 4G";
	uint64_t v;

	if (!stmt_word(s) || s->word.len < 3 || s->word.p[0] < '0' || s->word.p[0] > '7' ||
	    s->word.p[1] != ':')
		return stmt_fail(s, reason);
	*bir = (uint8_t)(s->word.p[0] - '0');
	if (!word_size((struct word){s->word.p + 2, s->word.len - 2}, &v) || v & 7 ||
	    v > UINT32_MAX)
		return stmt_fail(s, reason);
	*offset = (uint32_t)v;
	return true;
}

static bool msix_count(struct stmt *s, uint16_t *ret)
{
	uint64_t v;

	if (!stmt_number(s, 0, 1, 2048, "expected 1 to 2048 vectors", &v))
		return false;
	*ret = (uint16_t)v;
	return true;
}

static bool msix_option(struct stmt *s, struct pci_msix *m)
{
	struct desc *d = s->build.d;

	if (word_is(s->word, "vectors"))
		return msix_count(s, &m->vectors);
	if (word_is(s->word, "table"))
		return place(s, &m->table_bir, &m->table_offset);
	if (word_is(s->word, "pba"))
		return place(s, &m->pba_bir, &m->pba_offset);
	if (word_is(s->word, "after-reset"))
		return msix_count(s, &d->msix_after_reset);
	if (word_is(s->word, "available"))
		return msix_count(s, &d->msix_available);
	if (!word_is(s->word, "noresize"))
		return stmt_fail(
			s, "expected vectors, table, pba, after-reset, available or noresize");
	d->msix_noresize = true;
	return true;
}

static bool st_msix(struct stmt *s)
{
	struct pci_msix m = {.vectors = 1};
	uint16_t pos;

	if (!take_at(s, &pos))
		return false;
	while (stmt_word(s)) {
		if (!msix_option(s, &m))
			return false;
	}
	if (!add(s, PCI_CAP_ID_MSIX, PCI_CAP_MSIX_SIZEOF, &pos))
		return false;
	m.pos = pos;
	build_msix(s->build.d, &m);
	return true;
}

/* Bytes up to the end of the line, at most max of them, into buf. */
static bool take_bytes(struct stmt *s, uint8_t *buf, uint16_t max, uint16_t *len)
{
	uint64_t v;

	*len = 0;
	while (stmt_word(s)) {
		if (!word_number(s->word, 16, &v) || v > 0xff)
			return stmt_fail(s, "expected bytes of two hexadecimal digits");
		if (*len == max)
			return stmt_fail(s, "too many bytes");
		buf[(*len)++] = (uint8_t)v;
	}
	return true;
}

static bool st_vendor(struct stmt *s)
{
	uint8_t bytes[PCI_CFG_SIZE - PCI_STD_HEADER_SIZEOF - 3];
	uint16_t pos, len;

	if (!take_at(s, &pos) || !take_bytes(s, bytes, sizeof(bytes), &len) ||
	    !add(s, PCI_CAP_ID_VNDR, (uint16_t)(len + 3), &pos))
		return false;
	s->build.d->cfg[pos + 2] = (uint8_t)(len + 3);
	memcpy(s->build.d->cfg + pos + 3, bytes, len);
	return true;
}

static bool st_cap(struct stmt *s)
{
	uint8_t bytes[PCI_CFG_SIZE - PCI_STD_HEADER_SIZEOF - 2];
	uint16_t pos, len;
	uint64_t id;

	if (!stmt_number(s, 16, 0, 0xff, "expected a capability id in hexadecimal", &id) ||
	    !take_at(s, &pos) || !take_bytes(s, bytes, sizeof(bytes), &len) ||
	    !add(s, (uint8_t)id, (uint16_t)(len + 2), &pos))
		return false;
	memcpy(s->build.d->cfg + pos + 2, bytes, len);
	return true;
}

static bool add_ext(struct stmt *s, uint16_t id, uint8_t version, uint16_t len, uint16_t *pos)
{
	const char *reason = build_ext_cap(&s->build, id, version, len, pos);

	return reason ? stmt_fail(s, reason) : true;
}

static bool st_extcap(struct stmt *s)
{
	uint8_t bytes[256];
	uint16_t pos, len;
	uint64_t id, version;

	if (!stmt_number(s, 16, 0, 0xffff, "expected an extended capability id in hexadecimal",
			 &id) ||
	    !stmt_number(s, 0, 0, 15, "expected a capability version", &version) ||
	    !take_at(s, &pos) || !take_bytes(s, bytes, sizeof(bytes), &len) ||
	    !add_ext(s, (uint16_t)id, (uint8_t)version, (uint16_t)(len + 4), &pos))
		return false;
	memcpy(s->build.d->cfg + pos + 4, bytes, len);
	return true;
}

/* log2 of the power of two at or above size. */
static unsigned int log2_up(uint64_t size)
{
	unsigned int n = 0;

	while (n < 63 && UINT64_C(1) << n < size)
		n++;
	return n;
}

static bool rebar_entry(struct stmt *s, uint64_t bar, uint8_t *entry, unsigned int count)
{
	unsigned int log2 = log2_up(s->build.d->bars[bar].bar.size);

	if (log2 < REBAR_SMALLEST)
		return stmt_fail(
			s, "a resizable BAR has 1M or more, and its line comes before this one");
	/* Every size from 1 MiB to 128 TiB, all that this register can tell. */
	le32_put(entry, 0xfffffff0);
	le32_put(entry + 4, (uint32_t)bar | count << PCI_REBAR_CTRL_NBAR_SHIFT |
				    (log2 - REBAR_SMALLEST) << PCI_REBAR_CTRL_BAR_SHIFT);
	return true;
}

static bool st_rebar(struct stmt *s)
{
	uint64_t bars[PCI_BARS];
	uint16_t pos;
	unsigned int n = 0;

	if (!take_at(s, &pos))
		return false;
	while (stmt_word(s)) {
		if (n == PCI_BARS || !word_number(s->word, 10, &bars[n]) || bars[n] >= PCI_BARS)
			return stmt_fail(s, "expected BAR numbers, 0 to 5");
		n++;
	}
	if (!n)
		return stmt_fail(s, "expected BAR numbers, 0 to 5");
	if (!add_ext(s, PCI_EXT_CAP_ID_REBAR, 1, (uint16_t)(4 + PCI_REBAR_ENTRY_SIZE * n), &pos))
		return false;
	for (unsigned int i = 0; i < n; i++) {
		if (!rebar_entry(s, bars[i], s->build.d->cfg + pos + 4 + PCI_REBAR_ENTRY_SIZE * i,
				 i ? 0 : n))
			return false;
	}
	return true;
}

const struct stmt_def desc_cap_stmts[] = {
	{"pm", st_pm},	     {"msi", st_msi},	    {"pcie", st_pcie}, {"af", st_af},
	{"msix", st_msix},   {"vendor", st_vendor}, {"cap", st_cap},   {"extcap", st_extcap},
	{"rebar", st_rebar}, {NULL, NULL},
};
