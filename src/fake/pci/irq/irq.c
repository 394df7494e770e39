/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts: GET_IRQ_INFO, and what SET_IRQS connected: vfio_pci_intrs.c's state. */
#include "fake/pci/irq/irq.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <string.h>

#include "core/le.h"
#include "core/pci_cfg.h"
#include "desc/desc.h"
#include "fake/log.h"
#include "fake/pci/dev.h"
#include "fake/pci/irq/event.h"
#include "fake/pci/mem.h"
#include "fake/user.h"

#define HOST_MSI_ADDRESS 0xfee00000U
#define HOST_MSI_DATA	 0x4020U

void irq_init(struct fake_dev *d)
{
	memset(&d->irqs, 0, sizeof(d->irqs));
	d->irqs.active = -1;
	for (unsigned int i = 0; i < FAKE_MSIX_MAX; i++)
		d->irqs.trigger[i].fd = -1;
	d->irqs.unmask.fd = d->irqs.err.fd = d->irqs.req.fd = -1;
}

void irq_disconnect_all(struct fake_dev *d)
{
	for (unsigned int i = 0; i < FAKE_MSIX_MAX; i++)
		event_clear(&d->irqs.trigger[i]);
	event_clear(&d->irqs.unmask);
	d->irqs.active = -1;
	d->irqs.vectors = 0;
	d->irqs.intx_masked = false;
}

void irq_release(struct fake_dev *d)
{
	irq_disconnect_all(d);
	event_clear(&d->irqs.err);
	event_clear(&d->irqs.req);
}

static uint16_t msi_cap(const struct fake_dev *d)
{
	return pci_cfg_find_cap(d->hw, PCI_CFG_SIZE, PCI_CAP_ID_MSI);
}

uint32_t irq_count(const struct fake_dev *d, uint32_t index)
{
	uint16_t pos;

	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		return d->hw[PCI_INTERRUPT_PIN] && !d->desc.vf;
	case VFIO_PCI_MSI_IRQ_INDEX:
		pos = msi_cap(d);
		return pos ? 1U << ((d->hw[pos + PCI_MSI_FLAGS] & PCI_MSI_FLAGS_QMASK) >> 1) : 0;
	case VFIO_PCI_MSIX_IRQ_INDEX:
		if (!d->msix.pos)
			return 0;
		return (le16_get(d->hw + d->msix.pos + PCI_MSIX_FLAGS) & PCI_MSIX_FLAGS_QSIZE) + 1U;
	case VFIO_PCI_ERR_IRQ_INDEX:
	case VFIO_PCI_REQ_IRQ_INDEX:
		return 1;
	default:
		return 0;
	}
}

static uint32_t irq_flags(const struct fake_dev *d, uint32_t index)
{
	uint32_t flags = VFIO_IRQ_INFO_EVENTFD;

	if (index == VFIO_PCI_INTX_IRQ_INDEX)
		flags |= VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED;
	else if (index != VFIO_PCI_MSIX_IRQ_INDEX || d->desc.msix_noresize)
		flags |= VFIO_IRQ_INFO_NORESIZE;
	return flags;
}

long irq_get_info(struct fake_dev *d, void *arg)
{
	struct vfio_irq_info info = {0};
	long ret = 0;

	if (user_read(&info, arg, sizeof(info)))
		return -EFAULT;
	if (info.argsz < sizeof(info) || info.index >= VFIO_PCI_NUM_IRQS)
		ret = -EINVAL;
	if (!ret) {
		info.flags = irq_flags(d, info.index);
		info.count = irq_count(d, info.index);
		ret = user_write(arg, &info, sizeof(info));
	}
	log_result(ret, "%s GET_IRQ_INFO index=%u count=%u flags=0x%x", d->name, info.index,
		   ret ? 0 : info.count, ret ? 0 : info.flags);
	return ret;
}

