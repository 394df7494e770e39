/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "root_port.h"

#include <linux/pci_regs.h>

#define BUS 1u /* the number of its bus */

/* Ports, 32-bit memory and 64-bit memory. */
static const struct {
	uint16_t offset, width;
	uint32_t value;
} registers[] = {
	{PCI_PRIMARY_BUS, 4, BUS << 16 | BUS << 8},
	{PCI_IO_BASE, 2, ((GUEST_PORT_END - 1) & 0xf000) | GUEST_PORT_BASE >> 8},
	{PCI_MEMORY_BASE, 4, ((GUEST_HIGH_END - 1) & 0xfff00000) | GUEST_LOW_BASE >> 16},
	{PCI_PREF_MEMORY_BASE, 4, 0xfff0u << 16 | (uint16_t)(GUEST_WIDE_BASE >> 16)},
	{PCI_PREF_BASE_UPPER32, 4, GUEST_WIDE_BASE >> 32},
	{PCI_PREF_LIMIT_UPPER32, 4, 0xffffffff},
	{PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER},
};

int root_port_open(struct guest *guest, struct qemu *qemu, uint8_t devfn, bool ecam)
{
	struct guest port = {.qemu = qemu, .devfn = devfn};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(registers) / sizeof(registers[0]); i++)
		rc = guest_cfg_set(&port, registers[i].offset, registers[i].width,
				   registers[i].value);
	return rc < 0 ? rc : guest_open(guest, qemu, BUS, 0, ecam);
}
