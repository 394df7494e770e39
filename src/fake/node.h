/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nodes in /dev: VFIO's and the iommufd's. */
#ifndef FAKE_NODE_H
#define FAKE_NODE_H

/* Their numbers: the kernel's for the container and the iommufd, made up for the others. */
#define FAKE_MISC_MAJOR	 10
#define FAKE_VFIO_MINOR	 196
#define FAKE_IOMMU_MINOR 123
#define FAKE_GROUP_MAJOR 510
#define FAKE_CDEV_MAJOR	 511

/*
 * Opens /dev/NAME: the program's fd, or -errno; ENOENT if that is not a node of the fake's. Without
 * the lock.
 */
int fake_open_node(const char *name, int flags);

#endif
