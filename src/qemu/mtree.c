/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of QEMU's `info mtree -f`:
 *
 *   FlatView #1
 *    AS "memory", root: system
 *    Root memory region: system
 *     0000010000000000-000001000000dfff (prio 0, ramd): 0000:01:00.0 BAR 1 mmaps[0]
 *     000001000000e000-000001000000e5ff (prio 0, i/o): msix-table
 *
 * Source: mtree_print_flatview() in QEMU's softmmu/memory.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/align.h"
#include "qemu/guest.h"
#include "qemu/qemu.h"

const char *guest_backing_name(enum guest_backing backing)
{
	static const char *const names[] = {
		[GUEST_NOTHING] = "nothing",  [GUEST_DIRECT] = "direct", [GUEST_IO] = "i/o",
		[GUEST_TABLE] = "msix-table", [GUEST_PBA] = "msix-pba",
	};

	return names[backing];
}

uint64_t guest_view_bytes(const struct guest_view *view, enum guest_backing backing)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < view->count; i++)
		if (view->ranges[i].backing == backing)
			bytes += view->ranges[i].end - view->ranges[i].start;
	return bytes;
}

uint64_t guest_view_whole_pages(const struct guest_view *view, uint64_t page)
{
	uint64_t size = view->count ? view->ranges[view->count - 1].end : 0, bytes = 0;

	if (size < page)
		return guest_view_bytes(view, GUEST_DIRECT) == size ? size : 0;
	for (size_t i = 0; i < view->count; i++) {
		const struct guest_range *r = &view->ranges[i];
		uint64_t start = align_up(r->start, page), end = align_down(r->end, page);

		if (r->backing == GUEST_DIRECT && start < end)
			bytes += end - start;
	}
	return bytes;
}

static bool is_blank(const char *line)
{
	return line[strspn(line, " \r")] == '\n' || *line == '\0';
}

/* The first range line of the view that belongs to the address space "memory". */
static const char *memory_view(const char *mtree)
{
	const char *line = strstr(mtree, "AS \"memory\"");

	line = line ? strstr(line, "Root memory region") : NULL;
	line = line ? strchr(line, '\n') : NULL;
	return line ? line + 1 : "";
}

static enum guest_backing backing_of(const char *kind, const char *name)
{
	if (!strncmp(name, "msix-table", strlen("msix-table")))
		return GUEST_TABLE;
	if (!strncmp(name, "msix-pba", strlen("msix-pba")))
		return GUEST_PBA;
	/*
	 * vfio-pci's container of a BAR has no access functions: it shows where nothing else does.
	 */
	if (strstr(name, " base BAR "))
		return GUEST_NOTHING;
	return strcmp(kind, "i/o") ? GUEST_DIRECT : GUEST_IO;
}

/* Adds [start, end), joined to the range before where the backing is the same. */
static void append(struct guest_view *view, uint64_t start, uint64_t end,
		   enum guest_backing backing)
{
	struct guest_range *last = view->count ? &view->ranges[view->count - 1] : NULL;

	if (start >= end)
		return;
	if (last && (last->backing == backing || view->count == GUEST_RANGES))
		last->end = end;
	else
		view->ranges[view->count++] = (struct guest_range){start, end, backing};
}

void guest_view_parse(const char *mtree, uint64_t addr, uint64_t size, struct guest_view *ret)
{
	uint64_t done = 0;

	ret->count = 0;
	for (const char *line = memory_view(mtree); !is_blank(line);) {
		uint64_t first, last;
		char kind[16], name[64];

		if (sscanf(line, " %" SCNx64 "-%" SCNx64 " (prio %*d, %15[^)]): %63[^\n]", &first,
			   &last, kind, name) == 4 &&
		    last >= addr && first <= addr + (size - 1)) {
			uint64_t start = first > addr ? first - addr : 0;
			uint64_t end = last - addr < size ? last - addr + 1 : size;

			append(ret, done, start, GUEST_NOTHING);
			append(ret, start, end, backing_of(kind, name));
			done = end;
		}

		const char *nl = strchr(line, '\n');

		line = nl ? nl + 1 : "";
	}
	append(ret, done, size, GUEST_NOTHING);
}

int guest_views(struct guest *guest, struct guest_view *views)
{
	char *text;
	int rc = qemu_hmp(guest->qemu, "info mtree -f", &text);

	if (rc < 0)
		return rc;
	for (int i = 0; i < PCI_BARS; i++) {
		views[i].count = 0;
		if (guest_bar_mapped(guest, i))
			guest_view_parse(text, guest->addr[i], guest->bars[i].size, &views[i]);
	}
	free(text);
	return 0;
}
