/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /dev/iommu: its objects, and the table of its ioctls: iommufd's main.c. */
#include "fake/iommufd/iommufd.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake/file.h"
#include "fake/iommufd/abi.h"
#include "fake/iommufd/call.h"
#include "fake/iommufd/device.h"
#include "fake/iommufd/hw_pagetable.h"
#include "fake/iommufd/io_pagetable.h"
#include "fake/iommufd/ioas.h"
#include "fake/iommufd/vfio_compat.h"
#include "fake/log.h"
#include "fake/state.h"
#include "fake/sys.h"
#include "fake/user.h"

uint32_t iommu_object_new(struct fake_iommufd *i, enum iommu_type type)
{
	for (uint32_t id = 1; id <= IOMMU_OBJECTS; id++) {
		struct iommu_object *o = &i->objects[id - 1];

		if (o->type != OBJ_NONE)
			continue;
		*o = (struct iommu_object){.type = type};
		return id;
	}
	return 0;
}

struct iommu_object *iommu_object(struct fake_iommufd *i, uint32_t id, enum iommu_type type)
{
	struct iommu_object *o = id && id <= IOMMU_OBJECTS ? &i->objects[id - 1] : NULL;

	if (!o || o->type == OBJ_NONE || (type != OBJ_NONE && o->type != type))
		return NULL;
	return o;
}

/* A device is in use by its driver as long as it is there. */
static bool is_used(const struct fake_iommufd *i, uint32_t id)
{
	bool used = i->objects[id - 1].type == OBJ_DEVICE;

	for (unsigned int n = 0; n < IOMMU_OBJECTS && !used; n++) {
		const struct iommu_object *o = &i->objects[n];

		used = (o->type == OBJ_HWPT && o->ioas == id) ||
		       (o->type == OBJ_DEVICE && o->hwpt == id);
	}
	return used;
}

long iommu_object_remove(struct fake_iommufd *i, uint32_t id)
{
	struct iommu_object *o = iommu_object(i, id, OBJ_NONE);
	uint64_t unmapped;

	if (!o)
		return -ENOENT;
	if (is_used(i, id))
		return -EBUSY;
	if (i->vfio_ioas == id)
		i->vfio_ioas = 0;
	if (o->type == OBJ_IOAS)
		iopt_unmap(i, id, 0, UINT64_MAX, &unmapped);
	o->type = OBJ_NONE;
	return 0;
}

static long do_destroy(struct iommu_call *call)
{
	uint32_t id = call->args.destroy.id;

	snprintf(call->details, sizeof(call->details), " id=%u", id);
	return iommu_object_remove(call->i, id);
}

/* iommufd_option_rlimit_mode() */
static long rlimit_mode(struct fake_iommufd *i, struct abi_option *o)
{
	bool empty = true;

	if (o->object_id)
		return -EOPNOTSUPP;
	if (o->op == ABI_OPTION_GET)
		o->val64 = i->account_mm;
	if (o->op != ABI_OPTION_SET)
		return o->op == ABI_OPTION_GET ? 0 : -EOPNOTSUPP;
	if (geteuid() != 0)
		return -EPERM;
	for (unsigned int n = 0; n < IOMMU_OBJECTS; n++)
		empty = empty && i->objects[n].type == OBJ_NONE;
	if (!empty)
		return -EBUSY;
	if (o->val64 > 1)
		return -EINVAL;
	i->account_mm = o->val64;
	return 0;
}

/* iommufd_ioas_option() */
static long huge_pages(struct fake_iommufd *i, struct abi_option *o)
{
	struct iommu_object *ioas = iommu_object(i, o->object_id, OBJ_IOAS);

	if (!ioas)
		return -ENOENT;
	if (o->op == ABI_OPTION_GET)
		o->val64 = !ioas->small_pages;
	if (o->op != ABI_OPTION_SET)
		return o->op == ABI_OPTION_GET ? 0 : -EOPNOTSUPP;
	if (o->val64 > 1)
		return -EINVAL;
	return iopt_set_small_pages(i, o->object_id, !o->val64);
}

static long do_option(struct iommu_call *call)
{
	struct abi_option *o = &call->args.option;
	long ret = -EOPNOTSUPP;

	snprintf(call->details, sizeof(call->details), " option=%u op=%u", o->option_id, o->op);
	if (o->reserved)
		return -EOPNOTSUPP;
	if (o->option_id == ABI_OPTION_RLIMIT_MODE)
		ret = rlimit_mode(call->i, o);
	else if (o->option_id == ABI_OPTION_HUGE_PAGES)
		ret = huge_pages(call->i, o);
	if (ret)
		return ret;
	return user_write((uint8_t *)call->user + offsetof(struct abi_option, val64), &o->val64,
			  sizeof(o->val64));
}

