/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of lspci's output: its state, and its two halves. */
#ifndef MSIXSHIM_LSPCI_READ_H
#define MSIXSHIM_LSPCI_READ_H

#include "desc/build.h"
#include "desc/lspci/lspci.h"

#define UNKNOWN_SIZE 1 /* no BAR has it; replaced by lspci_bars_end() */

/* Lines of a text that tell of one device: from its head line to the next head line. */
struct lspci_section {
	struct pci_bdf bdf;
	struct word text;
	uint32_t line;		    /* number of the first line, from 1 */
	bool headless;		    /* without a head line, at the start of the text */
	bool later;		    /* an earlier section has the same address */
	struct lspci_section *next; /* the next one with the same address, or NULL */
};

struct lspci_sections {
	struct lspci_section *list; /* in the order of the text */
	size_t count, room;
	uint32_t lines; /* of the text */
};

/*
 * Finds the sections of a text and which of them are of one device, in n log n. False, with
 * nothing to free, if memory is short.
 */
bool lspci_sections_find(struct word text, struct lspci_sections *ret);
void lspci_sections_free(struct lspci_sections *sections);

/* A line without blanks and quoting at its ends; the columns that it has in front of that. */
struct word lspci_trim(struct word line);
uint32_t lspci_indent(struct word line);

/* Whether a trimmed line is the first one of a device: "01:00.0 Ethernet controller ...". */
bool lspci_is_head(struct word line, struct pci_bdf *bdf);

/* Whether it is of a dump, "c0: 11 00 5f 80 ...": the offset, and what follows it in *bytes. */
bool lspci_dump_offset(struct word line, uint64_t *offset, struct word *bytes);

struct lspci {
	struct desc *devs;
	size_t max;
	size_t *count;
	struct desc_notes *notes;
	bool no_memory;	      /* a note was lost */
	const char *fault;    /* why the text is refused, static; NULL so far */
	const char *fault_at; /* where in the text */
	/* Of the device that is being read: */
	struct desc *d;
	struct build build;
	bool skip;	/* a bridge */
	bool silent;	/* lspci found a header of type 7f, or revision ff */
	bool has_class; /* each from the verbose half or the dump */
	bool has_ids;
	bool has_group;
	bool has_pin;  /* the verbose half tells of an interrupt pin */
	bool has_caps; /* the verbose half listed at least one */
	bool denied;   /* lspci was not allowed to read them */
	bool verbose;  /* lspci was asked for -v at least */
	bool cap_list; /* it said that there are capabilities */
	uint8_t hex[PCI_CFG_EXT_SIZE];
	uint32_t hex_len;
	uint8_t bar_seen;     /* bit i: the verbose half told of BAR i */
	bool numbered;	      /* with their numbers */
	int last_bar;	      /* the last one of them, -1 if none */
	struct pci_msix msix; /* of the verbose half; 0 vectors if it has no number */
	const char *msix_at;  /* where that half tells of it */
	bool table_placed;    /* it said where the table is, */
	bool pba_placed;      /* and the PBA */
	uint16_t pcie;	      /* position of that capability */
	uint16_t virtio;      /* position of VirtIO's, if the line is below one */
	/* Of the line that is being read, and of the section that it is in: */
	uint32_t indent;     /* columns in front of it */
	bool in_cap;	     /* below a Capabilities line, */
	uint32_t cap_indent; /* which has these in front of it */
	bool in_sriov;	     /* it is the one of SR-IOV, */
	bool after_blank;    /* and a blank line followed */
};

/* Notes something about BAR `bar` (6: ROM, -1: the device). */
void lspci_note(struct lspci *l, int bar, const char *text);

/* Notes something about the device that is decided by. */
void lspci_note_kind(struct lspci *l, enum desc_note_kind kind, const char *text);

/* Refuses the text because of what is `at` there. The first fault is kept. */
void lspci_fail(struct lspci *l, const char *at, const char *reason);

/* Whether all that the text has of the device are the ff of one that does not answer. */
bool lspci_is_silent(const struct lspci *l);

/* Why two sections of one address are not of one device in one state; NULL if they may be. */
const char *lspci_unlike(const struct lspci *a, const struct lspci *b);

/* Gives each device without a group one that no other has. False if memory is short. */
bool lspci_own_groups(struct lspci *l);

/* A line of the verbose half that may belong to a capability. */
void lspci_cap_line(struct lspci *l, struct word line);

/* A line of the dump: the bytes at an offset. */
void lspci_dump_line(struct lspci *l, uint64_t offset, struct word bytes);

/* Takes what the dump has: it is the truth as far as it goes. */
void lspci_use_dump(struct lspci *l);

/* A driver was at work when the dump was made; vfio-pci finds the device idle. */
void lspci_quiesce(struct desc *d);

/* Notes of capabilities that only the verbose half tells of. */
extern const char lspci_unknown_cap[], lspci_unknown_ext_cap[];

/*
 * Whether a dump that was cut after its header, without a verbose half, has all capabilities or
 * MSI-X; *end is where a list that goes on without it would end, or 0.
 */
bool lspci_dump_caps(const struct lspci *l, uint8_t *end);

/* Writes what later lines said of a capability, once all are read. */
void lspci_caps_end(struct lspci *l);

/* Fails if the dump lacks the MSI-X capability of the verbose half, or has another one there. */
void lspci_caps_compare(struct lspci *l);

/* A line that tells of a BAR or the ROM; false if it is another one. */
bool lspci_bar_line(struct lspci *l, struct word line);

/* A size alone, which is of the last BAR if that has none; false if it is another line. */
bool lspci_size_line(struct lspci *l, struct word line);

/* BARs that the dump alone tells of, sizes that nothing tells. */
void lspci_bars_end(struct lspci *l);

#endif
