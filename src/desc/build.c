/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pci_regs.h>
#include <string.h>

#include "core/align.h"
#include "core/le.h"
#include "desc/build.h"

/* Where host addresses come from that a description does not give. */
#define HOST_IO_BASE	UINT64_C(0x1000)
#define HOST_MEM32_BASE UINT64_C(0x80000000)
#define HOST_MEM32_LOW	UINT64_C(0x10000000)
#define HOST_MEM64_BASE UINT64_C(0x4000000000)
#define HOST_IO_END	UINT64_C(0x100000) /* more than x86 has, for BARs of 64K */
#define HOST_MEM32_END	UINT64_C(0x100000000)

void build_init(struct build *b, struct desc *d)
{
	*b = (struct build){.d = d, .free = PCI_STD_HEADER_SIZEOF, .free_ext = PCI_CFG_SIZE};
	memset(d, 0, sizeof(*d));
	d->cfg_size = PCI_CFG_EXT_SIZE;
	le16_put(d->cfg + PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	d->cfg[PCI_INTERRUPT_PIN] = 1;
}

const char *build_cap(struct build *b, uint8_t id, uint16_t len, uint16_t *pos)
{
	uint8_t *cfg = b->d->cfg;

	if (!*pos)
		*pos = (uint16_t)((b->free + 3) & ~3);
	if (*pos & 3 || *pos < PCI_STD_HEADER_SIZEOF || *pos + len > PCI_CFG_SIZE)
		return "a capability must be dword aligned and lie in [0x40, 0x100)";
	if (b->taken[*pos / 4])
		return "another capability is there";
	b->taken[*pos / 4] = true;
	if (b->last)
		cfg[b->last + PCI_CAP_LIST_NEXT] = (uint8_t)*pos;
	else
		cfg[PCI_CAPABILITY_LIST] = (uint8_t)*pos;
	le16_put(cfg + PCI_STATUS, le16_get(cfg + PCI_STATUS) | PCI_STATUS_CAP_LIST);
	cfg[*pos + PCI_CAP_LIST_ID] = id;
	cfg[*pos + PCI_CAP_LIST_NEXT] = 0;
	b->last = *pos;
	if (*pos + len > b->free)
		b->free = (uint16_t)(*pos + len);
	return NULL;
}

const char *build_ext_cap(struct build *b, uint16_t id, uint8_t version, uint16_t len,
			  uint16_t *pos)
{
	uint8_t *cfg = b->d->cfg;

	if (!*pos)
		*pos = (uint16_t)((b->free_ext + 3) & ~3);
	if (*pos & 3 || *pos < PCI_CFG_SIZE || *pos + len > PCI_CFG_EXT_SIZE)
		return "an extended capability must be dword aligned and lie in [0x100, 0x1000)";
	if (!b->last_ext && *pos != PCI_CFG_SIZE)
		return "the first extended capability must be at 0x100";
	if (b->taken[*pos / 4])
		return "another capability is there";
	b->taken[*pos / 4] = true;
	if (b->last_ext)
		le32_put(cfg + b->last_ext,
			 (le32_get(cfg + b->last_ext) & 0xfffff) | (uint32_t)*pos << 20);
	le32_put(cfg + *pos, id | (uint32_t)(version & 0xf) << 16);
	b->last_ext = *pos;
	if (*pos + len > b->free_ext)
		b->free_ext = (uint16_t)(*pos + len);
	return NULL;
}

void build_msix(struct desc *d, const struct pci_msix *msix)
{
	uint8_t *cap = d->cfg + msix->pos;

	le16_put(cap + PCI_MSIX_FLAGS, (uint16_t)(msix->vectors - 1));
	le32_put(cap + PCI_MSIX_TABLE, msix->table_offset | msix->table_bir);
	le32_put(cap + PCI_MSIX_PBA, msix->pba_offset | msix->pba_bir);
}

struct cursors {
	uint64_t io, mem32, low32, mem64;
};

/* Naturally aligned room of `size` bytes at *cursor and below `end`; 0 if there is none. */
static uint64_t take(uint64_t *cursor, uint64_t size, uint64_t end)
{
	uint64_t align = size < 4096 ? 4096 : pow2_up(size);
	uint64_t at = align_up(*cursor, align);

	if (at + size > end)
		return 0;
	*cursor = at + size;
	return at;
}

static uint64_t take_mem32(struct cursors *c, uint64_t size)
{
	uint64_t at = take(&c->mem32, size, HOST_MEM32_END);

	return at ? at : take(&c->low32, size, HOST_MEM32_BASE);
}

static const char *assign(struct desc_bar *bar, struct cursors *c)
{
	if (bar->address || bar->unassigned || bar->dropped || !bar->bar.size)
		return NULL;
	switch (bar->bar.kind) {
	case BAR_IO:
		bar->address = take(&c->io, bar->bar.size, HOST_IO_END);
		break;
	case BAR_MEM32:
		bar->address = take_mem32(c, bar->bar.size);
		break;
	case BAR_MEM64:
		bar->address = take(&c->mem64, bar->bar.size, UINT64_MAX);
		break;
	default:
		return NULL;
	}
	return bar->address ? NULL : "no room for the host address of a BAR";
}

static void put_register(struct desc *d, unsigned int i)
{
	const struct desc_bar *bar = &d->bars[i];
	uint8_t *reg = d->cfg + PCI_BASE_ADDRESS_0 + 4 * i;
	uint32_t low = (uint32_t)bar->address;

	if (bar->bar.kind == BAR_EMPTY || bar->bar.kind == BAR_UPPER)
		return;
	/* A virtual function's BARs are in its physical function's SR-IOV capability. */
	if (d->vf)
		return;
	/* A 32-bit BAR above 4G is one of Enhanced Allocation, and has no address in its register.
	 */
	if (bar->bar.kind == BAR_MEM32 && bar->address > UINT32_MAX)
		low = 0;
	le32_put(reg, low | pci_bar_flags(&bar->bar));
	if (bar->bar.kind == BAR_MEM64)
		le32_put(reg + 4, (uint32_t)(bar->address >> 32));
}

const char *build_bars(struct desc *d)
{
	struct cursors c = {HOST_IO_BASE, HOST_MEM32_BASE, HOST_MEM32_LOW, HOST_MEM64_BASE};

	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const char *reason = assign(&d->bars[i], &c);

		if (reason)
			return reason;
		put_register(d, i);
	}
	if (d->rom_size && !d->rom_address)
		d->rom_address = (uint32_t)take_mem32(&c, d->rom_size);
	if (d->rom_size && !d->rom_address)
		return "no room for the host address of the ROM";
	le32_put(d->cfg + PCI_ROM_ADDRESS, d->vf ? 0 : d->rom_address);
	return NULL;
}

