/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's lines on BARs, beside a dump that does not tell their sizes. drivers/pci/probe.c,
 * setup-res.c. */
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <stdlib.h>

#include "core/pci_bdf.h"
#include "desc/lspci/lspci_forms.h"
#include "desc/lspci/lspci_read.h"
#include "desc/text.h"

/* What follows "pci 0000:01:00.0: " in a line; p is NULL if it is not of a device. */
static struct word message_of(struct word line, struct pci_bdf *bdf)
{
	struct word none = {NULL, 0}, w = word_after(line, "pci "), address = {w.p, 0};

	while (address.len < w.len && w.p[address.len] != ' ')
		address.len++;
	if (!w.p || address.len < 2 || w.p[address.len - 1] != ':' ||
	    !pci_bdf_parse(w.p, address.len - 1, bdf))
		return none;
	return (struct word){w.p + address.len, w.len - address.len};
}

/* The slot of "reg 0x10: [mem", "BAR 0 [mem", "BAR 0: assigned [mem"; 6 for the ROM, -1 for others.
 */
static int slot_of(struct word message)
{
	struct word w = word_after(message, " BAR ");
	uint64_t n;

	if (word_starts(message, " BAR ") && word_hex(w, &n))
		return n <= PCI_BARS ? (int)n : -1;
	/* "reg 10: [mem" before Linux 3.10 */
	w = word_after(message, word_starts(message, " reg 0x") ? " reg 0x" : " reg ");
	if (!word_starts(message, " reg ") || !word_hex(w, &n))
		return -1;
	if (n == PCI_ROM_ADDRESS)
		return PCI_BARS;
	return n >= PCI_BASE_ADDRESS_0 && n <= PCI_BASE_ADDRESS_5 && n % 4 == 0
		       ? (int)(n - PCI_BASE_ADDRESS_0) / 4
		       : -1;
}

/* "[mem 0x88400000-0x88403fff 64bit pref]" or "[io  0xe000-0xe0ff]". False if there is none. */
static bool put_region(FILE *out, int slot, struct word message)
{
	struct word w = word_after(message, "[mem 0x"), io = word_after(message, "[io  0x"), end;
	uint64_t first, last;
	char size[32];

	if (!w.p)
		w = io;
	end = word_after(w, "-0x");
	if (!w.p || !end.p || !word_hex(w, &first) || !word_hex(end, &last) || last < first)
		return false;
	text_suffixed(last - first + 1, size, sizeof(size));
	if (slot == PCI_BARS)
		fprintf(out, "\tExpansion ROM at %08" PRIx64 " [size=%s]\n", first, size);
	else if (io.p)
		fprintf(out, "\tRegion %d: I/O ports at %04" PRIx64 " [size=%s]\n", slot, first,
			size);
	else
		fprintf(out,
			"\tRegion %d: Memory at %08" PRIx64 " (%s-bit, %sprefetchable) [size=%s]\n",
			slot, first, word_after(end, " 64bit").p ? "64" : "32",
			word_after(end, " pref").p ? "" : "non-", size);
	return true;
}

/* The addresses that the text has head lines for, sorted. */
struct heads {
	struct pci_bdf *list;
	size_t count;
	bool dump, sizes; /* it has lines of a dump; of lspci's on BARs */
};

static int compare(const void *a, const void *b)
{
	return pci_bdf_compare(a, b);
}

/* False if memory is short. */
static bool find_heads(struct word rest, struct heads *ret)
{
	struct word line, bytes;
	uint64_t offset;

	*ret = (struct heads){.list = calloc(word_count(rest, '\n') + 1, sizeof(*ret->list))};
	while (ret->list && word_line(&rest, &line)) {
		line = lspci_trim(line);
		ret->count += lspci_is_head(line, &ret->list[ret->count]);
		ret->dump |= lspci_dump_offset(line, &offset, &bytes);
		ret->sizes |= word_starts(line, "Region ") || word_starts(line, "Memory at ") ||
			      word_starts(line, "I/O ports at ");
	}
	/* for what else is there, they are not looked up */
	if (ret->list && ret->dump && !ret->sizes)
		qsort(ret->list, ret->count, sizeof(*ret->list), compare);
	return ret->list;
}

/* Appends what the kernel says of these devices. Without a head, all has to be of one. */
static void put_messages(FILE *out, struct word rest, const struct heads *heads)
{
	struct word line;

	while (word_line(&rest, &line)) {
		char address[PCI_BDF_SIZE];
		struct pci_bdf bdf;
		struct word message = message_of(line, &bdf);
		int slot = message.p ? slot_of(message) : -1;

		if (slot < 0 || (heads->count &&
				 !bsearch(&bdf, heads->list, heads->count, sizeof(bdf), compare)))
			continue;
		fprintf(out, "%s\n", pci_bdf_print(&bdf, address));
		put_region(out, slot, message);
	}
}

/* The one device that the kernel tells BARs of; false if there are more, or none. */
static bool only_device(struct word rest, struct pci_bdf *bdf)
{
	bool found = false;
	struct pci_bdf of;
	struct word line;

	while (word_line(&rest, &line)) {
		struct word message = message_of(line, &of);

		if (!message.p || slot_of(message) < 0)
			continue;
		if (found && !pci_bdf_equal(bdf, &of))
			return false;
		*bdf = of;
		found = true;
	}
	return found;
}

bool lspci_put_kernel(FILE *out, struct word text)
{
	char address[PCI_BDF_SIZE];
	struct pci_bdf bdf;
	struct heads heads;

	if (!find_heads(text, &heads))
		return false;
	if (heads.dump && !heads.sizes && (heads.count || only_device(text, &bdf))) {
		if (!heads.count)
			fprintf(out, "%s\n", pci_bdf_print(&bdf, address));
		fwrite(text.p, 1, text.len, out);
		fputc('\n', out);
		put_messages(out, text, &heads);
	} else {
		fwrite(text.p, 1, text.len, out);
	}
	free(heads.list);
	return true;
}
