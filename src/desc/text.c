/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "desc/text.h"

#include <inttypes.h>
#include <stdio.h>

/* Divides by 1024 up to `max` times, as long as nothing is lost. Returns how often. */
static unsigned int reduce(uint64_t *bytes, unsigned int max)
{
	unsigned int unit = 0;

	while (*bytes && *bytes % 1024 == 0 && unit < max) {
		*bytes /= 1024;
		unit++;
	}
	return unit;
}

char *text_size(uint64_t bytes, char *buf, size_t size)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	unsigned int unit = reduce(&bytes, 4);

	snprintf(buf, size, "%" PRIu64 " %s", bytes, units[unit]);
	return buf;
}

char *text_suffixed(uint64_t bytes, char *buf, size_t size)
{
	static const char *const suffixes[] = {"", "K", "M", "G", "T"};
	unsigned int unit = reduce(&bytes, 4);

	snprintf(buf, size, "%" PRIu64 "%s", bytes, suffixes[unit]);
	return buf;
}

char *text_number(uint64_t n, char *buf, size_t size)
{
	char digits[32];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	size_t out = 0;

	for (int i = 0; i < len && out + 2 < size; i++) {
		if (i && (len - i) % 3 == 0)
			buf[out++] = ',';
		buf[out++] = digits[i];
	}
	buf[out] = '\0';
	return buf;
}

const char *text_bar_type(const struct pci_bar *bar)
{
	switch (bar->kind) {
	case BAR_IO:
		return "I/O ports";
	case BAR_UNASSIGNED:
		return "no address";
	case BAR_MEM64:
		return bar->prefetchable ? "64-bit, prefetchable" : "64-bit";
	default:
		return bar->prefetchable ? "32-bit, prefetchable" : "32-bit";
	}
}
