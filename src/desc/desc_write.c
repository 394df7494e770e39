/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "desc/desc.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/le.h"
#include "core/pci_cfg.h"
#include "desc/cap_name.h"
#include "desc/cap_walk.h"
#include "desc/text.h"

#define LINE_BYTES 16

void desc_scrub(struct desc *d)
{
	uint16_t vpd = pci_cfg_find_cap(d->cfg, d->cfg_size, PCI_CAP_ID_VPD);
	uint16_t serial = pci_cfg_find_ext_cap(d->cfg, d->cfg_size, PCI_EXT_CAP_ID_DSN);

	if (vpd && vpd + PCI_CAP_VPD_SIZEOF <= PCI_CFG_SIZE)
		memset(d->cfg + vpd + PCI_VPD_ADDR, 0, PCI_CAP_VPD_SIZEOF - PCI_VPD_ADDR);
	if (serial && serial + PCI_EXT_CAP_DSN_SIZEOF <= d->cfg_size)
		memset(d->cfg + serial + 4, 0, PCI_EXT_CAP_DSN_SIZEOF - 4);
}

static void write_header(FILE *out, const struct desc *d)
{
	char address[PCI_BDF_SIZE];
	struct pci_ids ids;
	uint16_t command = le16_get(d->cfg + PCI_COMMAND);
	uint8_t pin = d->cfg[PCI_INTERRUPT_PIN];

	pci_cfg_ids(d->cfg, d->cfg_size, &ids);
	fprintf(out, "device %s\n", pci_bdf_print(&d->bdf, address));
	fprintf(out, "group %" PRIu32 "\n", d->group);
	fprintf(out, "id %04x:%04x\n", ids.vendor, ids.device);
	fprintf(out, "subsystem %04x:%04x\n", ids.subvendor, ids.subdevice);
	fprintf(out, "revision %02x\n", d->cfg[PCI_REVISION_ID]);
	fprintf(out, "class %06" PRIx32 "\n", ids.class_code);
	if (d->cfg[PCI_HEADER_TYPE])
		fprintf(out, "header-type %02x\n", d->cfg[PCI_HEADER_TYPE]);
	if (d->cfg_size == PCI_CFG_SIZE)
		fputs("config-size 256\n", out);
	if (d->vf)
		fputs("vf\n", out);
	fprintf(out, "command %04x\n", command);
	if (pin != (d->vf ? 0 : 1) && pin <= 4)
		fprintf(out, "interrupt-pin %u\n", pin);
	if (d->no_reset)
		fputs("no reset\n", out);
	if (d->no_hot_reset)
		fputs("no hot-reset\n", out);
	if (d->msix_unmapped)
		fputs("no msix-mappable\n", out);
}

static void write_bar(FILE *out, const struct desc_bar *bar, unsigned int i)
{
	static const char *const kinds[] = {
		[BAR_IO] = "io",
		[BAR_MEM32] = "mem32",
		[BAR_MEM64] = "mem64",
	};
	char size[32], offset[32];

	if (bar->bar.kind != BAR_IO && bar->bar.kind != BAR_MEM32 && bar->bar.kind != BAR_MEM64)
		return;
	fprintf(out, "bar %u %s %s%s", i, kinds[bar->bar.kind],
		text_suffixed(bar->bar.size, size, sizeof(size)),
		bar->bar.prefetchable ? " prefetchable" : "");
	if (bar->address)
		fprintf(out, " at 0x%" PRIx64, bar->address);
	fprintf(out, "%s%s%s%s", bar->unassigned ? " unassigned" : "",
		bar->dropped ? " dropped" : "", bar->nommap ? " nommap" : "",
		bar->zero ? " zero" : "");
	if (bar->sparse)
		fputs(" sparse", out);
	for (unsigned int n = 0; n < bar->nr_sparse; n++)
		fprintf(out, " %s+%s", text_suffixed(bar->areas[n].offset, offset, sizeof(offset)),
			text_suffixed(bar->areas[n].size, size, sizeof(size)));
	fputc('\n', out);
}

