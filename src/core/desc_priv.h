/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two readers of descriptions share: words of a line, numbers, the builder. */
#ifndef MSIXSHIM_DESC_PRIV_H
#define MSIXSHIM_DESC_PRIV_H

#include "msixshim/desc.h"

/* A piece of the text. */
struct word {
	const char *p;
	size_t len;
};

bool word_is(struct word w, const char *text);
bool word_starts(struct word w, const char *text);

/* Takes the next word, up to a blank, off *rest; len 0 at its end. */
struct word word_next(struct word *rest);

/* The text to read: without the byte order mark that some editors put in front of UTF-8. */
struct word word_text(const char *text, size_t len);

/* Takes the next line, without its end, off *rest. False at the end of the text. */
bool word_line(struct word *rest, struct word *line);

/* The first occurrence of text in w and what follows it; p is NULL if there is none. */
struct word word_after(struct word w, const char *text);

/* The whole of w as a number of base 10 or 16, or with base 0 as 123, 0x7b; false otherwise. */
bool word_number(struct word w, unsigned int base, uint64_t *ret);

/* The same with a suffix K, M, G or T, in either case. */
bool word_size(struct word w, uint64_t *ret);

/* Hexadecimal digits at the start of w; returns how many there are, at most 16. */
size_t word_hex(struct word w, uint64_t *ret);

/* Builds the configuration space of a device, capability by capability. */
struct build {
	struct desc *d;
	uint16_t last;	   /* position of the last capability, 0 at first */
	uint16_t last_ext; /* the same in extended configuration space */
	uint16_t free;	   /* first byte behind all capabilities */
	uint16_t free_ext;
	bool taken[PCI_CFG_EXT_SIZE / 4]; /* dwords where a capability starts */
};

/* Starts a device with the defaults: no BAR, no capability, 4096 bytes. */
void build_init(struct build *b, struct desc *d);

/*
 * Appends a capability of len bytes (header included) to the list, at *pos, or behind
 * the others if *pos is 0; its bytes behind the header are left alone. Returns NULL, or
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
