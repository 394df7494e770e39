/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/guest.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>

#include "core/align.h"
#include "core/le.h"
#include "qemu/qemu.h"
#include "qemu/qtest.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define CONFIG_ENABLE  0x80000000u

/* q35's host bridge (function 0) decodes 256 MiB of ECAM at the base in PCIEXBAR. */
#define PCIEXBAR       0x60
#define PCIEXBAR_VALID 0x1u
#define ECAM_BASE      0xe0000000u

#define PAGE 65536ull /* as large as pages of hosts are */

/* The guest has 64 MiB of memory; above 3.5 GiB are ECAM, APICs and firmware. */
_Static_assert(GUEST_HIGH_END <= ECAM_BASE, "BARs end below the ECAM");

static uint32_t port_address(const struct guest *guest, uint16_t offset)
{
	return CONFIG_ENABLE | (uint32_t)guest->bus << 16 | (uint32_t)guest->devfn << 8 |
	       (offset & 0xfc);
}

static uint64_t ecam_address(const struct guest *guest, uint16_t offset)
{
	return ECAM_BASE + ((uint64_t)guest->bus << 20) + ((uint64_t)guest->devfn << 12) + offset;
}

static void queue_cfg_get(struct guest *guest, uint16_t offset, unsigned int width, uint64_t *ret)
{
	if (guest->ecam) {
		qtest_read(guest->qemu, ecam_address(guest, offset), width, ret);
		return;
	}
	qtest_out(guest->qemu, CONFIG_ADDRESS, 4, port_address(guest, offset));
	qtest_in(guest->qemu, CONFIG_DATA + (offset & 3), width, ret);
}

static void queue_cfg_set(struct guest *guest, uint16_t offset, unsigned int width, uint32_t value)
{
	if (guest->ecam) {
		qtest_write(guest->qemu, ecam_address(guest, offset), width, value);
		return;
	}
	qtest_out(guest->qemu, CONFIG_ADDRESS, 4, port_address(guest, offset));
	qtest_out(guest->qemu, CONFIG_DATA + (offset & 3), width, value);
}

static int run(struct guest *guest)
{
	return qtest_run(&guest->qemu, 1);
}

/* Reads `width` bytes of configuration space, now. */
static int cfg_get(struct guest *guest, uint16_t offset, unsigned int width, uint32_t *ret)
{
	uint64_t value = 0;

	queue_cfg_get(guest, offset, width, &value);

	int rc = run(guest);

	*ret = (uint32_t)value;
	return rc;
}

int guest_cfg_set(struct guest *guest, uint16_t offset, unsigned int width, uint32_t value)
{
	queue_cfg_set(guest, offset, width, value);
	return run(guest);
}

int guest_read_cfg(struct guest *guest)
{
	uint64_t dwords[PCI_CFG_EXT_SIZE / 4];

	for (uint32_t i = 0; i < guest->cfg_len / 4; i++)
		queue_cfg_get(guest, (uint16_t)(i * 4), 4, &dwords[i]);

	int rc = run(guest);

	if (rc < 0)
		return rc;
	for (uint32_t i = 0; i < guest->cfg_len / 4; i++)
		le32_put(guest->cfg + i * 4, (uint32_t)dwords[i]);
	guest->has_msix = pci_cfg_msix(guest->cfg, guest->cfg_len, &guest->msix);
	return 0;
}

/* Writes ones to a BAR or ROM register, reads it back, puts the old value back. */
static int size_register(struct guest *guest, uint16_t offset, uint32_t *ret)
{
	uint64_t mask = 0;

	queue_cfg_set(guest, offset, 4, 0xffffffff);
	queue_cfg_get(guest, offset, 4, &mask);
	queue_cfg_set(guest, offset, 4, le32_get(guest->cfg + offset));

	int rc = run(guest);

	*ret = (uint32_t)mask;
	return rc;
}

static int size_bar(struct guest *guest, int i)
{
	struct pci_bar *bar = &guest->bars[i];
	uint32_t low, high = 0xffffffff;
	int rc = size_register(guest, (uint16_t)(PCI_BASE_ADDRESS_0 + i * 4), &low);

	if (rc < 0 || low == 0)
		return rc;
	pci_bar_decode((uint8_t)low, bar);
	if (bar->kind == BAR_IO) {
		/* The upper 16 bits may be fixed at zero. */
		bar->size = -((low & (uint32_t)PCI_BASE_ADDRESS_IO_MASK) | 0xffff0000);
		return 0;
	}
	if (bar->kind == BAR_MEM64 && i + 1 < PCI_BARS) {
		rc = size_register(guest, (uint16_t)(PCI_BASE_ADDRESS_0 + i * 4 + 4), &high);
		guest->bars[i + 1].kind = BAR_UPPER;
	}
	bar->size = -((uint64_t)high << 32 | (low & (uint32_t)PCI_BASE_ADDRESS_MEM_MASK));
	return rc;
}

