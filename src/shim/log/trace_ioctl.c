/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/log/trace_ioctl.h"

#include <inttypes.h>
#include <string.h>

#include "shim/usermem.h"
#include "vfio/uapi.h"

#define STRING_MAX 128
#define PAGE_MIN   4096

#define IOMMUFD_FIRST 0x80 /* of the numbers of the type that the two share */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What the argument of an ioctl is. */
enum shape {
	SHAPE_NONE,
	SHAPE_VALUE,  /* a number */
	SHAPE_FD,     /* points to an fd */
	SHAPE_STRUCT, /* starts with argsz and flags */
	SHAPE_GROUP_STATUS,
	SHAPE_DEVICE_INFO,
	SHAPE_REGION_INFO,
	SHAPE_IRQ_INFO,
	SHAPE_IRQ_SET,
	SHAPE_HOT_RESET, /* and its query: argsz, flags, count */
	SHAPE_IOEVENTFD,
	SHAPE_FEATURE,
	SHAPE_DMA_MAP,
	SHAPE_DMA_UNMAP,
};

struct ioctl_words {
	uint32_t number;
	enum shape shape;
	const char *name;
};

#define WORDS(number, shape)                                                                       \
	{                                                                                          \
		number, SHAPE_##shape, #number                                                     \
	}

static const struct ioctl_words container_words[] = {
	WORDS(VFIO_GET_API_VERSION, NONE),     WORDS(VFIO_CHECK_EXTENSION, VALUE),
	WORDS(VFIO_SET_IOMMU, VALUE),	       WORDS(VFIO_IOMMU_GET_INFO, STRUCT),
	WORDS(VFIO_IOMMU_MAP_DMA, DMA_MAP),    WORDS(VFIO_IOMMU_UNMAP_DMA, DMA_UNMAP),
	WORDS(VFIO_IOMMU_ENABLE, NONE),	       WORDS(VFIO_IOMMU_DISABLE, NONE),
	WORDS(VFIO_IOMMU_DIRTY_PAGES, STRUCT),
};

static const struct ioctl_words group_words[] = {
	WORDS(VFIO_GROUP_GET_STATUS, GROUP_STATUS),
	WORDS(VFIO_GROUP_SET_CONTAINER, FD),
	WORDS(VFIO_GROUP_UNSET_CONTAINER, NONE),
};

static const struct ioctl_words device_words[] = {
	WORDS(VFIO_DEVICE_GET_INFO, DEVICE_INFO),
	WORDS(VFIO_DEVICE_GET_REGION_INFO, REGION_INFO),
	WORDS(VFIO_DEVICE_GET_IRQ_INFO, IRQ_INFO),
	WORDS(VFIO_DEVICE_SET_IRQS, IRQ_SET),
	WORDS(VFIO_DEVICE_RESET, NONE),
	WORDS(VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, HOT_RESET),
	WORDS(VFIO_DEVICE_PCI_HOT_RESET, HOT_RESET),
	WORDS(VFIO_DEVICE_QUERY_GFX_PLANE, STRUCT),
	WORDS(VFIO_DEVICE_GET_GFX_DMABUF, NONE),
	WORDS(VFIO_DEVICE_IOEVENTFD, IOEVENTFD),
	WORDS(VFIO_DEVICE_FEATURE, FEATURE),
	WORDS(VFIO_DEVICE_BIND_IOMMUFD, STRUCT),
	WORDS(VFIO_DEVICE_ATTACH_IOMMUFD_PT, STRUCT),
	WORDS(VFIO_DEVICE_DETACH_IOMMUFD_PT, STRUCT),
};

static const struct {
	const struct ioctl_words *words;
	size_t n;
} kinds[] = {
	[TRACE_CONTAINER] = {container_words, COUNT(container_words)},
	[TRACE_GROUP] = {group_words, COUNT(group_words)},
	[TRACE_DEVICE] = {device_words, COUNT(device_words)},
};

bool trace_is_vfio(unsigned long request)
{
	return (uint32_t)request < _IO(VFIO_TYPE, IOMMUFD_FIRST);
}

enum trace_kind trace_kind_of(unsigned long request, enum trace_kind otherwise)
{
	const uint32_t number = (uint32_t)request;

