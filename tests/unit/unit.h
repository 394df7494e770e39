/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the unit tests share: cmocka with the headers that it needs, reproducible
 * random numbers, five real devices, and configuration spaces to order.
 */
#ifndef MSIXSHIM_TESTS_UNIT_H
#define MSIXSHIM_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* Page sizes of the hosts that vfio-pci runs on. */
extern const uint64_t page_sizes[3];

/* Next number of the sequence that *seed starts (splitmix64): the same on every machine. */
uint64_t random_next(uint64_t *seed);

/* Asserts that it is one line for a user, without a full stop. */
void check_text(const char *text);

/* A device as VFIO shows it; the capability stands at msix.pos. */
struct device {
	struct pci_bar bars[PCI_BARS];
	struct pci_msix msix;
};

extern const struct device sas3008; /* registers and table share BAR1; 64-bit BARs at odd slots */
extern const struct device nvme;    /* 16 KiB BAR0, 136 vectors */
extern const struct device cd8p;    /* KIOXIA CD8P: table and PBA in the middle of BAR0 */
extern const struct device sm2262;  /* table and PBA overlap */
extern const struct device coral;   /* Edge TPU: table and PBA among registers of BAR2 */

/* The device's facts on a host with pages of `page_size`; regions are 1 TiB apart. */
struct plan_facts device_facts(const struct device *device, uint64_t page_size);

/* The plan for `target`, which must not be refused. */
struct plan device_plan(const struct device *device, uint64_t page_size, int target);

/*
 * Fills cfg[0, PCI_CFG_EXT_SIZE) with a type-0 header, the BAR registers with
 * addresses, and the MSI-X capability as the only one. Other bytes are not 0, so
 * that an edit of a wrong byte shows.
 */
void config_fill(uint8_t *cfg, const struct device *device);

/* Puts capability `id` at `pos` and in front of the list. Its other bytes stay. */
void config_add_cap(uint8_t *cfg, uint8_t pos, uint8_t id);

/* The same for an extended capability at `pos` that `next` follows. */
void config_put_ext_cap(uint8_t *cfg, uint16_t pos, uint16_t id, uint16_t next);

#endif
