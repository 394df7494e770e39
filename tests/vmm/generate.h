/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices nobody built: random descriptions, the same ones for the same seed. */
#ifndef TESTS_VMM_GENERATE_H
#define TESTS_VMM_GENERATE_H

/*
 * Writes DIR/gen-SEED-NUMBER.desc. The layouts are legal for vfio-pci, and many of
 * them nasty: sub-page BARs, structures that overlap, share pages with registers
 * or lie outside of their BAR, up to 2048 vectors. 0, or a negative errno.
 */
int generate(const char *dir, unsigned int number, unsigned long seed);

#endif
