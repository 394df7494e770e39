/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices as `lspci -vvnn -xxxx` prints them, read and written.
 */
#ifndef MSIXSHIM_LSPCI_H
#define MSIXSHIM_LSPCI_H

#include <stdio.h>

#include "desc/desc.h"

/* What a note is about, for those who decide by it. */
enum desc_note_kind {
	DESC_NOTE_OTHER, /* nothing is decided by it */
	/* Which capabilities there are is unknown; if for several reasons, the first one tells
	   most. */
	DESC_NOTE_CAPS_SILENT,	/* the device does not answer (of a live device alone) */
	DESC_NOTE_CAPS_DENIED,	/* lspci was not allowed to read them */
	DESC_NOTE_CAPS_HEADER,	/* the dump ends with the header, after 64 bytes */
	DESC_NOTE_CAPS_UNASKED, /* lspci was not asked for them */
	DESC_NOTE_CAPS_CUT,	/* the text ends before them */
	/* There is an MSI-X capability, and this of it was assumed. */
	DESC_NOTE_MSIX_VECTORS,
	DESC_NOTE_MSIX_TABLE, /* where it is */
	DESC_NOTE_MSIX_PBA,
	/* What the head line says in names alone. */
	DESC_NOTE_CLASS,
	DESC_NOTE_IDS,
};

/* Something that an lspci text did not say, and what was taken instead. */
struct desc_note {
	uint32_t device; /* index in devs */
	int bar;	 /* 0..5, 6 for the ROM, -1 if it is about the device */
	enum desc_note_kind kind;
	const char *text; /* static */
};

/* Whether a kind says that the capabilities are unknown. */
static inline bool desc_note_lacks_caps(enum desc_note_kind kind)
{
	return kind >= DESC_NOTE_CAPS_SILENT && kind <= DESC_NOTE_CAPS_CUT;
}

/* Whether a note is about the MSI-X structures or a BAR, and so about what is decided. */
static inline bool desc_note_of_msix(const struct desc_note *note)
{
	return (note->bar >= 0 && note->bar < PCI_BARS) ||
	       (note->kind >= DESC_NOTE_MSIX_VECTORS && note->kind <= DESC_NOTE_MSIX_PBA);
}

/* A device of an lspci text that was left out because what the text says of it can't be. */
struct desc_left {
	struct pci_bdf bdf;
	struct desc_error error; /* why, and where */
};

struct desc_notes {
	struct desc_note *list; /* allocated; freed by desc_notes_free() */
	size_t count, room;
	struct desc_left *left; /* the same */
	size_t nr_left;
};

/* Frees the notes that desc_parse_lspci() made; *notes is empty afterwards. */
void desc_notes_free(struct desc_notes *notes);

/*
 * Whether text[0, len) is lspci's output rather than the description language: whether the
 * first line of either that starts a device, or is of a dump, is one of lspci's. What
 * is above that line is not looked at.
 */
bool desc_is_lspci(const char *text, size_t len);

/*
 * Parses the output of lspci with any of -v, -vv, -n, -nn, -x, -xxx, -xxxx, -D: the verbose half,
 * the hexadecimal half or both. All sections of one address are of one device. Devices with another
 * header than type 0 are passed over. One that can't be is left out (notes->left); if no other is
 * there, that is the error. Sizes come from the verbose half alone, register contents
 * from the dump; *notes says what had to be assumed, and is the caller's to free, whatever comes of
 * it. A device that gave no IOMMU group is put in one that no other device has. BARs of virtual
 * functions, below the SR-IOV capability, are passed over. False with *err as desc_parse(), also if
 * the text is damaged: halves that contradict each other in MSI-X, a dump that lacks a line, an
 * impossible size, offset or number of vectors, sections of one address that are not of one device
 * in one state, or a device that did not answer.
 */
bool desc_parse_lspci(const char *text, size_t len, struct desc *devs, size_t max, size_t *count,
		      struct desc_notes *notes, struct desc_error *err);

/*
 * The same for the device at *only alone, whatever the text says of others: *count is 0 if it has
 * none there.
 */
bool desc_parse_lspci_one(const char *text, size_t len, const struct pci_bdf *only,
			  struct desc *dev, size_t *count, struct desc_notes *notes,
			  struct desc_error *err);

/*
 * Prints what `lspci -D -vvnn -xxxx` would, as far as desc_parse_lspci() reads it. Names of
 * vendor, device and class are left out. What lspci doesn't show (areas that can be mapped,
 * resets, the vectors that the host has) is lost.
 */
void desc_write_lspci(FILE *out, const struct desc *d);

#endif
