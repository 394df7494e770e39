/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The edges of BARs, of the MSI-X table, and of what can be mapped. What registers hold is the
 * device's business: bytes are compared where the kernel makes them up.
 */
#include "contract.h"

#include <linux/pci_regs.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static const size_t counts[] = {0, 1, 2, 3, 4, 5, 8, 12, 16, 32};

static bool in_table(const struct contract *c, unsigned int index, uint64_t at, size_t n)
{
	return c->msix && index == c->table_bir && at >= c->table && at + n <= c->table_end;
}

static void read_at(const struct contract *c, const char *when, unsigned int index, uint64_t at)
{
	for (size_t i = 0; i < COUNT(counts); i++) {
		uint8_t b[32];

		memset(b, 0xa5, sizeof(b));

		const ssize_t n = pread(c->u.device, b, counts[i], contract_pos(index, at));
		const char *rc = contract_result(n);

		contract_say("%sread %u+0x%llx, %zu: %s; %s", when, index, (unsigned long long)at,
			     counts[i], rc,
			     n > 0 && in_table(c, index, at, (size_t)n) ? contract_hex(b, (size_t)n)
									: "");
	}
	contract_say(
		"%sread %u+0x%llx to nowhere: %s", when, index, (unsigned long long)at,
		contract_result(pread(c->u.device, contract_nowhere, 4, contract_pos(index, at))));
}

/* Only where no register is: the kernel drops what goes to the table, and refuses the rest. */
static void write_at(const struct contract *c, const char *when, unsigned int index, uint64_t at)
{
	static const uint8_t zeros[32];

	for (size_t i = 0; i < COUNT(counts); i++) {
		if (at < c->region[index].size && !in_table(c, index, at, counts[i]))
			continue;
		contract_say("%swrite %u+0x%llx, %zu: %s", when, index, (unsigned long long)at,
			     counts[i],
			     contract_result(pwrite(c->u.device, zeros, counts[i],
						    contract_pos(index, at))));
	}
	if (at >= c->region[index].size || in_table(c, index, at, 4))
		contract_say("%swrite %u+0x%llx from nowhere: %s", when, index,
			     (unsigned long long)at,
			     contract_result(pwrite(c->u.device, contract_nowhere, 4,
						    contract_pos(index, at))));
}

/* A device may not like its registers read in parts: places that are edges, and no others. */
static void edges(const struct contract *c, const char *when, unsigned int index)
{
	const uint64_t size = c->region[index].size;
	const uint64_t places[] = {0,	     4,	   8,	     size - 8, size - 4,
				   size - 1, size, size + 1, size + 8, (1ULL << 40) - 4};

	for (size_t i = 0; i < COUNT(places); i++) {
		if (places[i] >= 1ULL << 40) /* of another region: before the first one */
			continue;
		read_at(c, when, index, places[i]);
		write_at(c, when, index, places[i]);
	}
	if (c->msix && index == c->table_bir) {
		const uint64_t table[] = {c->table - 4,	    c->table - 1,     c->table,
					  c->table + 1,	    c->table + 12,    c->table_end - 16,
					  c->table_end - 4, c->table_end - 1, c->table_end};

		for (size_t i = c->table ? 0 : 2; i < COUNT(table); i++) {
			read_at(c, when, index, table[i]);
			write_at(c, when, index, table[i]);
		}
	}
	if (c->msix && index == c->pba_bir)
		read_at(c, when, index, c->pba);
}

static void all_edges(const struct contract *c, const char *when)
{
	for (unsigned int index = 0; index < VFIO_PCI_NUM_REGIONS + 2; index++) {
		if (index == VFIO_PCI_CONFIG_REGION_INDEX)
			continue;
		if (index < VFIO_PCI_NUM_REGIONS)
			edges(c, when, index);
		else
			read_at(c, when, index, 0);
	}
}

static void set_config(const struct contract *c, unsigned int at, uint16_t value)
{
	if (pwrite(c->u.device, &value, 2, contract_pos(VFIO_PCI_CONFIG_REGION_INDEX, at)) != 2)
		contract_say("register 0x%x can't be set", at);
}

