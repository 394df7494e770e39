/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /dev/vfio/devices/vfioN: the ioctls of a device's own node: vfio's device_cdev.c. */
#include "fake/pci/cdev.h"

#include <errno.h>
#include <stddef.h>

#include "fake/file.h"
#include "fake/iommufd/abi.h"
#include "fake/iommufd/device.h"
#include "fake/iommufd/iommufd.h"
#include "fake/log.h"
#include "fake/pci/dev.h"
#include "fake/pci/dev_ioctl.h"
#include "fake/pci/feature.h"
#include "fake/state.h"
#include "fake/user.h"

/* vfio_device_block_group(), vfio_df_open(): a device whose group is open can't be bound. */
static long bind_checks(struct fake_ref *ref)
{
	if (fake_group_of(ref->dev)->open)
		return -EBUSY;
	return ref->way == FAKE_BOUND ? -EINVAL : 0;
}

static long bind_iommufd(struct fake_ref *ref, void *arg)
{
	struct fake_dev *d = ref->dev;
	struct fake_iommufd *i;
	struct abi_bind b;
	long ret;

	if (user_read(&b, arg, sizeof(b)))
		return -EFAULT;
	if (b.argsz < sizeof(b) || b.flags || b.iommufd < 0 || ref->way == FAKE_BY_GROUP)
		return -EINVAL;
	fake_collect();
	ret = bind_checks(ref);
	if (ret)
		return ret;
	i = iommufd_of_fd(b.iommufd, &ret);
	if (!i)
		return ret;
	if (d->open)
		return -EINVAL;
	ret = iommu_bind(d, i);
	if (ret)
		return ret;
	if (user_write((uint8_t *)arg + offsetof(struct abi_bind, out_devid), &d->devid,
		       sizeof(d->devid)))
		ret = -EFAULT;
	else
		ret = fake_file_bind(ref->fd);
	if (ret)
		iommu_unbind(d);
	else
		dev_open(d);
	return ret;
}

static long attach(struct fake_dev *d, void *arg, uint32_t *pt_id)
{
	struct abi_attach a;
	long ret;

	if (user_read(&a, arg, sizeof(a)))
		return -EFAULT;
	*pt_id = a.pt_id;
	if (a.argsz < sizeof(a) || a.flags)
		return -EINVAL;
	ret = iommu_attach(d, &a.pt_id);
	if (ret)
		return ret;
	*pt_id = a.pt_id;
	ret = user_write((uint8_t *)arg + offsetof(struct abi_attach, pt_id), pt_id,
			 sizeof(*pt_id));
	if (ret)
		iommu_detach(d);
	return ret;
}

static long detach(struct fake_dev *d, void *arg)
{
	struct abi_detach a;

	if (user_read(&a, arg, sizeof(a)))
		return -EFAULT;
	if (a.argsz < sizeof(a) || a.flags)
		return -EINVAL;
	iommu_detach(d);
	return 0;
}

long dev_file_ioctl(struct fake_ref *ref, unsigned int cmd, void *arg)
{
	struct fake_dev *d = ref->dev;
	uint32_t pt_id = 0;
	long ret;

	if (cmd == ABI_BIND_IOMMUFD) {
		ret = bind_iommufd(ref, arg);
		log_result(ret, "%s BIND_IOMMUFD", d->name);
		return ret;
	}
	if (ref->way == FAKE_UNBOUND) {
		log_result(-EINVAL, "%s ioctl 0x%x", d->name, cmd);
		return -EINVAL;
	}
	dev_wake(d);
	if (ref->way == FAKE_BOUND && cmd == ABI_ATTACH_IOMMUFD_PT) {
		ret = attach(d, arg, &pt_id);
		log_result(ret, "%s ATTACH_IOMMUFD_PT pt=%u", d->name, pt_id);
		return ret;
	}
	if (ref->way == FAKE_BOUND && cmd == ABI_DETACH_IOMMUFD_PT) {
		ret = detach(d, arg);
		log_result(ret, "%s DETACH_IOMMUFD_PT", d->name);
		return ret;
	}
	return dev_ioctl(d, cmd, arg);
}
