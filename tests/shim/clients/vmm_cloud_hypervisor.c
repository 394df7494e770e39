/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cloud-hypervisor: takes the size of a BAR from its register and leaves the ones there; the first
 * of SPARSE_MMAP and MSIX_MAPPABLE in the chain decides what is mapped, and a mapping that fails is
 * fatal. Without MSIX_MAPPABLE, a BAR with a structure is not mapped at all.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "vmm.h"

static void get_irqs(const struct vmm *v)
{
	for (uint32_t i = 0; i < v->info.num_irqs; i++) {
		struct vfio_irq_info info = {.argsz = sizeof(info), .index = i};

		if (ioctl(v->user.device, VFIO_DEVICE_GET_IRQ_INFO, &info) < 0)
			vmm_stop("IRQ_INFO %u: %s", i, strerror(errno));
	}
}

static void probe_migration(const struct vmm *v)
{
	union {
		struct vfio_device_feature feature;
		uint64_t room[4];
	} arg = {.feature = {.argsz = sizeof(arg),
			     .flags = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_MIGRATION}};

	if (ioctl(v->user.device, VFIO_DEVICE_FEATURE, &arg) == 0)
		vmm_stop("the device can be migrated");
}

/* trap V9 */
static void size_bars(const struct vmm *v)
{
	for (unsigned int bar = 0; bar < VMM_BARS; bar++) {
		bool is_64;

		vmm_size_by_config(v, bar, &is_64);
		bar += is_64;
	}
	vmm_config_put(v, PCI_ROM_ADDRESS, 4, ~0U);
	vmm_config_get(v, PCI_ROM_ADDRESS, 4);
}

/* The first capability that says what can be mapped, or 0. */
static uint16_t first_cap(const struct vfio_region_info *info)
{
	const char *sparse = vmm_region_cap(info, VFIO_REGION_INFO_CAP_SPARSE_MMAP);
	const char *mappable = vmm_region_cap(info, VFIO_REGION_INFO_CAP_MSIX_MAPPABLE);

	if (!sparse && !mappable)
		return 0;
	if (!sparse || (mappable && mappable < sparse))
		return VFIO_REGION_INFO_CAP_MSIX_MAPPABLE;
	return VFIO_REGION_INFO_CAP_SPARSE_MMAP;
}

static void map_bar(struct vmm *v, unsigned int bar)
{
	struct vmm_bar *b = &v->bars[bar];
	uint16_t cap = first_cap(b->info);

	if (!(b->info->flags & VFIO_REGION_INFO_FLAG_MMAP) ||
	    ((bar == v->msix.table_bar || bar == v->msix.pba_bar) &&
	     !vmm_region_cap(b->info, VFIO_REGION_INFO_CAP_MSIX_MAPPABLE)))
		return;
	if (cap == VFIO_REGION_INFO_CAP_SPARSE_MMAP)
		vmm_add_sparse(v, bar, vmm_region_cap(b->info, cap));
	else if (cap)
		vmm_add_around(v, bar, true);
	else
		vmm_add_area(v, bar, 0, b->info->size);
	for (unsigned int i = 0; i < b->count; i++) {
		struct vmm_area *a = &b->areas[i];

		vmm_mapped(a, mmap(NULL, a->size, PROT_READ | PROT_WRITE, MAP_SHARED,
				   v->user.device, (off_t)(b->info->offset + a->at)));
		if (a->error)
			vmm_stop("BAR%u can't be mapped: %s", bar, strerror(a->error));
	}
}

void vmm_cloud_hypervisor(struct vmm *v)
{
	vmm_open(v);
	vmm_get_regions(v);
	get_irqs(v);
	vmm_reset(v);
	probe_migration(v);
	vmm_find_msix(v);
	/* it would move such a table itself, in a way of its own */
	if (v->msix.table % vmm_page())
		vmm_stop("no page starts at the table at 0x%" PRIx64, v->msix.table);
	size_bars(v);
	for (unsigned int bar = 0; bar < VMM_BARS; bar++)
		map_bar(v, bar);
	/* the guest: its addresses never come here, memory and the vectors do */
	vmm_config_put(v, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	vmm_set_irqs(v);
	vmm_config_put(v, v->msix.cap, 4, vmm_config_get(v, v->msix.cap, 4) | 1U << 31);
	vmm_read_pba(v);
}
