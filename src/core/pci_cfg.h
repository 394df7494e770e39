/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a type-0 configuration space says: capabilities, BAR registers, MSI-X.
 *
 * Input is the bytes of a configuration space as they were read, hostile or
 * not: every walk is bounded and every access stays inside `len`. Pure.
 */
#ifndef MSIXSHIM_PCI_CFG_H
#define MSIXSHIM_PCI_CFG_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_CFG_SIZE	 256
#define PCI_CFG_EXT_SIZE 4096
#define PCI_BARS	 6

/* Bytes of an entry of the Resizable BAR capability: a Capability and a Control register. */
#define PCI_REBAR_ENTRY_SIZE 8U

/* What is in one of the six BAR slots. */
enum bar_kind {
	BAR_EMPTY,	/* size 0 and not the upper half of the slot before */
	BAR_IO,		/* I/O ports */
	BAR_MEM32,	/* 32-bit memory */
	BAR_MEM64,	/* low half of a 64-bit memory BAR */
	BAR_UPPER,	/* high half of the 64-bit BAR one slot below */
	BAR_UNASSIGNED, /* the host gave it no address, and its type is lost; or the slot after it
			 */
};

struct pci_bar {
	enum bar_kind kind;
	bool prefetchable;
	uint64_t size; /* bytes; 0 for BAR_EMPTY and BAR_UPPER */
};

/* The MSI-X capability (PCIe 7.7.2). Offsets are in bytes, BIRs as found: 6 and 7 are reserved. */
struct pci_msix {
	uint16_t pos;	  /* of the capability in configuration space; 0 if there is none */
	uint16_t vectors; /* 1..2048 */
	uint8_t table_bir;
	uint8_t pba_bir;
	uint32_t table_offset;
	uint32_t pba_offset;
};

/* What a device says that it is (PCI 3.0 6.2.1, 6.2.4). */
struct pci_ids {
	uint16_t vendor, device;
	uint16_t subvendor, subdevice;
	uint32_t class_code; /* 24 bits: base class, subclass, programming interface */
};

/* Whether memory is in the slot, and not ports or nothing. */
static inline bool pci_bar_is_memory(const struct pci_bar *bar)
{
	return bar->kind == BAR_MEM32 || bar->kind == BAR_MEM64;
}

/* Bytes of the MSI-X table for `vectors` entries (PCIe 7.7.2.5). */
static inline uint64_t pci_msix_table_size(uint16_t vectors)
{
	return (uint64_t)vectors * 16;
}

/* Bytes of the Pending Bit Array for `vectors` bits: whole QWORDs (PCIe 7.7.2.7). */
static inline uint64_t pci_msix_pba_size(uint16_t vectors)
{
	return ((uint64_t)vectors + 63) / 64 * 8;
}

/* Whether the header in cfg[0, len) is type 0, the only one that vfio-pci binds. */
bool pci_cfg_is_type0(const uint8_t *cfg, uint32_t len);

/*
 * Position of the first capability `id` in cfg[0, len), 0 if there is none or the
 * header says that there is no list. Follows at most 48 links, aligned down to
 * dwords as the specification asks; id 0xff ends the list. Source: PCI 3.0 6.7,
 * pci_find_capability().
 */
uint16_t pci_cfg_find_cap(const uint8_t *cfg, uint32_t len, uint8_t id);

/*
 * The same for an extended capability (len up to 4096; 0 where len <= 256).
 * Follows at most 960 links. Source: PCIe 7.6, pci_find_ext_capability().
 */
uint16_t pci_cfg_find_ext_cap(const uint8_t *cfg, uint32_t len, uint16_t id);

/*
 * Reads the MSI-X capability. False, and *ret untouched, if there is none that fits
 * into len and into the first 256 bytes.
 */
bool pci_cfg_msix(const uint8_t *cfg, uint32_t len, struct pci_msix *ret);

/* Reads the ids of a type-0 header; those that do not fit into len are 0. */
void pci_cfg_ids(const uint8_t *cfg, uint32_t len, struct pci_ids *ret);

/*
 * Position of the Capability register of BAR `bar`'s entry in the Resizable BAR capability, 0 if
 * it is not listed inside len. The first entry counts them, at most six. Source: PCIe 7.8.6.
 */
uint16_t pci_cfg_rebar_entry(const uint8_t *cfg, uint32_t len, int bar);

/*
 * The BARs that the Resizable BAR capability lists: bit n is BAR n. 0 without the
 * capability; entries that do not fit into len are passed over.
 */
uint8_t pci_cfg_resizable(const uint8_t *cfg, uint32_t len);

/*
 * The BARs in which a capability says that registers are: bit n is BAR n. VirtIO's vendor-specific
 * capabilities do. What only some kernels show, such as the register locator of CXL, does not
 * count. Source: VirtIO 1.2, 4.1.4.
 */
uint8_t pci_cfg_registers(const uint8_t *cfg, uint32_t len);

/*
 * Kind and prefetchability of a BAR that has a size, out of its register's low
 * byte (PCI 3.0 6.2.5.1): BAR_IO, BAR_MEM32 or BAR_MEM64. Size is left alone.
 */
void pci_bar_decode(uint8_t reg_low, struct pci_bar *bar);

/* Flag bits 3:0 of the register of `bar`: what pci_bar_decode() takes apart. */
uint8_t pci_bar_flags(const struct pci_bar *bar);

/*
 * Says what the slots without a size are, once kind and size of the others are known: the upper
 * half of a 64-bit BAR, or empty. A BAR that the host left unassigned has lost its type: the slot
 * after it may be its upper half, and counts as unassigned as well.
 */
void pci_bars_settle(struct pci_bar bars[PCI_BARS]);

#endif
