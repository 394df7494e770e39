/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of lspci's output: its state, and its two halves. */
#ifndef MSIXSHIM_LSPCI_PRIV_H
#define MSIXSHIM_LSPCI_PRIV_H

#include "desc/desc_priv.h"

#define UNKNOWN_SIZE 1 /* no BAR has it; replaced by lspci_bars_end() */

struct lspci {
	struct desc *devs;
	size_t max;
	size_t *count;
	struct desc_notes *notes;
	bool ascending;	      /* no address has a second section: see is_ascending() */
	const char *fault;    /* why the text is refused, static; NULL so far */
	const char *fault_at; /* where in the text */
	/* Of the device that is being read: */
	struct desc *d;
	struct build build;
	bool skip;	/* a bridge */
	bool has_class; /* each from the verbose half or the dump */
	bool has_ids;
	bool has_group;
	bool has_caps; /* the verbose half listed at least one */
	bool denied;   /* lspci was not allowed to read them */
	bool verbose;  /* lspci was asked for -v at least */
	bool cap_list; /* it said that there are capabilities */
	uint8_t hex[PCI_CFG_EXT_SIZE];
	uint32_t hex_len;
	uint8_t bar_seen;     /* bit i: the verbose half told of BAR i */
	struct pci_msix msix; /* of the verbose half; 0 vectors if it has no number */
	const char *msix_at;  /* where that half tells of it */
	bool table_placed;    /* it said where the table is, */
	bool pba_placed;      /* and the PBA */
	uint16_t pcie;	      /* position of that capability */
	/* Of the line that is being read, and of the section of the device that it stands in: */
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

/* Refuses the text because of what stands `at` there. The first fault is kept. */
void lspci_fail(struct lspci *l, const char *at, const char *reason);

/* A line of the verbose half that may belong to a capability. */
void lspci_cap_line(struct lspci *l, struct word line);

/* Writes what later lines said of a capability, once all are read. */
void lspci_caps_end(struct lspci *l);

/* Fails if the dump lacks the MSI-X capability of the verbose half, or has another one there. */
void lspci_caps_compare(struct lspci *l);

/* A line that tells of a BAR or the ROM; false if it is another one. */
bool lspci_bar_line(struct lspci *l, struct word line);

/* BARs that the dump alone tells of, sizes that nothing tells. */
void lspci_bars_end(struct lspci *l);

#endif
