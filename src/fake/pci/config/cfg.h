/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space as vfio_pci_config.c virtualises it. The caller holds the lock. */
#ifndef FAKE_CFG_H
#define FAKE_CFG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fake_dev;

/* vfio_config_init(): the virtual space of a device whose d->hw is that of a fresh open. */
void cfg_init(struct fake_dev *d);
/*
 * vfio_pci_config_rw(): count bytes at pos of the space. Returns count, or -EFAULT, also for what
 * runs over the end.
 */
ssize_t cfg_read(struct fake_dev *d, void *user, size_t count, uint64_t pos);
/* The same; a write may reset the device, and opens or closes the memory gate. */
ssize_t cfg_write(struct fake_dev *d, const void *user, size_t count, uint64_t pos);

#endif
