/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pci_bdf.h"

#include "core/policy_priv.h"

bool pci_bdf_parse(const char *text, size_t len, struct pci_bdf *ret)
{
	struct policy_fault fault;
	struct selector sel;

	if (!selector_parse((struct policy_span){text, len}, &sel, &fault) ||
	    sel.kind != SELECT_ADDRESS)
		return false;
	*ret = (struct pci_bdf){sel.dev.segment, sel.dev.bus, sel.dev.slot, sel.dev.function};
	return true;
}

/* The address as one number, in the order of lspci. */
static uint64_t order(const struct pci_bdf *bdf)
{
	return (uint64_t)bdf->segment << 32 | (uint32_t)bdf->bus << 16 |
	       (uint32_t)bdf->slot << 8 | bdf->function;
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

/* Prints at least `min` hexadecimal digits and then `end`. Returns what follows. */
static char *put_hex(char *p, uint32_t value, unsigned int min, char end)
{
	unsigned int digits = min;

	while (digits < 8 && value >> 4 * digits)
		digits++;
	while (digits--)
		*p++ = "0123456789abcdef"[value >> 4 * digits & 15];
	*p++ = end;
	return p;
}

char *pci_bdf_print(const struct pci_bdf *bdf, char buf[PCI_BDF_SIZE])
{
	char *p = put_hex(buf, bdf->segment, 4, ':');

	p = put_hex(p, bdf->bus, 2, ':');
	p = put_hex(p, bdf->slot, 2, '.');
	put_hex(p, bdf->function, 1, '\0');
	return buf;
}
