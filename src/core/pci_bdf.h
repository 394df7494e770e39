/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address of a PCI function: read, compared and printed here alone. Linux numbers segments
 * (domains) with 32 bits: those of VMD start at 0x10000. Pure.
 */
#ifndef MSIXSHIM_PCI_BDF_H
#define MSIXSHIM_PCI_BDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text/word.h"

struct pci_bdf {
	uint32_t segment;
	uint8_t bus;
	uint8_t slot;	  /* 0..31 */
	uint8_t function; /* 0..7 */
};

/* Bytes of an address in words, "ssssssss:bb:dd.f", with its NUL. */
#define PCI_BDF_SIZE 17

/*
 * Reads "[SSSS:]BB:DD.F", all of w, in hexadecimal; a segment has up to eight digits, and is 0 if
 * left out. False, with *ret untouched and *fault filled in, for anything else.
 */
bool pci_bdf_read(struct word w, struct pci_bdf *ret, struct word_fault *fault);

/* The same for text[0, len), where nobody asks why it is not an address. */
bool pci_bdf_parse(const char *text, size_t len, struct pci_bdf *ret);

bool pci_bdf_equal(const struct pci_bdf *a, const struct pci_bdf *b);

/* In the order of lspci: below, equal to or above 0. */
int pci_bdf_compare(const struct pci_bdf *a, const struct pci_bdf *b);

/* Prints "ssss:bb:dd.f", as Linux names devices, to buf. Returns buf. */
char *pci_bdf_print(const struct pci_bdf *bdf, char buf[PCI_BDF_SIZE]);

#endif
