/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings of an extended BAR, under MSIXSHIM=bar1,map=compose over the SAS3008 of the fake: BAR1
 * has 64 KiB of the hardware's and is shown with 128 KiB. Each mapping has 16 pages with a mark in
 * each: of the hardware's alone, or half of each.
 */
#ifndef TESTS_LIB_PAGES_H
#define TESTS_LIB_PAGES_H

#include <stdbool.h>

#include "fixture.h"

#define PAGE  0x1000ULL
#define PAGES 16
#define RW    (PROT_READ | PROT_WRITE)

/* Where in the BAR a mapping of each kind starts. */
#define SINGLE	 UINT64_C(0)
#define COMPOSED UINT64_C(0x8000)

/* What the k-th kind is: a table has to hold for both. */
#define KINDS 2
static const uint64_t kinds[KINDS] = {SINGLE, COMPOSED};

/* Offset of byte `at` of the BAR. */
off_t pages_offset(uint64_t at);

/* A mapping from `at` on, with its marks; fails the test if there is none. */
uint8_t *pages_map(uint64_t at);

/* Memory of the program as big as a mapping, full of 0xaa. */
uint8_t *pages_other(void);

bool page_is_mapped(const uint8_t *p);

/* Whether pages [first, first + n) of a mapping are at `p`, by their marks. */
bool pages_are(const uint8_t *p, uint64_t first, uint64_t n);

/* Whether nothing is mapped in `n` pages from `p` on. */
bool pages_are_free(const uint8_t *p, uint64_t n);

#endif
