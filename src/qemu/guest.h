/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One PCI function as the guest of a stopped QEMU sees it.
 *
 * Does what firmware does: sizes the BARs by writing ones, gives them addresses,
 * turns decoding on. Source: PCI 3.0 6.2.5.1 (sizing), 3.2.2.3.2 (0xcf8/0xcfc),
 * PCIe 7.2.2 (ECAM), the MCH's PCIEXBAR for q35.
 *
 * Functions return 0 or a negative errno with a sentence in qemu_error().
 */
#ifndef MSIXSHIM_GUEST_H
#define MSIXSHIM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/pci_cfg.h"

struct qemu;

/* Where a guest access to some bytes of a BAR ends. */
enum guest_backing {
	GUEST_NOTHING, /* no region: reads as ones or zeros, writes are lost */
	GUEST_DIRECT,  /* the device's own memory, mapped into the guest */
	GUEST_IO,      /* trapped and forwarded by QEMU */
	GUEST_TABLE,   /* QEMU's emulated MSI-X table */
	GUEST_PBA,     /* QEMU's emulated PBA; there only while something is pending */
};

/* Bytes [start, end) of a BAR, and what an access to them reaches. */
struct guest_range {
	uint64_t start, end;
	enum guest_backing backing;
};

#define GUEST_RANGES 32

/* The ranges of one BAR: ascending, without gaps, neighbours differ, [0, size) in all. */
struct guest_view {
	size_t count;
	struct guest_range ranges[GUEST_RANGES];
};

struct guest {
	struct qemu *qemu;
	uint8_t bus, devfn;
	bool ecam;	  /* reach configuration space through q35's ECAM */
	uint32_t cfg_len; /* bytes the function has: 256, or 4096 by ECAM */
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct pci_bar bars[PCI_BARS];
	uint64_t addr[PCI_BARS]; /* as programmed; port number for I/O; 0: none fits */
	uint32_t rom_mask;	 /* expansion ROM register with ones written to it */
	bool has_msix;
	struct pci_msix msix;
};

/* Where guest_map() puts BARs: 32-bit ones (high first), 64-bit ones, ports; the ends excluded. */
#define GUEST_LOW_BASE	0x10000000u
#define GUEST_LOW_END	0x80000000u
#define GUEST_HIGH_BASE 0x80000000u
#define GUEST_HIGH_END	0xe0000000u
#define GUEST_WIDE_BASE (1ull << 40)
#define GUEST_PORT_BASE 0xc000u
#define GUEST_PORT_END	0x10000u

/*
 * Looks at function `devfn` of bus `bus`: reads configuration space, sizes BARs and
 * ROM, and leaves the registers as they were. `ecam` needs machine q35.
 * -ENODEV if nothing answers there. The other functions need an opened guest.
 */
int guest_open(struct guest *guest, struct qemu *qemu, uint8_t bus, uint8_t devfn, bool ecam);

/*
 * Gives each BAR an address, aligned to its size, the same ones for the same
 * BARs; switches on memory and I/O decoding and bus mastering. A 32-bit BAR that
 * finds no room below 4 GiB stays without address.
 */
int guest_map(struct guest *guest);

/* Reads configuration space again, into guest->cfg and guest->msix. */
int guest_read_cfg(struct guest *guest);

/* Writes `width` bytes (1, 2, 4) of configuration space at `offset`, now. */
int guest_cfg_set(struct guest *guest, uint16_t offset, unsigned int width, uint32_t value);

/* Whether `bar` is a memory BAR that guest_map() found room for. */
bool guest_bar_mapped(const struct guest *guest, int bar);

/*
 * Flat views of the BARs, `views[PCI_BARS]`, from `info mtree -f`. Those of
 * slots that are not mapped memory BARs have count 0.
 */
int guest_views(struct guest *guest, struct guest_view *views);

/* The same from the text of `info mtree -f`, for one BAR of `size` bytes at `addr`. */
void guest_view_parse(const char *mtree, uint64_t addr, uint64_t size, struct guest_view *ret);

/* Bytes of `view` with that backing. */
uint64_t guest_view_bytes(const struct guest_view *view, enum guest_backing backing);

/*
 * Direct bytes of `view` in whole pages of `page` bytes: KVM maps no less than a host page. A BAR
 * below a page counts if all of it is direct, as it can have the page for itself.
 */
uint64_t guest_view_whole_pages(const struct guest_view *view, uint64_t page);

/* "direct", "i/o", "msix-table", "msix-pba", "nothing". */
const char *guest_backing_name(enum guest_backing backing);

#endif
