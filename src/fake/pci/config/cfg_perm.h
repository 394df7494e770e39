/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of configuration space is virtual and what can be written. The caller holds the lock. */
#ifndef FAKE_CFG_PERM_H
#define FAKE_CFG_PERM_H

struct fake_dev;

/*
 * Fills d->virt, d->write and d->cap_of from d->hw, and takes the capabilities that the kernel
 * hides out of the lists in d->vcfg: vfio_pci_init_perm_bits(), vfio_cap_init(), vfio_ecap_init().
 */
void cfg_perm_init(struct fake_dev *d);

#endif