void contract_bars(struct contract *c)
{
	all_edges(c, "");
	set_config(c, PCI_COMMAND, 0);
	all_edges(c, "memory off: ");
	set_config(c, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_IO);
	all_edges(c, "memory on: ");
	if (c->pm) {
		set_config(c, c->pm + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
		all_edges(c, "D3hot: ");
		set_config(c, c->pm + PCI_PM_CTRL, 0);
		all_edges(c, "D0: ");
	}
	contract_reopen(c);
}

static void map(const struct contract *c, unsigned int index, uint64_t at, size_t len, int prot,
		int flags)
{
	void *p = mmap(NULL, len, prot, flags, c->u.device, contract_pos(index, at));

	contract_say("mmap %u+0x%llx, %zu, prot %d, flags %d: %s", index, (unsigned long long)at,
		     len, prot, flags, contract_result(p == MAP_FAILED ? -1 : 0));
	if (p != MAP_FAILED)
		munmap(p, len);
}

static void map_region(const struct contract *c, unsigned int index)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	const uint64_t size = index < VFIO_PCI_NUM_REGIONS ? c->region[index].size : 0;
	const uint64_t whole = (size + page - 1) & ~(page - 1);
	const uint64_t starts[] = {
		0, page, whole - page, whole, whole + page, 1, c->table & ~(page - 1)};
	const uint64_t lens[] = {0, 1, page, page + 1, size, whole, whole + 1, whole + page};

	for (size_t i = 0; i < COUNT(starts); i++) {
		if (starts[i] >= 1ULL << 40)
			continue;
		for (size_t j = 0; j < COUNT(lens); j++) {
			map(c, index, starts[i], lens[j], PROT_READ | PROT_WRITE, MAP_SHARED);
			map(c, index, starts[i], lens[j], PROT_NONE, MAP_SHARED);
		}
		map(c, index, starts[i], page, PROT_READ, MAP_SHARED);
		map(c, index, starts[i], page, PROT_READ | PROT_WRITE, MAP_PRIVATE);
		map(c, index, starts[i], page, PROT_READ, MAP_PRIVATE);
	}
}

/* Two pages of a BAR; NULL where that can't be. */
static uint8_t *map_two(const struct contract *c, unsigned int index)
{
	void *p = mmap(NULL, 2 * (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED,
		       c->u.device, contract_pos(index, 0));

	return p == MAP_FAILED ? NULL : p;
}

/* By numbers of pages; to a fixed place, from one page on, or as the kernel likes. */
static void remap(const struct contract *c, unsigned int index, size_t from, size_t was, size_t now,
		  int flags)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *p = map_two(c, index);
	uint8_t *place = mmap(NULL, 4 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (!p)
		return;

	void *got = mremap(p + from * page, was * page, now * page, flags, place);

	contract_say("mremap %u, pages %zu+%zu to %zu, flags %d: %s", index, from, was, now, flags,
		     contract_result(got == MAP_FAILED ? -1 : 0));
	if (got != MAP_FAILED)
		munmap(got, now * page);
	munmap(p, 2 * page);
	munmap(place, 4 * page);
}

static void remaps(const struct contract *c, unsigned int index)
{
	for (int flags = 0; flags < 16; flags++) {
		for (size_t from = 0; from < 2; from++) {
			for (size_t was = 0; was + from <= 2; was++) {
				for (size_t now = 0; now <= 3; now++)
					remap(c, index, from, was, now, flags);
			}
		}
	}
}

/* All that needs no memory of the kernel's own: up to MADV_COLLAPSE. */
static void advise(const struct contract *c, unsigned int index)
{
	const size_t len = 2 * (size_t)sysconf(_SC_PAGESIZE);

	for (int advice = 0; advice <= 25; advice++) {
		uint8_t *p = map_two(c, index);

		if (!p)
			return;
		contract_say("madvise %u, %d: %s", index, advice,
			     contract_result(madvise(p, len, advice)));
		contract_say("madvise %u, %d, of nothing: %s", index, advice,
			     contract_result(madvise(p, 0, advice)));
		munmap(p, len);
	}
	for (int flags = 0; flags < 8; flags++) {
		uint8_t *p = map_two(c, index);

		contract_say("msync %u, %d: %s", index, flags,
			     contract_result(msync(p, len, flags)));
		munmap(p, len);
	}
}

void contract_mmaps(struct contract *c)
{
	for (unsigned int index = 0; index < VFIO_PCI_NUM_REGIONS + 2; index++)
		map_region(c, index);
	for (unsigned int index = 0; index < VFIO_PCI_ROM_REGION_INDEX; index++) {
		remaps(c, index);
		advise(c, index);
	}
	set_config(c, PCI_COMMAND, 0);
	for (unsigned int index = 0; index < VFIO_PCI_ROM_REGION_INDEX; index++)
		map_region(c, index);
	contract_reopen(c);
}
