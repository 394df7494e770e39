/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `msixshim scan`: which devices would gain from a relocation.
 */
#ifndef MSIXSHIM_CLI_SCAN_H
#define MSIXSHIM_CLI_SCAN_H

#include <stdio.h>

#include "cli/device.h"
#include "core/decision.h"

/* In the order of the report. */
enum scan_rank {
	SCAN_GAINS,   /* auto relocates */
	SCAN_STAYS,   /* it has MSI-X, and auto leaves it as it is */
	SCAN_UNKNOWN, /* whether it has MSI-X, or where, could not be read */
	SCAN_NO_MSIX,
	SCAN_BRIDGE, /* of another header type: vfio-pci does not take it */
	SCAN_RANKS,
};

#define SCAN_PAGES 3

/* The page sizes that are looked at besides the host's: 4K, 16K, 64K. */
extern const uint64_t scan_pages[SCAN_PAGES];

struct scan_entry {
	const struct device *device;
	const struct devices *source; /* that it is of */
	const char *file;	      /* that source is of; NULL: of this host */
	size_t number;		      /* in the order in which they were given */
	enum scan_rank rank;
	struct decision decision; /* of auto, for scan.page_size */
	bool shares[SCAN_PAGES];  /* whether registers share a page with table or PBA */
};

struct scan {
	struct scan_entry *entries; /* sorted: rank, address, number */
	size_t count;
	size_t ranks[SCAN_RANKS]; /* how many there are of each */
	uint64_t page_size;
	bool many_files; /* more than one source */
	bool numeric;	 /* no names from the list of PCI ids */
	bool colour;
};

/*
 * The next thing about the MSI-X structures of `e` that an lspci text did not say and that was
 * assumed; *pos is 0 for the first. NULL after the last.
 */
const struct desc_note *scan_assumed(const struct scan_entry *e, size_t *pos);

/* Why auto does what it does with a device that has MSI-X. Returns buf. */
char *scan_why(const struct scan_entry *e, char *buf, size_t size);

/* Prints the report as text of up to 100 columns. */
void scan_text(FILE *out, const struct scan *s);

/* Prints it as JSON. 0, or -ENOMEM. */
int scan_json(FILE *out, const struct scan *s);

/* The command; see cli.h for what it returns. */
int scan_main(int argc, char **argv);

#endif
