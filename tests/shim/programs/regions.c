/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * regions GROUP BDF: each BAR as VFIO shows it, one a line: its size, its capabilities in their
 * order, and what becomes of mappings of its areas, of the whole BAR, and of the page behind the
 * last area. Last, where the table is, and what is in front of it and behind it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/le.h"
#include "tests/shim/clients/vmm.h"

static const char *mapped(const struct vmm *v, const struct vfio_region_info *info, uint64_t at,
			  uint64_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, v->user.device,
		       (off_t)(info->offset + at));

	if (p == MAP_FAILED)
		return errno == EINVAL ? "EINVAL" : "failed";
	munmap(p, len);
	return "ok";
}

/* Shows what can be mapped, and returns its end. */
static uint64_t show_areas(const struct vmm *v, const struct vfio_region_info *info)
{
	const struct vfio_region_info_cap_sparse_mmap *s =
		vmm_region_cap(info, VFIO_REGION_INFO_CAP_SPARSE_MMAP);
	uint64_t end = 0;

	for (uint32_t i = 0; s && i < s->nr_areas; i++) {
		const uint64_t at = s->areas[i].offset, len = s->areas[i].size;

		printf(" 0x%" PRIx64 "+0x%" PRIx64 "=%s", at, len, mapped(v, info, at, len));
		end = at + len;
	}
	printf(" whole=%s", mapped(v, info, 0, info->size));
	return s ? end : info->size;
}

static void show_bar(const struct vmm *v, const struct vfio_region_info *info)
{
	printf("BAR%u 0x%" PRIx64, info->index, (uint64_t)info->size);
	if (!(info->flags & VFIO_REGION_INFO_FLAG_MMAP))
		printf(" unmappable");
	for (uint32_t at = info->flags & VFIO_REGION_INFO_FLAG_CAPS ? info->cap_offset : 0; at;) {
		const struct vfio_info_cap_header *h = (const void *)((const char *)info + at);

		printf(" %s", h->id == VFIO_REGION_INFO_CAP_SPARSE_MMAP	    ? "SPARSE"
			      : h->id == VFIO_REGION_INFO_CAP_MSIX_MAPPABLE ? "MAPPABLE"
									    : "?");
		at = h->next;
	}

	const uint64_t end = show_areas(v, info);

	if (end < info->size)
		printf(" behind=%s", mapped(v, info, end, vmm_page()));
	printf("\n");
}

static const char *read32(const struct vmm *v, unsigned int bar, uint64_t at, char text[16])
{
	uint8_t bytes[4];
	off_t offset = (off_t)(v->bars[bar].info->offset + at);

	if (pread(v->user.device, bytes, sizeof(bytes), offset) != sizeof(bytes))
		return "error";

	const uint32_t value = le32_get(bytes);

	snprintf(text, 16, "%s", value == 0 ? "0" : value == 1 ? "1" : "data");
	return text;
}

static void show_table(struct vmm *v)
{
	char before[16], control[16], behind[16];

	vmm_find_msix(v);

	const unsigned int bar = v->msix.table_bar;
	const uint64_t table = v->msix.table, end = v->bars[bar].info->size;

	printf("table BAR%u+0x%" PRIx64 " before=%s control=%s end=%s\n", bar, table,
	       table ? read32(v, bar, table - 4, before) : "none",
	       read32(v, bar, table + 12, control), read32(v, bar, end - 4, behind));
}

int main(int argc, char **argv)
{
	static struct vmm v;

	if (argc != 3)
		return 2;
	v.group = argv[1];
	v.bdf = argv[2];
	vmm_open(&v);
	vmm_get_regions(&v);
	for (unsigned int i = 0; i < VMM_BARS; i++) {
		if (v.bars[i].info->size)
			show_bar(&v, v.bars[i].info);
	}
	show_table(&v);
	return 0;
}
