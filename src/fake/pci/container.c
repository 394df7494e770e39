/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A container's ioctls: vfio's container.c. */
#include "fake/pci/container.h"

#include <errno.h>
#include <linux/vfio.h>

#include "fake/pci/type1.h"
#include "fake/state.h"

static bool has_groups(const struct fake_container *c)
{
	struct fake_state *s = fake_state();
	uint32_t place = fake_container_place(c);

	for (uint32_t i = 0; i < s->nr_groups; i++) {
		if (s->groups[i].container == place)
			return true;
	}
	return false;
}

static long check_extension(const struct fake_container *c, unsigned long extension)
{
	return extension == VFIO_DMA_CC_IOMMU ? c->iommu != 0 : type1_has(extension);
}

static long set_iommu(struct fake_container *c, unsigned long type)
{
	if (!has_groups(c) || c->iommu)
		return -EINVAL;
	if (type != VFIO_TYPE1_IOMMU && type != VFIO_TYPE1v2_IOMMU)
		return -ENODEV;
	c->iommu = (unsigned int)type;
	return 0;
}

/* vfio_fops_unl_ioctl(): what the container does not know is the IOMMU driver's. */
long container_ioctl(struct fake_container *c, unsigned int cmd, void *arg)
{
	unsigned long value = (unsigned long)(uintptr_t)arg;
	long ret = -EINVAL;

	switch (cmd) {
	case VFIO_GET_API_VERSION:
		ret = VFIO_API_VERSION;
		break;
	case VFIO_CHECK_EXTENSION:
		ret = check_extension(c, value);
		break;
	case VFIO_SET_IOMMU:
		ret = set_iommu(c, value);
		break;
	default:
		if (c->iommu)
			return type1_ioctl(c, cmd, arg);
		break;
	}
	type1_log(ret, "container", cmd, value);
	return ret;
}
