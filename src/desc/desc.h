/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptions of PCI devices: what a device and its host look like to vfio-pci, and the language
 * for that, read and written (fakevfio(5) is its reference). What lspci prints: lspci.h.
 */
#ifndef MSIXSHIM_DESC_H
#define MSIXSHIM_DESC_H

#include <stddef.h>

#include "core/pci_bdf.h"
#include "core/plan.h"
#include "core/policy/policy.h"

#define DESC_SPARSE_MAX 8
/* Bytes of a BAR that a description tells of, and that the fake has. */
#define DESC_SIZE_MAX (UINT64_C(1) << 39)

/* desc.group of a device that is in no IOMMU group, or of which none is known. */
#define DESC_NO_GROUP UINT32_MAX

struct desc_range {
	uint64_t offset; /* bytes */
	uint64_t size;
};

struct desc_bar {
	struct pci_bar bar; /* as the hardware decodes it; BAR_UPPER after a BAR_MEM64 */
	uint64_t address;   /* on the host; 0 if the host assigned none */
	bool unassigned;    /* no address, but the host knows the size */
	bool dropped;	    /* the host has no resource for it: VFIO shows size 0 */
	bool nommap;	    /* pread and pwrite only */
	bool zero;	    /* starts as zeros instead of the pattern */
	bool sparse;	    /* the kernel reports areas[0, nr_sparse) */
	uint8_t nr_sparse;
	struct desc_range areas[DESC_SPARSE_MAX];
};

struct desc {
	struct pci_bdf bdf;
	uint32_t group; /* IOMMU group */
	struct desc_bar bars[PCI_BARS];
	uint32_t rom_size; /* bytes; 0 for none */
	uint32_t rom_address;
	bool vf;       /* a virtual function: BAR registers and COMMAND.MEM are not hardware's */
	bool no_reset; /* the kernel found no function reset */
	bool no_hot_reset;  /* nor a bus reset */
	bool msix_unmapped; /* a kernel before 4.16: the MSI-X table's pages can't be mapped */
	bool msix_noresize; /* no dynamic MSI-X allocation (before 6.5) */
	uint16_t
		msix_after_reset; /* vectors that the capability shows after a reset; 0: the same */
	uint16_t msix_available;  /* vectors that the host can give; 0: all */
	uint16_t cfg_size;	  /* 256 or 4096 */
	uint8_t cfg[PCI_CFG_EXT_SIZE];	    /* the hardware's registers when vfio-pci opens it */
	uint8_t writable[PCI_CFG_EXT_SIZE]; /* the bits of cfg that hardware lets change */
};

/*
 * Where a text went wrong; line and column count from 1, the reason is static. Line 0: it is not
 * the text, memory is short.
 */
struct desc_error {
	uint32_t line;
	uint32_t column;
	const char *reason;
};

/*
 * Parses text[0, len) in the description language into devs[0, max), *count of
 * them. False with *err filled in at the first error, including no device at all
 * or more than max. The readers pass over a UTF-8 byte order mark.
 */
bool desc_parse(const char *text, size_t len, struct desc *devs, size_t max, size_t *count,
		struct desc_error *err);

/*
 * Zeroes what tells one device from another of its kind: the Device Serial Number, and what the
 * registers of Vital Product Data hold.
 */
void desc_scrub(struct desc *d);

/*
 * Makes a text of `d` in the description language, *ret, which the caller frees. It is parsed
 * again: 0 says that this gave an equal struct desc, -EINVAL that the language can't say all of
 * it (*why is the reason, static), -ENOMEM.
 */
int desc_print(const struct desc *d, char **ret, const char **why);

/*
 * What VFIO_DEVICE_GET_REGION_INFO says is the size of BAR 0..5: 0 for an upper
 * half and for a BAR that the host dropped.
 */
uint64_t desc_bar_size(const struct desc *d, unsigned int bar);

/*
 * Where the memory BAR is on a host with such pages: false if it is smaller than a page and does
 * not start one, so that the kernel lets nobody map it; else, in *rest, the rest of its last host
 * page, empty unless it is smaller than a page. Another BAR or ROM in there has the same effect:
 * the kernel can't reserve it (vfio_pci_probe_mmaps()).
 */
bool desc_bar_page(const struct desc *d, unsigned int bar, uint64_t page_size, struct extent *rest);

/* Whether one of its memory BARs, or its ROM, is in these bytes of the host's address space. */
bool desc_is_in(const struct desc *d, struct extent bytes);

/* The facts as VFIO would show them of the device, for a host with pages of `page_size`. */
void desc_facts(const struct desc *d, uint64_t page_size, struct plan_facts *ret);

/* The device as rules see it. */
void desc_policy_device(const struct desc *d, struct policy_device *ret);

#endif
