/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hexadecimal half of lspci's output. */
#include <linux/pci_regs.h>
#include <string.h>

#include "core/le.h"
#include "desc/lspci/lspci_read.h"

static const char dump_cut[] = "the dump was cut: what comes after its end is unknown";

void lspci_dump_line(struct lspci *l, uint64_t offset, struct word bytes)
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

void lspci_quiesce(struct desc *d)
{
	uint16_t msix = pci_cfg_find_cap(d->cfg, PCI_CFG_SIZE, PCI_CAP_ID_MSIX);
	uint16_t msi = pci_cfg_find_cap(d->cfg, PCI_CFG_SIZE, PCI_CAP_ID_MSI);

	if (msix && msix <= PCI_CFG_SIZE - PCI_CAP_MSIX_SIZEOF)
		d->cfg[msix + PCI_MSIX_FLAGS + 1] &=
			(uint8_t) ~((PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) >> 8);
	if (msi && msi <= PCI_CFG_SIZE - 10)
		d->cfg[msi + PCI_MSI_FLAGS] &= (uint8_t)~PCI_MSI_FLAGS_ENABLE;
}

/* A dump that ends in the capabilities: what is there is known. */
static void use_cut_dump(struct lspci *l)
{
	uint8_t end;

	lspci_dump_caps(l, &end);
	memcpy(l->d->cfg, l->hex, l->hex_len);
	if (end)
		l->d->cfg[end + PCI_CAP_LIST_NEXT] = 0;
	l->d->cfg_size = PCI_CFG_SIZE;
	lspci_note(l, -1, dump_cut);
}

/* The dump keeps what the verbose half gives no known name. */
static void forget_unknown_caps(struct lspci *l)
{
	struct desc_notes *n = l->notes;
	size_t kept = 0;

	for (size_t i = 0; i < n->count; i++) {
		const char *text = n->list[i].text;
		bool of_device = n->list[i].device == *l->count - 1;

		if (of_device &&
		    ((text == lspci_unknown_cap && l->hex_len >= PCI_CFG_SIZE) ||
		     (text == lspci_unknown_ext_cap && l->hex_len >= PCI_CFG_EXT_SIZE)))
			continue;
		n->list[kept++] = n->list[i];
	}
	n->count = kept;
}

void lspci_use_dump(struct lspci *l)
{
	uint8_t list = l->d->cfg[PCI_CAPABILITY_LIST], end;
	uint16_t id = le16_get(l->d->cfg), device = le16_get(l->d->cfg + 2);

	if (l->hex_len >= PCI_CFG_SIZE) {
		memcpy(l->d->cfg, l->hex, sizeof(l->hex));
		l->d->cfg_size = l->hex_len >= PCI_CFG_EXT_SIZE ? PCI_CFG_EXT_SIZE : PCI_CFG_SIZE;
		forget_unknown_caps(l);
		if (l->hex_len < PCI_CFG_EXT_SIZE)
			lspci_note(l, -1, "extended configuration space unknown: left out");
	} else if (lspci_dump_caps(l, &end)) {
		use_cut_dump(l);
	} else if (l->hex_len >= PCI_STD_HEADER_SIZEOF) {
		memcpy(l->d->cfg, l->hex, PCI_STD_HEADER_SIZEOF);
		l->d->cfg[PCI_CAPABILITY_LIST] = list;
		if (!list)
			l->d->cfg[PCI_STATUS] &= (uint8_t)~PCI_STATUS_CAP_LIST;
		if (!l->has_caps)
			lspci_note_kind(l, DESC_NOTE_CAPS_HEADER,
					"capabilities unknown: the dump has 64 bytes");
		else if (l->hex_len > PCI_STD_HEADER_SIZEOF)
			lspci_note(l, -1, dump_cut);
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
