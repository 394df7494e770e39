/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device's interrupts: the state of vfio_pci_intrs.c, and the host's MSI-X table. The caller
 * holds the lock.
 */
#ifndef FAKE_IRQ_H
#define FAKE_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "fake/pci/irq/event.h"

struct fake_dev;

#define FAKE_MSIX_MAX 2048

struct fake_irqs {
	int active;	  /* VFIO_PCI_{INTX,MSI,MSIX}_IRQ_INDEX, or -1 */
	uint32_t vectors; /* MSI, MSI-X: allocated */
	uint8_t msi_qmax; /* log2 of MSI's, rounded up, when it was last on */
	struct fake_event trigger[FAKE_MSIX_MAX]; /* of the active index */
	uint8_t pending[FAKE_MSIX_MAX];
	struct fake_event unmask; /* INTx */
	bool intx_masked;
	struct fake_event err;
	struct fake_event req;
};

/* No interrupt is on and no eventfd is there. */
void irq_init(struct fake_dev *d);
/* All off, and each eventfd let go. */
void irq_release(struct fake_dev *d);
/* The same of INTx, MSI or MSI-X, whichever is on: err and req stay. */
void irq_disconnect_all(struct fake_dev *d);
/* vfio_pci_get_irq_count() */
uint32_t irq_count(const struct fake_dev *d, uint32_t index);
/* vfio_pci_ioctl_get_irq_info(): 0, EINVAL, EFAULT. */
long irq_get_info(struct fake_dev *d, void *arg);
/* The device raises an interrupt; NULL, or the reason why it can't. */
const char *irq_fire(struct fake_dev *d, uint32_t index, uint32_t n);

/* Writes entry i of the physical table as the host keeps it, if the BAR has it. */
void irq_put_entry(struct fake_dev *d, uint32_t i, bool masked);
/* Writes all entries: those without an eventfd are masked. */
void irq_restore_table(struct fake_dev *d);
/* Each entry as after a reset. */
void irq_mask_table(struct fake_dev *d);
/* Sets or clears the pending bit of vector i, in the PBA too unless the table is there. */
void irq_set_pending(struct fake_dev *d, uint32_t i, bool pending);

#endif