static void write_rom(FILE *out, const struct desc *d)
{
	char size[32];

	if (!d->rom_size)
		return;
	fprintf(out, "rom %s", text_suffixed(d->rom_size, size, sizeof(size)));
	if (d->rom_address)
		fprintf(out, " at 0x%" PRIx32, d->rom_address);
	fputc('\n', out);
}

static void write_msix(FILE *out, const struct desc *d)
{
	struct pci_msix m;
	char table[32], pba[32];

	if (!pci_cfg_msix(d->cfg, d->cfg_size, &m))
		return;
	snprintf(table, sizeof(table), "%u:0x%" PRIx32, m.table_bir, m.table_offset);
	snprintf(pba, sizeof(pba), "%u:0x%" PRIx32, m.pba_bir, m.pba_offset);
	fprintf(out, "msix at 0x%02x vectors %u table %s pba %s", m.pos, m.vectors, table, pba);
	if (d->msix_after_reset)
		fprintf(out, " after-reset %u", d->msix_after_reset);
	if (d->msix_available)
		fprintf(out, " available %u", d->msix_available);
	fputs(d->msix_noresize ? " noresize\n" : "\n", out);
}

static void write_msi(FILE *out, const struct desc *d, uint16_t pos)
{
	uint16_t flags = le16_get(d->cfg + pos + PCI_MSI_FLAGS);
	unsigned int log2 = (flags & PCI_MSI_FLAGS_QMASK) >> 1;

	fprintf(out, "msi at 0x%02x vectors %u%s%s\n", pos, log2 > 5 ? 1 : 1U << log2,
		flags & PCI_MSI_FLAGS_64BIT ? " 64bit" : "",
		flags & PCI_MSI_FLAGS_MASKBIT ? " mask" : "");
}

