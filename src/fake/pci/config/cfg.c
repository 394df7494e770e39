/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space as vfio_pci_config.c virtualises it. */
#include "fake/pci/config/cfg.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <string.h>

#include "core/le.h"
#include "core/pci_cfg.h"
#include "desc/desc.h"
#include "fake/pci/config/cfg_perm.h"
#include "fake/pci/dev.h"
#include "fake/pci/irq/irq.h"
#include "fake/pci/mem.h"
#include "fake/user.h"

static bool is_bar(unsigned int pos)
{
	return (pos >= PCI_BASE_ADDRESS_0 && pos < PCI_BASE_ADDRESS_5 + 4) ||
	       (pos >= PCI_ROM_ADDRESS && pos < PCI_ROM_ADDRESS + 4);
}

static bool has_start(const struct desc_bar *b)
{
	return b->bar.size && !b->unassigned && !b->dropped;
}

/* vfio_bar_fixup(): what was written becomes what a BAR register could hold. */
static void fold_bars(struct fake_dev *d)
{
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct desc_bar *b = &d->desc.bars[i];
		uint8_t *reg = d->vcfg + PCI_BASE_ADDRESS_0 + 4 * i;
		uint64_t mask = ~(b->bar.size - 1);

		if (!has_start(b)) {
			le32_put(reg, 0);
			continue;
		}
		le32_put(reg, (le32_get(reg) & (uint32_t)mask) | pci_bar_flags(&b->bar));
		if (b->bar.kind == BAR_MEM64) {
			le32_put(reg + 4, le32_get(reg + 4) & (uint32_t)(mask >> 32));
			i++;
		}
	}

	uint8_t *rom = d->vcfg + PCI_ROM_ADDRESS;

	le32_put(rom, d->desc.rom_size
			      ? le32_get(rom) & (~(d->desc.rom_size - 1) | PCI_ROM_ADDRESS_ENABLE)
			      : 0);
}

void cfg_init(struct fake_dev *d)
{
	memset(d->vcfg, 0, sizeof(d->vcfg));
	memcpy(d->vcfg, d->hw, PCI_STD_HEADER_SIZEOF);
	cfg_perm_init(d);
	if (d->desc.vf) {
		d->vcfg[PCI_INTERRUPT_PIN] = 0;
		d->vcfg[PCI_COMMAND] |= PCI_COMMAND_MEMORY;
	}
	if (!irq_count(d, VFIO_PCI_INTX_IRQ_INDEX))
		d->vcfg[PCI_INTERRUPT_PIN] = 0;
	fold_bars(d);
}

/* How much of [pos, pos + count) the kernel takes in one step. */
static size_t chunk_len(const struct fake_dev *d, uint64_t pos, size_t count)
{
	size_t left = 4 - (pos & 3), same = 1;

	if (left > count)
		left = count;
	while (same < left && d->cap_of[pos + same] == d->cap_of[pos])
		same++;
	if (same == 4)
		return 4;
	return same >= 2 && !(pos & 1) ? 2 : 1;
}

static uint8_t read_byte(const struct fake_dev *d, unsigned int pos)
{
	uint8_t v = (uint8_t)((d->hw[pos] & ~d->virt[pos]) | (d->vcfg[pos] & d->virt[pos]));

	/* Without a MEM bit in hardware the user still sees what was written to it. */
	if (pos == PCI_COMMAND && d->desc.vf)
		v |= d->vcfg[pos] & PCI_COMMAND_MEMORY;
	return v;
}

static void write_byte(struct fake_dev *d, unsigned int pos, uint8_t v)
{
	uint8_t virt = d->virt[pos] & d->write[pos];
	uint8_t hard = (uint8_t)(~d->virt[pos] & d->write[pos] & d->desc.writable[pos]);

	d->vcfg[pos] = (uint8_t)((d->vcfg[pos] & ~virt) | (v & virt));
	d->hw[pos] = (uint8_t)((d->hw[pos] & ~hard) | (v & hard));
}

static bool out_of_bounds(const struct fake_dev *d, size_t count, uint64_t pos)
{
	return pos >= d->desc.cfg_size || count > d->desc.cfg_size - pos;
}

ssize_t cfg_read(struct fake_dev *d, void *user, size_t count, uint64_t pos)
{
	uint8_t buf[4], *to = user;
	size_t left = count;

	if (out_of_bounds(d, count, pos))
		return -EFAULT;
	fold_bars(d);
	while (left) {
		size_t n = chunk_len(d, pos, left);

		for (size_t i = 0; i < n; i++)
			buf[i] = read_byte(d, (unsigned int)(pos + i));
		if (user_write(to, buf, n))
			return -EFAULT;
		to += n;
		pos += n;
		left -= n;
	}
	return (ssize_t)count;
}

/* vfio_basic_config_write() around COMMAND: what was written is remembered for the gate. */
static void command_written(struct fake_dev *d, uint8_t written, uint8_t phys)
{
	const uint8_t mask = PCI_COMMAND_MEMORY | PCI_COMMAND_IO;

	/* On in the user's eyes and off in hardware: somebody else reset the device. */
	if (!d->desc.vf && written & d->vcfg[PCI_COMMAND] & ~phys & mask)
		memcpy(d->hw + PCI_BASE_ADDRESS_0, d->desc.cfg + PCI_BASE_ADDRESS_0, 4 * PCI_BARS);
	d->vcfg[PCI_COMMAND] = (uint8_t)((d->vcfg[PCI_COMMAND] & ~mask) | (written & mask));
}

