/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pci_bdf.h"

#include "core/text/line.h"

static const char address_form[] = "an address is [SSSS:]BB:DD.F in hexadecimal, as 0000:01:00.0";

static const struct word_field segment_field = {1, 8, UINT32_MAX, "not a PCI segment",
						address_form};
static const struct word_field bus_field = {1, 2, 0xff, "not a bus number, 00 to ff", address_form};
static const struct word_field slot_field = {1, 2, 0x1f, "not a device number, 00 to 1f",
					     address_form};
static const struct word_field function_field = {1, 1, 7, "not a function number, 0 to 7",
						 address_form};

bool pci_bdf_read(struct word w, struct pci_bdf *ret, struct word_fault *fault)
{
	uint64_t segment = 0, bus, slot, function;

	if (word_count(w, ':') > 1 && !word_take_field(&w, &segment_field, ':', &segment, fault))
		return false;
	if (!word_take_field(&w, &bus_field, ':', &bus, fault) ||
	    !word_take_field(&w, &slot_field, '.', &slot, fault) ||
	    !word_take_field(&w, &function_field, 0, &function, fault))
		return false;
	*ret = (struct pci_bdf){(uint32_t)segment, (uint8_t)bus, (uint8_t)slot, (uint8_t)function};
	return true;
}

bool pci_bdf_parse(const char *text, size_t len, struct pci_bdf *ret)
{
	struct word_fault fault;

	return pci_bdf_read((struct word){text, len}, ret, &fault);
}

/* The address as one number, in the order of lspci. */
static uint64_t order(const struct pci_bdf *bdf)
{
	return (uint64_t)bdf->segment << 32 | (uint32_t)bdf->bus << 16 | (uint32_t)bdf->slot << 8 |
	       bdf->function;
}

bool pci_bdf_equal(const struct pci_bdf *a, const struct pci_bdf *b)
{
	return order(a) == order(b);
}

int pci_bdf_compare(const struct pci_bdf *a, const struct pci_bdf *b)
{
	uint64_t x = order(a), y = order(b);

	return x < y ? -1 : x > y;
}

char *pci_bdf_print(const struct pci_bdf *bdf, char buf[PCI_BDF_SIZE])
{
	struct line l;

	line_start(&l, buf, PCI_BDF_SIZE);
	line_hex(&l, bdf->segment, 4);
	line_text(&l, ":");
	line_hex(&l, bdf->bus, 2);
	line_text(&l, ":");
	line_hex(&l, bdf->slot, 2);
	line_text(&l, ".");
	line_hex(&l, bdf->function, 1);
	return buf;
}
