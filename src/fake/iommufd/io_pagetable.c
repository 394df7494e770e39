/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One address space of an iommufd: io_pagetable.c. */
#include "fake/iommufd/io_pagetable.h"

#include <errno.h>
#include <unistd.h>

#include "core/align.h"
#include "fake/iommu.h"
#include "fake/iommufd/abi.h"
#include "fake/iommufd/iommufd.h"
#include "fake/page.h"
#include "fake/vma.h"

#define IO_PAGE	 4096u		     /* the smallest page of the IOMMU's page tables */
#define THP_SIZE ((uint64_t)2 << 20) /* CONFIG_TRANSPARENT_HUGEPAGE */

static bool has_domain(const struct fake_iommufd *i, uint32_t ioas)
{
	for (unsigned int n = 0; n < IOMMU_OBJECTS; n++) {
		if (i->objects[n].type == OBJ_HWPT && i->objects[n].ioas == ioas)
			return true;
	}
	return false;
}

static bool has_device(const struct fake_iommufd *i, uint32_t ioas)
{
	for (unsigned int n = 0; n < IOMMU_OBJECTS; n++) {
		const struct iommu_object *o = &i->objects[n];

		if (o->type == OBJ_DEVICE && o->hwpt && i->objects[o->hwpt - 1].ioas == ioas)
			return true;
	}
	return false;
}

unsigned int iopt_reserved(struct fake_iommufd *i, uint32_t ioas, struct abi_range *ranges)
{
	unsigned int n = 0;

	if (has_device(i, ioas))
		ranges[n++] = (struct abi_range){FAKE_MSI_START, FAKE_MSI_LAST};
	if (has_domain(i, ioas))
		ranges[n++] = (struct abi_range){FAKE_IOVA_LAST + 1, UINT64_MAX};
	return n;
}

unsigned int iopt_usable(struct fake_iommufd *i, uint32_t ioas, struct abi_range *holes)
{
	struct abi_range reserved[IOPT_RESERVED_MAX];
	unsigned int count = iopt_reserved(i, ioas, reserved), holes_count = 0;
	uint64_t from = 0;

	for (unsigned int n = 0; n < count; n++) {
		holes[holes_count++] = (struct abi_range){from, reserved[n].start - 1};
		from = reserved[n].last + 1;
	}
	if (!count || from)
		holes[holes_count++] = (struct abi_range){from, UINT64_MAX};
	return holes_count;
}

uint64_t iopt_alignment(struct fake_iommufd *i, uint32_t ioas)
{
	if (i->objects[ioas - 1].small_pages)
		return page_size();
	return has_domain(i, ioas) ? IO_PAGE : 1;
}

static uint64_t area_last(const struct iommu_area *a)
{
	return a->iova + (a->size - 1);
}

/* The lowest mapping that meets [start, last]; NULL if there is none. */
static struct iommu_area *first_area(struct fake_iommufd *i, uint32_t ioas, uint64_t start,
				     uint64_t last)
{
	struct iommu_area *first = NULL;

	for (unsigned int n = 0; n < FAKE_MAPPINGS; n++) {
		struct iommu_area *a = &i->areas[n];

		if (a->size && a->ioas == ioas && a->iova <= last && area_last(a) >= start &&
		    (!first || a->iova < first->iova))
			first = a;
	}
	return first;
}

/* Whether a reserved range meets [start, last]; *end is where the lowest one ends. */
static bool meets_reserved(struct fake_iommufd *i, uint32_t ioas, uint64_t start, uint64_t last,
			   uint64_t *end)
{
	struct abi_range ranges[IOPT_RESERVED_MAX];
	unsigned int count = iopt_reserved(i, ioas, ranges);

	for (unsigned int n = 0; n < count; n++) {
		if (ranges[n].start <= last && ranges[n].last >= start) {
			*end = ranges[n].last;
			return true;
		}
	}
	return false;
}

/* The first place in [from, last] that is neither used nor reserved. */
static bool find_hole(struct fake_iommufd *i, uint32_t ioas, uint64_t from, uint64_t last,
		      uint64_t length, uint64_t alignment, uint64_t offset, uint64_t *iova)
{
	for (;;) {
		uint64_t at = align_up(from, alignment), end;
		const struct iommu_area *a;

		if (from + alignment - 1 < from)
			return false;
		at |= offset;
		if (at >= last || last - at < length - 1)
			return false;
		*iova = at;
		a = first_area(i, ioas, at, at + length - 1);
		if (a)
			end = area_last(a);
		else if (!meets_reserved(i, ioas, at, at + length - 1, &end))
			return true;
		if (end >= last)
			return false;
		from = end + 1;
	}
}

