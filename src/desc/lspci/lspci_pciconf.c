/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FreeBSD's pciconf -lbc, in the words of lspci: pciconf.c, and cap.c for capabilities. */
#include <inttypes.h>
#include <linux/pci_regs.h>

#include "core/pci_bdf.h"
#include "desc/cap_name.h"
#include "desc/lspci/lspci_forms.h"
#include "desc/lspci/lspci_read.h"
#include "desc/text.h"

/* The number after `key`, decimal or with 0x. */
static bool number_after(struct word line, const char *key, uint64_t *ret)
{
	struct word w = word_after(line, key), digits = {w.p, 0};

	if (!w.p)
		return false;
	while (digits.len < w.len && w.p[digits.len] != ' ' && w.p[digits.len] != '\t' &&
	       w.p[digits.len] != ',' && w.p[digits.len] != ']' && w.p[digits.len] != '[')
		digits.len++;
	return word_number(digits, 0, ret);
}

/* Takes a decimal number up to ':' off *w. */
static bool take_number(struct word *w, uint64_t max, uint64_t *ret)
{
	struct word digits = {w->p, 0};

	while (digits.len < w->len && w->p[digits.len] != ':')
		digits.len++;
	if (digits.len == w->len || !word_number(digits, 10, ret) || *ret > max)
		return false;
	*w = (struct word){w->p + digits.len + 1, w->len - digits.len - 1};
	return true;
}

/* "nvme0@pci0:1:0:0:" at the start of a line. */
static bool is_device(struct word line, struct pci_bdf *bdf)
{
	struct word first = word_next(&line), w = word_after(first, "@pci");
	uint64_t segment, bus, slot, function;

	if (!w.p || !take_number(&w, UINT32_MAX, &segment) || !take_number(&w, 255, &bus) ||
	    !take_number(&w, 31, &slot) || !take_number(&w, 7, &function))
		return false;
	*bdf = (struct pci_bdf){(uint32_t)segment, (uint8_t)bus, (uint8_t)slot, (uint8_t)function};
	return true;
}

/* Both ids of a name: by themselves, or as FreeBSD before 13 has them, in one number. */
static void ids_of(struct word line, const char *vendor, const char *device, const char *both,
		   uint64_t *ret)
{
	uint64_t v, d;

	if (number_after(line, both, &v))
		*ret = v;
	else if (number_after(line, vendor, &v) && number_after(line, device, &d))
		*ret = v | d << 16;
}

static void put_device(FILE *out, struct word line, const struct pci_bdf *bdf)
{
	uint64_t class = 0, rev = 0, header = 0, ids = 0, subsystem = 0;
	char address[PCI_BDF_SIZE];

	number_after(line, " class=", &class);
	number_after(line, " rev=", &rev);
	number_after(line, " hdr=", &header);
	ids_of(line, " vendor=", " device=", " chip=", &ids);
	ids_of(line, " subvendor=", " subdevice=", " card=", &subsystem);
	fprintf(out, "%s Class [%04" PRIx64 "]: Device [%04" PRIx64 ":%04" PRIx64 "]",
		pci_bdf_print(bdf, address), class >> 8 & 0xffff, ids & 0xffff, ids >> 16 & 0xffff);
	fprintf(out, " (rev %02" PRIx64 ") (prog-if %02" PRIx64 ")\n", rev & 0xff, class & 0xff);
	if (header & 0x7f)
		fputs("\tBus: primary=\n", out); /* a bridge, for the reader */
	if (subsystem)
		fprintf(out, "\tSubsystem: Device [%04" PRIx64 ":%04" PRIx64 "]\n",
			subsystem & 0xffff, subsystem >> 16 & 0xffff);
}

/* bar   [10] = type Prefetchable Memory, range 64, base 0xfe800000, size 16384, enabled */
static void put_bar(FILE *out, struct word line)
{
	uint64_t reg, range = 32, base = 0, size;
	struct word w = word_after(line, "[");
	char text[32];

	if (!word_hex(w, &reg) || reg < PCI_BASE_ADDRESS_0 || reg > PCI_BASE_ADDRESS_5 || reg % 4 ||
	    !number_after(line, ", size ", &size) || !size)
		return;
	number_after(line, ", range ", &range);
	number_after(line, ", base ", &base);
	fprintf(out, "\tRegion %" PRIu64 ": ", (reg - PCI_BASE_ADDRESS_0) / 4);
	if (word_after(line, "type I/O").p)
		fprintf(out, "I/O ports at %04" PRIx64, base);
	else
		fprintf(out, "Memory at %08" PRIx64 " (%s, %sprefetchable)", base,
			range == 64 ? "64-bit" : "32-bit",
			word_after(line, "Prefetchable").p ? "" : "non-");
	fprintf(out, " [size=%s]\n", text_suffixed(size, text, sizeof(text)));
}

static void put_place(FILE *out, struct word line, const char *key, const char *name)
{
	struct word w = word_after(line, key);
	uint64_t map, offset;

	if (w.p && number_after(w, "map ", &map) && map >= PCI_BASE_ADDRESS_0 &&
	    number_after(w, "[", &offset))
		fprintf(out, "\t\t%s: BAR=%" PRIu64 " offset=%08" PRIx64 "\n", name,
			(map - PCI_BASE_ADDRESS_0) / 4, offset);
}

/* Table in map 0x10[0x3000], PBA in map 0x10[0x2000] */
static void put_places(FILE *out, struct word line)
{
	put_place(out, line, "Table in ", "Vector table");
	put_place(out, line, "PBA in ", "PBA");
}

/* cap 11[b0] = MSI-X supports 33 messages, enabled */
static void put_cap(FILE *out, struct word line)
{
	struct word w = word_after(line, "cap ");
	uint64_t id, pos, count;

	if (word_hex(w, &id) != 2 || !word_hex(word_after(w, "["), &pos))
		return;
	fprintf(out, "\tCapabilities: [%" PRIx64 "] ", pos);
	if (id == PCI_CAP_ID_MSIX && number_after(line, "supports ", &count))
		fprintf(out, "MSI-X: Enable%c Count=%" PRIu64 " Masked-\n",
			word_after(line, "enabled").p ? '+' : '-', count);
	else if (id == PCI_CAP_ID_MSI)
		fputs("MSI: Enable- Count=1/1 Maskable- 64bit+\n", out);
	else if (id == PCI_CAP_ID_EXP)
		fputs("Express (v2) Endpoint, MSI 00\n", out);
	else if (id == PCI_CAP_ID_PM)
		fputs("Power Management version 3\n", out);
	else
		fprintf(out, "#%02" PRIx64 "\n", id);
	put_places(out, line); /* in the same line, if it is long enough */
}

bool lspci_is_pciconf(struct word rest)
{
	struct pci_bdf bdf;
	struct word line;

	while (word_line(&rest, &line)) {
		if (is_device(lspci_trim(line), &bdf) && word_after(line, "class=").p)
			return true;
	}
	return false;
}

void lspci_put_pciconf(FILE *out, struct word rest)
{
	struct pci_bdf bdf;
	struct word line;

	while (word_line(&rest, &line)) {
		char spaced[512];
		size_t n = 0;

		/* columns are parted by tabs */
		for (; n < line.len && n < sizeof(spaced); n++)
			spaced[n] = line.p[n] == '\t' ? ' ' : line.p[n];
		line = lspci_trim((struct word){spaced, n});
		if (is_device(line, &bdf))
			put_device(out, line, &bdf);
		else if (word_starts(line, "bar "))
			put_bar(out, line);
		else if (word_starts(line, "cap "))
			put_cap(out, line);
		else
			put_places(out, line);
	}
}
