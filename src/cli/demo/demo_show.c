/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/columns.h"
#include "cli/demo/demo.h"
#include "cli/file.h"
#include "cli/names/names.h"
#include "core/le.h"
#include "desc/text.h"

#define RULE "--------------------------------------------"

/* Runs `print` for both sides into two columns; a side that was refused stays empty. */
static void both(const struct demo *demo,
		 void (*print)(FILE *out, const struct demo_side *side, int bar), int bar)
{
	struct columns c;

	if (columns_open(&c) < 0)
		return;
	if (!demo->without.refused)
		print(c.side[0], &demo->without, bar);
	print(c.side[1], &demo->with, bar);
	columns_print(&c);
}

static void print_bar(FILE *out, const struct demo_side *side, int i)
{
	const struct pci_bar *bar = &side->guest.bars[i];
	char size[32];

	if (bar->size)
		fprintf(out, "bar%d %9s  %s\n", i, text_size(bar->size, size, sizeof(size)),
			text_bar_type(bar));
}

static void print_lspci(FILE *out, const struct demo_side *side, int bar)
{
	static const char head[] = "Capabilities: ";
	const char *text = side->lspci ? side->lspci : "";

	for (; *text; text += strcspn(text, "\n") + 1) {
		const char *line = text;

		if (!strncmp(line, head, strlen(head)))
			line += strlen(head);
		while (*line == '\t')
			line++;
		fprintf(out, "%s%.*s\n", *text == '\t' ? "     " : "", (int)strcspn(line, "\n"),
			line);
	}
}

/* Whether the PBA, which has no separate region while nothing is pending, starts in `r`. */
static bool holds_pba(const struct guest *g, int bar, const struct guest_range *r)
{
	return r->backing != GUEST_PBA && g->msix.pba_bir == bar &&
	       g->msix.pba_offset >= r->start && g->msix.pba_offset < r->end;
}

static void print_view(FILE *out, const struct demo_side *side, int bar)
{
	const struct guest_view *view = &side->views[bar];
	uint64_t size = side->guest.bars[bar].size;
	int digits = size > 1ull << 32 ? 10 : size > 1 << 20 ? 8 : 5;

	for (size_t i = 0; i < view->count; i++) {
		const struct guest_range *r = &view->ranges[i];

		if (i == 0)
			fprintf(out, "bar%d", bar);
		fprintf(out, "%s %0*" PRIx64 "-%0*" PRIx64 "  %s", i ? "    " : "", digits,
			r->start, digits, r->end - 1, guest_backing_name(r->backing));
		if (holds_pba(&side->guest, bar, r))
			fprintf(out, " (PBA at %" PRIx32 ")", side->guest.msix.pba_offset);
		fputc('\n', out);
	}
}

static uint64_t direct_in_pages(const struct demo_side *side, uint64_t page)
{
	uint64_t bytes = 0;

	for (int i = 0; i < PCI_BARS; i++)
		bytes += guest_view_whole_pages(&side->views[i], page);
	return bytes;
}

static void print_direct(FILE *out, const struct demo_side *side, int bar)
{
	char direct[32], other[32];

	fprintf(out, "%9s of %s bytes\n", text_number(demo_direct(side), direct, sizeof(direct)),
		text_number(demo_total(side), other, sizeof(other)));
	for (uint64_t page = 4096; page <= 65536; page *= 16)
		fprintf(out, "%9s in whole pages of %s\n",
			text_number(direct_in_pages(side, page), direct, sizeof(direct)),
			text_size(page, other, sizeof(other)));
}

static void show_commands(const struct demo *demo)
{
	static const char run[] = "qemu-system-x86_64 -device vfio-pci,host=...";
	struct columns c;

	if (columns_open(&c) < 0)
		return;
	fprintf(c.side[0], "LD_PRELOAD=libfakevfio.so\n\n%s\n", run);
	fprintf(c.side[1], "LD_PRELOAD=libmsixshim.so:libfakevfio.so\nMSIXSHIM=bar%d\n%s\n",
		demo->device.target, run);
	columns_print(&c);
}

static void show_choice(const struct demo_device *device)
{
	if (*device->why)
		text_wrap(stdout, device->why, 2 * COLUMN_WIDTH + 2, 0);
}

static void show_heading(const struct demo *demo)
{
	const uint8_t *cfg = demo->with.guest.cfg;
	uint16_t vendor = le16_get(cfg), device = le16_get(cfg + 2);
	char name[160];

	lspci_name(vendor, device, name, sizeof(name));
	printf("%04x:%04x  %s\n", vendor, device, name);
	printf("made up by libfakevfio.so from %s\n", file_name(demo->device.description));
	show_choice(&demo->device);
	putchar('\n');
	printf("  %-*s  %s\n", COLUMN_WIDTH, "QEMU without the shim",
	       "the same QEMU with the shim");
	printf("  %s  %s\n", RULE, RULE);
	show_commands(demo);
}

static void show_refusal(const struct demo *demo)
{
	struct columns c;

	if (!demo->without.refused || columns_open(&c) < 0)
		return;
	fprintf(c.side[0], "QEMU refuses the device and exits:\n%s\n", demo->without.message);
	fprintf(c.side[1], "QEMU accepts the device\n");
	columns_print(&c);
}

static uint64_t gain(uint64_t before, uint64_t after)
{
	return after > before ? after - before : 0;
}

static void show_gain(const struct demo *demo)
{
	const struct demo_side *a = &demo->without, *b = &demo->with;
	char line[256], direct[32], small[32], large[32];

	if (a->refused)
		return;
	snprintf(line, sizeof(line),
		 "%s bytes became direct; under KVM, which maps whole pages, %s bytes on a host "
		 "with pages of 4 KiB and %s with pages of 64 KiB",
		 text_number(gain(demo_direct(a), demo_direct(b)), direct, sizeof(direct)),
		 text_number(gain(direct_in_pages(a, 4096), direct_in_pages(b, 4096)), small,
			     sizeof(small)),
		 text_number(gain(direct_in_pages(a, 65536), direct_in_pages(b, 65536)), large,
			     sizeof(large)));
	text_wrap(stdout, line, 2 * COLUMN_WIDTH + 2, 2);
}

void demo_show(const struct demo *demo)
{
	show_heading(demo);
	show_refusal(demo);
	printf("\nBARs, as the guest finds them by sizing\n");
	for (int i = 0; i < PCI_BARS; i++)
		both(demo, print_bar, i);
	printf("\nMSI-X capability, as lspci prints it\n");
	both(demo, print_lspci, 0);
	printf("\nFlat view of the BARs (info mtree -f): what an access of the guest meets\n");
	for (int i = 0; i < PCI_BARS; i++)
		both(demo, print_view, i);
	printf("\nBAR memory that is direct: an access reaches the device and does not leave the "
	       "guest\n");
	both(demo, print_direct, 0);
	show_gain(demo);
	printf("\nWhat the shim decided, and why\n");
	text_wrap(stdout, demo->with.log, 2 * COLUMN_WIDTH + 2, 2);
}
