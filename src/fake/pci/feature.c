/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VFIO_DEVICE_FEATURE, of which there is low power alone: vfio_main.c, vfio_pci_core.c. The host
 * suspends the device at once, and wakes it for each access.
 */
#include "fake/pci/feature.h"

#include <errno.h>
#include <linux/vfio.h>

#include "fake/log.h"
#include "fake/pci/dev.h"
#include "fake/pci/irq/event.h"
#include "fake/pci/mem.h"
#include "fake/user.h"

#ifndef VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY
#define VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY		3
#define VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP 4
#define VFIO_DEVICE_FEATURE_LOW_POWER_EXIT		5
#endif

struct wakeup {
	int32_t eventfd;
	uint32_t reserved;
};

static long enter(struct fake_dev *d, struct fake_event wake)
{
	if (d->low_power) {
		event_clear(&wake);
		return -EINVAL;
	}
	d->low_power = true;
	d->wake = wake;
	dev_power_on(d);
	return 0;
}

static long enter_with_wakeup(struct fake_dev *d, const void *arg)
{
	struct fake_event wake = {.fd = -1};
	struct wakeup w;
	int error;

	if (user_read(&w, arg, sizeof(w)))
		return -EFAULT;
	if (w.eventfd < 0)
		return -EINVAL;
	return event_set(&wake, w.eventfd, &error) ? enter(d, wake) : error;
}

static void leave_low_power(struct fake_dev *d)
{
	event_clear(&d->wake);
	d->low_power = false;
	dev_update_gate(d);
}

/* A program that asked to be told of a wakeup has to ask for low power again. */
void dev_wake(struct fake_dev *d)
{
	if (d->low_power && event_signal(&d->wake))
		leave_low_power(d);
}

/* vfio_check_feature(), of features that can only be set: 1 if that is to be done. */
static long check(const struct vfio_device_feature *f, size_t size)
{
	if (f->flags & VFIO_DEVICE_FEATURE_GET)
		return -EINVAL;
	if (f->flags & VFIO_DEVICE_FEATURE_PROBE)
		return 0;
	if (!(f->flags & VFIO_DEVICE_FEATURE_SET) || f->argsz - sizeof(*f) < size)
		return -EINVAL;
	return 1;
}

/* vfio_pci_core_ioctl_feature() */
static long pci_feature(struct fake_dev *d, const struct vfio_device_feature *f, const void *data)
{
	uint32_t feature = f->flags & VFIO_DEVICE_FEATURE_MASK;
	bool wakeup = feature == VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP;
	long ret;

	if (feature < VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY ||
	    feature > VFIO_DEVICE_FEATURE_LOW_POWER_EXIT)
		return -ENOTTY;
	ret = check(f, wakeup ? sizeof(struct wakeup) : 0);
	if (ret != 1)
		return ret;
	if (wakeup)
		return enter_with_wakeup(d, data);
	if (feature == VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY)
		return enter(d, (struct fake_event){.fd = -1});
	leave_low_power(d);
	return 0;
}

static long device_feature(struct fake_dev *d, void *arg, struct vfio_device_feature *f)
{
	const uint32_t known = VFIO_DEVICE_FEATURE_MASK | VFIO_DEVICE_FEATURE_GET |
			       VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PROBE;
	const uint32_t both = VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_GET;

	if (user_read(f, arg, sizeof(*f)))
		return -EFAULT;
	if (f->argsz < sizeof(*f) || f->flags & ~known)
		return -EINVAL;
	if (!(f->flags & VFIO_DEVICE_FEATURE_PROBE) && (f->flags & both) == both)
		return -EINVAL;
	return pci_feature(d, f, (uint8_t *)arg + sizeof(*f));
}

long dev_feature(struct fake_dev *d, void *arg)
{
	struct vfio_device_feature f = {0};
	long ret = device_feature(d, arg, &f);

	log_result(ret, "%s FEATURE flags=0x%x", d->name, f.flags);
	return ret;
}
