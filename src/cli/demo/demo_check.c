/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/demo/demo.h"

static int untrue(struct demo *demo, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int untrue(struct demo *demo, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(demo->error, sizeof(demo->error), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int check_refusal(struct demo *demo)
{
	enum demo_expectation expected = demo->device.without_shim;

	if (demo->without.refused && expected == DEMO_ACCEPTS)
		return untrue(demo, "QEMU without the shim refuses the device: %s",
			      demo->without.message);
	if (!demo->without.refused && expected == DEMO_REFUSES)
		return untrue(demo, "QEMU without the shim was expected to refuse this device");
	return 0;
}

/* The structures stand in the target BAR, inside of it, aligned, apart from each other. */
static int check_capability(struct demo *demo)
{
	const struct guest *g = &demo->with.guest;
	const struct pci_msix *m = &g->msix;
	int target = demo->device.target;
	uint64_t table_end = m->table_offset + pci_msix_table_size(m->vectors);
	uint64_t pba_end = m->pba_offset + pci_msix_pba_size(m->vectors);

	if (!g->has_msix)
		return untrue(demo, "the guest sees no MSI-X capability with the shim");
	if (m->table_bir != target || m->pba_bir != target)
		return untrue(demo, "table in bar%d and PBA in bar%d instead of bar%d",
			      m->table_bir, m->pba_bir, target);
	if (g->bars[target].kind == BAR_MEM32 && !g->addr[target])
		return untrue(demo, "the demo's guest has no room for bar%d below 4 GiB", target);
	if (!guest_bar_mapped(g, target))
		return untrue(demo, "bar%d is not a memory BAR", target);
	if (table_end > g->bars[target].size || pba_end > g->bars[target].size)
		return untrue(demo, "the structures reach beyond the end of bar%d", target);
	if (m->table_offset < pba_end && m->pba_offset < table_end)
		return untrue(demo, "table and PBA overlap in bar%d", target);
	return 0;
}

/* No structure stands on what the target BAR already held, nor on memory of the device. */
static int check_apart(struct demo *demo)
{
	const struct pci_msix *m = &demo->with.guest.msix;
	int target = demo->device.target;
	const struct guest_view *view = &demo->with.views[target];
	uint64_t first = m->table_offset < m->pba_offset ? m->table_offset : m->pba_offset;

	if (!demo->without.refused && first < demo->without.guest.bars[target].size)
		return untrue(demo, "the structures overlap registers of bar%d", target);
	for (size_t i = 0; i < view->count; i++)
		if (view->ranges[i].backing == GUEST_DIRECT && view->ranges[i].end > first)
			return untrue(demo, "device memory is mapped over the structures in bar%d",
				      target);
	return 0;
}

/* QEMU shows its emulated table exactly where the capability says, and nowhere else. */
static int check_table_view(struct demo *demo)
{
	const struct demo_side *with = &demo->with;
	uint64_t size = pci_msix_table_size(with->guest.msix.vectors), bytes = 0;
	bool found = false;

	for (int bar = 0; bar < PCI_BARS; bar++) {
		const struct guest_view *view = &with->views[bar];

		bytes += guest_view_bytes(view, GUEST_TABLE);
		for (size_t i = 0; bar == demo->device.target && i < view->count; i++)
			found |= view->ranges[i].backing == GUEST_TABLE &&
				 view->ranges[i].start == with->guest.msix.table_offset;
	}
	if (!found || bytes != size)
		return untrue(demo, "the flat view does not show the table where it should be");
	return 0;
}

/* Whether each direct byte of `before` is direct in `after`. */
static bool direct_kept(const struct guest_view *before, const struct guest_view *after)
{
	for (size_t i = 0; i < before->count; i++) {
		const struct guest_range *r = &before->ranges[i];

		for (size_t k = 0; k < after->count; k++) {
			const struct guest_range *s = &after->ranges[k];

			if (r->backing == GUEST_DIRECT && s->backing != GUEST_DIRECT &&
			    r->start < s->end && s->start < r->end)
				return false;
		}
	}
	return true;
}

static int check_bars_kept(struct demo *demo)
{
	for (int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *a = &demo->without.guest.bars[i];
		const struct pci_bar *b = &demo->with.guest.bars[i];
		bool shown_anew = i == demo->device.target || b->kind == BAR_UPPER;

		if (!shown_anew && (a->kind != b->kind || a->size != b->size ||
				    a->prefetchable != b->prefetchable))
			return untrue(demo, "bar%d is not the target and changed", i);
		if (!direct_kept(&demo->without.views[i], &demo->with.views[i]))
			return untrue(demo, "a direct part of bar%d is no longer direct", i);
	}
	return 0;
}

/* Apart from BAR registers and table and PBA offsets configuration space is the same. */
static int check_cfg_kept(struct demo *demo)
{
	const struct guest *a = &demo->without.guest, *b = &demo->with.guest;
	uint32_t cap = b->msix.pos + PCI_MSIX_TABLE;

	if (a->cfg_len != b->cfg_len)
		return untrue(demo, "configuration space has another size with the shim");
	for (uint32_t i = 0; i < a->cfg_len; i++) {
		bool bar = i >= PCI_BASE_ADDRESS_0 && i < PCI_BASE_ADDRESS_0 + 4 * PCI_BARS;
		bool offsets = i >= cap && i < cap + 8;

		if (!bar && !offsets && a->cfg[i] != b->cfg[i])
			return untrue(demo, "byte 0x%x of configuration space changed", i);
	}
	return 0;
}

/* lspci's words are those of the capability that was checked. */
static int check_lspci(struct demo *demo)
{
	const struct pci_msix *m = &demo->with.guest.msix;
	char table[64], pba[64];

	snprintf(table, sizeof(table), "Vector table: BAR=%d offset=%08x", m->table_bir,
		 m->table_offset);
	snprintf(pba, sizeof(pba), "PBA: BAR=%d offset=%08x", m->pba_bir, m->pba_offset);
	if (!demo->with.lspci || !strstr(demo->with.lspci, table) || !strstr(demo->with.lspci, pba))
		return untrue(demo, "lspci does not print '%s' and '%s'", table, pba);
	return 0;
}

int demo_check(struct demo *demo)
{
	static int (*const always[])(struct demo *) = {
		check_refusal, check_capability, check_apart, check_table_view, check_lspci,
	};
	static int (*const compared[])(struct demo *) = {check_bars_kept, check_cfg_kept};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(always) / sizeof(always[0]); i++)
		rc = always[i](demo);
	for (size_t i = 0; !rc && !demo->without.refused && i < 2; i++)
		rc = compared[i](demo);
	if (!rc && !demo->without.refused && demo_direct(&demo->with) < demo_direct(&demo->without))
		rc = untrue(demo, "fewer bytes are direct with the shim");
	return rc;
}
