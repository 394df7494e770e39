/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of a device's regions: its contents, and the gate of COMMAND.MEM. The caller holds the
 * lock.
 */
#ifndef FAKE_MEM_H
#define FAKE_MEM_H

#include <stddef.h>
#include <stdint.h>

struct fake_dev;

/*
 * Reads and writes n bytes of the hardware's memory in BAR `bar`, anywhere inside it, whether the
 * gate is open or closed. 0 or -EIO.
 */
int dev_mem_read(struct fake_dev *d, unsigned int bar, uint64_t offset, void *buf, size_t n);
int dev_mem_write(struct fake_dev *d, unsigned int bar, uint64_t offset, const void *buf, size_t n);
/* Opens the memory gate of a device that nobody has open yet. */
void dev_mem_open(struct fake_dev *d);
/*
 * Opens or closes the memory gate for mappings, as the registers now say:
 * vfio_pci_zap_and_down_write_memory_lock(). Leaves errno alone.
 */
void dev_update_gate(struct fake_dev *d);
/* The initial contents of all regions, the MSI-X structures as the host keeps them. */
void dev_mem_fill(struct fake_dev *d);

#endif
