/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/log/trace_text.h"

#include <inttypes.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/msix_place.h"
#include "core/text/errno_name.h"

/* Bytes that are shown of a transfer that is no number. */
#define DATA_MAX 16

void trace_add(struct trace_line *line, const char *format, ...)
{
	size_t room = sizeof(line->text) - line->len;
	va_list ap;

	va_start(ap, format);

	int n = vsnprintf(line->text + line->len, room, format, ap);

	va_end(ap);
	if (n > 0)
		line->len += (size_t)n < room ? (size_t)n : room - 1;
}

void trace_add_flags(struct trace_line *line, uint32_t flags, const struct trace_flag *names,
		     size_t n)
{
	const char *between = "";

	for (size_t i = 0; i < n; i++) {
		if ((flags & names[i].bits) != names[i].bits)
			continue;
		trace_add(line, "%s%s", between, names[i].name);
		between = "|";
		flags &= ~names[i].bits;
	}
	if (flags || !*between)
		trace_add(line, flags ? "%s0x%" PRIx32 : "%s%" PRIu32, between, flags);
}

void trace_add_result(struct trace_line *line, int64_t result)
{
	const char *name = result < 0 ? errno_name((int)-result) : NULL;

	if (result >= 0)
		trace_add(line, " = %" PRId64, result);
	else if (name)
		trace_add(line, " = -1 %s", name);
	else
		trace_add(line, " = -1 errno %" PRId64, -result);
}

void trace_add_fd(struct trace_line *line, int fd, const char *name)
{
	trace_add(line, name ? "%d<%s>" : "%d", fd, name);
}

void trace_add_region(struct trace_line *line, uint32_t index)
{
	if (index < PCI_BARS)
		trace_add(line, "bar%" PRIu32, index);
	else if (index == VFIO_PCI_ROM_REGION_INDEX)
		trace_add(line, "rom");
	else if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		trace_add(line, "config");
	else if (index == VFIO_PCI_VGA_REGION_INDEX)
		trace_add(line, "vga");
	else
		trace_add(line, "region%" PRIu32, index);
}

/* Where the registers of a type-0 header start; a gap is the register before. */
static const struct {
	uint8_t pos;
	const char *name;
} header[] = {
	{PCI_VENDOR_ID, "VENDOR"},
	{PCI_DEVICE_ID, "DEVICE"},
	{PCI_COMMAND, "COMMAND"},
	{PCI_STATUS, "STATUS"},
	{PCI_REVISION_ID, "REVISION"},
	{PCI_CLASS_PROG, "CLASS"},
	{PCI_CACHE_LINE_SIZE, "CACHE_LINE"},
	{PCI_LATENCY_TIMER, "LATENCY"},
	{PCI_HEADER_TYPE, "HEADER_TYPE"},
	{PCI_BIST, "BIST"},
	{PCI_BASE_ADDRESS_0, "BAR0"},
	{PCI_BASE_ADDRESS_1, "BAR1"},
	{PCI_BASE_ADDRESS_2, "BAR2"},
	{PCI_BASE_ADDRESS_3, "BAR3"},
	{PCI_BASE_ADDRESS_4, "BAR4"},
	{PCI_BASE_ADDRESS_5, "BAR5"},
	{PCI_CARDBUS_CIS, "CIS"},
	{PCI_SUBSYSTEM_VENDOR_ID, "SUBVENDOR"},
	{PCI_SUBSYSTEM_ID, "SUBDEVICE"},
	{PCI_ROM_ADDRESS, "ROM"},
	{PCI_CAPABILITY_LIST, "CAPABILITIES"},
	{PCI_INTERRUPT_LINE, "INTERRUPT_LINE"},
	{PCI_INTERRUPT_PIN, "INTERRUPT_PIN"},
	{PCI_MIN_GNT, "MIN_GNT"},
	{PCI_MAX_LAT, "MAX_LAT"},
};

static void add_config_register(struct trace_line *line, const struct vfio_dev *dev, uint64_t pos)
{
	uint64_t in_cap = pos - dev->msix.pos;
	const char *name = "";

	for (size_t i = 0; i < sizeof(header) / sizeof(header[0]) && header[i].pos <= pos; i++)
		name = header[i].name;
	if (pos < PCI_STD_HEADER_SIZEOF)
		trace_add(line, " %s", name);
	else if (dev->msix.pos && in_cap < PCI_CAP_MSIX_SIZEOF)
		trace_add(line, " MSI-X %s",
			  in_cap < PCI_MSIX_FLAGS   ? "header"
			  : in_cap < PCI_MSIX_TABLE ? "control"
			  : in_cap < PCI_MSIX_PBA   ? "table"
						    : "pba");
}

/* Byte `pos` of a table. */
static void add_entry(struct trace_line *line, const char *name, uint64_t pos)
{
	static const char *const fields[] = {"address", "address_hi", "data", "control"};

	trace_add(line, " %s[%" PRIu64 "].%s", name, pos / PCI_MSIX_ENTRY_SIZE,
		  fields[pos % PCI_MSIX_ENTRY_SIZE / 4]);
}

static void add_bar_structure(struct trace_line *line, const struct vfio_dev *dev, uint32_t bar,
			      uint64_t pos)
{
	const struct plan *plan = &dev->plan;
	const struct pci_msix *hw = &dev->msix;
	struct extent zone;

	if ((int)bar == plan->target && pos >= plan->phys_size && pos < plan->bar.size) {
		switch (plan_zone_at(plan, pos, &zone)) {
		case ZONE_TABLE:
			add_entry(line, "table", pos - plan->table.start);
			break;
		case ZONE_PBA:
			trace_add(line, " pba+0x%" PRIx64, pos - plan->pba.start);
			break;
		default:
			trace_add(line, " padding");
		}
		return;
	}

	const struct msix_place place = msix_place_in(hw, bar);

	if (extent_holds(place.table, pos))
		add_entry(line, "hw-table", pos - hw->table_offset);
	else if (extent_holds(place.pba, pos))
		trace_add(line, " hw-pba+0x%" PRIx64, pos - hw->pba_offset);
}

void trace_add_place(struct trace_line *line, const struct vfio_dev *dev, uint64_t offset)
{
	uint32_t index = vfio_dev_region_at(dev, offset);

	if (index == VFIO_DEV_NO_REGION) {
		trace_add(line, "0x%" PRIx64, offset);
		return;
	}

	uint64_t pos = offset - dev->region[index].offset;

	trace_add_region(line, index);
	trace_add(line, "+0x%" PRIx64, pos);
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		add_config_register(line, dev, pos);
	else if (index < PCI_BARS)
		add_bar_structure(line, dev, index, pos);
}

void trace_add_data(struct trace_line *line, const uint8_t *data, size_t len)
{
	if (len == 1 || len == 2 || len == 4 || len == 8) {
		trace_add(line, " 0x");
		for (size_t i = len; i > 0; i--)
			trace_add(line, "%02x", data[i - 1]);
		return;
	}
	for (size_t i = 0; i < len && i < DATA_MAX; i++)
		trace_add(line, " %02x", data[i]);
	if (len > DATA_MAX)
		trace_add(line, " ...");
}
