/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ioctls of an iommufd's address spaces: iommufd's ioas.c. */
#include "fake/iommufd/ioas.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "fake/iommufd/abi.h"
#include "fake/iommufd/call.h"
#include "fake/iommufd/io_pagetable.h"
#include "fake/iommufd/iommufd.h"
#include "fake/state.h"
#include "fake/sys.h"
#include "fake/user.h"

#define TMPFS_MAGIC	0x01021994
#define HUGETLBFS_MAGIC 0x958458f6

#define MAP_FLAGS (ABI_MAP_FIXED | ABI_MAP_WRITEABLE | ABI_MAP_READABLE)

static void describe(struct iommu_call *call, uint32_t ioas, uint64_t iova, uint64_t length)
{
	snprintf(call->details, sizeof(call->details), " ioas=%u iova=0x%llx length=0x%llx", ioas,
		 (unsigned long long)iova, (unsigned long long)length);
}

long ioas_alloc(struct iommu_call *call)
{
	struct abi_ioas_alloc *a = &call->args.ioas_alloc;
	long ret;

	if (a->flags)
		return -EOPNOTSUPP;
	a->out_ioas_id = iommu_object_new(call->i, OBJ_IOAS);
	if (!a->out_ioas_id)
		return -ENOMEM;
	snprintf(call->details, sizeof(call->details), " ioas=%u", a->out_ioas_id);
	ret = iommu_respond(call, sizeof(*a));
	if (ret)
		iommu_object_remove(call->i, a->out_ioas_id);
	return ret;
}

long ioas_iova_ranges(struct iommu_call *call)
{
	struct abi_iova_ranges *r = &call->args.iova_ranges;
	struct abi_range holes[IOPT_RESERVED_MAX + 1];
	uint32_t room = r->num_iovas;
	unsigned int count;

	snprintf(call->details, sizeof(call->details), " ioas=%u count=%u", r->ioas_id, room);
	if (r->reserved)
		return -EOPNOTSUPP;
	if (!iommu_object(call->i, r->ioas_id, OBJ_IOAS))
		return -ENOENT;
	count = iopt_usable(call->i, r->ioas_id, holes);
	if (user_write(user_pointer(r->allowed_iovas), holes,
		       (room < count ? room : count) * sizeof(holes[0])))
		return -EFAULT;
	r->num_iovas = count;
	r->out_iova_alignment = iopt_alignment(call->i, r->ioas_id);
	if (iommu_respond(call, sizeof(*r)))
		return -EFAULT;
	return count > room ? -EMSGSIZE : 0;
}

/* iommufd_ioas_load_iovas() */
static long load_ranges(const struct abi_allow_iovas *a, struct abi_range *ranges)
{
	const struct abi_range *user = user_pointer(a->allowed_iovas);

	for (uint32_t n = 0; n < a->num_iovas; n++) {
		struct abi_range r;

		if (user_read(&r, user + n, sizeof(r)))
			return -EFAULT;
		if (r.start >= r.last)
			return -EINVAL;
		for (uint32_t k = 0; k < n; k++) {
			if (r.start <= ranges[k].last && ranges[k].start <= r.last)
				return -EINVAL;
		}
		if (n == IOAS_ALLOWED_MAX)
			return -ENOMEM;
		/* In ascending order. */
		uint32_t at = n;

		for (; at && ranges[at - 1].start > r.start; at--)
			ranges[at] = ranges[at - 1];
		ranges[at] = r;
	}
	return 0;
}

long ioas_allow_iovas(struct iommu_call *call)
{
	const struct abi_allow_iovas *a = &call->args.allow_iovas;
	struct iommu_object *o = iommu_object(call->i, a->ioas_id, OBJ_IOAS);
	struct abi_range ranges[IOAS_ALLOWED_MAX], reserved[IOPT_RESERVED_MAX];
	unsigned int count;
	long ret;

	snprintf(call->details, sizeof(call->details), " ioas=%u count=%u", a->ioas_id,
		 a->num_iovas);
	if (a->reserved)
		return -EOPNOTSUPP;
	if (!o)
		return -ENOENT;
	ret = load_ranges(a, ranges);
	if (ret)
		return ret;
	count = iopt_reserved(call->i, a->ioas_id, reserved);
	for (uint32_t n = 0; n < a->num_iovas; n++) {
		for (unsigned int k = 0; k < count; k++) {
			if (ranges[n].start <= reserved[k].last &&
			    reserved[k].start <= ranges[n].last)
				return -EADDRINUSE;
		}
		o->allowed[n] = ranges[n];
	}
	o->nr_allowed = a->num_iovas;
	return 0;
}

