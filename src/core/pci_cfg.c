/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pci_cfg.h"

#include <linux/pci_regs.h>

#include "core/le.h"

/* A list of all the dwords after the header is the longest that does not loop. */
#define CAP_TTL	    48
#define EXT_CAP_TTL 960

/* What an absent device answers; ends the walk, as in the kernel. */
#define NO_CAP 0xff

/*
 * struct virtio_pci_cap. Of its types 5 is a window to all BARs, 1 to 4 are registers, and 8 is
 * shared memory.
 */
#define VIRTIO_VENDOR 0x1af4
#define VIRTIO_TYPE   3
#define VIRTIO_BAR    4
#define VIRTIO_IN_BAR 0x11eU

bool pci_cfg_is_type0(const uint8_t *cfg, uint32_t len)
{
	return len >= PCI_STD_HEADER_SIZEOF &&
	       (cfg[PCI_HEADER_TYPE] & 0x7f) == PCI_HEADER_TYPE_NORMAL;
}

/* The first capability `id` of the list whose pointer is at cfg[link]; 0 if there is none. */
static uint16_t follow_caps(const uint8_t *cfg, uint32_t len, uint16_t link, uint8_t id)
{
	for (int ttl = CAP_TTL; ttl > 0; ttl--) {
		uint8_t pos = cfg[link] & 0xfc;

		if (pos < PCI_STD_HEADER_SIZEOF || pos > len || len - pos < PCI_CAP_SIZEOF)
			return 0;
		if (cfg[pos + PCI_CAP_LIST_ID] == id)
			return pos;
		if (cfg[pos + PCI_CAP_LIST_ID] == NO_CAP)
			return 0;
		link = pos + PCI_CAP_LIST_NEXT;
	}
	return 0;
}