void irq_put_entry(struct fake_dev *d, uint32_t i, bool masked)
{
	uint64_t offset = d->msix.table_offset + PCI_MSIX_ENTRY_SIZE * (uint64_t)i;
	uint8_t entry[PCI_MSIX_ENTRY_SIZE] = {0};
	bool on = d->irqs.active == VFIO_PCI_MSIX_IRQ_INDEX && d->irqs.trigger[i].fd >= 0;

	if (d->msix.table_bir >= PCI_BARS ||
	    offset + sizeof(entry) > desc_bar_size(&d->desc, d->msix.table_bir))
		return;
	if (on) {
		le32_put(entry + PCI_MSIX_ENTRY_LOWER_ADDR, HOST_MSI_ADDRESS);
		le32_put(entry + PCI_MSIX_ENTRY_DATA, HOST_MSI_DATA + i);
	}
	entry[PCI_MSIX_ENTRY_VECTOR_CTRL] = masked;
	dev_mem_write(d, d->msix.table_bir, offset, entry, sizeof(entry));
}

static bool overlaps_table(const struct fake_dev *d, uint64_t offset)
{
	return d->msix.pba_bir == d->msix.table_bir && offset >= d->msix.table_offset &&
	       offset < d->msix.table_offset + pci_msix_table_size(d->msix.vectors);
}

void irq_set_pending(struct fake_dev *d, uint32_t i, bool pending)
{
	uint64_t offset = d->msix.pba_offset + i / 8;
	uint8_t byte;

	d->irqs.pending[i] = pending;
	if (!d->msix.pos || i >= d->msix.vectors || d->msix.pba_bir >= PCI_BARS ||
	    offset >= desc_bar_size(&d->desc, d->msix.pba_bir) || overlaps_table(d, offset))
		return;
	if (dev_mem_read(d, d->msix.pba_bir, offset, &byte, 1))
		return;
	byte = (uint8_t)(pending ? byte | 1 << i % 8 : byte & ~(1 << i % 8));
	dev_mem_write(d, d->msix.pba_bir, offset, &byte, 1);
}

void irq_restore_table(struct fake_dev *d)
{
	for (uint32_t i = 0; i < d->msix.vectors; i++)
		irq_put_entry(d, i, d->irqs.trigger[i].fd < 0);
}

void irq_mask_table(struct fake_dev *d)
{
	for (uint32_t i = 0; i < d->msix.vectors; i++)
		irq_put_entry(d, i, true);
}

/* Whether vector i is masked in the table itself, by the host or by a stray write. */
static bool entry_masked(struct fake_dev *d, uint32_t i)
{
	uint64_t offset = d->msix.table_offset + PCI_MSIX_ENTRY_SIZE * (uint64_t)i +
			  PCI_MSIX_ENTRY_VECTOR_CTRL;
	uint8_t ctrl;

	if (d->msix.table_bir >= PCI_BARS || offset >= desc_bar_size(&d->desc, d->msix.table_bir) ||
	    dev_mem_read(d, d->msix.table_bir, offset, &ctrl, 1))
		return false;
	return ctrl & PCI_MSIX_ENTRY_CTRL_MASKBIT;
}

static const char *fire_intx(struct fake_dev *d)
{
	if (d->irqs.active != VFIO_PCI_INTX_IRQ_INDEX)
		return "intx is off";
	if (d->irqs.intx_masked) {
		d->irqs.pending[0] = 1;
		return NULL;
	}
	d->irqs.intx_masked = true;
	event_signal(&d->irqs.trigger[0]);
	return NULL;
}

static const char *fire_msi(struct fake_dev *d, uint32_t index, uint32_t n)
{
	bool msix = index == VFIO_PCI_MSIX_IRQ_INDEX;

	if (d->irqs.active != (int)index)
		return msix ? "msix is off" : "msi is off";
	if (n >= irq_count(d, index))
		return "no such vector";
	if (msix && (d->irqs.trigger[n].fd < 0 || entry_masked(d, n)))
		irq_set_pending(d, n, true);
	else
		event_signal(&d->irqs.trigger[n]);
	return NULL;
}

const char *irq_fire(struct fake_dev *d, uint32_t index, uint32_t n)
{
	log_line("%s fire index=%u vector=%u", d->name, index, n);
	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		return fire_intx(d);
	case VFIO_PCI_ERR_IRQ_INDEX:
		return event_signal(&d->irqs.err) ? NULL : "no eventfd for err";
	case VFIO_PCI_REQ_IRQ_INDEX:
		return event_signal(&d->irqs.req) ? NULL : "no eventfd for req";
	default:
		return fire_msi(d, index, n);
	}
}