static int size_bars(struct guest *guest)
{
	for (int i = 0; i < PCI_BARS; i++) {
		int rc = guest->bars[i].kind == BAR_UPPER ? 0 : size_bar(guest, i);

		if (rc < 0)
			return rc;
	}
	return size_register(guest, PCI_ROM_ADDRESS, &guest->rom_mask);
}

static int enable_ecam(struct qemu *qemu)
{
	struct guest mch = {.qemu = qemu};

	queue_cfg_set(&mch, PCIEXBAR + 4, 4, 0);
	return guest_cfg_set(&mch, PCIEXBAR, 4, ECAM_BASE | PCIEXBAR_VALID);
}

/* Finds the function and looks at it; ECAM is on where it is used. */
static int look(struct guest *guest)
{
	uint32_t ids, ext = 0xffffffff;
	bool ecam = guest->ecam;
	int rc = cfg_get(guest, PCI_VENDOR_ID, 4, &ids);

	if (!rc && ids == 0xffffffff)
		rc = qemu_fail(guest->qemu, -ENODEV, "the guest has no PCI function %02x:%02x.%x",
			       guest->bus, guest->devfn >> 3, guest->devfn & 7);
	/* Beyond the end of a conventional function ECAM reads as ones. */
	if (!rc && ecam)
		rc = cfg_get(guest, PCI_CFG_SIZE, 4, &ext);
	if (rc < 0)
		return rc;
	guest->cfg_len = ext == 0xffffffff ? PCI_CFG_SIZE : PCI_CFG_EXT_SIZE;
	rc = guest_read_cfg(guest);
	return rc < 0 ? rc : size_bars(guest);
}

int guest_open(struct guest *guest, struct qemu *qemu, uint8_t bus, uint8_t devfn, bool ecam)
{
	int rc = ecam ? enable_ecam(qemu) : 0;

	*guest = (struct guest){.qemu = qemu, .bus = bus, .devfn = devfn, .ecam = ecam};
	return rc < 0 ? rc : look(guest);
}

/* The windows that BARs are put into, with the next free address of each. */
struct windows {
	uint64_t low, high, wide;
	uint32_t port;
};

/*
 * Takes `size` bytes out of [*next, end), or returns 0. Small BARs share no page, as VFIO likes it.
 */
static uint64_t take(uint64_t *next, uint64_t end, uint64_t size)
{
	uint64_t align = size < PAGE ? PAGE : size;
	uint64_t addr = align_up(*next, align);

	if (addr + size > end)
		return 0;
	*next = addr + size;
	return addr;
}

static uint64_t place(struct windows *w, const struct pci_bar *bar)
{
	uint64_t addr;

	switch (bar->kind) {
	case BAR_IO:
		if (w->port + bar->size > GUEST_PORT_END)
			return 0;
		addr = w->port;
		w->port += (uint32_t)bar->size;
		return addr;
	case BAR_MEM64:
		return take(&w->wide, UINT64_MAX, bar->size);
	case BAR_MEM32:
		/* 2 GiB never fit: QEMU maps no 32-bit BAR whose last byte is at 4 GiB - 1. */
		addr = take(&w->high, GUEST_HIGH_END, bar->size);
		return addr ? addr : take(&w->low, GUEST_LOW_END, bar->size);
	default:
		return 0;
	}
}

/* The largest BAR that was not placed yet, -1 if there is none: that order wastes no space. */
static int largest(const struct guest *guest, unsigned int placed)
{
	int best = -1;

	for (int i = 0; i < PCI_BARS; i++)
		if (guest->bars[i].size && !(placed & 1u << i) &&
		    (best < 0 || guest->bars[i].size > guest->bars[best].size))
			best = i;
	return best;
}

static void queue_bar_address(struct guest *guest, int i)
{
	uint16_t reg = (uint16_t)(PCI_BASE_ADDRESS_0 + i * 4);

	queue_cfg_set(guest, reg, 4, (uint32_t)guest->addr[i]);
	if (guest->bars[i].kind == BAR_MEM64)
		queue_cfg_set(guest, reg + 4, 4, (uint32_t)(guest->addr[i] >> 32));
}

int guest_map(struct guest *guest)
{
	struct windows w = {GUEST_LOW_BASE, GUEST_HIGH_BASE, GUEST_WIDE_BASE, GUEST_PORT_BASE};
	unsigned int placed = 0;
	int i;

	while ((i = largest(guest, placed)) >= 0) {
		placed |= 1u << i;
		guest->addr[i] = place(&w, &guest->bars[i]);
		if (guest->addr[i])
			queue_bar_address(guest, i);
	}
	return guest_cfg_set(guest, PCI_COMMAND, 2,
			     PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

bool guest_bar_mapped(const struct guest *guest, int bar)
{
	return (guest->bars[bar].kind == BAR_MEM32 || guest->bars[bar].kind == BAR_MEM64) &&
	       guest->addr[bar];
}
