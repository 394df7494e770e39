/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BARs as lspci shows them: "Region 1: Memory at ..." and the registers in the dump. */
#include <linux/pci_regs.h>
#include <string.h>

#include "core/le.h"
#include "desc/lspci/lspci_read.h"

#define IO_ASSUMED  256
#define MEM_ASSUMED 4096
#define ROM_BAR	    6

static uint64_t size_of(struct lspci *l, struct word line)
{
	static const char reason[] = "expected a size that is a power of two, as in [size=16K]";
	struct word w = word_after(line, "[size="), digits = {w.p, 0};
	uint64_t size;

	if (!w.p)
		return UNKNOWN_SIZE;
	while (digits.len < w.len && w.p[digits.len] != ']')
		digits.len++;
	/* Enhanced Allocation alone has sizes of any kind. */
	if (digits.len == w.len || !word_size(digits, &size) || !size ||
	    (size & (size - 1) && !word_after(line, "[enhanced]").p)) {
		lspci_fail(l, w.p, reason);
		return UNKNOWN_SIZE;
	}
	return size;
}

/* Whether another line, of an earlier section of the device, told of the BAR at `at`. */
static bool address_known(const struct lspci *l, struct word at)
{
	uint64_t address;

	if (!at.p || !word_hex(at, &address))
		return false;
	for (int i = 0; i < PCI_BARS; i++) {
		if (l->bar_seen & 1 << i && l->d->bars[i].address == address)
			return true;
	}
	return false;
}

/* Whether a BAR of that kind can be in the slot; else the text is refused. */
static bool check_bar(struct lspci *l, int slot, const struct desc_bar *bar, struct word line)
{
	bool wide = bar->bar.kind == BAR_MEM64;

	if (l->d->bars[slot].bar.kind == BAR_UPPER ||
	    (wide && slot + 1 < PCI_BARS && l->bar_seen & 1 << (slot + 1)))
		lspci_fail(l, line.p,
			   "two BARs in one slot: a 64-bit BAR takes the next slot, too");
	else if (wide && slot == PCI_BARS - 1)
		lspci_fail(l, line.p, "a 64-bit BAR in slot 5, which has no next one");
	else if (bar->bar.kind == BAR_MEM32 && bar->bar.size > UINT64_C(1) << 31)
		lspci_fail(l, line.p, "a 32-bit BAR of more than 2 GiB");
	return !l->fault;
}

/* The slot: what "Region N: " says, which is taken off the line, or the next free one. */
static int slot_of(struct lspci *l, struct word *line)
{
	struct word w = *line;

	if (word_starts(w, "Region ") && w.len > 10 && w.p[7] >= '0' && w.p[7] <= '5') {
		*line = word_after(w, ": ");
		l->numbered = true;
		return line->p ? w.p[7] - '0' : -1;
	}
	if (address_known(l, word_after(w, " at ")))
		return -1;
	for (int i = 0; i < PCI_BARS; i++) {
		if (l->d->bars[i].bar.kind == BAR_EMPTY) {
			lspci_note(l, i, "number of this BAR unknown: the next free one assumed");
			return i;
		}
	}
	return -1;
}

/*
 * The line without what lspci puts in front of a type: "[virtual] " if the register holds nothing
 * of the host's address, "[enhanced] " if the BAR comes from Enhanced Allocation.
 */
static struct word bare(struct word line, bool *virtual)
{
	for (;;) {
		if (word_starts(line, "[virtual] "))
			*virtual = true;
		else if (!word_starts(line, "[enhanced] "))
			return line;
		line = word_after(line, "] ");
	}
}

static bool is_bar_text(struct word line)
{
	return word_starts(line, "Region ") || word_starts(line, "Memory at ") ||
	       word_starts(line, "I/O ports at ");
}

static void rom_line(struct lspci *l, struct word line)
{
	uint64_t size = size_of(l, line), address = 0;
	struct word w = word_after(line, "Expansion ROM at ");

	if (size == UNKNOWN_SIZE || size > 1 << 24)
		return;
	l->d->rom_size = (uint32_t)size;
	if (word_hex(w, &address))
		l->d->rom_address = (uint32_t)address;
}

/*
 * Whether the BAR is the device's own: below SR-IOV, one level deeper, lspci tells of the BARs of
 * the virtual functions in nearly the same words. A pasted text may have lost its indentation.
 */
static bool is_own(const struct lspci *l, struct word line)
{
	if (!l->in_cap)
		return true;
	if (l->indent > l->cap_indent)
		return false;
	return !l->in_sriov || (l->after_blank && word_after(line, "[size=").p);
}

/* Tells of a type, "(64-bit, non-prefetchable)", of which a part is missing. */
static void note_type(struct lspci *l, int slot, struct word line)
{
	if (!word_after(line, "(64-bit").p && !word_after(line, "(32-bit").p &&
	    !word_after(line, "(low-1M").p)
		lspci_note(l, slot, "its width is unknown: 32 bits assumed");
	if (!word_after(line, " prefetchable)").p && !word_after(line, "non-prefetchable)").p)
		lspci_note(l, slot, "whether it is prefetchable is unknown: no assumed");
}

