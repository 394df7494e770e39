/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sizes, numbers and kinds of BARs in words.
 */
#ifndef MSIXSHIM_TEXT_H
#define MSIXSHIM_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "core/pci_cfg.h"

/* Formats bytes as people say them: "64 KiB", "1 MiB", "600 bytes". Returns buf. */
char *text_size(uint64_t bytes, char *buf, size_t size);

/* Formats bytes with a suffix where that is exact: "64K", "1M", "600". Returns buf. */
char *text_suffixed(uint64_t bytes, char *buf, size_t size);

/* Formats a number with commas: "307,200". Returns buf. */
char *text_number(uint64_t n, char *buf, size_t size);

/* "64-bit, prefetchable", "I/O ports", ... Static. */
const char *text_bar_type(const struct pci_bar *bar);

#endif
