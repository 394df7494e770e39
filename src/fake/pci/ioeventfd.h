/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Eventfds that write registers: vfio_pci_rdwr.c. The caller holds the lock. */
#ifndef FAKE_IOEVENTFD_H
#define FAKE_IOEVENTFD_H

#include <stdbool.h>
#include <stdint.h>

struct fake_dev;

#define FAKE_IOEVENTFDS 1000 /* VFIO_PCI_IOEVENTFD_MAX */

struct fake_ioeventfd {
	uint64_t pos;	/* in the device's file */
	uint64_t data;	/* what is written */
	uint32_t count; /* of so many bytes */
	bool used;
};

/*
 * vfio_pci_ioctl_ioeventfd(): adds one, or with fd -1 removes it. No write follows a signal. EINVAL
 * for a register in the MSI-X table as well, EEXIST, ENODEV, ENOSPC, EFAULT.
 */
long dev_ioeventfd(struct fake_dev *d, void *arg);

#endif
