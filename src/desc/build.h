/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two readers of descriptions share: the builder. */
#ifndef MSIXSHIM_BUILD_H
#define MSIXSHIM_BUILD_H

#include "core/text/word.h"
#include "desc/desc.h"

/* Builds the configuration space of a device, capability by capability. */
struct build {
	struct desc *d;
	uint16_t last;	   /* position of the last capability, 0 at first */
	uint16_t last_ext; /* the same in extended configuration space */
	uint16_t free;	   /* first byte after all capabilities */
	uint16_t free_ext;
	bool taken[PCI_CFG_EXT_SIZE / 4]; /* dwords where a capability starts */
};

/* Starts a device with the defaults: no BAR, no capability, 4096 bytes. */
void build_init(struct build *b, struct desc *d);

/*
 * Appends a capability of len bytes (header included) to the list, at *pos, or after
 * the others if *pos is 0; its bytes after the header are left alone. Returns NULL, or
 * the reason why it can't be.
 */
const char *build_cap(struct build *b, uint8_t id, uint16_t len, uint16_t *pos);
const char *build_ext_cap(struct build *b, uint16_t id, uint8_t version, uint16_t len,
			  uint16_t *pos);

/* Writes the MSI-X capability's registers at pos. */
void build_msix(struct desc *d, const struct pci_msix *msix);

/* Assigns host addresses, fills in the BAR registers. Returns NULL or a reason. */
const char *build_bars(struct desc *d);

/* Says which bits of the registers and capabilities in d->cfg hardware lets change. */
void build_writable(struct desc *d);

#endif
