/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices that are bound to an iommufd: iommufd's device.c. */
#include "fake/iommufd/device.h"

#include <errno.h>
#include <stdio.h>

#include "fake/iommu.h"
#include "fake/iommufd/abi.h"
#include "fake/iommufd/call.h"
#include "fake/iommufd/hw_pagetable.h"
#include "fake/iommufd/io_pagetable.h"
#include "fake/iommufd/iommufd.h"
#include "fake/pci/dev.h"
#include "fake/state.h"
#include "fake/user.h"

static struct iommu_object *object_of(const struct fake_dev *d)
{
	return &fake_iommufd_at(d->iommufd)->objects[d->devid - 1];
}

/* iommu_device_claim_dma_owner(): a group belongs to one owner. */
long iommu_bind(struct fake_dev *d, struct fake_iommufd *i)
{
	struct fake_state *s = fake_state();
	uint32_t place = fake_iommufd_place(i), id;

	for (uint32_t n = 0; n < s->nr_devs; n++) {
		const struct fake_dev *other = &s->devs[n];

		if (other->desc.group == d->desc.group && other->iommufd && other->iommufd != place)
			return -EPERM;
	}
	id = iommu_object_new(i, OBJ_DEVICE);
	if (!id)
		return -ENOMEM;
	i->objects[id - 1].group = d->desc.group;
	d->iommufd = place;
	d->devid = id;
	return 0;
}

void iommu_unbind(struct fake_dev *d)
{
	if (!d->iommufd)
		return;
	iommu_detach(d);
	object_of(d)->type = OBJ_NONE;
	d->iommufd = 0;
	d->devid = 0;
}

/* The page table that a group's devices share; 0 if none of them is attached. */
static uint32_t group_hwpt(const struct fake_iommufd *i, uint32_t group)
{
	for (unsigned int n = 0; n < IOMMU_OBJECTS; n++) {
		const struct iommu_object *o = &i->objects[n];

		if (o->type == OBJ_DEVICE && o->group == group && o->hwpt)
			return o->hwpt;
	}
	return 0;
}

/*
 * What iommufd_hw_pagetable_attach() and iommufd_device_do_replace() check, of a page table of
 * the IOAS; id is 0 for one that is yet to be made.
 */
static long can_use(const struct fake_dev *d, uint32_t ioas, uint32_t id)
{
	struct fake_iommufd *i = fake_iommufd_at(d->iommufd);
	const struct iommu_object *o = object_of(d);
	uint32_t old = group_hwpt(i, o->group);

	if (old && old != id && !o->hwpt)
		return -EINVAL;
	if (old && i->objects[old - 1].ioas == ioas)
		return 0;
	return iopt_can_reserve(i, ioas, FAKE_MSI_START, FAKE_MSI_LAST);
}

static long change_hwpt(struct fake_dev *d, uint32_t id)
{
	struct fake_iommufd *i = fake_iommufd_at(d->iommufd);
	struct iommu_object *o = object_of(d);
	uint32_t old = group_hwpt(i, o->group);
	long ret = can_use(d, i->objects[id - 1].ioas, id);

	if (ret)
		return ret;
	o->hwpt = id;
	if (old == id)
		return 0;
	for (unsigned int n = 0; n < IOMMU_OBJECTS; n++) {
		struct iommu_object *other = &i->objects[n];

		if (other->type == OBJ_DEVICE && other->group == o->group && other->hwpt)
			other->hwpt = id;
	}
	hwpt_put(i, old);
	return 0;
}

/* iommufd_device_auto_get_domain() */
static long auto_hwpt(struct fake_dev *d, uint32_t *pt_id)
{
	struct fake_iommufd *i = fake_iommufd_at(d->iommufd);
	uint32_t ioas = *pt_id;
	long ret;

	for (uint32_t id = 1; id <= IOMMU_OBJECTS; id++) {
		const struct iommu_object *o = &i->objects[id - 1];

		if (o->type != OBJ_HWPT || o->ioas != ioas || !o->automatic)
			continue;
		*pt_id = id;
		return change_hwpt(d, id);
	}
	/* The first one is attached before it is filled, one that replaces another after that. */
	ret = object_of(d)->hwpt ? 0 : can_use(d, ioas, 0);
	if (!ret)
		ret = hwpt_new(i, ioas, true, pt_id);
	if (ret)
		return ret;
	ret = change_hwpt(d, *pt_id);
	if (ret)
		iommu_object_remove(i, *pt_id);
	return ret;
}

/* iommufd_device_change_pt() */
long iommu_attach(struct fake_dev *d, uint32_t *pt_id)
{
	const struct iommu_object *o = iommu_object(fake_iommufd_at(d->iommufd), *pt_id, OBJ_NONE);

	if (!o)
		return -ENOENT;
	switch (o->type) {
	case OBJ_HWPT:
		return change_hwpt(d, *pt_id);
	case OBJ_IOAS:
		return auto_hwpt(d, pt_id);
	default:
		return -EINVAL;
	}
}

void iommu_detach(struct fake_dev *d)
{
	struct iommu_object *o = object_of(d);
	uint32_t old = o->hwpt;

	o->hwpt = 0;
	hwpt_put(fake_iommufd_at(d->iommufd), old);
}

static long clear_user(uint64_t address, uint32_t len)
{
	static const uint8_t zeros[4096];
	long ret = 0;

	for (uint32_t done = 0; !ret && done < len; done += sizeof(zeros)) {
		size_t n = len - done < sizeof(zeros) ? len - done : sizeof(zeros);

		ret = user_write(user_pointer(address + done), zeros, n);
	}
	return ret;
}

/* iommufd_get_hw_info(), of an IOMMU driver that tells nothing: IOMMU_HW_INFO_TYPE_NONE. */
long iommu_hw_info(struct iommu_call *call)
{
	struct abi_hw_info *h = &call->args.hw_info;

	snprintf(call->details, sizeof(call->details), " dev=%u", h->dev_id);
	if (h->flags || h->reserved[0] || h->reserved[1] || h->reserved[2])
		return -EOPNOTSUPP;
	if (!iommu_object(call->i, h->dev_id, OBJ_DEVICE))
		return -ENOENT;
	if (clear_user(h->data_uptr, h->data_len))
		return -EFAULT;
	h->data_len = 0;
	h->out_data_type = 0;
	h->out_max_pasid_log2 = 0;
	h->out_capabilities = 0;
	return iommu_respond(call, sizeof(*h));
}
