/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mini_kernel.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stddef.h>
#include <string.h>

#include "core/le.h"
#include "vfio/dev.h"

#define MSIX_POS 0xc0

struct mini_kernel mini;

void mini_reset(uint16_t vectors, uint32_t table, uint32_t pba)
{
	mini = (struct mini_kernel){
		.device_flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
		.beyond = -EINVAL,
		.config_end = -EFAULT,
		.region_shift = 40,
	};
	mini.region[VFIO_PCI_CONFIG_REGION_INDEX].size = PCI_CFG_SIZE;
	le16_put(mini.config + PCI_VENDOR_ID, 0x1000);
	le16_put(mini.config + PCI_DEVICE_ID, 0x0097);
	if (vectors == 0)
		return;
	le16_put(mini.config + PCI_STATUS, PCI_STATUS_CAP_LIST);
	mini.config[PCI_CAPABILITY_LIST] = MSIX_POS;
	mini.config[MSIX_POS] = PCI_CAP_ID_MSIX;
	le16_put(mini.config + MSIX_POS + PCI_MSIX_FLAGS, vectors - 1U);
	le32_put(mini.config + MSIX_POS + PCI_MSIX_TABLE, table);
	le32_put(mini.config + MSIX_POS + PCI_MSIX_PBA, pba);
}

void mini_bar(unsigned int index, uint64_t size, uint8_t bar_flags)
{
	uint32_t table = le32_get(mini.config + MSIX_POS + PCI_MSIX_TABLE);

	mini.region[index] = (struct mini_region){
		.size = size,
		.flags = MINI_MMAP,
		.bar_flags = bar_flags,
		.msix_mappable = (table & PCI_MSIX_TABLE_BIR) == index,
	};
	mini.config[PCI_BASE_ADDRESS_0 + 4 * index] = bar_flags;
}

uint8_t mini_byte(unsigned int bar, uint64_t offset)
{
	return (uint8_t)((bar * 31 + offset * 7) | 1);
}

static bool shows_caps(const struct mini_region *r)
{
	return r->msix_mappable || r->nr_sparse;
}

/* The chain as vfio_info_add_capability() lays it out: in the order in which it is added. */
static uint32_t put_chain(const struct mini_region *r, uint8_t *chain)
{
	struct vfio_region_info_cap_sparse_mmap *s = (void *)chain;
	uint32_t len = 0;

	if (r->nr_sparse) {
		*s = (struct vfio_region_info_cap_sparse_mmap){
			.header = {VFIO_REGION_INFO_CAP_SPARSE_MMAP, 1, 0},
			.nr_areas = r->nr_sparse,
		};
		for (uint32_t i = 0; i < r->nr_sparse; i++) {
			s->areas[i].offset = r->sparse[i].start;
			s->areas[i].size = r->sparse[i].end - r->sparse[i].start;
		}
		len = (uint32_t)(sizeof(*s) + r->nr_sparse * sizeof(s->areas[0]));
	}
	if (r->msix_mappable) {
		struct vfio_info_cap_header *h = (void *)(chain + len);

		*h = (struct vfio_info_cap_header){VFIO_REGION_INFO_CAP_MSIX_MAPPABLE, 1, 0};
		if (len)
			s->header.next = (uint32_t)sizeof(struct vfio_region_info) + len;
		len += sizeof(*h);
	}
	return len;
}

static int region_info(void *arg)
{
	struct vfio_region_info info;
	_Alignas(8) uint8_t chain[256];

	memcpy(&info, arg, sizeof(info));
	if (info.argsz < sizeof(info) || info.index >= MINI_REGIONS)
		return -EINVAL;

	const struct mini_region *r = &mini.region[info.index];

	info.size = r->size;
	info.offset = (uint64_t)info.index << mini.region_shift;
	info.flags = r->flags;
	if (shows_caps(r)) {
		uint32_t len = put_chain(r, chain);

		info.flags |= VFIO_REGION_INFO_FLAG_CAPS;
		if (info.argsz < sizeof(info) + len) {
			info.argsz = (uint32_t)sizeof(info) + len;
			info.cap_offset = 0;
		} else {
			memcpy((uint8_t *)arg + sizeof(info), chain, len);
			info.cap_offset = sizeof(info);
		}
	}
	memcpy(arg, &info, sizeof(info));
	return 0;
}

static int mini_ioctl(int fd, unsigned long request, void *arg)
{
	if (fd != MINI_FD)
		return -ENOTTY;
	if (mini.memory_is_bad)
		return -EFAULT;
	if ((uint32_t)request == VFIO_DEVICE_GET_REGION_INFO)
		return region_info(arg);
	if ((uint32_t)request == VFIO_DEVICE_GET_INFO) {
		struct vfio_device_info *info = arg;

		info->flags = mini.device_flags;
		info->num_regions = MINI_REGIONS;
		info->num_irqs = 5;
		return 0;
	}
	return mini.ioctl_result;
}