	return number <= VFIO_SET_IOMMU		    ? TRACE_CONTAINER
	       : number <= VFIO_GROUP_GET_DEVICE_FD ? TRACE_GROUP
	       : number <= VFIO_DEVICE_RESET	    ? TRACE_DEVICE
						    : otherwise;
}

static const struct trace_flag group_flags[] = {
	{VFIO_GROUP_FLAGS_VIABLE, "VIABLE"},
	{VFIO_GROUP_FLAGS_CONTAINER_SET, "CONTAINER_SET"},
};

static const struct trace_flag device_flags[] = {
	{VFIO_DEVICE_FLAGS_RESET, "RESET"},
	{VFIO_DEVICE_FLAGS_PCI, "PCI"},
	{VFIO_DEVICE_FLAGS_CAPS, "CAPS"},
};

static const struct trace_flag region_flags[] = {
	{VFIO_REGION_INFO_FLAG_READ, "READ"},
	{VFIO_REGION_INFO_FLAG_WRITE, "WRITE"},
	{VFIO_REGION_INFO_FLAG_MMAP, "MMAP"},
	{VFIO_REGION_INFO_FLAG_CAPS, "CAPS"},
};

static const struct trace_flag irq_info_flags[] = {
	{VFIO_IRQ_INFO_EVENTFD, "EVENTFD"},
	{VFIO_IRQ_INFO_MASKABLE, "MASKABLE"},
	{VFIO_IRQ_INFO_AUTOMASKED, "AUTOMASKED"},
	{VFIO_IRQ_INFO_NORESIZE, "NORESIZE"},
};

static const struct trace_flag irq_set_flags[] = {
	{VFIO_IRQ_SET_DATA_NONE, "DATA_NONE"},	     {VFIO_IRQ_SET_DATA_BOOL, "DATA_BOOL"},
	{VFIO_IRQ_SET_DATA_EVENTFD, "DATA_EVENTFD"}, {VFIO_IRQ_SET_ACTION_MASK, "MASK"},
	{VFIO_IRQ_SET_ACTION_UNMASK, "UNMASK"},	     {VFIO_IRQ_SET_ACTION_TRIGGER, "TRIGGER"},
};

static const struct trace_flag feature_flags[] = {
	{VFIO_DEVICE_FEATURE_GET, "GET"},
	{VFIO_DEVICE_FEATURE_SET, "SET"},
	{VFIO_DEVICE_FEATURE_PROBE, "PROBE"},
};

static const struct trace_flag dma_flags[] = {
	{VFIO_DMA_MAP_FLAG_READ, "READ"},
	{VFIO_DMA_MAP_FLAG_WRITE, "WRITE"},
};

static void add_flags(struct trace_line *line, uint32_t flags, const struct trace_flag *names,
		      size_t n)
{
	trace_add(line, ", flags=");
	trace_add_flags(line, flags, names, n);
}

static void add_irq_index(struct trace_line *line, uint32_t index)
{
	static const char *const names[] = {"INTX", "MSI", "MSIX", "ERR", "REQ"};

	trace_add(line, index < COUNT(names) ? ", index=%s" : ", index=%.0s%" PRIu32,
		  index < COUNT(names) ? names[index] : "", index);
}

static void add_in_region(struct trace_line *line, const struct trace_arg *arg)
{
	struct vfio_region_info info;

	memcpy(&info, arg->bytes, sizeof(info));
	trace_add(line, ", index=");
	trace_add_region(line, info.index);
}

static void add_in_irq_set(struct trace_line *line, const struct trace_arg *arg)
{
	struct vfio_irq_set set;

	memcpy(&set, arg->bytes, sizeof(set));
	add_flags(line, set.flags, irq_set_flags, COUNT(irq_set_flags));
	add_irq_index(line, set.index);
	trace_add(line, ", start=%" PRIu32 ", count=%" PRIu32, set.start, set.count);
}