static long do_vfio_ioas(struct iommu_call *call)
{
	struct abi_vfio_ioas *v = &call->args.vfio_ioas;

	snprintf(call->details, sizeof(call->details), " op=%u", v->op);
	if (v->reserved)
		return -EOPNOTSUPP;
	switch (v->op) {
	case ABI_VFIO_IOAS_GET:
		v->ioas_id = call->i->vfio_ioas;
		return v->ioas_id ? iommu_respond(call, sizeof(*v)) : -ENODEV;
	case ABI_VFIO_IOAS_SET:
		if (!iommu_object(call->i, v->ioas_id, OBJ_IOAS))
			return -ENOENT;
		call->i->vfio_ioas = v->ioas_id;
		return 0;
	case ABI_VFIO_IOAS_CLEAR:
		call->i->vfio_ioas = 0;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

struct operation {
	unsigned int cmd;
	const char *name;
	size_t size;
	size_t min_size; /* the size in the first kernel that had it */
	long (*run)(struct iommu_call *call);
};

#define END_OF(type, member) (offsetof(struct type, member) + sizeof(((struct type *)0)->member))

static const struct operation operations[] = {
	{ABI_DESTROY, "DESTROY", sizeof(struct abi_destroy), END_OF(abi_destroy, id), do_destroy},
	{ABI_IOAS_ALLOC, "IOAS_ALLOC", sizeof(struct abi_ioas_alloc),
	 END_OF(abi_ioas_alloc, out_ioas_id), ioas_alloc},
	{ABI_IOAS_ALLOW_IOVAS, "IOAS_ALLOW_IOVAS", sizeof(struct abi_allow_iovas),
	 END_OF(abi_allow_iovas, allowed_iovas), ioas_allow_iovas},
	{ABI_IOAS_COPY, "IOAS_COPY", sizeof(struct abi_ioas_copy), END_OF(abi_ioas_copy, src_iova),
	 ioas_copy},
	{ABI_IOAS_IOVA_RANGES, "IOAS_IOVA_RANGES", sizeof(struct abi_iova_ranges),
	 END_OF(abi_iova_ranges, out_iova_alignment), ioas_iova_ranges},
	{ABI_IOAS_MAP, "IOAS_MAP", sizeof(struct abi_ioas_map), END_OF(abi_ioas_map, iova),
	 ioas_map},
	{ABI_IOAS_UNMAP, "IOAS_UNMAP", sizeof(struct abi_ioas_unmap),
	 END_OF(abi_ioas_unmap, length), ioas_unmap},
	{ABI_OPTION, "OPTION", sizeof(struct abi_option), END_OF(abi_option, val64), do_option},
	{ABI_VFIO_IOAS, "VFIO_IOAS", sizeof(struct abi_vfio_ioas), END_OF(abi_vfio_ioas, reserved),
	 do_vfio_ioas},
	{ABI_HWPT_ALLOC, "HWPT_ALLOC", sizeof(struct abi_hwpt_alloc),
	 END_OF(abi_hwpt_alloc, reserved), hwpt_alloc},
	{ABI_GET_HW_INFO, "GET_HW_INFO", sizeof(struct abi_hw_info), END_OF(abi_hw_info, reserved),
	 iommu_hw_info},
	{ABI_IOAS_MAP_FILE, "IOAS_MAP_FILE", sizeof(struct abi_ioas_map_file),
	 END_OF(abi_ioas_map_file, iova), ioas_map_file},
};

static long run(struct iommu_call *call, const struct operation *op)
{
	long ret;

	if (call->user_size < op->min_size)
		return -EINVAL;
	ret = iommu_copy_args(call, op->size);
	return ret ? ret : op->run(call);
}

long iommufd_ioctl(struct fake_iommufd *i, unsigned int cmd, void *arg)
{
	struct iommu_call call = {.i = i, .user = arg};
	long ret = -ENOTTY;

	if (_IOC_NR(cmd) < _IOC_NR(ABI_DESTROY) || _IOC_NR(cmd) > _IOC_NR(ABI_IOAS_MAP_FILE))
		return iommufd_vfio_ioctl(i, cmd, arg);
	if (user_read(&call.user_size, arg, sizeof(call.user_size)))
		ret = -EFAULT;
	for (size_t n = 0; ret == -ENOTTY && n < sizeof(operations) / sizeof(operations[0]); n++) {
		if (operations[n].cmd != cmd)
			continue;
		ret = run(&call, &operations[n]);
		log_result(ret, "iommu %s%s", operations[n].name, call.details);
		return ret;
	}
	log_result(ret, "iommu ioctl 0x%x", cmd);
	return ret;
}

struct fake_iommufd *iommufd_of_fd(int fd, long *error)
{
	struct fake_state *s = fake_state();
	struct stat st;

	if (sys_fstat(fd, &st)) {
		*error = -EBADF;
		return NULL;
	}
	for (unsigned int n = 0; n < FAKE_IOMMUFDS; n++) {
		if (s->iommufds[n].open && fake_file_is(&s->iommufds[n].file, &st))
			return &s->iommufds[n];
	}
	*error = -EBADFD;
	return NULL;
}

void iommufd_release(struct fake_iommufd *i)
{
	i->open = i->account_mm = false;
	i->vfio_ioas = 0;
	memset(i->objects, 0, sizeof(i->objects));
	memset(i->areas, 0, sizeof(i->areas));
	log_line("iommu release");
}