/* iopt_alloc_iova(): never 0, and aligned as the memory is, for huge pages. */
static long alloc_iova(struct fake_iommufd *i, uint32_t ioas, uint64_t memory, uint64_t length,
		       uint64_t *iova)
{
	const struct iommu_object *o = &i->objects[ioas - 1];
	const struct abi_range all = {page_size(), UINT64_MAX - page_size()};
	uint64_t alignment = 1;

	if (length >= UINT64_MAX / 2)
		return -EOVERFLOW;
	while (alignment < length && alignment < THP_SIZE && !(memory & alignment))
		alignment <<= 1;
	if (alignment < iopt_alignment(i, ioas))
		return -EINVAL;
	for (unsigned int n = 0; n < (o->nr_allowed ? o->nr_allowed : 1); n++) {
		const struct abi_range *r = o->nr_allowed ? &o->allowed[n] : &all;
		uint64_t from = r->start > all.start ? r->start : all.start;
		uint64_t last = r->last < all.last ? r->last : all.last;

		if (find_hole(i, ioas, from, last, length, alignment, memory & page_mask(), iova))
			return 0;
	}
	return -ENOSPC;
}

/* iopt_check_iova() */
static long check_iova(struct fake_iommufd *i, uint32_t ioas, uint64_t iova, uint64_t length)
{
	uint64_t end;

	if (iova & (iopt_alignment(i, ioas) - 1))
		return -EINVAL;
	if (iova + length - 1 < iova)
		return -EOVERFLOW;
	if (meets_reserved(i, ioas, iova, iova + length - 1, &end))
		return -EINVAL;
	return first_area(i, ioas, iova, iova + length - 1) ? -EEXIST : 0;
}

/* Finds a place for `length` bytes: the beginning of iopt_alloc_area_pages(). */
static long place(struct fake_iommufd *i, uint32_t ioas, uint64_t memory, uint64_t length,
		  uint64_t *iova, bool fixed)
{
	if (!length || length & (iopt_alignment(i, ioas) - 1))
		return -EINVAL;
	return fixed ? check_iova(i, ioas, *iova, length)
		     : alloc_iova(i, ioas, memory, length, iova);
}

/* The memory of another process, which mapped it, can't be looked at. */
static long pin(const struct iommu_area *a)
{
	if (a->file)
		return a->file_error;
	if (a->pid != getpid() || vma_pinnable(a->start, a->size, a->writable))
		return 0;
	return -EFAULT;
}

static struct iommu_area *free_area(struct fake_iommufd *i)
{
	for (unsigned int n = 0; n < FAKE_MAPPINGS; n++) {
		if (!i->areas[n].size)
			return &i->areas[n];
	}
	return NULL;
}

/* iopt_insert_area(), iopt_area_fill_domains(), of one piece of what is mapped. */
static long insert(struct fake_iommufd *i, const struct iommu_area *piece)
{
	struct iommu_area *a = free_area(i);
	long ret = 0;

	if (piece->start & page_mask() & (iopt_alignment(i, piece->ioas) - 1))
		return -EINVAL;
	if (has_domain(i, piece->ioas))
		ret = pin(piece);
	if (!ret && !a)
		ret = -ENOMEM;
	if (!ret)
		*a = *piece;
	return ret;
}

long iopt_map(struct fake_iommufd *i, uint32_t ioas, const struct iommu_area *pages, uint64_t *iova,
	      bool fixed)
{
	struct iommu_area area = *pages;
	long ret;

	/* iopt_alloc_pages() */
	if (!area.size || area.size > UINT64_MAX - page_size())
		return -EINVAL;
	if (area.start + area.size < area.start)
		return -EOVERFLOW;
	ret = place(i, ioas, area.start, area.size, iova, fixed);
	if (ret)
		return ret;
	area.ioas = ioas;
	area.iova = *iova;
	area.pid = getpid();
	return insert(i, &area);
}

/* The part of a mapping from iova on, of at most `length` bytes. */
static struct iommu_area part_of(const struct iommu_area *a, uint64_t iova, uint64_t length)
{
	struct iommu_area part = *a;
	uint64_t left = area_last(a) - iova + 1;

	part.start += iova - a->iova;
	part.size = length < left ? length : left;
	return part;
}

/* iopt_get_pages(): whether all of it is mapped, without a hole. */
static bool is_mapped(struct fake_iommufd *i, uint32_t ioas, uint64_t iova, uint64_t length)
{
	while (length) {
		const struct iommu_area *a = first_area(i, ioas, iova, iova);
		uint64_t n;

		if (!a)
			return false;
		n = part_of(a, iova, length).size;
		iova += n;
		length -= n;
	}
	return true;
}

