/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VFIO_DEVICE_FEATURE, which is low power alone. The caller holds the lock. */
#ifndef FAKE_FEATURE_H
#define FAKE_FEATURE_H

struct fake_dev;

/* vfio_ioctl_device_feature(): 0 or -errno, ENOTTY for a feature that the fake does not have. */
long dev_feature(struct fake_dev *d, void *arg);
/* vfio_pci_core_runtime_resume(): the host resumes the device, because of an access. */
void dev_wake(struct fake_dev *d);

#endif