static void add_in_ioeventfd(struct trace_line *line, const struct vfio_dev *dev,
			     const struct trace_arg *arg)
{
	struct vfio_device_ioeventfd io;

	memcpy(&io, arg->bytes, sizeof(io));
	trace_add(line, ", size=%" PRIu32 ", offset=", io.flags & VFIO_DEVICE_IOEVENTFD_SIZE_MASK);
	if (dev)
		trace_add_place(line, dev, io.offset);
	else
		trace_add(line, "0x%" PRIx64, (uint64_t)io.offset);
	trace_add(line, ", data=0x%" PRIx64 ", fd=%" PRId32, (uint64_t)io.data, io.fd);
}

static void add_in_dma(struct trace_line *line, const struct trace_arg *arg, bool map)
{
	struct vfio_iommu_type1_dma_map m;
	struct vfio_iommu_type1_dma_unmap u;

	memcpy(&m, arg->bytes, sizeof(m));
	memcpy(&u, arg->bytes, sizeof(u));
	add_flags(line, m.flags, dma_flags, map ? COUNT(dma_flags) : 0);
	if (map)
		trace_add(line, ", vaddr=0x%" PRIx64, (uint64_t)m.vaddr);
	trace_add(line, ", iova=0x%" PRIx64 ", size=0x%" PRIx64, (uint64_t)(map ? m.iova : u.iova),
		  (uint64_t)(map ? m.size : u.size));
}

/* What the caller asked, after argsz. */
static void add_in(struct trace_line *line, enum shape shape, const struct vfio_dev *dev,
		   const struct trace_arg *arg)
{
	uint32_t words[4];

	memcpy(words, arg->bytes, sizeof(words));
	switch (shape) {
	case SHAPE_REGION_INFO:
		add_in_region(line, arg);
		break;
	case SHAPE_IRQ_INFO:
		add_irq_index(line, words[2]);
		break;
	case SHAPE_IRQ_SET:
		add_in_irq_set(line, arg);
		break;
	case SHAPE_HOT_RESET:
		trace_add(line, ", count=%" PRIu32, words[2]);
		break;
	case SHAPE_IOEVENTFD:
		add_in_ioeventfd(line, dev, arg);
		break;
	case SHAPE_FEATURE:
		add_flags(line, words[1] & ~(uint32_t)VFIO_DEVICE_FEATURE_MASK, feature_flags,
			  COUNT(feature_flags));
		trace_add(line, ", feature=%" PRIu32, words[1] & VFIO_DEVICE_FEATURE_MASK);
		break;
	case SHAPE_DMA_MAP:
	case SHAPE_DMA_UNMAP:
		add_in_dma(line, arg, shape == SHAPE_DMA_MAP);
		break;
	default:
		break;
	}
}

static void add_areas(struct trace_line *line, const uint8_t *cap, size_t room)
{
	struct vfio_region_info_cap_sparse_mmap s;
	struct vfio_region_sparse_mmap_area area;

	if (room < sizeof(s))
		return;
	memcpy(&s, cap, sizeof(s));
	for (uint32_t i = 0; i < s.nr_areas && sizeof(s) + (i + 1) * sizeof(area) <= room; i++) {
		memcpy(&area, cap + sizeof(s) + i * sizeof(area), sizeof(area));
		trace_add(line, " 0x%" PRIx64 "+0x%" PRIx64, (uint64_t)area.offset,
			  (uint64_t)area.size);
	}
}

/* The capabilities that the caller found after the struct, as far as its argsz goes. */
static void add_chain(struct trace_line *line, const struct vfio_region_info *info,
		      const uint8_t *arg)
{
	uint32_t pos = info->cap_offset;

	if (!(info->flags & VFIO_REGION_INFO_FLAG_CAPS) || pos < sizeof(*info) ||
	    !usermem_readable(arg, info->argsz))
		return;
	for (int ttl = 8; ttl > 0 && pos && pos % 8 == 0; ttl--) {
		struct vfio_info_cap_header h;

		if (pos > info->argsz || info->argsz - pos < sizeof(h))
			return;
		memcpy(&h, arg + pos, sizeof(h));
		if (h.id == VFIO_REGION_INFO_CAP_SPARSE_MMAP) {
			trace_add(line, ", SPARSE_MMAP");
			add_areas(line, arg + pos, info->argsz - pos);
		} else if (h.id == VFIO_REGION_INFO_CAP_MSIX_MAPPABLE) {
			trace_add(line, ", MSIX_MAPPABLE");
		} else {
			trace_add(line, ", capability %u", h.id);
		}
		if (h.next <= pos)
			return;
		pos = h.next;
	}
}

