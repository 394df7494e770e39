/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A description as its users see it: facts for the planner, a device for the rules. */
#include "desc/desc.h"

/* vfio-pci puts region i, the six BARs, the ROM and the configuration space, at i times this. */
#define REGION_DISTANCE (UINT64_C(1) << 40)
#define ROM_REGION	6U
#define CONFIG_REGION	7U

uint64_t desc_bar_size(const struct desc *d, unsigned int bar)
{
	const struct desc_bar *b = &d->bars[bar];

	return b->dropped ? 0 : b->bar.size;
}

bool desc_bar_page(const struct desc *d, unsigned int bar, uint64_t page_size, struct extent *rest)
{
	const struct desc_bar *b = &d->bars[bar];

	*rest = (struct extent){0, 0};
	if (b->bar.size >= page_size)
		return true;
	*rest = (struct extent){b->address + b->bar.size, b->address + page_size};
	return !(b->address & (page_size - 1));
}

bool desc_is_in(const struct desc *d, struct extent bytes)
{
	struct extent rom = {d->rom_address, (uint64_t)d->rom_address + d->rom_size};

	if (d->rom_address && extent_overlaps(rom, bytes))
		return true;
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct desc_bar *b = &d->bars[i];
		struct extent e = {b->address, b->address + desc_bar_size(d, i)};

		if (pci_bar_is_memory(&b->bar) && b->address && extent_overlaps(e, bytes))
			return true;
	}
	return false;
}

static uint64_t room_after(const struct desc *d, unsigned int bar)
{
	unsigned int next = bar + 1;

	while (next < PCI_BARS && desc_bar_size(d, next) == 0)
		next++;
	if (next == ROM_REGION && d->rom_size == 0)
		next = CONFIG_REGION;
	return (next - bar) * REGION_DISTANCE;
}

void desc_facts(const struct desc *d, uint64_t page_size, struct plan_facts *ret)
{
	*ret = (struct plan_facts){.page_size = page_size};
	pci_cfg_msix(d->cfg, d->cfg_size, &ret->msix);
	pci_cfg_ids(d->cfg, d->cfg_size, &ret->ids);
	ret->resizable = pci_cfg_resizable(d->cfg, d->cfg_size);
	ret->registers = pci_cfg_registers(d->cfg, d->cfg_size);
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		struct pci_bar *bar = &ret->bars[i];

		ret->room[i] = room_after(d, i);
		*bar = d->bars[i].bar;
		bar->size = desc_bar_size(d, i);
		if (d->bars[i].unassigned)
			*bar = (struct pci_bar){.kind = BAR_UNASSIGNED, .size = bar->size};
	}
	pci_bars_settle(ret->bars);
}

void desc_policy_device(const struct desc *d, struct policy_device *ret)
{
	*ret = (struct policy_device){
		.address = POLICY_ADDRESS_PCI,
		.bdf = d->bdf,
	};
	pci_cfg_ids(d->cfg, d->cfg_size, &ret->ids);
}
