/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What holds the fake to the kernel: a list of accesses to a device, each printed with its result.
 * The list depends on nothing but what the device is, so that the transcript of a real
 * vfio-pci and that of the fake with the same device described can be compared line by line.
 */
#ifndef LAB_CONTRACT_H
#define LAB_CONTRACT_H

#include <errno.h>
#include <linux/vfio.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/lib/user.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct contract {
	struct user u;
	const char *group;
	const char *name;
	uint32_t cfg_size;
	struct vfio_region_info region[VFIO_PCI_NUM_REGIONS];
	unsigned int msix; /* of the MSI-X capability in configuration space, 0: none */
	unsigned int pm;   /* of the power management capability, 0: none */
	unsigned int table_bir;
	uint64_t table, table_end; /* of the MSI-X table in its BAR */
	uint64_t pba;
	unsigned int pba_bir;
	unsigned int vectors;
};

/* An address where nothing is; not a constant, so that no compiler warns of it. */
extern void *contract_nowhere;

/* Each access is one line: what it was, what came back. Counted. */
void contract_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What a call returned, or the name of errno. Valid until eight calls later. */
const char *contract_result(long ret);

/* `n` bytes, hexadecimal; in blocks of four where there are more. */
const char *contract_hex(const void *bytes, size_t n);

/* An ioctl on a buffer of 96 bytes that starts with `argsz`, then `words`: prints all of it. */
void contract_ioctl(int fd, const char *name, unsigned long request, uint32_t argsz,
		    const uint32_t *words, size_t n);

/* Position `at` of region `index`. */
static inline off_t contract_pos(unsigned int index, uint64_t at)
{
	return (off_t)((uint64_t)index << 40 | at);
}

/* Closes the device and opens it anew: the state of the first open. Exits if it can't. */
void contract_reopen(struct contract *c);

/* The parts of the list, in the order of their calls. Each leaves the device opened anew. */
void contract_info(struct contract *c);
void contract_config(struct contract *c);
void contract_bars(struct contract *c);
void contract_mmaps(struct contract *c);
void contract_irqs(struct contract *c);
void contract_misc(struct contract *c);

#endif
