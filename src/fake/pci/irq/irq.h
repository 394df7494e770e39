/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What irq.c (the interrupts' state) offers to irq_set.c (SET_IRQS). */
#ifndef FAKE_IRQ_H
#define FAKE_IRQ_H

#include "fake/fake.h"

/* INTx, MSI or MSI-X off, their eventfds let go. */
void irq_disconnect_all(struct fake_dev *d);
void irq_put_entry(struct fake_dev *d, uint32_t i, bool masked);
void irq_set_pending(struct fake_dev *d, uint32_t i, bool pending);

#endif
