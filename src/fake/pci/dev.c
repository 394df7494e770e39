/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One device: its regions, its power, its opens and resets. */
#include "fake/pci/dev.h"

#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <string.h>

#include "core/le.h"
#include "core/pci_cfg.h"
#include "desc/desc.h"
#include "fake/iommufd/device.h"
#include "fake/log.h"
#include "fake/page.h"
#include "fake/pci/config/cfg.h"
#include "fake/pci/irq/event.h"
#include "fake/pci/irq/irq.h"
#include "fake/pci/mem.h"
#include "fake/state.h"

uint64_t dev_region_size(const struct fake_dev *d, unsigned int index)
{
	if (index < PCI_BARS)
		return desc_bar_size(&d->desc, index);
	if (index == VFIO_PCI_ROM_REGION_INDEX)
		return d->desc.rom_size;
	return index == VFIO_PCI_CONFIG_REGION_INDEX ? d->desc.cfg_size : 0;
}

bool dev_bar_mappable(const struct fake_dev *d, unsigned int bar)
{
	const struct desc_bar *b = &d->desc.bars[bar];
	const struct fake_state *s = fake_state();
	struct extent rest;

	if (!pci_bar_is_memory(&b->bar) || b->dropped || b->nommap || !b->bar.size ||
	    !desc_bar_page(&d->desc, bar, page_size(), &rest))
		return false;
	for (uint32_t i = 0; i < s->nr_devs; i++) {
		if (desc_is_in(&s->devs[i].desc, rest))
			return false;
	}
	return true;
}

static unsigned int power_state(const struct fake_dev *d)
{
	uint16_t pm = pci_cfg_find_cap(d->hw, PCI_CFG_SIZE, PCI_CAP_ID_PM);

	if (!pm || pm > PCI_CFG_SIZE - PCI_PM_SIZEOF)
		return 0;
	return d->hw[pm + PCI_PM_CTRL] & PCI_PM_CTRL_STATE_MASK;
}

bool dev_in_d0(const struct fake_dev *d)
{
	return power_state(d) == 0;
}

bool dev_memory_enabled(const struct fake_dev *d)
{
	if (power_state(d) == 3)
		return false;
	return d->desc.vf || le16_get(d->vcfg + PCI_COMMAND) & PCI_COMMAND_MEMORY;
}

void dev_open(struct fake_dev *d)
{
	uint16_t command;

	d->open = true;
	d->cdev = d->iommufd && !fake_group_of(d)->open;
	memcpy(d->hw, d->desc.cfg, sizeof(d->hw));
	command = le16_get(d->hw + PCI_COMMAND) & ~PCI_COMMAND_MASTER;
	if (!d->desc.vf)
		command |= PCI_COMMAND_MEMORY;
	le16_put(d->hw + PCI_COMMAND, command);
	memset(&d->msix, 0, sizeof(d->msix));
	pci_cfg_msix(d->hw, d->desc.cfg_size, &d->msix);
	memset(d->ioeventfds, 0, sizeof(d->ioeventfds));
	irq_init(d);
	d->low_power = false;
	d->wake.fd = -1;
	cfg_init(d);
	dev_mem_open(d);
	dev_update_gate(d);
	dev_mem_fill(d);
	log_line("%s open", d->name);
}

void dev_release(struct fake_dev *d)
{
	irq_release(d);
	event_clear(&d->wake);
	d->open = false;
	iommu_unbind(d);
	log_line("%s release", d->name);
}

void dev_power_on(struct fake_dev *d)
{
	uint16_t pm = pci_cfg_find_cap(d->hw, PCI_CFG_SIZE, PCI_CAP_ID_PM);

	if (pm && pm <= PCI_CFG_SIZE - PCI_PM_SIZEOF)
		d->hw[pm + PCI_PM_CTRL] &= (uint8_t)~PCI_PM_CTRL_STATE_MASK;
	dev_update_gate(d);
}

void dev_reset(struct fake_dev *d, const char *why)
{
	log_line("%s reset %s", d->name, why);
	dev_power_on(d);
	if (d->msix.pos && d->desc.msix_after_reset) {
		uint8_t *flags = d->hw + d->msix.pos + PCI_MSIX_FLAGS;

		le16_put(flags, (le16_get(flags) & ~PCI_MSIX_FLAGS_QSIZE) |
					(d->desc.msix_after_reset - 1));
	}
	memset(d->irqs.pending, 0, sizeof(d->irqs.pending));
	dev_mem_fill(d);
}

void dev_lose_state(struct fake_dev *d)
{
	dev_reset(d, "behind");
	if (!d->desc.vf)
		d->hw[PCI_COMMAND] = 0;
	memset(d->hw + PCI_BASE_ADDRESS_0, 0, 4 * PCI_BARS);
	if (!d->msix.pos)
		return;
	d->hw[d->msix.pos + PCI_MSIX_FLAGS + 1] &=
		(uint8_t) ~((PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) >> 8);
	irq_mask_table(d);
}
