/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pread, pwrite and mmap on a device's file: vfio_pci_rdwr.c, vfio_pci_core_mmap(). `pos` is in the
 * file: a region's REGION_OFFSET() and the offset there. The caller holds the lock.
 */
#ifndef FAKE_RDWR_H
#define FAKE_RDWR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fake_dev;

#define FAKE_RW_MAX ((size_t)INT_MAX & ~(size_t)4095) /* MAX_RW_COUNT */

/* vfio_pci_core_read(), vfio_pci_core_write(): bytes, or -errno; and the line of the transcript. */
ssize_t dev_pread(struct fake_dev *d, void *user, size_t count, int64_t pos);
ssize_t dev_pwrite(struct fake_dev *d, const void *user, size_t count, int64_t pos);
/* The same on a file that is not bound to an iommufd yet: EINVAL. */
ssize_t dev_rw_refused(struct fake_dev *d, bool write, size_t count, int64_t pos);
/* What mmap of len bytes may do: 0 or -errno, as vfio_pci_core_mmap(). */
int dev_mmap_check(struct fake_dev *d, size_t len, int flags, int64_t pos);

#endif