/* Statements give a capability its place in the list; registers that differ come later. */
static void write_cap(FILE *out, const struct desc *d, uint16_t pos)
{
	uint8_t id = d->cfg[pos];
	const struct cap_name *name = cap_name_find(id, false);

	if (id == PCI_CAP_ID_MSIX && pos == pci_cfg_find_cap(d->cfg, d->cfg_size, id))
		write_msix(out, d);
	else if (id == PCI_CAP_ID_MSI && pos <= PCI_CFG_SIZE - 24)
		write_msi(out, d, pos);
	else if (id == PCI_CAP_ID_PM && pos <= PCI_CFG_SIZE - PCI_PM_SIZEOF)
		fprintf(out, "pm at 0x%02x\n", pos);
	else if (id == PCI_CAP_ID_EXP && pos <= PCI_CFG_SIZE - 60)
		fprintf(out, "pcie at 0x%02x%s\n", pos,
			le32_get(d->cfg + pos + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLR ? " flr" : "");
	else
		fprintf(out, "cap %02x at 0x%02x%s%s\n", id, pos, name ? " # " : "",
			name ? name->name : "");
}

static void write_ext_cap(FILE *out, const struct desc *d, uint16_t pos)
{
	uint32_t header = le32_get(d->cfg + pos);
	const struct cap_name *name = cap_name_find((uint16_t)header, true);

	fprintf(out, "extcap %04x %u at 0x%03x%s%s\n", header & 0xffff, header >> 16 & 0xf, pos,
		name ? " # " : "", name ? name->name : "");
}

static void write_caps(FILE *out, const struct desc *d)
{
	struct cap_walk walk = {.d = d}, ext = {.d = d, .extended = true};

	while (cap_next(&walk))
		write_cap(out, d, walk.pos);
	while (cap_next(&ext))
		write_ext_cap(out, d, ext.pos);
}

/* Parses what was written so far. */
static int reparse(const char *text, size_t len, struct desc *ret, const char **why)
{
	struct desc_error error;
	size_t count;

	if (desc_parse(text, len, ret, 1, &count, &error))
		return 0;
	*why = error.reason;
	return -EINVAL;
}

/* `bytes` for the registers of d that came out otherwise in `got`. */
static void write_bytes(FILE *out, const struct desc *d, const struct desc *got)
{
	const char *comment = "# registers that the lines above do not give\n";

	for (unsigned int line = 0; line < PCI_CFG_EXT_SIZE; line += LINE_BYTES) {
		unsigned int start = line, end = line + LINE_BYTES;

		while (start < end && d->cfg[start] == got->cfg[start])
			start++;
		while (start < end && d->cfg[end - 1] == got->cfg[end - 1])
			end--;
		if (start == end)
			continue;
		fprintf(out, "%sbytes 0x%02x", comment, start);
		comment = "";
		for (; start < end; start++)
			fprintf(out, " %02x", d->cfg[start]);
		fputc('\n', out);
	}
}

static void write_writable(FILE *out, const struct desc *d, const struct desc *got)
{
	for (unsigned int i = 0; i < PCI_CFG_EXT_SIZE; i++) {
		unsigned int count = 0;

		while (i + count < PCI_CFG_EXT_SIZE &&
		       d->writable[i + count] != got->writable[i + count])
			count++;
		if (count)
			fprintf(out, "writable 0x%02x %u\n", i, count);
		i += count;
	}
}

/* Field by field: a struct desc has padding. */
static bool equal(const struct desc *a, const struct desc *b)
{
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct desc_bar *x = &a->bars[i], *y = &b->bars[i];

		if (x->bar.kind != y->bar.kind || x->bar.prefetchable != y->bar.prefetchable ||
		    x->bar.size != y->bar.size || x->address != y->address ||
		    x->unassigned != y->unassigned || x->dropped != y->dropped ||
		    x->nommap != y->nommap || x->zero != y->zero || x->sparse != y->sparse ||
		    x->nr_sparse != y->nr_sparse ||
		    memcmp(x->areas, y->areas, sizeof(x->areas)) != 0)
			return false;
	}
	return pci_bdf_equal(&a->bdf, &b->bdf) && a->group == b->group &&
	       a->rom_size == b->rom_size && a->rom_address == b->rom_address && a->vf == b->vf &&
	       a->no_reset == b->no_reset && a->no_hot_reset == b->no_hot_reset &&
	       a->msix_unmapped == b->msix_unmapped && a->msix_noresize == b->msix_noresize &&
	       a->msix_after_reset == b->msix_after_reset &&
	       a->msix_available == b->msix_available && a->cfg_size == b->cfg_size &&
	       memcmp(a->cfg, b->cfg, sizeof(a->cfg)) == 0 &&
	       memcmp(a->writable, b->writable, sizeof(a->writable)) == 0;
}

/* What differs still after the parts before: each is written, and all of it parsed again. */
static int write_parts(const struct desc *d, struct desc *got, FILE *out, char *const *text,
		       const size_t *len, const char **why)
{
	void (*const parts[])(FILE * out, const struct desc *d, const struct desc *got) = {
		write_bytes,
		write_writable,
	};

	write_header(out, d);
	for (unsigned int i = 0; i < PCI_BARS; i++)
		write_bar(out, &d->bars[i], i);
	write_rom(out, d);
	write_caps(out, d);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int rc = fflush(out) ? -ENOMEM : reparse(*text, *len, got, why);

		if (rc < 0)
			return rc;
		parts[i](out, d, got);
	}
	if (fflush(out))
		return -ENOMEM;
	*why = "a description would give other values";
	return reparse(*text, *len, got, why) < 0 || !equal(d, got) ? -EINVAL : 0;
}

int desc_print(const struct desc *d, char **ret, const char **why)
{
	struct desc *got = calloc(1, sizeof(*got));
	char *text = NULL;
	size_t len = 0;
	FILE *memory = got ? open_memstream(&text, &len) : NULL;
	int rc = memory ? write_parts(d, got, memory, &text, &len, why) : -ENOMEM;

	if (memory && fclose(memory) == EOF)
		rc = -ENOMEM;
	free(got);
	if (rc < 0)
		free(text);
	else
		*ret = text;
	return rc;
}
