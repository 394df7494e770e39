/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The emulated MSI-X table (PCIe 7.7.2.5..6).
 *
 * No interrupt depends on it: a VMM learns the guest's vectors by its own traps
 * and gives them to the kernel with SET_IRQS. The table is memory with the
 * access rules of a table. Pure; the caller serialises.
 */
#ifndef MSIXSHIM_MSIX_H
#define MSIXSHIM_MSIX_H

#include <stdint.h>

#define MSIX_MAX_VECTORS 2048
#define MSIX_TABLE_BYTES (MSIX_MAX_VECTORS * 16)

struct msix_table {
	uint16_t vectors;
	uint8_t *bytes; /* the caller's: 16 for each vector */
};

/* Puts `vectors` entries (1..2048) into their reset state: all 0, Vector Control 1 (masked). */
void msix_table_reset(struct msix_table *table, uint16_t vectors);

/*
 * Reads or writes table bytes [offset, offset + len), which lie inside the table.
 * An access is taken apart as vfio_pci_core_do_io_rw() does, into naturally
 * aligned steps of 8, 4, 2 and 1 bytes; steps of 8 and 4 are performed, smaller
 * ones read as 0 and are dropped, as in QEMU.
 */
void msix_table_read(const struct msix_table *table, uint64_t offset, uint8_t *buf, uint64_t len);
void msix_table_write(struct msix_table *table, uint64_t offset, const uint8_t *buf, uint64_t len);

#endif
