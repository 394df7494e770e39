/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source: lspci.c, ls-caps.c and ls-ecaps.c of pciutils. */
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <string.h>

#include "core/le.h"
#include "desc/cap_name.h"
#include "desc/cap_walk.h"
#include "desc/lspci/lspci.h"
#include "desc/text.h"

static char flag(uint32_t value, uint32_t bit)
{
	return value & bit ? '+' : '-';
}

static void write_head(FILE *out, const struct desc *d)
{
	char address[PCI_BDF_SIZE];
	struct pci_ids ids;

	pci_cfg_ids(d->cfg, d->cfg_size, &ids);
	fprintf(out, "%s Class [%04x]: Device [%04x:%04x] (rev %02x)",
		pci_bdf_print(&d->bdf, address), (unsigned int)(ids.class_code >> 8), ids.vendor,
		ids.device, d->cfg[PCI_REVISION_ID]);
	if (d->cfg[PCI_CLASS_PROG])
		fprintf(out, " (prog-if %02x)", d->cfg[PCI_CLASS_PROG]);
	fprintf(out, "\n\tSubsystem: Device [%04x:%04x]\n", ids.subvendor, ids.subdevice);
}

static void write_control(FILE *out, const struct desc *d)
{
	uint16_t command = le16_get(d->cfg + PCI_COMMAND);

	fprintf(out,
		"\tControl: I/O%c Mem%c BusMaster%c SpecCycle%c MemWINV%c VGASnoop%c ParErr%c "
		"Stepping%c SERR%c FastB2B%c DisINTx%c\n",
		flag(command, PCI_COMMAND_IO), flag(command, PCI_COMMAND_MEMORY),
		flag(command, PCI_COMMAND_MASTER), flag(command, PCI_COMMAND_SPECIAL),
		flag(command, PCI_COMMAND_INVALIDATE), flag(command, PCI_COMMAND_VGA_PALETTE),
		flag(command, PCI_COMMAND_PARITY), flag(command, PCI_COMMAND_WAIT),
		flag(command, PCI_COMMAND_SERR), flag(command, PCI_COMMAND_FAST_BACK),
		flag(command, PCI_COMMAND_INTX_DISABLE));
	if (d->group != DESC_NO_GROUP)
		fprintf(out, "\tIOMMU group: %" PRIu32 "\n", d->group);
}

static void write_region(FILE *out, const struct desc *d, unsigned int i)
{
	const struct desc_bar *bar = &d->bars[i];
	bool memory = bar->bar.kind == BAR_MEM32 || bar->bar.kind == BAR_MEM64;
	char size[32];

	if (bar->dropped || !bar->bar.size || (!memory && bar->bar.kind != BAR_IO))
		return;
	fprintf(out, "\tRegion %u: %s%s at ", i, d->vf ? "[virtual] " : "",
		memory ? "Memory" : "I/O ports");
	if (bar->unassigned)
		fputs("<unassigned>", out);
	else
		fprintf(out, memory ? "%08" PRIx64 : "%04" PRIx64, bar->address);
	if (memory)
		fprintf(out, " (%s-bit, %sprefetchable)", bar->bar.kind == BAR_MEM64 ? "64" : "32",
			bar->bar.prefetchable ? "" : "non-");
	fprintf(out, " [size=%s]\n", text_suffixed(bar->bar.size, size, sizeof(size)));
}

static void write_rom(FILE *out, const struct desc *d)
{
	char size[32];

	if (d->rom_size)
		fprintf(out, "\tExpansion ROM at %08" PRIx32 " [disabled] [size=%s]\n",
			d->rom_address, text_suffixed(d->rom_size, size, sizeof(size)));
}

static void write_msix(FILE *out, const struct desc *d)
{
	struct pci_msix m;
	uint16_t flags;

	if (!pci_cfg_msix(d->cfg, d->cfg_size, &m))
		return;
	flags = le16_get(d->cfg + m.pos + PCI_MSIX_FLAGS);
	fprintf(out, "\tCapabilities: [%02x] MSI-X: Enable%c Count=%u Masked%c\n", m.pos,
		flag(flags, PCI_MSIX_FLAGS_ENABLE), m.vectors, flag(flags, PCI_MSIX_FLAGS_MASKALL));
	fprintf(out, "\t\tVector table: BAR=%u offset=%08" PRIx32 "\n", m.table_bir,
		m.table_offset);
	fprintf(out, "\t\tPBA: BAR=%u offset=%08" PRIx32 "\n", m.pba_bir, m.pba_offset);
}

static void write_msi(FILE *out, const struct desc *d, uint16_t pos)
{
	uint16_t flags = le16_get(d->cfg + pos + PCI_MSI_FLAGS);

	fprintf(out, "\tCapabilities: [%02x] MSI: Enable%c Count=%u/%u Maskable%c 64bit%c\n", pos,
		flag(flags, PCI_MSI_FLAGS_ENABLE), 1U << ((flags & PCI_MSI_FLAGS_QSIZE) >> 4),
		1U << ((flags & PCI_MSI_FLAGS_QMASK) >> 1), flag(flags, PCI_MSI_FLAGS_MASKBIT),
		flag(flags, PCI_MSI_FLAGS_64BIT));
}

static void write_cap(FILE *out, const struct desc *d, uint16_t pos)
{
	uint8_t id = d->cfg[pos];
	const struct cap_name *name = cap_name_find(id, false);

	if (id == PCI_CAP_ID_MSIX)
		write_msix(out, d);
	else if (id == PCI_CAP_ID_MSI)
		write_msi(out, d, pos);
	else if (name)
		fprintf(out, "\tCapabilities: [%02x] %s\n", pos, name->name);
	else
		fprintf(out, "\tCapabilities: [%02x] #%02x\n", pos, id);
}

static void write_ext_cap(FILE *out, const struct desc *d, uint16_t pos)
{
	uint32_t header = le32_get(d->cfg + pos);
	const struct cap_name *name = cap_name_find((uint16_t)header, true);

	fprintf(out, "\tCapabilities: [%03x v%u] ", pos, header >> 16 & 0xf);
	if (name)
		fprintf(out, "%s\n", name->name);
	else
		fprintf(out, "#%02x\n", header & 0xffff);
}

static void write_dump(FILE *out, const struct desc *d)
{
	for (unsigned int i = 0; i < d->cfg_size; i++) {
		if (i % 16 == 0)
			fprintf(out, "%02x:", i);
		fprintf(out, " %02x%s", d->cfg[i], i % 16 == 15 ? "\n" : "");
	}
}

void desc_write_lspci(FILE *out, const struct desc *d)
{
	struct cap_walk walk = {.d = d}, ext = {.d = d, .extended = true};

	write_head(out, d);
	write_control(out, d);
	for (unsigned int i = 0; i < PCI_BARS; i++)
		write_region(out, d, i);
	write_rom(out, d);
	while (cap_next(&walk))
		write_cap(out, d, walk.pos);
	while (cap_next(&ext))
		write_ext_cap(out, d, ext.pos);
	write_dump(out, d);
	fputc('\n', out);
}