bool lspci_bar_line(struct lspci *l, struct word line)
{
	struct word whole = line;
	struct desc_bar bar = {.bar = {.size = UNKNOWN_SIZE}};
	bool virtual = false;
	struct word at;
	int slot;

	line = bare(line, &virtual);
	if (word_starts(line, "Expansion ROM at ")) {
		rom_line(l, whole);
		return true;
	}
	if (!is_bar_text(line))
		return false;
	if (!is_own(l, line))
		return true;
	slot = slot_of(l, &line);
	line = bare(line, &virtual);
	at = word_after(line, " at ");
	if (slot < 0 || !at.p || l->bar_seen & 1 << slot)
		return true;
	bar.bar.size = size_of(l, whole);
	if (word_after(line, "I/O ports").p)
		bar.bar.kind = BAR_IO;
	else
		bar.bar.kind = word_after(line, "(64-bit").p ? BAR_MEM64 : BAR_MEM32;
	bar.bar.prefetchable = word_after(line, " prefetchable").p != NULL;
	if (!word_hex(at, &bar.address))
		bar.unassigned = true;
	if (!check_bar(l, slot, &bar, whole))
		return true;
	if (bar.bar.kind != BAR_IO)
		note_type(l, slot, line);
	l->d->vf |= virtual;
	l->d->bars[slot] = bar;
	if (bar.bar.kind == BAR_MEM64)
		l->d->bars[slot + 1] = (struct desc_bar){.bar = {.kind = BAR_UPPER}};
	l->bar_seen |= (uint8_t)(1 << slot);
	l->last_bar = slot;
	return true;
}

bool lspci_size_line(struct lspci *l, struct word line)
{
	if (!word_starts(line, "[size="))
		return false;
	if (l->last_bar >= 0 && l->d->bars[l->last_bar].bar.size == UNKNOWN_SIZE)
		l->d->bars[l->last_bar].bar.size = size_of(l, line);
	return true;
}

/* A BAR that has a register in the dump and no line: its type is known, its size is not. */
static void bar_from_dump(struct lspci *l, unsigned int slot)
{
	const uint8_t *reg = l->hex + PCI_BASE_ADDRESS_0 + 4 * slot;
	struct desc_bar *b = &l->d->bars[slot];
	uint32_t low = le32_get(reg);

	pci_bar_decode((uint8_t)low, &b->bar);
	if (b->bar.kind == BAR_MEM64 && slot == PCI_BARS - 1)
		b->bar.kind = BAR_MEM32;
	b->address = low & (b->bar.kind == BAR_IO ? ~3U : ~0xfU);
	if (b->bar.kind == BAR_MEM64) {
		b->address |= (uint64_t)le32_get(reg + 4) << 32;
		l->d->bars[slot + 1].bar.kind = BAR_UPPER;
	}
	b->bar.size = UNKNOWN_SIZE;
	if (l->bar_seen || !b->address) {
		b->dropped = true;
		lspci_note(l, (int)slot, "a register without a region: the host dropped this BAR");
	}
}

/* The smallest power of two that holds the MSI-X structures in BAR `slot`. */
static uint64_t assumed_size(const struct pci_msix *m, unsigned int slot, bool io)
{
	uint64_t size = io ? IO_ASSUMED : MEM_ASSUMED;

	while (m->pos && m->table_bir == slot &&
	       size < m->table_offset + pci_msix_table_size(m->vectors))
		size <<= 1;
	while (m->pos && m->pba_bir == slot && size < m->pba_offset + pci_msix_pba_size(m->vectors))
		size <<= 1;
	return size;
}

/* A size that the host address is a multiple of. */
static uint64_t fitting(uint64_t size, uint64_t address)
{
	while (address & (size - 1) && size > 4)
		size >>= 1;
	return size;
}

/* Tells of an MSI-X structure in a BAR of which nothing is known. */
static void msix_bar(struct lspci *l, const struct pci_msix *m, unsigned int slot, const char *text)
{
	if (m->pos && slot < PCI_BARS && l->d->bars[slot].bar.kind == BAR_EMPTY)
		lspci_note(l, (int)slot, text);
}

void lspci_bars_end(struct lspci *l)
{
	struct pci_msix msix = {.pos = 0};

	pci_cfg_msix(l->d->cfg, l->d->cfg_size, &msix);
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		struct desc_bar *b = &l->d->bars[i];
		bool io;

		if (l->hex_len >= PCI_STD_HEADER_SIZEOF && b->bar.kind == BAR_EMPTY &&
		    le32_get(l->hex + PCI_BASE_ADDRESS_0 + 4 * i))
			bar_from_dump(l, i);
		if (b->bar.size != UNKNOWN_SIZE)
			continue;
		io = b->bar.kind == BAR_IO;
		b->bar.size = assumed_size(&msix, i, io);
		if (io)
			b->bar.size = fitting(b->bar.size, b->address);
		lspci_note(l, (int)i,
			   "size unknown: the smallest that holds its MSI-X structures assumed");
	}
	msix_bar(l, &msix, msix.table_bir,
		 "holds the MSI-X table, but the text has no Region for it");
	if (msix.pba_bir != msix.table_bir)
		msix_bar(l, &msix, msix.pba_bir,
			 "holds the MSI-X PBA, but the text has no Region for it");
	if (l->d->rom_size || l->hex_len < PCI_STD_HEADER_SIZEOF || !l->hex[PCI_ROM_ADDRESS + 3])
		return;
	lspci_note(l, ROM_BAR, "size of the ROM unknown: left out");
}
