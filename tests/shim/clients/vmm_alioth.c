/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alioth: asks once about each region, without room for capabilities. It maps a BAR that can be
 * mapped (the flag MMAP), but for the 4K pages that hold table and PBA, which it emulates; a
 * mapping that fails is fatal. What can't be mapped it passes on as it is, the MSI-X table too:
 * then it never learns of a vector.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "core/align.h"
#include "vmm.h"

#define PAGE 4096 /* whatever the host's */

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

static void read_config(struct vmm *v)
{
	struct vfio_region_info *info = region(v, VFIO_PCI_CONFIG_REGION_INDEX);
	char *bytes = calloc(1, info->size);

	v->config = info->offset;
	vmm_config_put(v, PCI_COMMAND, 2,
		       PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
			       PCI_COMMAND_INTX_DISABLE);
	if (!bytes ||
	    pread64(v->user.device, bytes, info->size, (off64_t)v->config) != (ssize_t)info->size)
		vmm_stop("configuration space: %s", strerror(errno));
	free(bytes);
	free(info);
}

static void map(struct vmm *v, unsigned int bar, uint64_t from, uint64_t to)
{
	struct vmm_bar *b = &v->bars[bar];

	if (from >= to)
		return;
	vmm_add_area(v, bar, from, to - from);

	struct vmm_area *a = &b->areas[b->count - 1];

	vmm_mapped(a, mmap64(NULL, a->size, PROT_READ | PROT_WRITE, MAP_SHARED, v->user.device,
			     (off64_t)(b->info->offset + from)));
	if (a->error)
		vmm_stop("BAR%u+0x%lx can't be mapped: %s", bar, (unsigned long)from,
			 strerror(a->error));
}

/* The pages of a structure, if it is in this BAR: [*from, *to). */
static void find_pages(bool here, uint64_t at, uint64_t size, uint64_t *from, uint64_t *to)
{
	*from = here ? align_down(at, PAGE) : 0;
	*to = here ? align_up(at + size, PAGE) : 0;
}

static void map_bar(struct vmm *v, unsigned int bar)
{
	uint64_t hole[2], other[2], size = v->bars[bar].info->size;

	find_pages(bar == v->msix.table_bar, v->msix.table, vmm_table_size(v), &hole[0], &hole[1]);
	find_pages(bar == v->msix.pba_bar, v->msix.pba, vmm_pba_size(v), &other[0], &other[1]);
	if (!hole[1] || (other[1] && other[0] < hole[0])) {
		uint64_t first[2] = {other[0], other[1]};

		memcpy(other, hole, sizeof(other));
		memcpy(hole, first, sizeof(hole));
	}
	map(v, bar, 0, hole[0]);
	if (other[1]) {
		map(v, bar, hole[1], other[0]);
		hole[1] = other[1];
	}
	map(v, bar, hole[1], size);
}

void vmm_alioth(struct vmm *v)
{
	vmm_open(v);
	read_config(v);
	vmm_find_msix(v);
	for (unsigned int bar = 0; bar < VMM_BARS; bar++) {
		struct vmm_bar *b = &v->bars[bar];

		*b = (struct vmm_bar){.info = region(v, bar), .rest = "trap"};
		if (!b->info->size)
			continue;
		if (b->info->flags & VFIO_REGION_INFO_FLAG_MMAP)
			map_bar(v, bar);
		else if (bar == v->msix.table_bar)
			v->blind = true;
	}
	vmm_config_put(v, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	vmm_set_irqs(v);
}