long iopt_copy(struct fake_iommufd *i, const struct abi_ioas_copy *c, uint64_t *iova)
{
	const struct iommu_area *first;
	uint64_t done = 0, unmapped;
	long ret;

	if (!c->length)
		return -EINVAL;
	if (c->src_iova + c->length - 1 < c->src_iova)
		return -EOVERFLOW;
	if (!is_mapped(i, c->src_ioas_id, c->src_iova, c->length))
		return -ENOENT;
	if (!iommu_object(i, c->dst_ioas_id, OBJ_IOAS))
		return -ENOENT;
	first = first_area(i, c->src_ioas_id, c->src_iova, c->src_iova);
	ret = place(i, c->dst_ioas_id, part_of(first, c->src_iova, c->length).start, c->length,
		    iova, c->flags & ABI_MAP_FIXED);
	while (!ret && done < c->length) {
		uint64_t at = c->src_iova + done;
		struct iommu_area piece =
			part_of(first_area(i, c->src_ioas_id, at, at), at, c->length - done);

		piece.ioas = c->dst_ioas_id;
		piece.iova = *iova + done;
		if (c->flags & ABI_MAP_WRITEABLE && !piece.writable)
			ret = -EPERM;
		else
			ret = insert(i, &piece);
		if (!ret)
			done += piece.size;
	}
	if (ret && done)
		iopt_unmap(i, c->dst_ioas_id, *iova, *iova + done - 1, &unmapped);
	return ret;
}

long iopt_unmap(struct fake_iommufd *i, uint32_t ioas, uint64_t start, uint64_t last,
		uint64_t *unmapped)
{
	struct iommu_area *a;

	*unmapped = 0;
	while ((a = first_area(i, ioas, start, last))) {
		if (a->iova < start || area_last(a) > last)
			return -ENOENT;
		*unmapped += a->size;
		a->size = 0;
	}
	return 0;
}

long iopt_cut(struct fake_iommufd *i, uint32_t ioas, uint64_t iova)
{
	struct iommu_area *a = first_area(i, ioas, iova, iova), *second = free_area(i);
	uint64_t mask = iopt_alignment(i, ioas) - 1;

	if (!a || a->iova == iova || area_last(a) == iova)
		return 0;
	if ((iova + 1) & mask || (a->start + (iova + 1 - a->iova)) & mask)
		return -EINVAL;
	if (!second)
		return -ENOMEM;
	*second = part_of(a, iova + 1, UINT64_MAX);
	second->iova = iova + 1;
	a->size -= second->size;
	return 0;
}

long iopt_can_reserve(struct fake_iommufd *i, uint32_t ioas, uint64_t start, uint64_t last)
{
	const struct iommu_object *o = &i->objects[ioas - 1];

	for (unsigned int n = 0; n < o->nr_allowed; n++) {
		if (o->allowed[n].start <= last && o->allowed[n].last >= start)
			return -EADDRINUSE;
	}
	return first_area(i, ioas, start, last) ? -EADDRINUSE : 0;
}

/* iopt_check_iova_alignment() */
static long check_alignment(const struct fake_iommufd *i, uint32_t ioas, uint64_t alignment)
{
	uint64_t mask = alignment - 1;

	for (unsigned int n = 0; n < FAKE_MAPPINGS; n++) {
		const struct iommu_area *a = &i->areas[n];

		if (a->size && a->ioas == ioas &&
		    (a->iova | a->size | (a->start & page_mask())) & mask)
			return -EADDRINUSE;
	}
	return 0;
}

long iopt_can_add_domain(struct fake_iommufd *i, uint32_t ioas)
{
	long ret = check_alignment(i, ioas, IO_PAGE);

	if (!ret)
		ret = iopt_can_reserve(i, ioas, FAKE_IOVA_LAST + 1, UINT64_MAX);
	for (unsigned int n = 0; !ret && n < FAKE_MAPPINGS; n++) {
		if (i->areas[n].size && i->areas[n].ioas == ioas)
			ret = pin(&i->areas[n]);
	}
	return ret;
}

long iopt_set_small_pages(struct fake_iommufd *i, uint32_t ioas, bool small)
{
	struct iommu_object *o = &i->objects[ioas - 1];
	long ret;

	if (small && !o->small_pages) {
		if (has_domain(i, ioas) && first_area(i, ioas, 0, UINT64_MAX))
			return -EINVAL;
		ret = check_alignment(i, ioas, page_size());
		if (ret)
			return ret;
	}
	o->small_pages = small;
	return 0;
}
