/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "desc/cap_walk.h"

#include <linux/pci_regs.h>

#include "core/le.h"

static uint16_t next_cap(const struct cap_walk *w)
{
	const uint8_t *cfg = w->d->cfg;
	uint16_t pos;

	if (!(le16_get(cfg + PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	pos = cfg[w->pos ? w->pos + PCI_CAP_LIST_NEXT : PCI_CAPABILITY_LIST] & 0xfc;
	return pos < PCI_STD_HEADER_SIZEOF || cfg[pos] == 0xff ? 0 : pos;
}

static uint16_t next_ext_cap(const struct cap_walk *w)
{
	const uint8_t *cfg = w->d->cfg;
	uint16_t pos = PCI_CFG_SIZE;
	uint32_t header;

	if (w->d->cfg_size <= PCI_CFG_SIZE)
		return 0;
	if (w->pos)
		pos = le32_get(cfg + w->pos) >> 20 & 0xffc;
	if (pos < PCI_CFG_SIZE)
		return 0;
	header = le32_get(cfg + pos);
	return header == 0 || header == UINT32_MAX ? 0 : pos;
}

bool cap_next(struct cap_walk *w)
{
	uint16_t pos = w->extended ? next_ext_cap(w) : next_cap(w);

	if (!pos || w->seen[pos / 4])
		return false;
	w->seen[pos / 4] = true;
	w->pos = pos;
	return true;
}