static void writable_pcie(struct desc *d, uint16_t pos)
{
	le16_put(d->writable + pos + PCI_EXP_DEVCTL, 0x7fff);
	if ((d->cfg[pos + PCI_EXP_FLAGS] & PCI_EXP_FLAGS_VERS) > 1)
		le16_put(d->writable + pos + PCI_EXP_DEVCTL2, 0xffff);
}

/* Whether `size` bytes at pos end before the extended capabilities begin. */
static bool fits(uint16_t pos, unsigned int size)
{
	return pos + size <= PCI_CFG_SIZE;
}

static void writable_msi_mask(struct desc *d, uint16_t pos)
{
	uint16_t flags = fits(pos, PCI_MSI_RFU + 1) ? le16_get(d->cfg + pos + PCI_MSI_FLAGS) : 0;
	unsigned int mask = flags & PCI_MSI_FLAGS_64BIT ? PCI_MSI_MASK_64 : PCI_MSI_MASK_32;

	if (flags & PCI_MSI_FLAGS_MASKBIT && fits(pos, mask + 4))
		le32_put(d->writable + pos + mask, UINT32_MAX);
}

static void writable_cap(struct desc *d, uint16_t pos)
{
	switch (d->cfg[pos + PCI_CAP_LIST_ID]) {
	case PCI_CAP_ID_PM:
		if (fits(pos, PCI_PM_SIZEOF))
			d->writable[pos + PCI_PM_CTRL] |= PCI_PM_CTRL_STATE_MASK;
		break;
	case PCI_CAP_ID_MSI:
		if (fits(pos, PCI_MSI_RFU))
			d->writable[pos + PCI_MSI_FLAGS] |=
				PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE;
		writable_msi_mask(d, pos);
		break;
	case PCI_CAP_ID_EXP:
		if (fits(pos, PCI_CAP_EXP_ENDPOINT_SIZEOF_V2))
			writable_pcie(d, pos);
		break;
	case PCI_CAP_ID_VNDR:
		for (unsigned int i = 3; fits(pos, i + 1) && i < d->cfg[pos + 2]; i++)
			d->writable[pos + i] = 0xff;
		break;
	default:
		break;
	}
}

void build_writable(struct desc *d)
{
	uint8_t pos = d->cfg[PCI_CAPABILITY_LIST] & 0xfc;

	le16_put(d->writable + PCI_COMMAND,
		 d->vf ? PCI_COMMAND_MASTER
		       : PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
				 PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	d->writable[PCI_CACHE_LINE_SIZE] = 0xff;
	for (int ttl = 48; ttl && pos >= PCI_STD_HEADER_SIZEOF; ttl--) {
		writable_cap(d, pos);
		pos = d->cfg[pos + PCI_CAP_LIST_NEXT] & 0xfc;
	}
}
