/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/le.h"

void vmm_stop(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("stops: ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	exit(VMM_STOPPED);
}

uint64_t vmm_page(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

void vmm_get_info(struct vmm *v)
{
	v->info = (struct vfio_device_info){.argsz = sizeof(v->info)};
	if (ioctl(v->user.device, VFIO_DEVICE_GET_INFO, &v->info) < 0)
		vmm_stop("GET_INFO: %s", strerror(errno));
	if (!(v->info.flags & VFIO_DEVICE_FLAGS_PCI) ||
	    v->info.num_regions <= VFIO_PCI_CONFIG_REGION_INDEX ||
	    v->info.num_irqs <= VFIO_PCI_MSIX_IRQ_INDEX)
		vmm_stop("GET_INFO: not a PCI device");
}

void vmm_open(struct vmm *v)
{
	if (user_open(&v->user, v->group, v->bdf) < 0)
		vmm_stop("no device: %s", strerror(errno));
	vmm_get_info(v);
}

static struct vfio_region_info *region_twice(const struct vmm *v, uint32_t index)
{
	struct vfio_region_info first = {.argsz = sizeof(first), .index = index}, *info;

	if (ioctl(v->user.device, VFIO_DEVICE_GET_REGION_INFO, &first) < 0)
		return NULL;

	uint32_t argsz = first.argsz;
	bool again = (first.flags & VFIO_REGION_INFO_FLAG_CAPS) && argsz > sizeof(first);

	if (!again && argsz != sizeof(first))
		vmm_stop("region %u: more room is asked for, and not for capabilities", index);
	info = calloc(1, argsz);
	if (!info)
		vmm_stop("out of memory");
	*info = first;
	if (again && (ioctl(v->user.device, VFIO_DEVICE_GET_REGION_INFO, info) < 0 ||
		      !(info->flags & VFIO_REGION_INFO_FLAG_CAPS) || info->argsz != argsz))
		vmm_stop("region %u: the second call gives no capabilities", index);
	return info;
}

void vmm_get_regions(struct vmm *v)
{
	for (uint32_t i = 0; i < v->info.num_regions; i++) {
		struct vfio_region_info *info = region_twice(v, i);

		/* what follows one that fails would get its place */
		if (!info && i < VFIO_PCI_VGA_REGION_INDEX)
			vmm_stop("region %u: %s", i, strerror(errno));
		if (info && i == VFIO_PCI_CONFIG_REGION_INDEX)
			v->config = info->offset;
		if (info && i < VMM_BARS)
			v->bars[i] = (struct vmm_bar){.info = info, .rest = "trap"};
		else
			free(info);
	}
}

const void *vmm_region_cap(const struct vfio_region_info *info, uint16_t id)
{
	if (!(info->flags & VFIO_REGION_INFO_FLAG_CAPS) || !info->cap_offset)
		return NULL;
	for (uint32_t at = info->cap_offset; at;) {
		const struct vfio_info_cap_header *h = (const void *)((const char *)info + at);

		if (at % 8 || at + sizeof(*h) > info->argsz)
			vmm_stop("region %u: a capability at %u", info->index, at);
		if (h->id == id)
			return h;
		at = h->next;
	}
	return NULL;
}

uint32_t vmm_config_get(const struct vmm *v, unsigned int at, unsigned int width)
{
	uint8_t bytes[4] = {0};

	if (pread64(v->user.device, bytes, width, (off64_t)(v->config + at)) != (ssize_t)width)
		vmm_stop("configuration space at 0x%x: %s", at, strerror(errno));
	return le32_get(bytes);
}

void vmm_config_put(const struct vmm *v, unsigned int at, unsigned int width, uint32_t value)
{
	uint8_t bytes[4];

	le32_put(bytes, value);
	if (pwrite64(v->user.device, bytes, width, (off64_t)(v->config + at)) != (ssize_t)width)
		vmm_stop("configuration space at 0x%x: %s", at, strerror(errno));
}

static void set_structure(uint32_t reg, unsigned int *bar, uint64_t *at)
{
	*bar = reg & PCI_MSIX_TABLE_BIR;
	*at = reg & PCI_MSIX_TABLE_OFFSET;
}

void vmm_find_msix(struct vmm *v)
{
	uint8_t cap = (uint8_t)vmm_config_get(v, PCI_CAPABILITY_LIST, 1);

	for (int i = 0; cap && vmm_config_get(v, cap, 1) != PCI_CAP_ID_MSIX; i++) {
		cap = (uint8_t)vmm_config_get(v, cap + PCI_CAP_LIST_NEXT, 1);
		if (i == 48)
			vmm_stop("the list of capabilities has a loop");
	}
	if (!cap)
		vmm_stop("no MSI-X");
	v->msix.cap = cap;
	v->msix.vectors = (vmm_config_get(v, cap + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_QSIZE) + 1;
	set_structure(vmm_config_get(v, cap + PCI_MSIX_TABLE, 4), &v->msix.table_bar,
		      &v->msix.table);
	set_structure(vmm_config_get(v, cap + PCI_MSIX_PBA, 4), &v->msix.pba_bar, &v->msix.pba);
	if (v->msix.table_bar >= VMM_BARS || v->msix.pba_bar >= VMM_BARS)
		vmm_stop("the MSI-X structures are in no BAR");
}

uint64_t vmm_table_size(const struct vmm *v)
{
	return v->msix.vectors * (uint64_t)PCI_MSIX_ENTRY_SIZE;
}

uint64_t vmm_pba_size(const struct vmm *v)
{
	return (v->msix.vectors + 63) / 64 * 8;
}

uint64_t vmm_size_by_config(const struct vmm *v, unsigned int bar, bool *is_64)
{
	unsigned int at = PCI_BASE_ADDRESS_0 + 4 * bar;
	uint32_t before = vmm_config_get(v, at, 4);
	uint64_t mask;

	vmm_config_put(v, at, 4, ~0U);
	mask = vmm_config_get(v, at, 4);
	*is_64 = !(before & PCI_BASE_ADDRESS_SPACE_IO) &&
		 (before & PCI_BASE_ADDRESS_MEM_TYPE_MASK) == PCI_BASE_ADDRESS_MEM_TYPE_64;
	if ((before & 0xf) != (mask & 0xf))
		vmm_stop("BAR%u: type 0x%x became 0x%x by a write", bar, before & 0xf,
			 (unsigned int)mask & 0xf);
	if (*is_64) {
		vmm_config_put(v, at + 4, 4, ~0U);
		mask |= (uint64_t)vmm_config_get(v, at + 4, 4) << 32;
	} else if (mask) {
		mask |= 0xffffffffULL << 32;
	}
	mask &= before & PCI_BASE_ADDRESS_SPACE_IO ? ~3ULL : ~0xfULL;

	uint64_t size = mask ? ~mask + 1 : 0;

	if (size != v->bars[bar].info->size)
		vmm_stop("BAR%u: 0x%" PRIx64 " by its register, 0x%" PRIx64 " by VFIO", bar, size,
			 (uint64_t)v->bars[bar].info->size);
	return size;
}

void vmm_add_area(struct vmm *v, unsigned int bar, uint64_t at, uint64_t size)
{
	struct vmm_bar *b = &v->bars[bar];

	if (b->count == VMM_AREAS)
		vmm_stop("BAR%u: too many areas", bar);
	b->areas[b->count++] = (struct vmm_area){.at = at, .size = size};
}

void vmm_add_sparse(struct vmm *v, unsigned int bar,
		    const struct vfio_region_info_cap_sparse_mmap *sparse)
{
	for (uint32_t i = 0; i < sparse->nr_areas; i++)
		if (sparse->areas[i].size)
			vmm_add_area(v, bar, sparse->areas[i].offset, sparse->areas[i].size);
}

static bool page_holds(uint64_t page, uint64_t at, uint64_t size)
{
	return page < at + size && at < page + vmm_page();
}

void vmm_add_around(struct vmm *v, unsigned int bar, bool pba)
{
	struct vmm_bar *b = &v->bars[bar];
	bool joins = false;

	for (uint64_t at = 0; at < b->info->size; at += vmm_page()) {
		if ((bar == v->msix.table_bar &&
		     page_holds(at, v->msix.table, vmm_table_size(v))) ||
		    (pba && bar == v->msix.pba_bar &&
		     page_holds(at, v->msix.pba, vmm_pba_size(v)))) {
			joins = false;
			continue;
		}
		if (!joins)
			vmm_add_area(v, bar, at, 0);
		b->areas[b->count - 1].size += vmm_page();
		joins = true;
	}
}

void vmm_mapped(struct vmm_area *area, void *p)
{
	area->error = p == MAP_FAILED ? errno : 0;
	area->p = p == MAP_FAILED ? NULL : p;
}

void vmm_set_irqs(const struct vmm *v)
{
	struct vfio_irq_info info = {.argsz = sizeof(info), .index = VFIO_PCI_MSIX_IRQ_INDEX};
	size_t size = sizeof(struct vfio_irq_set) + v->msix.vectors * sizeof(int32_t);
	int32_t *events = calloc(v->msix.vectors, sizeof(*events));

	if (ioctl(v->user.device, VFIO_DEVICE_GET_IRQ_INFO, &info) < 0)
		vmm_stop("IRQ_INFO: %s", strerror(errno));
	if (info.count != v->msix.vectors || !(info.flags & VFIO_IRQ_INFO_EVENTFD))
		vmm_stop("IRQ_INFO: %u vectors of %u", info.count, v->msix.vectors);

	struct vfio_irq_set *set = calloc(1, size);

	if (!set || !events)
		vmm_stop("out of memory");
	*set = (struct vfio_irq_set){
		.argsz = (uint32_t)size,
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.count = v->msix.vectors,
	};
	for (unsigned int i = 0; i < v->msix.vectors; i++)
		events[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	memcpy(set->data, events, v->msix.vectors * sizeof(*events));
	if (ioctl(v->user.device, VFIO_DEVICE_SET_IRQS, set) != 0)
		vmm_stop("SET_IRQS: %s", strerror(errno));
	free(set);
	v->fire(v, events);
	free(events);
}

void vmm_reset(const struct vmm *v)
{
	if ((v->info.flags & VFIO_DEVICE_FLAGS_RESET) &&
	    ioctl(v->user.device, VFIO_DEVICE_RESET) < 0)
		vmm_stop("DEVICE_RESET: %s", strerror(errno));
}

void vmm_read_pba(const struct vmm *v)
{
	uint64_t at = v->bars[v->msix.pba_bar].info->offset + v->msix.pba;

	for (uint64_t i = 0; i < vmm_pba_size(v); i += 4) {
		uint32_t bits;

		if (pread64(v->user.device, &bits, 4, (off64_t)(at + i)) != 4)
			vmm_stop("the PBA: %s", strerror(errno));
		if (bits)
			vmm_stop("the PBA: 0x%x", bits);
	}
}

/* A message with room for the descriptor that comes with it. */
struct packet {
	struct iovec iov;
	struct msghdr msg;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control; /* last: the header's data has no size */
};

static void packet_init(struct packet *p, void *data, size_t size)
{
	memset(p, 0, sizeof(*p));
	p->iov = (struct iovec){data, size};
	p->msg = (struct msghdr){.msg_iov = &p->iov,
				 .msg_iovlen = 1,
				 .msg_control = &p->control,
				 .msg_controllen = sizeof(p->control)};
}

void vmm_send_fd(int sock, int fd, const void *data, size_t size)
{
	struct packet p;

	packet_init(&p, (void *)(uintptr_t)data, size);
	p.control.header.cmsg_len = CMSG_LEN(sizeof(fd));
	p.control.header.cmsg_level = SOL_SOCKET;
	p.control.header.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&p.control.header), &fd, sizeof(fd));
	if (fd < 0 || sendmsg(sock, &p.msg, 0) != (ssize_t)size)
		vmm_stop("the descriptor can't be sent: %s", strerror(errno));
}

int vmm_receive_fd(int sock, void *data, size_t size)
{
	struct packet p;
	int fd = -1;

	packet_init(&p, data, size);
	if (recvmsg(sock, &p.msg, MSG_CMSG_CLOEXEC) != (ssize_t)size)
		return -1;
	if (!CMSG_FIRSTHDR(&p.msg))
		vmm_stop("a message without a descriptor");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&p.msg)), sizeof(fd));
	return fd;
}
