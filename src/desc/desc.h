/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptions of PCI devices: what a device and its host look like to vfio-pci,
 * from a text in the description language (fakevfio(5) is its reference)
 * or from what `lspci -vvnn -xxxx` printed.
 */
#ifndef MSIXSHIM_DESC_H
#define MSIXSHIM_DESC_H

#include <stddef.h>

#include "core/pci_bdf.h"
#include "core/plan.h"
#include "core/policy.h"

#define DESC_SPARSE_MAX 8
#define DESC_SIZE_MAX	(UINT64_C(1) << 39)

/* desc.group of a device that is in no IOMMU group, or of which none is known. */
#define DESC_NO_GROUP UINT32_MAX

struct desc_range {
	uint64_t offset; /* bytes */
	uint64_t size;
};

struct desc_bar {
	struct pci_bar bar; /* as the hardware decodes it; BAR_UPPER behind a BAR_MEM64 */
	uint64_t address;   /* on the host; 0 if the host assigned none */
	bool unassigned;    /* no address, but the host knows the size */
	bool dropped;	    /* the host has no resource for it: VFIO shows size 0 */
	bool nommap;	    /* pread and pwrite only */
	bool zero;	    /* starts as zeros instead of the pattern */
	bool sparse;	    /* the kernel reports areas[0, nr_sparse) */
	uint8_t nr_sparse;
	struct desc_range areas[DESC_SPARSE_MAX];
};

struct desc {
	struct pci_bdf bdf;
	uint32_t group; /* IOMMU group */
	struct desc_bar bars[PCI_BARS];
	uint32_t rom_size; /* bytes; 0 for none */
	uint32_t rom_address;
	bool vf;       /* a virtual function: BAR registers and COMMAND.MEM are not hardware's */
	bool no_reset; /* the kernel found no function reset */
	bool no_hot_reset;  /* nor a bus reset */
	bool msix_unmapped; /* a kernel before 4.16: the MSI-X table's pages can't be mapped */
	bool msix_noresize; /* no dynamic MSI-X allocation (before 6.5) */
	uint16_t
		msix_after_reset; /* vectors that the capability shows after a reset; 0: the same */
	uint16_t msix_available;  /* vectors that the host can give; 0: all */
	uint16_t cfg_size;	  /* 256 or 4096 */
	uint8_t cfg[PCI_CFG_EXT_SIZE];	    /* the hardware's registers when vfio-pci opens it */
	uint8_t writable[PCI_CFG_EXT_SIZE]; /* the bits of cfg that hardware lets change */
};

/*
 * Where a text went wrong; line and column count from 1, the reason is static. Line 0: it is not
 * the text, memory is short.
 */
struct desc_error {
	uint32_t line;
	uint32_t column;
	const char *reason;
};

/*
 * Parses text[0, len) in the description language into devs[0, max), *count of
 * them. False with *err filled in at the first error, including no device at all
 * or more than max. The readers pass over a UTF-8 byte order mark.
 */
bool desc_parse(const char *text, size_t len, struct desc *devs, size_t max, size_t *count,
		struct desc_error *err);

/* What a note is about, for those who decide by it. */
enum desc_note_kind {
	DESC_NOTE_OTHER, /* nothing is decided by it */
	/* Which capabilities there are is unknown; if for several reasons, the first one tells
	   most. */
	DESC_NOTE_CAPS_DENIED,	/* lspci was not allowed to read them */
	DESC_NOTE_CAPS_HEADER,	/* the dump ends with the header, after 64 bytes */
	DESC_NOTE_CAPS_UNASKED, /* lspci was not asked for them */
	DESC_NOTE_CAPS_CUT,	/* the text ends before them */
	/* There is an MSI-X capability, and this of it was assumed. */
	DESC_NOTE_MSIX_VECTORS,
	DESC_NOTE_MSIX_TABLE, /* where it is */
	DESC_NOTE_MSIX_PBA,
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
	return kind >= DESC_NOTE_CAPS_DENIED && kind <= DESC_NOTE_CAPS_CUT;
}

/* Whether a note is about the MSI-X structures or a BAR, and so about what is decided. */
static inline bool desc_note_of_msix(const struct desc_note *note)
{
	return (note->bar >= 0 && note->bar < PCI_BARS) || note->kind >= DESC_NOTE_MSIX_VECTORS;
}

struct desc_notes {
	struct desc_note *list; /* allocated; freed by desc_notes_free() */
	size_t count, room;
};

/* Frees the notes that desc_parse_lspci() made; *notes is empty afterwards. */
void desc_notes_free(struct desc_notes *notes);

/*
 * Whether text[0, len) is lspci's output rather than the description language: whether the
 * first line of either that starts a device, or is of a dump, is one of lspci's. What
 * stands above that line is not looked at.
 */
bool desc_is_lspci(const char *text, size_t len);

/*
 * Parses the output of lspci with any of -v, -vv, -n, -nn, -x, -xxx, -xxxx, -D: the
 * verbose half, the hexadecimal half or both. All sections of one address are of one
 * device. Devices with another header than type 0 are passed over. Sizes come from the
 * verbose half alone, register contents from the dump; *notes says what had to be
 * assumed, and is the caller's to free, whatever comes of it. A device that gave no IOMMU group is
 * put in one of its own. BARs of virtual functions, below the SR-IOV capability, are passed over.
 * False with *err as desc_parse(), also if the text is damaged: halves that contradict each other
 * in MSI-X, a dump that lacks a line, an impossible size, offset or number of vectors.
 */
bool desc_parse_lspci(const char *text, size_t len, struct desc *devs, size_t max, size_t *count,
		      struct desc_notes *notes, struct desc_error *err);

/*
 * What VFIO_DEVICE_GET_REGION_INFO says is the size of BAR 0..5: 0 for an upper
 * half and for a BAR that the host dropped.
 */
uint64_t desc_bar_size(const struct desc *d, unsigned int bar);

/* The facts as VFIO would show them of the device, for a host with pages of `page_size`. */
void desc_facts(const struct desc *d, uint64_t page_size, struct plan_facts *ret);

/* The device as rules see it. */
void desc_policy_device(const struct desc *d, struct policy_device *ret);

#endif
