/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections of one address that are of two devices, or of two states of one; silent devices. */
#include <linux/pci_regs.h>
#include <string.h>

#include "core/le.h"
#include "desc/lspci/lspci_read.h"

bool lspci_is_silent(const struct lspci *l)
{
	for (uint32_t i = 0; i < l->hex_len && i < PCI_STD_HEADER_SIZEOF; i++) {
		if (l->hex[i] != 0xff)
			return false;
	}
	/* With a revision alone, the rest of the text decides. */
	return l->hex_len >= 4 || (l->silent && !l->has_caps);
}

/* Vendor and device, of the dump if there is one; 0 if unknown. A virtual function's are ff. */
static uint32_t ids_of(const struct lspci *l)
{
	uint32_t ids = l->hex_len >= 4 ? le32_get(l->hex) : 0;

	if (ids && ids != UINT32_MAX)
		return ids;
	return l->has_ids ? le32_get(l->d->cfg) : 0;
}

static uint16_t class_of(const struct lspci *l)
{
	if (l->hex_len > PCI_CLASS_DEVICE + 1)
		return le16_get(l->hex + PCI_CLASS_DEVICE);
	return l->has_class ? le16_get(l->d->cfg + PCI_CLASS_DEVICE) : 0;
}

/* Whether both tell of a BAR in slot i, and not of the same. */
static bool unlike_bar(const struct lspci *a, const struct lspci *b, unsigned int i)
{
	const struct pci_bar *x = &a->d->bars[i].bar, *y = &b->d->bars[i].bar;

	if (x->kind == BAR_EMPTY || y->kind == BAR_EMPTY)
		return false;
	if (x->kind != y->kind || x->prefetchable != y->prefetchable)
		return true;
	return x->kind != BAR_UPPER && x->size != y->size && x->size != UNKNOWN_SIZE &&
	       y->size != UNKNOWN_SIZE;
}

static bool unlike_bars(const struct lspci *a, const struct lspci *b)
{
	/* Without numbers, nobody knows which BAR is which. */
	if (!a->numbered || !b->numbered)
		return false;
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		if (unlike_bar(a, b, i))
			return true;
	}
	return false;
}

/* What a section says of MSI-X; a dump says all of it. False if it says nothing. */
static bool msix_of(const struct lspci *l, struct pci_msix *ret, bool *table, bool *pba)
{
	*ret = l->msix;
	*table = l->table_placed;
	*pba = l->pba_placed;
	if (l->msix.pos || l->hex_len < PCI_CFG_SIZE)
		return l->msix.pos != 0;
	*table = *pba = pci_cfg_msix(l->hex, PCI_CFG_SIZE, ret);
	return *table;
}

static bool unlike_msix(const struct lspci *a, const struct lspci *b)
{
	struct pci_msix x, y;
	bool table[2], pba[2];

	if (!msix_of(a, &x, &table[0], &pba[0]) || !msix_of(b, &y, &table[1], &pba[1]))
		return false;
	if (x.pos != y.pos || (x.vectors && y.vectors && x.vectors != y.vectors))
		return true;
	if (table[0] && table[1] &&
	    (x.table_bir != y.table_bir || x.table_offset != y.table_offset))
		return true;
	return pba[0] && pba[1] && (x.pba_bir != y.pba_bir || x.pba_offset != y.pba_offset);
}

const char *lspci_unlike(const struct lspci *a, const struct lspci *b)
{
	uint32_t x = ids_of(a), y = ids_of(b);
	uint16_t p = class_of(a), q = class_of(b);

	if (x && y && x != y)
		return "another device than in an earlier section of this address: the ids differ";
	if (p && q && p != q)
		return "another device than in an earlier section of this address: the classes "
		       "differ";
	if (unlike_bars(a, b))
		return "an earlier section of this address has other BARs: keep the section that "
		       "is meant";
	if (unlike_msix(a, b))
		return "an earlier section of this address has another MSI-X: keep the section "
		       "that is meant";
	return NULL;
}