uint16_t pci_cfg_find_cap(const uint8_t *cfg, uint32_t len, uint8_t id)
{
	if (len < PCI_STD_HEADER_SIZEOF || !(le16_get(cfg + PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	return follow_caps(cfg, len, PCI_CAPABILITY_LIST, id);
}

uint16_t pci_cfg_find_ext_cap(const uint8_t *cfg, uint32_t len, uint16_t id)
{
	uint16_t pos = PCI_CFG_SIZE;

	for (int ttl = EXT_CAP_TTL; ttl > 0; ttl--) {
		if (pos < PCI_CFG_SIZE || pos + 4U > len)
			return 0;

		uint32_t header = le32_get(cfg + pos);

		if (header == 0)
			return 0;
		if (PCI_EXT_CAP_ID(header) == id)
			return pos;
		pos = PCI_EXT_CAP_NEXT(header);
	}
	return 0;
}

bool pci_cfg_msix(const uint8_t *cfg, uint32_t len, struct pci_msix *ret)
{
	/* A capability ends where the extended ones begin. */
	if (len > PCI_CFG_SIZE)
		len = PCI_CFG_SIZE;

	uint16_t pos = pci_cfg_find_cap(cfg, len, PCI_CAP_ID_MSIX);

	if (!pos || len - pos < PCI_CAP_MSIX_SIZEOF)
		return false;

	uint32_t table = le32_get(cfg + pos + PCI_MSIX_TABLE);
	uint32_t pba = le32_get(cfg + pos + PCI_MSIX_PBA);

	*ret = (struct pci_msix){
		.pos = pos,
		.vectors =
			(uint16_t)((le16_get(cfg + pos + PCI_MSIX_FLAGS) & PCI_MSIX_FLAGS_QSIZE) +
				   1),
		.table_bir = table & PCI_MSIX_TABLE_BIR,
		.pba_bir = pba & PCI_MSIX_PBA_BIR,
		.table_offset = table & PCI_MSIX_TABLE_OFFSET,
		.pba_offset = pba & PCI_MSIX_PBA_OFFSET,
	};
	return true;
}

void pci_cfg_ids(const uint8_t *cfg, uint32_t len, struct pci_ids *ret)
{
	*ret = (struct pci_ids){0};
	if (len >= PCI_DEVICE_ID + 2) {
		ret->vendor = le16_get(cfg + PCI_VENDOR_ID);
		ret->device = le16_get(cfg + PCI_DEVICE_ID);
	}
	if (len >= PCI_CLASS_REVISION + 4)
		ret->class_code = le32_get(cfg + PCI_CLASS_REVISION) >> 8;
	if (len >= PCI_SUBSYSTEM_ID + 2) {
		ret->subvendor = le16_get(cfg + PCI_SUBSYSTEM_VENDOR_ID);
		ret->subdevice = le16_get(cfg + PCI_SUBSYSTEM_ID);
	}
}

uint16_t pci_cfg_rebar_entry(const uint8_t *cfg, uint32_t len, int bar)
{
	uint16_t pos = pci_cfg_find_ext_cap(cfg, len, PCI_EXT_CAP_ID_REBAR);

	if (!pos || pos + PCI_REBAR_CTRL + 4U > len)
		return 0;

	/* The first entry counts them; more than there are BARs is a lie. */
	uint32_t listed = (le32_get(cfg + pos + PCI_REBAR_CTRL) & PCI_REBAR_CTRL_NBAR_MASK) >>
			  PCI_REBAR_CTRL_NBAR_SHIFT;

	if (listed > PCI_BARS)
		listed = PCI_BARS;
	pos += PCI_REBAR_CAP;
	for (; listed > 0 && pos + PCI_REBAR_ENTRY_SIZE <= len;
	     listed--, pos += PCI_REBAR_ENTRY_SIZE)
		if ((le32_get(cfg + pos + 4) & PCI_REBAR_CTRL_BAR_IDX) == (uint32_t)bar)
			return pos;
	return 0;
}

uint8_t pci_cfg_resizable(const uint8_t *cfg, uint32_t len)
{
	uint8_t bars = 0;

	for (int i = 0; i < PCI_BARS; i++)
		if (pci_cfg_rebar_entry(cfg, len, i))
			bars |= (uint8_t)(1U << i);
	return bars;
}

uint8_t pci_cfg_registers(const uint8_t *cfg, uint32_t len)
{
	uint16_t pos = pci_cfg_find_cap(cfg, len, PCI_CAP_ID_VNDR);
	uint8_t bars = 0;

	if (len < PCI_CFG_SIZE || le16_get(cfg + PCI_VENDOR_ID) != VIRTIO_VENDOR)
		return 0;
	/* a list may lead around in a ring */
	for (int ttl = CAP_TTL; ttl > 0 && pos && pos + VIRTIO_BAR < PCI_CFG_SIZE; ttl--) {
		uint8_t type = cfg[pos + VIRTIO_TYPE], bar = cfg[pos + VIRTIO_BAR];

		if (type < 32 && VIRTIO_IN_BAR >> type & 1 && bar < PCI_BARS)
			bars |= (uint8_t)(1U << bar);
		pos = follow_caps(cfg, PCI_CFG_SIZE, pos + PCI_CAP_LIST_NEXT, PCI_CAP_ID_VNDR);
	}
	return bars;
}

void pci_bar_decode(uint8_t reg_low, struct pci_bar *bar)
{
	bar->prefetchable = false;
	if (reg_low & PCI_BASE_ADDRESS_SPACE_IO) {
		bar->kind = BAR_IO;
		return;
	}
	bar->prefetchable = reg_low & PCI_BASE_ADDRESS_MEM_PREFETCH;
	bar->kind = (reg_low & PCI_BASE_ADDRESS_MEM_TYPE_MASK) == PCI_BASE_ADDRESS_MEM_TYPE_64
			    ? BAR_MEM64
			    : BAR_MEM32;
}

uint8_t pci_bar_flags(const struct pci_bar *bar)
{
	switch (bar->kind) {
	case BAR_IO:
		return PCI_BASE_ADDRESS_SPACE_IO;
	case BAR_MEM64:
		return PCI_BASE_ADDRESS_MEM_TYPE_64 |
		       (bar->prefetchable ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0);
	case BAR_MEM32:
		return bar->prefetchable ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0;
	default:
		return 0;
	}
}

/* What a slot without a size is, after the slot `before`. */
static enum bar_kind kind_after(const struct pci_bar *before)
{
	if (before->size == 0)
		return BAR_EMPTY;
	if (before->kind == BAR_MEM64)
		return BAR_UPPER;
	return before->kind == BAR_UNASSIGNED ? BAR_UNASSIGNED : BAR_EMPTY;
}

void pci_bars_settle(struct pci_bar bars[PCI_BARS])
{
	for (int i = 0; i < PCI_BARS; i++)
		if (bars[i].size == 0)
			bars[i] = (struct pci_bar){
				.kind = i > 0 ? kind_after(&bars[i - 1]) : BAR_EMPTY,
			};
}
