/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A group's ioctls: vfio's group.c. */
#include "fake/pci/group.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/stat.h>

#include "fake/file.h"
#include "fake/iommufd/device.h"
#include "fake/iommufd/iommufd.h"
#include "fake/iommufd/vfio_compat.h"
#include "fake/log.h"
#include "fake/pci/container.h"
#include "fake/pci/dev.h"
#include "fake/state.h"
#include "fake/sys.h"
#include "fake/user.h"

#define NAME_SIZE 4096

/* vfio_group_has_iommu() */
static bool has_iommu(const struct fake_group *g)
{
	return g->container || g->iommufd;
}

static long get_status(struct fake_group *g, void *arg)
{
	struct vfio_group_status status = {0};

	if (user_read(&status, arg, sizeof(status)))
		return -EFAULT;
	if (status.argsz < sizeof(status))
		return -EINVAL;
	status.flags =
		VFIO_GROUP_FLAGS_VIABLE | (has_iommu(g) ? VFIO_GROUP_FLAGS_CONTAINER_SET : 0);
	return user_write(arg, &status, sizeof(status));
}

static long set_container(struct fake_group *g, void *arg)
{
	struct fake_state *s = fake_state();
	struct fake_iommufd *iommufd;
	struct stat st;
	int32_t fd = -1;
	long ret = 0;

	if (user_read(&fd, arg, sizeof(fd)))
		return -EFAULT;
	if (fd < 0)
		return -EINVAL;
	if (sys_fstat(fd, &st))
		return -EBADF;
	if (has_iommu(g))
		return -EINVAL;
	for (unsigned int i = 0; i < FAKE_CONTAINERS; i++) {
		struct fake_container *c = &s->containers[i];

		if (c->open && fake_file_is(&c->file, &st)) {
			g->container = fake_container_place(c);
			return 0;
		}
	}
	iommufd = iommufd_of_fd(fd, &ret);
	if (iommufd)
		ret = iommufd_vfio_create(iommufd);
	if (!ret)
		g->iommufd = fake_iommufd_place(iommufd);
	return ret;
}

void group_detach(struct fake_group *g)
{
	struct fake_state *s = fake_state();
	uint32_t place = g->container;
	struct fake_container *c = fake_container_at(place);

	g->container = g->iommufd = 0;
	for (uint32_t i = 0; i < s->nr_groups; i++) {
		if (s->groups[i].container == place)
			return;
	}
	if (!c)
		return;
	c->iommu = 0;
	c->nr_mappings = 0;
}

static long unset_container(struct fake_group *g)
{
	struct fake_state *s = fake_state();

	fake_collect();
	if (!has_iommu(g))
		return -EINVAL;
	for (uint32_t i = 0; g->container && i < s->nr_devs; i++) {
		if (s->devs[i].open && s->devs[i].desc.group == g->number)
			return -EBUSY;
	}
	group_detach(g);
	return 0;
}

/*
 * vfio_pci_core_match(): "ADDRESS[ vf_token=UUID]". A token is refused like any other
 * option where no physical function on vfio-pci has set one.
 */
static long match(struct fake_group *g, char *name, struct fake_dev **ret)
{
	size_t len = strcspn(name, " ");
	const char *option = name + len;

	*ret = fake_dev_named(name, len);
	if (!*ret || (*ret)->desc.group != g->number || len != strlen((*ret)->name))
		return -ENODEV;
	option += strspn(option, " ");
	return *option ? -EINVAL : 0;
}

/* vfio_df_iommufd_bind(), if the group's container is an iommufd: attaches to its IOAS. */
static long first_open(struct fake_dev *d, struct fake_iommufd *i)
{
	uint32_t pt_id = i->vfio_ioas;
	long ret = iommu_bind(d, i);

	if (!ret) {
		ret = pt_id ? iommu_attach(d, &pt_id) : -ENODEV;
		if (ret)
			iommu_unbind(d);
	}
	return ret;
}

static long get_device_fd(struct fake_group *g, const void *arg, char *name)
{
	struct fake_dev *d;
	size_t len = 0;
	long ret;

	do {
		if (len == NAME_SIZE - 1)
			return -EINVAL;
		if (user_read(name + len, (const char *)arg + len, 1))
			return -EFAULT;
	} while (name[len++]);
	fake_collect();
	ret = match(g, name, &d);
	if (ret)
		return ret;
	if (!g->iommufd && (!g->container || !fake_container_at(g->container)->iommu))
		return -EINVAL;
	/* A process that is not an ancestor of this one has it open. */
	if (d->open && fake_file_fd(&d->file) < 0)
		return -EBUSY;
	if (g->iommufd && !d->open)
		ret = first_open(d, fake_iommufd_at(g->iommufd));
	if (!ret)
		ret = fake_file_open(&d->file, REGION_OFFSET(VFIO_PCI_NUM_REGIONS), O_CLOEXEC);
	if (ret >= 0 && !d->open)
		dev_open(d);
	else if (!d->open)
		iommu_unbind(d);
	return ret;
}

long group_ioctl(struct fake_group *g, unsigned int cmd, void *arg)
{
	char name[NAME_SIZE] = "";
	long ret;

	switch (cmd) {
	case VFIO_GROUP_GET_STATUS:
		ret = get_status(g, arg);
		log_result(ret, "group %u GET_STATUS", g->number);
		return ret;
	case VFIO_GROUP_SET_CONTAINER:
		ret = set_container(g, arg);
		log_result(ret, "group %u SET_CONTAINER", g->number);
		return ret;
	case VFIO_GROUP_UNSET_CONTAINER:
		ret = unset_container(g);
		log_result(ret, "group %u UNSET_CONTAINER", g->number);
		return ret;
	case VFIO_GROUP_GET_DEVICE_FD:
		ret = get_device_fd(g, arg, name);
		log_result(ret < 0 ? ret : 0, "group %u GET_DEVICE_FD %.40s", g->number, name);
		return ret;
	default:
		log_result(-ENOTTY, "group %u ioctl 0x%x", g->number, cmd);
		return -ENOTTY;
	}
}