/* What IOAS_MAP, IOAS_MAP_FILE and IOAS_COPY check alike. */
static long check_map(uint32_t flags, uint64_t length, uint64_t iova, uint64_t source)
{
	if (flags & ~MAP_FLAGS)
		return -EOPNOTSUPP;
	if (length == UINT64_MAX || iova == UINT64_MAX || source == UINT64_MAX)
		return -EOVERFLOW;
	return flags & (ABI_MAP_WRITEABLE | ABI_MAP_READABLE) ? 0 : -EINVAL;
}

long ioas_map(struct iommu_call *call)
{
	struct abi_ioas_map *m = &call->args.map;
	const struct iommu_area pages = {
		.start = m->user_va, .size = m->length, .writable = m->flags & ABI_MAP_WRITEABLE};
	long ret;

	describe(call, m->ioas_id, m->iova, m->length);
	ret = m->reserved ? -EOPNOTSUPP : check_map(m->flags, m->length, m->iova, 0);
	if (ret)
		return ret;
	if (!iommu_object(call->i, m->ioas_id, OBJ_IOAS))
		return -ENOENT;
	ret = iopt_map(call->i, m->ioas_id, &pages, &m->iova, m->flags & ABI_MAP_FIXED);
	return ret ? ret : iommu_respond(call, sizeof(*m));
}

/* memfd_pin_folios(): only of files that are memory, and only what they have. */
static long file_error(int fd, const struct stat *st, uint64_t start, uint64_t length)
{
	struct statfs fs;

	if (fake_is_vfio(st) || fstatfs(fd, &fs) ||
	    (fs.f_type != TMPFS_MAGIC && fs.f_type != HUGETLBFS_MAGIC))
		return -EINVAL;
	return start + length > (uint64_t)st->st_size ? -EINVAL : 0;
}

long ioas_map_file(struct iommu_call *call)
{
	struct abi_ioas_map_file *m = &call->args.map_file;
	struct iommu_area pages = {.start = m->start,
				   .size = m->length,
				   .writable = m->flags & ABI_MAP_WRITEABLE,
				   .file = true};
	struct stat st;
	long ret;

	describe(call, m->ioas_id, m->iova, m->length);
	ret = check_map(m->flags, m->length, m->iova, 0);
	if (ret)
		return ret;
	if (!iommu_object(call->i, m->ioas_id, OBJ_IOAS))
		return -ENOENT;
	if (sys_fstat(m->fd, &st))
		return -EBADF;
	pages.file_error = (int)file_error(m->fd, &st, m->start, m->length);
	ret = iopt_map(call->i, m->ioas_id, &pages, &m->iova, m->flags & ABI_MAP_FIXED);
	return ret ? ret : iommu_respond(call, sizeof(*m));
}

long ioas_copy(struct iommu_call *call)
{
	struct abi_ioas_copy *c = &call->args.copy;
	uint64_t iova = c->dst_iova;
	long ret;

	describe(call, c->dst_ioas_id, c->dst_iova, c->length);
	ret = check_map(c->flags, c->length, c->dst_iova, c->src_iova);
	if (ret)
		return ret;
	if (!iommu_object(call->i, c->src_ioas_id, OBJ_IOAS))
		return -ENOENT;
	ret = iopt_copy(call->i, c, &iova);
	c->dst_iova = iova;
	return ret ? ret : iommu_respond(call, sizeof(*c));
}

static long unmap(struct fake_iommufd *i, const struct abi_ioas_unmap *u, uint64_t *unmapped)
{
	long ret;

	if (u->iova == 0 && u->length == UINT64_MAX)
		return iopt_unmap(i, u->ioas_id, 0, UINT64_MAX, unmapped);
	if (u->iova == UINT64_MAX || u->length == UINT64_MAX)
		return -EOVERFLOW;
	if (!u->length)
		return -EINVAL;
	if (u->iova + u->length - 1 < u->iova)
		return -EOVERFLOW;
	ret = iopt_unmap(i, u->ioas_id, u->iova, u->iova + u->length - 1, unmapped);
	return ret || *unmapped ? ret : -ENOENT;
}

long ioas_unmap(struct iommu_call *call)
{
	struct abi_ioas_unmap *u = &call->args.unmap;
	uint64_t unmapped = 0;
	long ret;

	describe(call, u->ioas_id, u->iova, u->length);
	if (!iommu_object(call->i, u->ioas_id, OBJ_IOAS))
		return -ENOENT;
	ret = unmap(call->i, u, &unmapped);
	u->length = unmapped;
	return ret ? ret : iommu_respond(call, sizeof(*u));
}
