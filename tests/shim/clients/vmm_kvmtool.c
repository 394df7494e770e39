/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kvmtool: never looks at capabilities, and never maps the BAR of a structure: there it traps the
 * table, which it shows at offset 0, and the PBA, and nothing else. It writes the whole header and
 * its own MSI-X capability to the device, 256 bytes at once.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/le.h"
#include "vmm.h"

#define HEADER 256

static struct vfio_region_info *region(const struct vmm *v, uint32_t index)
{
	struct vfio_region_info *info = calloc(1, sizeof(*info));

	if (!info)
		vmm_stop("out of memory");
	*info = (struct vfio_region_info){.argsz = sizeof(*info), .index = index};
	if (ioctl(v->user.device, VFIO_DEVICE_GET_REGION_INFO, info) < 0)
		vmm_stop("region %u: %s", index, strerror(errno));
	return info;
}

static void place_structures(const struct vmm *v)
{
	struct vfio_region_info *table = region(v, v->msix.table_bar);
	struct vfio_region_info *pba = region(v, v->msix.pba_bar);

	if (!table->size || !pba->size)
		vmm_stop("a BAR with MSI-X structures is empty");
	/* the table moves to offset 0, the PBA stays */
	if (v->msix.table_bar == v->msix.pba_bar &&
	    (v->msix.pba < vmm_table_size(v) || v->msix.pba + vmm_pba_size(v) > table->size))
		vmm_stop("the PBA overlaps the table, or is beyond the BAR");
	free(table);
	free(pba);
}

/* Gives BAR `bar` an address of the guest's. */
static void configure_bar(struct vmm *v, uint8_t *header, unsigned int bar, uint64_t *address)
{
	unsigned int at = PCI_BASE_ADDRESS_0 + 4 * bar;
	uint32_t type = le32_get(header + at) & 0xf;
	struct vmm_bar *b = &v->bars[bar];

	b->info = region(v, bar);
	b->rest = bar == v->msix.table_bar || bar == v->msix.pba_bar ? "msix" : "trap";
	if (!b->info->size)
		return;
	if (b->info->size & (b->info->size - 1))
		vmm_stop("BAR%u: 0x%" PRIx64 " bytes are no power of two", bar,
			 (uint64_t)b->info->size);
	*address = (*address + b->info->size - 1) & ~(b->info->size - 1);
	le32_put(header + at, (uint32_t)*address | type);
	*address += b->info->size;
}

/* trap V8 */
static void write_header(const struct vmm *v, uint8_t *header)
{
	le32_put(header + v->msix.cap + PCI_MSIX_TABLE, v->msix.table_bar);
	le32_put(header + v->msix.cap + PCI_MSIX_PBA, (uint32_t)v->msix.pba | v->msix.pba_bar);
	if (pwrite64(v->user.device, header, HEADER, (off64_t)v->config) != HEADER)
		vmm_stop("the header can't be written: %s", strerror(errno));
	for (unsigned int at = PCI_BASE_ADDRESS_0; at <= PCI_BASE_ADDRESS_5; at += 4)
		if (vmm_config_get(v, at, 4) != le32_get(header + at))
			vmm_stop("the register at 0x%x reads 0x%x, not 0x%x", at,
				 vmm_config_get(v, at, 4), le32_get(header + at));
	if (vmm_config_get(v, v->msix.cap + PCI_MSIX_TABLE, 4) !=
	    ((uint32_t)v->msix.table | v->msix.table_bar))
		vmm_stop("the MSI-X capability could be written");
}

/* The guest turns memory on. */
static void map_bars(struct vmm *v)
{
	vmm_config_put(v, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	for (unsigned int bar = 0; bar < VMM_BARS; bar++) {
		struct vmm_bar *b = &v->bars[bar];

		if (!b->info || !b->info->size || !(b->info->flags & VFIO_REGION_INFO_FLAG_MMAP) ||
		    strcmp(b->rest, "msix") == 0)
			continue;
		vmm_add_area(v, bar, 0, b->info->size);
		vmm_mapped(&b->areas[0],
			   mmap64(NULL, b->info->size, PROT_READ | PROT_WRITE, MAP_SHARED,
				  v->user.device, (off64_t)b->info->offset));
	}
}

void vmm_kvmtool(struct vmm *v)
{
	uint64_t address = 0x50000000;
	uint8_t header[HEADER];

	vmm_open(v);
	vmm_reset(v);

	struct vfio_region_info *config = region(v, VFIO_PCI_CONFIG_REGION_INDEX);

	v->config = config->offset;
	free(config);
	if (pread64(v->user.device, header, HEADER, (off64_t)v->config) != HEADER)
		vmm_stop("the header can't be read: %s", strerror(errno));
	vmm_find_msix(v);
	place_structures(v);
	for (unsigned int bar = 0; bar < VMM_BARS; bar++) {
		uint32_t reg = le32_get(header + PCI_BASE_ADDRESS_0 + 4 * bar);

		configure_bar(v, header, bar, &address);
		if (!(reg & PCI_BASE_ADDRESS_SPACE_IO) && (reg & PCI_BASE_ADDRESS_MEM_TYPE_64))
			bar++;
	}
	write_header(v, header);
	vmm_set_irqs(v);
	map_bars(v);
	vmm_read_pba(v);
}