/* The virtual BAR registers: size and flags are folded in when they are read. */
static void fold_bars(void)
{
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct mini_region *r = &mini.region[i];
		uint8_t *reg = mini.config + PCI_BASE_ADDRESS_0 + 4 * i;

		if (r->size == 0 && i > 0 && mini.region[i - 1].size &&
		    (mini.region[i - 1].bar_flags & PCI_BASE_ADDRESS_MEM_TYPE_64))
			le32_put(reg,
				 le32_get(reg) & (uint32_t)(~(mini.region[i - 1].size - 1) >> 32));
		else if (r->size == 0 || r->unassigned)
			le32_put(reg, 0);
		else
			le32_put(reg, (le32_get(reg) & (uint32_t) ~(r->size - 1)) | r->bar_flags);
	}
}

static ssize_t config_access(uint64_t pos, void *in, const void *out, size_t count)
{
	if (pos + count > PCI_CFG_SIZE)
		return mini.config_end;
	if (out && pos < PCI_BASE_ADDRESS_0 + 24 && pos + count > PCI_BASE_ADDRESS_0)
		memcpy(mini.config + pos, out, count);
	fold_bars();
	if (in)
		memcpy(in, mini.config + pos, count);
	return (ssize_t)count;
}

/* Bytes of [pos, pos + count) of the BAR that can be transferred, or the error. */
static ssize_t bar_room(unsigned int bar, uint64_t pos, size_t count)
{
	const struct mini_region *r = &mini.region[bar];

	if (count == 0)
		return 0;
	if (r->unassigned || pos >= r->size)
		return mini.beyond;
	if (mini.bar_error)
		return mini.bar_error;
	return (ssize_t)(count < r->size - pos ? count : r->size - pos);
}

static ssize_t mini_op_pread(int fd, void *buf, size_t count, uint64_t offset)
{
	unsigned int index = (unsigned int)(offset >> mini.region_shift);
	uint64_t pos = offset & ((1ULL << mini.region_shift) - 1);

	if (fd != MINI_FD)
		return -EBADF;
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		return config_access(pos, buf, NULL, count);

	ssize_t n = bar_room(index, pos, count);

	mini.reads += n > 0;
	for (ssize_t i = 0; i < n; i++)
		((uint8_t *)buf)[i] = mini_byte(index, pos + (uint64_t)i);
	return n;
}

static ssize_t mini_op_pwrite(int fd, const void *buf, size_t count, uint64_t offset)
{
	unsigned int index = (unsigned int)(offset >> mini.region_shift);
	uint64_t pos = offset & ((1ULL << mini.region_shift) - 1);

	if (fd != MINI_FD)
		return -EBADF;
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		return config_access(pos, NULL, buf, count);

	ssize_t n = bar_room(index, pos, count);

	mini.writes += n > 0;
	mini.last_write = n > 0 ? offset : mini.last_write;
	return n;
}

/* A loop over the elements that ends at the first short one, as the kernel's. */
static ssize_t mini_op_preadv(int fd, const struct iovec *iov, int iovcnt, uint64_t offset)
{
	ssize_t done = 0;

	mini.vector_reads++;
	for (int i = 0; i < iovcnt; i++) {
		ssize_t n =
			mini_op_pread(fd, iov[i].iov_base, iov[i].iov_len, offset + (uint64_t)done);

		if (n < 0)
			return done ? done : n;
		done += n;
		if ((size_t)n != iov[i].iov_len)
			break;
	}
	return done;
}

static bool mini_readable(const void *p, size_t len)
{
	return p && !mini.memory_is_bad;
}

static bool mini_writable(void *p, size_t len)
{
	return p && !mini.memory_is_bad;
}

const struct vfio_ops mini_ops = {
	.ioctl = mini_ioctl,
	.pread = mini_op_pread,
	.pwrite = mini_op_pwrite,
	.preadv = mini_op_preadv,
	.readable = mini_readable,
	.writable = mini_writable,
};

ssize_t mini_pread(struct vfio_dev *dev, void *buf, size_t count, uint64_t offset,
		   struct vfio_effect *effect)
{
	struct iovec iov = {buf, count};
	struct vfio_xfer x = {.fd = MINI_FD, .iov = &iov, .iovcnt = 1, .offset = offset};

	return vfio_dev_complete(dev, &x, mini_op_pread(MINI_FD, buf, count, offset), effect);
}

ssize_t mini_pwrite(struct vfio_dev *dev, const void *buf, size_t count, uint64_t offset,
		    struct vfio_effect *effect)
{
	struct iovec iov = {(void *)buf, count};
	struct vfio_xfer x = {
		.fd = MINI_FD, .iov = &iov, .iovcnt = 1, .offset = offset, .write = true};

	return vfio_dev_complete(dev, &x, mini_op_pwrite(MINI_FD, buf, count, offset), effect);
}

ssize_t mini_preadv(struct vfio_dev *dev, const struct iovec *iov, int iovcnt, uint64_t offset,
		    struct vfio_effect *effect)
{
	struct vfio_xfer x = {
		.fd = MINI_FD,
		.iov = iov,
		.iovcnt = iovcnt,
		.offset = offset,
		.vector = true,
	};

	return vfio_dev_complete(dev, &x, mini_op_preadv(MINI_FD, iov, iovcnt, offset), effect);
}
