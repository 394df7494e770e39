/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hot reset of a bus: vfio_pci_core.c. */
#include "fake/pci/hot_reset.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stddef.h>
#include <sys/stat.h>

#include "fake/file.h"
#include "fake/iommufd/abi.h"
#include "fake/log.h"
#include "fake/pci/dev.h"
#include "fake/pci/group.h"
#include "fake/state.h"
#include "fake/sys.h"
#include "fake/user.h"

#define RESET_MINSZ offsetof(struct vfio_pci_hot_reset, group_fds)
#define INFO_MINSZ  offsetof(struct vfio_pci_hot_reset_info, devices)

static bool same_bus(const struct fake_dev *a, const struct fake_dev *b)
{
	return a->desc.bdf.segment == b->desc.bdf.segment && a->desc.bdf.bus == b->desc.bdf.bus;
}

/* A root bus has no bridge above it that could reset it. */
static bool bus_resettable(const struct fake_dev *d)
{
	return d->desc.bdf.bus && !d->desc.no_hot_reset;
}

static uint32_t collect_bus(const struct fake_dev *d, struct fake_dev **ret)
{
	struct fake_state *s = fake_state();
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->nr_devs; i++) {
		if (same_bus(d, &s->devs[i]))
			ret[n++] = &s->devs[i];
	}
	return n;
}

/*
 * vfio_iommufd_get_dev_id(): what the device is to the iommufd. One that is not bound
 * belongs to the iommufd that another device of its group is bound to.
 */
static uint32_t devid_of(const struct fake_dev *d, uint32_t iommufd)
{
	struct fake_state *s = fake_state();

	if (d->iommufd == iommufd)
		return d->devid;
	for (uint32_t n = 0; n < s->nr_devs; n++) {
		if (s->devs[n].iommufd == iommufd && s->devs[n].desc.group == d->desc.group)
			return ABI_DEVID_OWNED;
	}
	return ABI_DEVID_NOT_OWNED;
}

/* vfio_pci_fill_devs(): groups, or for one that its own node opened, ids in its iommufd. */
static uint32_t fill_entry(const struct fake_dev *asking, const struct fake_dev *d,
			   struct vfio_pci_dependent_device *e)
{
	uint32_t id = asking->cdev ? devid_of(d, asking->iommufd) : d->desc.group;

	*e = (struct vfio_pci_dependent_device){
		.group_id = id,
		.segment = (uint16_t)d->desc.bdf.segment,
		.bus = d->desc.bdf.bus,
		.devfn = (uint8_t)(d->desc.bdf.slot << 3 | d->desc.bdf.function),
	};
	return id;
}

static long hot_reset_info(struct fake_dev *d, void *arg, uint32_t *count)
{
	struct vfio_pci_hot_reset_info hdr = {0};
	struct vfio_pci_dependent_device entries[FAKE_DEVS];
	struct fake_dev *devs[FAKE_DEVS];

	if (user_read(&hdr, arg, INFO_MINSZ))
		return -EFAULT;
	if (hdr.argsz < INFO_MINSZ)
		return -EINVAL;
	if (!bus_resettable(d))
		return -ENODEV;
	*count = collect_bus(d, devs);

	bool fit = (hdr.argsz - INFO_MINSZ) / sizeof(entries[0]) >= *count, owned = true;

	for (uint32_t i = 0; i < *count; i++) {
		if (fill_entry(d, devs[i], &entries[i]) == ABI_DEVID_NOT_OWNED)
			owned = false;
	}
	hdr.flags = 0;
	if (d->cdev && fit)
		hdr.flags = ABI_HOT_RESET_DEV_ID | (owned ? ABI_HOT_RESET_DEV_ID_OWNED : 0);
	hdr.count = *count;
	if (user_write(arg, &hdr, INFO_MINSZ))
		return -EFAULT;
	if (!fit)
		return -ENOSPC;
	return user_write((uint8_t *)arg + INFO_MINSZ, entries, *count * sizeof(entries[0]));
}

long dev_hot_reset_info(struct fake_dev *d, void *arg)
{
	uint32_t count = 0;
	long ret = hot_reset_info(d, arg, &count);

	log_result(ret, "%s GET_PCI_HOT_RESET_INFO count=%u", d->name, count);
	return ret;
}

static struct fake_group *group_of_fd(int fd, long *error)
{
	struct stat st;
	struct fake_state *s = fake_state();

	*error = sys_fstat(fd, &st) ? -EBADF : -EINVAL;
	for (uint32_t i = 0; *error != -EBADF && i < s->nr_groups; i++) {
		struct fake_group *g = &s->groups[i];

		if (fake_file_is(&g->file, &st))
			return g;
	}
	return NULL;
}

/* Whether the groups that the fds are of hold all of devs: vfio_dev_in_groups(). */
static long groups_own(struct fake_dev **devs, uint32_t n, const int32_t *fds, uint32_t count)
{
	struct fake_group *groups[FAKE_DEVS];
	long error;

	for (uint32_t i = 0; i < count; i++) {
		groups[i] = group_of_fd(fds[i], &error);
		if (!groups[i])
			return error;
	}
	for (uint32_t i = 0; i < n; i++) {
		bool owned = false;

		for (uint32_t j = 0; j < count; j++)
			owned = owned || groups[j] == fake_group_of(devs[i]);
		if (!owned)
			return -EINVAL;
	}
	return 0;
}

static long iommufd_owns(struct fake_dev **devs, uint32_t n, uint32_t iommufd)
{
	for (uint32_t k = 0; k < n; k++) {
		if (devid_of(devs[k], iommufd) == ABI_DEVID_NOT_OWNED)
			return -EINVAL;
	}
	return 0;
}

static long hot_reset(struct fake_dev *d, void *arg)
{
	struct vfio_pci_hot_reset hdr = {0};
	struct fake_dev *devs[FAKE_DEVS];
	int32_t fds[FAKE_DEVS] = {0};
	uint32_t n;
	long ret;

	if (user_read(&hdr, arg, RESET_MINSZ))
		return -EFAULT;
	/* With a device that was opened by its own node, its iommufd says what is owned, not
	 * groups. */
	if (hdr.argsz < RESET_MINSZ || hdr.flags || !hdr.count != d->cdev)
		return -EINVAL;
	if (!bus_resettable(d))
		return -ENODEV;
	n = collect_bus(d, devs);
	if (hdr.count > n)
		return -EINVAL;
	if (user_read(fds, (uint8_t *)arg + RESET_MINSZ, hdr.count * sizeof(fds[0])))
		return -EFAULT;
	ret = d->cdev ? iommufd_owns(devs, n, d->iommufd) : groups_own(devs, n, fds, hdr.count);
	for (uint32_t i = 0; !ret && i < n; i++) {
		if (devs[i]->open)
			dev_reset(devs[i], "hot");
	}
	return ret;
}

long dev_hot_reset(struct fake_dev *d, void *arg)
{
	long ret = hot_reset(d, arg);

	log_result(ret, "%s PCI_HOT_RESET", d->name);
	return ret;
}
