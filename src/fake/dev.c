/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One device: its memory, its resets, what its regions are. */
#include <linux/pci_regs.h>
#include <string.h>

#include "fake.h"
#include "msixshim/fakevfio.h"
#include "msixshim/le.h"
#include "sys.h"

#define FILL_START (1 << 20)
#define FILL_END   (64 << 10)
#define CHUNK	   4096

int dev_mem_read(struct fake_dev *d, unsigned int bar, uint64_t offset, void *buf, size_t n)
{
	return sys_pread(d->file.fd, buf, n, REGION_OFFSET(bar) + offset) == (ssize_t)n ? 0 : -EIO;
}

int dev_mem_write(struct fake_dev *d, unsigned int bar, uint64_t offset, const void *buf, size_t n)
{
	return sys_pwrite(d->file.fd, buf, n, REGION_OFFSET(bar) + offset) == (ssize_t)n ? 0 : -EIO;
}

uint64_t dev_region_size(const struct fake_dev *d, unsigned int index)
{
	if (index < PCI_BARS)
		return desc_bar_size(&d->desc, index);
	if (index == VFIO_PCI_ROM_REGION_INDEX)
		return d->desc.rom_size;
	return index == VFIO_PCI_CONFIG_REGION_INDEX ? d->desc.cfg_size : 0;
}

/* vfio_pci_probe_mmaps(): memory, of a page or more, or with a page of its own. */
bool dev_bar_mappable(const struct fake_dev *d, unsigned int bar)
{
	const struct desc_bar *b = &d->desc.bars[bar];
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (b->bar.kind != BAR_MEM32 && b->bar.kind != BAR_MEM64)
		return false;
	if (b->dropped || b->nommap || !b->bar.size)
		return false;
	return b->bar.size >= page || !(b->address & (page - 1));
}

bool dev_memory_enabled(const struct fake_dev *d)
{
	uint16_t pm = pci_cfg_find_cap(d->hw, PCI_CFG_SIZE, PCI_CAP_ID_PM);

	if (pm && pm <= PCI_CFG_SIZE - PCI_PM_SIZEOF &&
	    (d->hw[pm + PCI_PM_CTRL] & PCI_PM_CTRL_STATE_MASK) == 3)
		return false;
	return d->desc.vf || le16_get(d->vcfg + PCI_COMMAND) & PCI_COMMAND_MEMORY;
}

static void fill_range(struct fake_dev *d, unsigned int bar, uint64_t start, uint64_t end)
{
	uint8_t buf[CHUNK];

	while (start < end) {
		size_t n = end - start < CHUNK ? end - start : CHUNK;

		for (size_t i = 0; i < n; i++)
			buf[i] = fakevfio_pattern(bar, start + i);
		dev_mem_write(d, bar, start, buf, n);
		start += n;
	}
}

static void fill_bar(struct fake_dev *d, unsigned int bar)
{
	uint64_t size = desc_bar_size(&d->desc, bar), start;

	fallocate(d->file.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)REGION_OFFSET(bar),
		  (off_t)REGION_OFFSET(1));
	if (d->desc.bars[bar].zero)
		return;
	start = size < FILL_START ? size : FILL_START;
	fill_range(d, bar, 0, start);
	if (size > FILL_END && size - FILL_END > start)
		start = size - FILL_END;
	fill_range(d, bar, start, size);
}

/* [offset, offset + n) of a BAR, as far as it is inside. */
static void zero_range(struct fake_dev *d, unsigned int bar, uint64_t offset, uint64_t n)
{
	static const uint8_t zeros[CHUNK];
	uint64_t size = bar < PCI_BARS ? desc_bar_size(&d->desc, bar) : 0;

	while (n && offset < size) {
		uint64_t part = n < CHUNK ? n : CHUNK;

		if (part > size - offset)
			part = size - offset;
		dev_mem_write(d, bar, offset, zeros, part);
		offset += part;
		n -= part;
	}
}

static void fill(struct fake_dev *d)
{
	for (unsigned int i = 0; i < PCI_BARS; i++)
		fill_bar(d, i);
	fill_range(d, VFIO_PCI_ROM_REGION_INDEX, 0, d->desc.rom_size);
	if (!d->msix.pos)
		return;
	zero_range(d, d->msix.pba_bir, d->msix.pba_offset, pci_msix_pba_size(d->msix.vectors));
	irq_restore_table(d);
}

void dev_open(struct fake_dev *d)
{
	uint16_t command;

	d->open = true;
	memcpy(d->hw, d->desc.cfg, sizeof(d->hw));
	command = le16_get(d->hw + PCI_COMMAND) & ~PCI_COMMAND_MASTER;
	if (!d->desc.vf)
		command |= PCI_COMMAND_MEMORY;
	le16_put(d->hw + PCI_COMMAND, command);
	memset(&d->msix, 0, sizeof(d->msix));
	pci_cfg_msix(d->hw, d->desc.cfg_size, &d->msix);
	memset(d->ioeventfds, 0, sizeof(d->ioeventfds));
	irq_init(d);
	cfg_init(d);
	fill(d);
	log_line("%s open", d->name);
}

void dev_release(struct fake_dev *d)
{
	irq_release(d);
	d->open = false;
	log_line("%s release", d->name);
}

void dev_reset(struct fake_dev *d, const char *why)
{
	uint16_t pm = pci_cfg_find_cap(d->hw, PCI_CFG_SIZE, PCI_CAP_ID_PM);

	log_line("%s reset %s", d->name, why);
	if (pm && pm <= PCI_CFG_SIZE - PCI_PM_SIZEOF)
		d->hw[pm + PCI_PM_CTRL] &= (uint8_t)~PCI_PM_CTRL_STATE_MASK;
	if (d->msix.pos && d->desc.msix_after_reset) {
		uint8_t *flags = d->hw + d->msix.pos + PCI_MSIX_FLAGS;

		le16_put(flags, (le16_get(flags) & ~PCI_MSIX_FLAGS_QSIZE) |
					(d->desc.msix_after_reset - 1));
	}
	memset(d->irqs.pending, 0, sizeof(d->irqs.pending));
	fill(d);
}

void dev_lose_state(struct fake_dev *d)
{
	dev_reset(d, "behind");
	if (!d->desc.vf)
		d->hw[PCI_COMMAND] = 0;
	memset(d->hw + PCI_BASE_ADDRESS_0, 0, 4 * PCI_BARS);
	if (!d->msix.pos)
		return;
	d->hw[d->msix.pos + PCI_MSIX_FLAGS + 1] &=
		(uint8_t) ~((PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) >> 8);
	irq_mask_table(d);
}