static void flr_bit(struct fake_dev *d, unsigned int pos, uint8_t bit, bool capable,
		    const char *why)
{
	if (!(d->vcfg[pos] & bit))
		return;
	d->vcfg[pos] &= (uint8_t)~bit;
	if (capable && !d->desc.no_reset)
		dev_reset(d, why);
}

/*
 * vfio_msi_config_write(): as many vectors as were enabled by ioctl, at most. What is in the
 * read-only part stays as it was written.
 */
static void msi_written(struct fake_dev *d, unsigned int cap)
{
	uint8_t *flags = d->vcfg + cap + PCI_MSI_FLAGS;
	const uint8_t qmax = d->irqs.msi_qmax;

	if (d->irqs.active != VFIO_PCI_MSI_IRQ_INDEX)
		*flags &= (uint8_t)~PCI_MSI_FLAGS_ENABLE;
	if ((*flags & PCI_MSI_FLAGS_QSIZE) >> 4 > qmax)
		*flags = (uint8_t)((*flags & ~PCI_MSI_FLAGS_QSIZE) | qmax << 4);
}

/* Effects of a step that wrote [pos, pos + n) inside the capability at cap. */
static void cap_written(struct fake_dev *d, unsigned int cap, unsigned int pos, const uint8_t *buf,
			size_t n)
{
	unsigned int at = pos - cap;

	switch (d->hw[cap + PCI_CAP_LIST_ID]) {
	case PCI_CAP_ID_PM:
		if (at == PCI_PM_CTRL)
			d->hw[pos] = (uint8_t)((d->hw[pos] & ~PCI_PM_CTRL_STATE_MASK) |
					       (buf[0] & PCI_PM_CTRL_STATE_MASK));
		break;
	case PCI_CAP_ID_MSI:
		if (at <= PCI_MSI_FLAGS && at + n > PCI_MSI_FLAGS)
			msi_written(d, cap);
		break;
	case PCI_CAP_ID_EXP:
		flr_bit(d, cap + PCI_EXP_DEVCTL + 1, PCI_EXP_DEVCTL_BCR_FLR >> 8,
			le32_get(d->hw + cap + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLR, "flr");
		break;
	case PCI_CAP_ID_AF:
		flr_bit(d, cap + PCI_AF_CTRL, PCI_AF_CTRL_FLR,
			(d->hw[cap + PCI_AF_CAP] & (PCI_AF_CAP_FLR | PCI_AF_CAP_TP)) ==
				(PCI_AF_CAP_FLR | PCI_AF_CAP_TP),
			"af-flr");
		break;
	default:
		break;
	}
}

/*
 * Whether the capability has a function for writes; without one the kernel does not
 * even look at the data: cap_perms[], ecap_perms[] of vfio_pci_config.c.
 */
static bool has_writefn(const struct fake_dev *d, unsigned int cap)
{
	uint16_t id = le16_get(d->hw + cap);

	if (cap >= PCI_CFG_SIZE) {
		switch (id) {
		case PCI_EXT_CAP_ID_ERR:
		case PCI_EXT_CAP_ID_PWR:
		case PCI_EXT_CAP_ID_VNDR:
		case PCI_EXT_CAP_ID_DVSEC:
			return true;
		default:
			return false;
		}
	}
	switch (id & 0xff) {
	case PCI_CAP_ID_PM:
	case PCI_CAP_ID_VPD:
	case PCI_CAP_ID_MSI:
	case PCI_CAP_ID_PCIX:
	case PCI_CAP_ID_VNDR:
	case PCI_CAP_ID_EXP:
	case PCI_CAP_ID_AF:
		return true;
	default:
		return false;
	}
}

ssize_t cfg_write(struct fake_dev *d, const void *user, size_t count, uint64_t pos)
{
	const uint8_t *from = user;
	uint8_t buf[4] = {0};
	size_t left = count;

	if (out_of_bounds(d, count, pos))
		return -EFAULT;
	while (left) {
		size_t n = chunk_len(d, pos, left);
		unsigned int cap = d->cap_of[pos];
		uint8_t phys = d->hw[PCI_COMMAND];
		bool dropped = cap && !has_writefn(d, cap);

		if (!dropped && user_read(buf, from, n))
			return -EFAULT;
		for (size_t i = 0; !dropped && i < n; i++)
			write_byte(d, (unsigned int)(pos + i), buf[i]);
		if (pos == PCI_COMMAND)
			command_written(d, buf[0], phys);
		else if (is_bar((unsigned int)pos))
			fold_bars(d);
		if (cap && cap < PCI_CFG_SIZE)
			cap_written(d, cap, (unsigned int)pos, buf, n);
		from += n;
		pos += n;
		left -= n;
	}
	dev_update_gate(d);
	return (ssize_t)count;
}
