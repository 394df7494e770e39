/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables of an iommufd: iommufd's hw_pagetable.c. */
#include "fake/iommufd/hw_pagetable.h"

#include <errno.h>
#include <stdio.h>

#include "fake/iommufd/abi.h"
#include "fake/iommufd/call.h"
#include "fake/iommufd/io_pagetable.h"
#include "fake/iommufd/iommufd.h"

long hwpt_new(struct fake_iommufd *i, uint32_t ioas, bool automatic, uint32_t *id)
{
	long ret = iopt_can_add_domain(i, ioas);

	if (ret)
		return ret;
	*id = iommu_object_new(i, OBJ_HWPT);
	if (!*id)
		return -ENOMEM;
	i->objects[*id - 1].ioas = ioas;
	i->objects[*id - 1].automatic = automatic;
	return 0;
}

void hwpt_put(struct fake_iommufd *i, uint32_t id)
{
	if (id && i->objects[id - 1].automatic)
		iommu_object_remove(i, id);
}

long hwpt_alloc(struct iommu_call *call)
{
	struct abi_hwpt_alloc *a = &call->args.hwpt_alloc;
	const struct iommu_object *pt;
	long ret;

	snprintf(call->details, sizeof(call->details), " dev=%u pt=%u flags=0x%x", a->dev_id,
		 a->pt_id, a->flags);
	if (a->reserved)
		return -EOPNOTSUPP;
	if (!a->data_type != !a->data_len)
		return -EINVAL;
	if (!iommu_object(call->i, a->dev_id, OBJ_DEVICE))
		return -ENOENT;
	pt = iommu_object(call->i, a->pt_id, OBJ_NONE);
	if (!pt || pt->type == OBJ_DEVICE)
		return -EINVAL;
	if (pt->type == OBJ_HWPT || a->flags || a->data_len)
		return -EOPNOTSUPP;
	ret = hwpt_new(call->i, a->pt_id, false, &a->out_hwpt_id);
	if (ret)
		return ret;
	ret = iommu_respond(call, sizeof(*a));
	if (ret)
		iommu_object_remove(call->i, a->out_hwpt_id);
	return ret;
}
