/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space, at every offset and width. */
#include "contract.h"

#include <linux/pci_regs.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static const unsigned int widths[] = {1, 2, 3, 4, 5, 8};

static off_t config(uint64_t at)
{
	return contract_pos(VFIO_PCI_CONFIG_REGION_INDEX, at);
}

static void reads(const struct contract *c)
{
	for (unsigned int at = 0; at < c->cfg_size + 9; at++) {
		for (size_t i = 0; i < COUNT(widths); i++) {
			uint8_t b[8];

			memset(b, 0xa5, sizeof(b));

			const char *rc =
				contract_result(pread(c->u.device, b, widths[i], config(at)));

			contract_say("read 0x%x, %u: %s; %s", at, widths[i], rc,
				     contract_hex(b, sizeof(b)));
		}
	}
}

/* Buffers that are nowhere, or end in the middle; lengths of all kinds. */
static void edges(const struct contract *c)
{
	static const uint64_t at[] = {0, 1, 64, 253, 254, 255, 256, 257, 4093, 4095, 4096, 4097};
	static const size_t counts[] = {0, 1, 7, 16, 255, 256, 257, 4095, 4096, 4097, 65536};
	static uint8_t space[65536];
	const long page = sysconf(_SC_PAGESIZE);
	uint8_t *half =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < COUNT(at); i++) {
		for (size_t j = 0; j < COUNT(counts); j++)
			contract_say("read 0x%llx, %zu: %s", (unsigned long long)at[i], counts[j],
				     contract_result(
					     pread(c->u.device, space, counts[j], config(at[i]))));
		contract_say(
			"read 0x%llx to nowhere, 4: %s", (unsigned long long)at[i],
			contract_result(pread(c->u.device, contract_nowhere, 4, config(at[i]))));
		contract_say(
			"read 0x%llx to nowhere, 0: %s", (unsigned long long)at[i],
			contract_result(pread(c->u.device, contract_nowhere, 0, config(at[i]))));
	}
	munmap(half + page, page);
	for (unsigned int n = 1; n < 16; n++) {
		memset(half + page - n, 0xa5, n);

		const char *rc =
			contract_result(pread(c->u.device, half + page - n, 16, config(0)));

		contract_say("read 0x0, 16 with room for %u: %s; %s", n, rc,
			     contract_hex(half + page - n, n));
	}
	munmap(half, page);
}

static void vectors(const struct contract *c)
{
	uint8_t b[16];
	struct iovec iov[] = {{b, 1}, {b + 1, 3}, {b + 4, 0}, {b + 4, 12}};

	for (unsigned int at = 0; at < 96; at += 5) {
		memset(b, 0xa5, sizeof(b));

		const char *rc = contract_result(preadv(c->u.device, iov, 4, config(at)));

		contract_say("readv 0x%x: %s; %s", at, rc, contract_hex(b, sizeof(b)));
	}
	iov[2] = (struct iovec){contract_nowhere, 4};
	contract_say("readv, third of four nowhere: %s",
		     contract_result(preadv(c->u.device, iov, 4, config(0))));
	contract_say("readv at the end: %s",
		     contract_result(preadv(c->u.device, iov, 2, config(c->cfg_size - 2))));
}

/* What a write of `value` makes of a register, and of the one behind it; then the old value again.
 */
static void write_one(const struct contract *c, unsigned int at, unsigned int width, uint64_t value)
{
	const unsigned int from = at & ~3U;
	const size_t n = from + 8 <= c->cfg_size ? 8 : c->cfg_size - from;
	uint8_t before[8] = {0}, after[8] = {0};

	pread(c->u.device, before, n, config(from));

	const char *rc = contract_result(pwrite(c->u.device, &value, width, config(at)));

	pread(c->u.device, after, n, config(from));
	contract_say("write 0x%x, %u of 0x%llx: %s; %s", at, width, (unsigned long long)value, rc,
		     contract_hex(after, n));
	for (size_t i = 0; i + 4 <= n; i += 4)
		pwrite(c->u.device, before + i, 4, config(from + i));
}

static void writes(const struct contract *c)
{
	static const uint64_t values[] = {~0ULL, 0, 0x5aa5c33c0ff01234ULL};

	for (unsigned int at = 0; at < c->cfg_size; at++) {
		for (unsigned int width = 1; width <= 4; width *= 2) {
			for (size_t i = 0; i < COUNT(values); i++)
				write_one(c, at, width, values[i]);
		}
	}
	for (unsigned int at = c->cfg_size - 4; at < c->cfg_size + 4; at++) {
		contract_say("write 0x%x, 4: %s", at,
			     contract_result(pwrite(c->u.device, &values[1], 4, config(at))));
		contract_say("write 0x%x from nowhere, 4: %s", at,
			     contract_result(pwrite(c->u.device, contract_nowhere, 4, config(at))));
	}
}

/* As VMMs size a BAR: ones, read, and what was there again; in another order, too. */
static void sizing(const struct contract *c)
{
	for (unsigned int at = PCI_BASE_ADDRESS_0; at <= PCI_ROM_ADDRESS; at += 4) {
		const uint32_t ones = ~0U;
		uint32_t v[2] = {0, 0};

		pwrite(c->u.device, &ones, 4, config(at));
		pread(c->u.device, v, at + 8 <= 0x40 ? 8 : 4, config(at));
		contract_say("size 0x%x: %s", at, contract_hex(v, sizeof(v)));
	}
	for (unsigned int at = PCI_BASE_ADDRESS_0; at <= PCI_ROM_ADDRESS; at++) {
		const uint8_t odd = (uint8_t)(0x11 * (at & 15));
		uint32_t v[7];

		pwrite(c->u.device, &odd, 1, config(at));
		pread(c->u.device, v, sizeof(v), config(PCI_BASE_ADDRESS_0));
		contract_say("one byte at 0x%x: %s", at, contract_hex(v, sizeof(v)));
	}
}

void contract_config(struct contract *c)
{
	reads(c);
	edges(c);
	vectors(c);
	sizing(c);
	contract_reopen(c);
	writes(c);
	contract_reopen(c);
}
