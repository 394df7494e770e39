/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/msix.h"

#include <linux/pci_regs.h>
#include <stdbool.h>
#include <string.h>

#include "core/le.h"

void msix_table_reset(struct msix_table *table, uint16_t vectors)
{
	table->vectors = vectors;
	memset(table->bytes, 0, (size_t)vectors * PCI_MSIX_ENTRY_SIZE);
	for (uint32_t i = 0; i < vectors; i++)
		le32_put(table->bytes + i * PCI_MSIX_ENTRY_SIZE + PCI_MSIX_ENTRY_VECTOR_CTRL,
			 PCI_MSIX_ENTRY_CTRL_MASKBIT);
}

/* The largest naturally aligned step of at most 8 bytes at `offset` that fits into `left`. */
static uint64_t step_size(uint64_t offset, uint64_t left)
{
	uint64_t size = 8;

	while (offset % size || size > left)
		size /= 2;
	return size;
}

/* A table answers dwords and qwords only (PCIe 7.7.2.5). */
static bool step_is_performed(uint64_t size)
{
	return size >= 4;
}

void msix_table_read(const struct msix_table *table, uint64_t offset, uint8_t *buf, uint64_t len)
{
	uint64_t size;

	for (uint64_t done = 0; done < len; done += size) {
		size = step_size(offset + done, len - done);
		if (step_is_performed(size))
			memcpy(buf + done, table->bytes + offset + done, size);
		else
			memset(buf + done, 0, size);
	}
}

void msix_table_write(struct msix_table *table, uint64_t offset, const uint8_t *buf, uint64_t len)
{
	uint64_t size;

	for (uint64_t done = 0; done < len; done += size) {
		size = step_size(offset + done, len - done);
		if (step_is_performed(size))
			memcpy(table->bytes + offset + done, buf + done, size);
	}
}
