/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of known devices. Only what a public source says; HACKING.md has the recipe for
 * another entry. Sorted by vendor and device.
 */
#include "core/known.h"

#include "core/plan.h"

#define ALL 0xffff

static const char sm2262_problem[] =
	"the number of vectors changes over a reset, and with 22 the table runs into the PBA";
static const char bug_202055[] = "https://bugzilla.kernel.org/show_bug.cgi?id=202055";
static const char qemu_early_setup[] = "QEMU hw/vfio/pci.c, vfio_msix_early_setup()";

static const struct known_device table[] = {
	{
		.vendor = 0x1000,
		.device = 0x0097,
		.mask = ALL,
		.name = "Broadcom/LSI SAS3008",
		.works = 5,
		.fails = 1 << 0,
		.driver = "mpt3sas",
		.why = "mpt3sas takes the first memory BAR for its registers, and would find the "
		       "MSI-X table there",
		.source = "Linux drivers/scsi/mpt3sas/mpt3sas_base.c, "
			  "mpt3sas_base_map_resources()",
	},
	{
		.vendor = 0x126f,
		.device = 0x2262,
		.mask = ALL,
		.name = "Silicon Motion SM2262 (ADATA SX8200, HP EX920, Mushkin Pilot)",
		.problem = sm2262_problem,
		.changes = true,
		.works = 2,
		.source = bug_202055,
	},
	{
		.vendor = 0x126f,
		.device = 0x2263,
		.mask = ALL,
		.name = "Silicon Motion SM2263",
		.problem = sm2262_problem,
		.changes = true,
		.works = 2,
		.source = bug_202055,
	},
	{
		.vendor = 0x1425, /* T5 virtual functions are 58xx */
		.device = 0x5800,
		.mask = 0xff00,
		.name = "Chelsio T5 virtual function",
		.problem = "its PBA offset, 0x8000, is behind the end of its BAR of 8 KiB",
		.works = PLAN_OFF,
		.source = qemu_early_setup,
	},
	{
		.vendor = 0x1ac1,
		.device = 0x089a,
		.mask = ALL,
		.name = "Google Coral Edge TPU",
		.problem = "PBA, table and registers of the driver share one block of 4 KiB",
		.works = PLAN_OFF,
		.source = "https://github.com/google-coral/libedgetpu/issues/48",
	},
	{
		.vendor = 0x1d22,
		.device = 0x3685,
		.mask = ALL,
		.name = "Baidu Kunlun virtual function",
		.problem = "its PBA offset, 0x460000, is behind the end of its BAR of 64 KiB",
		.works = PLAN_OFF,
		.source = qemu_early_setup,
	},
	{
		.vendor = 0x1e0f,
		.device = 0x002c,
		.mask = ALL,
		.name = "KIOXIA CD8P EDSFF",
		.problem = "its table starts at 0x5200, inside of a block of 4 KiB",
		.works = PLAN_OFF,
		.source = "https://github.com/cloud-hypervisor/cloud-hypervisor/issues/7898",
	},
	{
		.vendor = 0x8086,
		.device = 0xf1a6,
		.mask = ALL,
		.name = "Intel SSD 760p, SM2262",
		.problem = sm2262_problem,
		.changes = true,
		.works = 2,
		.source = bug_202055,
	},
	{
		.vendor = 0xc0a9,
		.device = 0x2263,
		.mask = ALL,
		.name = "Crucial P1, SM2263",
		.problem = sm2262_problem,
		.changes = true,
		.works = 2,
		.source = bug_202055,
	},
};

const struct known_device *known_at(size_t i)
{
	return i < sizeof(table) / sizeof(table[0]) ? &table[i] : NULL;
}

const struct known_device *known_find(const struct pci_ids *ids)
{
	const struct known_device *known;

	for (size_t i = 0; (known = known_at(i)); i++)
		if (known->vendor == ids->vendor && known->device == (ids->device & known->mask))
			return known;
	return NULL;
}
