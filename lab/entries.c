/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs in the guest, with the directory in sysfs of a device with MSI-X that no driver holds:
 *
 *   entries bytes DIRECTORY   what the guest sees: configuration space, where the BARs are and how
 *                             each begins, the MSI-X table
 *   entries table DIRECTORY   writes all of the table and reads it back; a line of facts
 *
 * No more is read of a BAR: past the registers of an emulated device nothing answers, and a guest
 * on Power takes that as a machine check; others keep what the last driver wrote.
 */
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BARS 6

static const char *directory;
static uint8_t config[256];

struct bar {
	uint64_t start, size, flags;
};

static int open_file(const char *name, int flags)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return open(path, flags);
}

static uint32_t config_dword(unsigned int at)
{
	uint32_t value; /* of a little-endian machine, as all are that run this */

	memcpy(&value, config + at, sizeof(value));
	return value;
}

static bool read_config(void)
{
	const int fd = open_file("config", O_RDONLY);
	const bool whole = fd >= 0 && read(fd, config, sizeof(config)) == (ssize_t)sizeof(config);

	close(fd);
	return whole;
}

static void read_bars(struct bar bars[BARS])
{
	FILE *file = fdopen(open_file("resource", O_RDONLY), "r");

	for (int i = 0; file && i < BARS; i++) {
		uint64_t end;

		if (fscanf(file, "%lx %lx %lx", &bars[i].start, &end, &bars[i].flags) != 3)
			break;
		bars[i].size = end ? end - bars[i].start + 1 : 0;
	}
	if (file)
		fclose(file);
}

/* NULL for one that is not memory. */
static volatile uint32_t *map(int bar, uint64_t size)
{
	char name[16];

	snprintf(name, sizeof(name), "resource%d", bar);

	const int fd = open_file(name, O_RDWR);
	void *got = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	close(fd);
	return got == MAP_FAILED ? NULL : got;
}

static unsigned int find_msix(void)
{
	unsigned int at = config[PCI_CAPABILITY_LIST];

	while (at && config[at] != PCI_CAP_ID_MSIX)
		at = config[at + 1];
	return at;
}

struct table {
	unsigned int vectors;
	volatile uint32_t *words; /* NULL: it can not be mapped */
};

static struct table map_table(const struct bar bars[BARS])
{
	const unsigned int cap = find_msix();
	const uint32_t place = config_dword(cap + PCI_MSIX_TABLE);
	const int bar = place & PCI_MSIX_TABLE_BIR;
	struct table table = {(config_dword(cap) >> 16 & PCI_MSIX_FLAGS_QSIZE) + 1, NULL};

	if (cap && bar < BARS)
		table.words = map(bar, bars[bar].size);
	if (table.words)
		table.words += (place & PCI_MSIX_TABLE_OFFSET) / 4;
	return table;
}

static bool print_bytes(const struct bar bars[BARS])
{
	const struct table table = map_table(bars);

	for (unsigned int at = 0; at < sizeof(config); at += 16)
		printf("bytes config %02x: %08x %08x %08x %08x\n", at, config_dword(at),
		       config_dword(at + 4), config_dword(at + 8), config_dword(at + 12));
	for (int i = 0; i < BARS; i++) {
		volatile uint32_t *words = bars[i].size ? map(i, bars[i].size) : NULL;

		printf("bytes bar%d: 0x%lx, 0x%lx bytes, 0x%lx", i, bars[i].start, bars[i].size,
		       bars[i].flags);
		for (int at = 0; words && at < 4; at++)
			printf(" %08x", words[at]);
		printf("\n");
	}
	for (unsigned int i = 0; table.words && i < 4 * table.vectors; i += 4)
		printf("bytes vector %u: %08x %08x %08x %08x\n", i / 4, table.words[i],
		       table.words[i + 1], table.words[i + 2], table.words[i + 3]);
	return table.words;
}

/* What each dword is given: no two alike, the vector masked, reserved bits 0. */
static uint32_t given(unsigned int i)
{
	return i % 4 == 3 ? 1 : 0x01020304 * (i % 61 + 1) & ~3U;
}

static bool print_table(const struct bar bars[BARS])
{
	const struct table table = map_table(bars);
	volatile uint32_t *words = table.words;
	unsigned int masked = 0, kept = 0;

	if (!words)
		return false;
	for (unsigned int i = 0; i < table.vectors; i++)
		masked += words[4 * i + 3] == 1;
	for (unsigned int i = 0; i < 4 * table.vectors; i++)
		words[i] = given(i);
	for (unsigned int i = 0; i < table.vectors; i++)
		kept += words[4 * i] == given(4 * i) && words[4 * i + 1] == given(4 * i + 1) &&
			words[4 * i + 2] == given(4 * i + 2) && words[4 * i + 3] == 1;
	for (unsigned int i = 0; i < 4 * table.vectors; i++)
		words[i] = i % 4 == 3;
	printf("%u vectors, %u masked, %u keep what is written\n", table.vectors, masked, kept);
	return true;
}

int main(int argc, char **argv)
{
	struct bar bars[BARS] = {0};

	if (argc != 3)
		return 2;
	directory = argv[2];
	if (!read_config())
		return 1;
	read_bars(bars);
	return strcmp(argv[1], "bytes") == 0 ? !print_bytes(bars) : !print_table(bars);
}