static void add_out_region(struct trace_line *line, const void *arg)
{
	struct vfio_region_info info;

	memcpy(&info, arg, sizeof(info));
	trace_add(line, " {argsz=%" PRIu32, info.argsz);
	add_flags(line, info.flags, region_flags, COUNT(region_flags));
	trace_add(line, ", size=0x%" PRIx64 ", offset=0x%" PRIx64, (uint64_t)info.size,
		  (uint64_t)info.offset);
	add_chain(line, &info, arg);
	trace_add(line, "}");
}

/* What the kernel, or the shim, answered. */
static void add_out(struct trace_line *line, enum shape shape, const void *arg)
{
	uint32_t words[4];

	if (shape == SHAPE_REGION_INFO) {
		add_out_region(line, arg);
		return;
	}
	if (shape == SHAPE_GROUP_STATUS) {
		memcpy(words, arg, sizeof(struct vfio_group_status));
		trace_add(line, " {argsz=%" PRIu32, words[0]);
		add_flags(line, words[1], group_flags, COUNT(group_flags));
		trace_add(line, "}");
		return;
	}
	if (shape != SHAPE_DEVICE_INFO && shape != SHAPE_IRQ_INFO)
		return;
	memcpy(words, arg, sizeof(words));
	trace_add(line, " {argsz=%" PRIu32, words[0]);
	if (shape == SHAPE_DEVICE_INFO) {
		add_flags(line, words[1], device_flags, COUNT(device_flags));
		trace_add(line, ", regions=%" PRIu32 ", irqs=%" PRIu32 "}", words[2], words[3]);
	} else {
		add_flags(line, words[1], irq_info_flags, COUNT(irq_info_flags));
		trace_add(line, ", count=%" PRIu32 "}", words[3]);
	}
}

static void add_arg(struct trace_line *line, enum shape shape, const struct vfio_dev *dev,
		    const struct trace_arg *before, const void *arg)
{
	int32_t fd;
	uint32_t argsz;

	if (shape == SHAPE_NONE)
		return;
	if (shape == SHAPE_VALUE) {
		trace_add(line, ", %" PRIdPTR, (intptr_t)arg);
	} else if (before->len == 0) {
		trace_add(line, ", %p", arg);
	} else if (shape == SHAPE_FD) {
		memcpy(&fd, before->bytes, sizeof(fd));
		trace_add(line, ", [%" PRId32 "]", fd);
	} else {
		memcpy(&argsz, before->bytes, sizeof(argsz));
		trace_add(line, ", {argsz=%" PRIu32, argsz);
		add_in(line, shape, dev, before);
		trace_add(line, "}");
	}
}

void trace_add_ioctl(struct trace_line *line, enum trace_kind kind, const struct vfio_dev *dev,
		     unsigned long request, const struct trace_arg *before, const void *arg,
		     int result)
{
	const struct ioctl_words *words = NULL;

	for (size_t i = 0; i < kinds[kind].n; i++) {
		if (kinds[kind].words[i].number == (uint32_t)request)
			words = &kinds[kind].words[i];
	}
	if (words) {
		trace_add(line, ", %s", words->name);
		add_arg(line, words->shape, dev, before, arg);
	} else {
		trace_add(line, ", 0x%" PRIx32 ", %p", (uint32_t)request, arg);
	}
	trace_add(line, ")");
	trace_add_result(line, result);
	if (words && result >= 0 && before->len)
		add_out(line, words->shape, arg);
}

void trace_add_name(struct trace_line *line, const char *name)
{
	if (!usermem_readable(name, 1)) {
		trace_add(line, "%p", (const void *)name);
		return;
	}
	trace_add(line, "\"");
	for (size_t i = 0; i < STRING_MAX; i++) {
		if ((uintptr_t)(name + i) % PAGE_MIN == 0 && !usermem_readable(name + i, 1))
			break;
		if (name[i] == '\0')
			break;
		if (name[i] == ' ') {
			trace_add(line, " ...");
			break;
		}
		trace_add(line, "%c", name[i]);
	}
	trace_add(line, "\"");
}
