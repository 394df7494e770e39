/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "generate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/pci_cfg.h"

struct generator {
	uint64_t state;
	FILE *out;
	struct pci_bar bars[PCI_BARS];
	int huge; /* BARs of 512 MiB and more; two 32-bit ones would not find room below 4 GiB */
};

/* splitmix64 */
static uint64_t next_random(struct generator *g)
{
	uint64_t z = g->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* [0, n) */
static uint64_t below(struct generator *g, uint64_t n)
{
	return next_random(g) % n;
}

static bool percent(struct generator *g, unsigned int n)
{
	return below(g, 100) < n;
}

static void ids(struct generator *g, unsigned int number)
{
	static const char *const classes[] = {"010802", "020000", "030000",
					      "0c0330", "0880ff", "120000"};

	fprintf(g->out, "device 0000:01:00.0\nid 1b36:%04x\nsubsystem 1af4:%04x\n", number,
		(unsigned int)below(g, 0x10000));
	fprintf(g->out, "revision %02x\nclass %s\n", (unsigned int)below(g, 256),
		classes[below(g, sizeof(classes) / sizeof(classes[0]))]);
}

/* A power of two: mostly a few pages, at times less than one, at times very large. */
static uint64_t memory_size(struct generator *g, bool wide)
{
	unsigned int kind = (unsigned int)below(g, 100);

	if (kind < 12)
		return 128ull << below(g, 5);
	if (kind < 70)
		return 4096ull << below(g, 5);
	if (kind < 90 || (g->huge && !wide))
		return (128ull << 10) << below(g, 8);
	g->huge++;
	return (1ull << 29) << below(g, wide ? 6 : 2);
}

static void memory_options(struct generator *g, struct pci_bar *bar)
{
	bar->prefetchable = percent(g, 30);
	if (bar->prefetchable)
		fputs(" prefetchable", g->out);
	if (percent(g, 10))
		fputs(" nommap", g->out);
	else if (percent(g, 6))
		fputs(" unassigned", g->out);
	else if (bar->size >= 16384 && percent(g, 8))
		fputs(" sparse 0+0x1000 0x2000+0x1000", g->out);
	fputc('\n', g->out);
}

/* Fills slot `i`. Returns how many slots that took. */
static int slot(struct generator *g, int i)
{
	struct pci_bar *bar = &g->bars[i];
	unsigned int kind = (unsigned int)below(g, 100);

	if (kind < 30)
		return 1;
	if (kind < 40) {
		*bar = (struct pci_bar){.kind = BAR_IO, .size = 4ull << below(g, 7)};
		fprintf(g->out, "bar %d io %" PRIu64 "%s\n", i, bar->size,
			percent(g, 20) ? " dropped" : "");
		return 1;
	}
	bar->kind = kind < 65 || i == PCI_BARS - 1 ? BAR_MEM32 : BAR_MEM64;
	bar->size = memory_size(g, bar->kind == BAR_MEM64);
	fprintf(g->out, "bar %d %s %" PRIu64, i, bar->kind == BAR_MEM64 ? "mem64" : "mem32",
		bar->size);
	memory_options(g, bar);
	return bar->kind == BAR_MEM64 ? 2 : 1;
}

/* A memory BAR, -1 if there is none. */
static int any_memory_bar(struct generator *g)
{
	int found = -1, n = 0;

	for (int i = 0; i < PCI_BARS; i++)
		if ((g->bars[i].kind == BAR_MEM32 || g->bars[i].kind == BAR_MEM64) &&
		    below(g, (uint64_t)++n) == 0)
			found = i;
	return found;
}

static unsigned int vectors(struct generator *g)
{
	switch (below(g, 5)) {
	case 0:
		return 1 + (unsigned int)below(g, 8);
	case 1:
		return 64 * (1 + (unsigned int)below(g, 4)) + (unsigned int)below(g, 2);
	case 2:
		return 2048 - (unsigned int)below(g, 2) * (unsigned int)below(g, 1024);
	default:
		return 9 + (unsigned int)below(g, 120);
	}
}

/* Where `size` bytes go in `room`: at a page, or at any QWORD; at times behind the end. */
static uint64_t place(struct generator *g, uint64_t room, uint64_t size)
{
	uint64_t align = percent(g, 50) ? 4096 : 8, last = 0xfffffff8;

	if (room > size && percent(g, 95))
		last = room - size;
	if (last > 0x7fffffff)
		last = 0x7fffffff;
	return below(g, last / align + 1) * align;
}

static void msix(struct generator *g, unsigned int n)
{
	int bar = any_memory_bar(g);

	if (bar < 0)
		return;

	int pba_bar = percent(g, 80) ? bar : any_memory_bar(g);
	uint64_t table_size = pci_msix_table_size((uint16_t)n);

	/* A table that cannot fit is broken in a way that devices are not: fewer vectors. */
	while (n > 1 && table_size > g->bars[bar].size && percent(g, 90)) {
		n /= 2;
		table_size = pci_msix_table_size((uint16_t)n);
	}

	/* At times the capability points to a slot that is no memory BAR. */
	int table_bar = percent(g, 95) ? bar : (int)below(g, PCI_BARS);
	uint64_t table = place(g, g->bars[bar].size, table_size);
	uint64_t pba = percent(g, 40) && pba_bar == bar
			       ? table + table_size
			       : place(g, g->bars[pba_bar].size, pci_msix_pba_size((uint16_t)n));

	fprintf(g->out, "msix at 0xb0 vectors %u table %d:0x%" PRIx64 " pba %d:0x%" PRIx64, n,
		table_bar, table, pba_bar, pba);
	if (percent(g, 10))
		fprintf(g->out, " after-reset %u", 1 + (unsigned int)below(g, 2048));
	fputs(percent(g, 20) ? " noresize\n" : "\n", g->out);
}

static void resizable_bars(struct generator *g)
{
	for (int i = 0; i < PCI_BARS; i++) {
		if (g->bars[i].kind == BAR_MEM64 && g->bars[i].size >= 1 << 20) {
			fprintf(g->out, "rebar %d\n", i);
			return;
		}
	}
}

static void capabilities(struct generator *g)
{
	if (percent(g, 70))
		fputs("pm at 0x40\n", g->out);
	if (percent(g, 70)) {
		fprintf(g->out, "pcie at 0x70%s\n", percent(g, 50) ? " flr" : "");
		if (percent(g, 50))
			fputs("extcap 0003 1 11 22 33 44 55 66 77 88\n", g->out);
		resizable_bars(g);
	}
	if (percent(g, 30))
		fputs("msi at 0x50 vectors 4 64bit mask\n", g->out);
	if (percent(g, 20))
		fputs("no msix-mappable\n", g->out);
	if (percent(g, 10))
		fputs("no reset\n", g->out);
	if (percent(g, 15))
		fputs("vf\n", g->out);
	if (percent(g, 15))
		fputs("rom 64K\n", g->out);
	if (percent(g, 95))
		msix(g, vectors(g));
}

int generate(const char *dir, unsigned int number, unsigned long seed)
{
	struct generator g = {.state = seed << 32 | number};
	char path[4096];

	snprintf(path, sizeof(path), "%s/gen-%lu-%02u.desc", dir, seed, number);
	g.out = fopen(path, "w");
	if (!g.out)
		return -errno;
	ids(&g, number);
	for (int i = 0; i < PCI_BARS;)
		i += slot(&g, i);
	capabilities(&g);
	return fclose(g.out) ? -errno : 0;
}
