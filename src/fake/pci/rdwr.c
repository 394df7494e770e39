/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pread, pwrite and mmap on a device fd: vfio_pci_rdwr.c, vfio_pci_core_mmap(). */
#include "fake/pci/rdwr.h"

#include <errno.h>
#include <limits.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/mman.h>

#include "core/pci_cfg.h"
#include "fake/log.h"
#include "fake/page.h"
#include "fake/pci/config/cfg.h"
#include "fake/pci/dev.h"
#include "fake/pci/feature.h"
#include "fake/pci/mem.h"
#include "fake/user.h"

#define STEP 4096

struct access {
	struct fake_dev *d;
	unsigned int index;
	uint64_t offset;
	uint64_t hole_start; /* of the MSI-X table, [0, 0) if it is elsewhere */
	uint64_t hole_end;
};

static bool is_memory(const struct access *a)
{
	return a->index == VFIO_PCI_ROM_REGION_INDEX ||
	       a->d->desc.bars[a->index].bar.kind != BAR_IO;
}

/* Whether hardware answers: not after a reset that the kernel does not know of. */
static bool hardware_on(const struct access *a)
{
	return a->d->desc.vf || !is_memory(a) || a->d->hw[PCI_COMMAND] & PCI_COMMAND_MEMORY;
}

static int read_step(const struct access *a, void *user, size_t n)
{
	uint8_t buf[STEP];

	memset(buf, 0xff, n);
	if (hardware_on(a) && dev_mem_read(a->d, a->index, a->offset, buf, n))
		return -EIO;
	return user_write(user, buf, n);
}

static int write_step(const struct access *a, const void *user, size_t n)
{
	uint8_t buf[STEP] = {0};

	if (user_read(buf, user, n))
		return -EFAULT;
	return hardware_on(a) ? dev_mem_write(a->d, a->index, a->offset, buf, n) : 0;
}

static int hole_step(void *user, size_t n, bool write)
{
	uint8_t buf[STEP];

	if (write)
		return 0;
	memset(buf, 0xff, n);
	return user_write(user, buf, n);
}

/* vfio_pci_core_do_io_rw() */
static ssize_t do_io(struct access *a, uint8_t *user, size_t count, bool write)
{
	size_t done = 0;

	while (done < count) {
		size_t n = count - done < STEP ? count - done : STEP;
		int error;

		if (a->offset >= a->hole_start && a->offset < a->hole_end) {
			if (n > a->hole_end - a->offset)
				n = a->hole_end - a->offset;
			error = hole_step(user + done, n, write);
		} else {
			if (a->offset < a->hole_start && n > a->hole_start - a->offset)
				n = a->hole_start - a->offset;
			if (is_memory(a) && !dev_memory_enabled(a->d))
				return -EIO;
			error = write ? write_step(a, user + done, n)
				      : read_step(a, user + done, n);
		}
		if (error)
			return error;
		a->offset += n;
		done += n;
	}
	return (ssize_t)count;
}

/* vfio_pci_bar_rw() */
static ssize_t bar_rw(struct fake_dev *d, unsigned int index, uint8_t *user, size_t count,
		      uint64_t offset, bool write)
{
	uint64_t size = dev_region_size(d, index);
	struct access a = {.d = d, .index = index, .offset = offset};

	if (index < PCI_BARS && d->desc.bars[index].unassigned)
		return -EINVAL;
	if (offset >= size)
		return -EINVAL;
	if (count > size - offset)
		count = size - offset;
	if (index < PCI_BARS && d->msix.pos && d->msix.table_bir == index) {
		a.hole_start = d->msix.table_offset;
		a.hole_end = a.hole_start + pci_msix_table_size(d->msix.vectors);
	}
	return do_io(&a, user, count, write);
}

/* vfio_pci_core_read(), vfio_pci_rw() */
static ssize_t rw(struct fake_dev *d, void *user, size_t count, int64_t pos, bool write)
{
	uint64_t index = (uint64_t)pos >> REGION_SHIFT, offset = (uint64_t)pos & REGION_MASK;

	if (pos < 0)
		return -EINVAL;
	if (count > SSIZE_MAX)
		return -EFAULT; /* access_ok(): the buffer reaches into the kernel's half */
	if (count > FAKE_RW_MAX)
		count = FAKE_RW_MAX;
	if (!count)
		return 0;
	if (index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;
	dev_wake(d);
	switch (index) {
	case VFIO_PCI_CONFIG_REGION_INDEX:
		return write ? cfg_write(d, user, count, offset) : cfg_read(d, user, count, offset);
	case VFIO_PCI_ROM_REGION_INDEX:
		if (write)
			return -EINVAL;
		break;
	case VFIO_PCI_VGA_REGION_INDEX:
		return -EINVAL;
	default:
		break;
	}
	return bar_rw(d, (unsigned int)index, user, count, offset, write);
}

ssize_t dev_pread(struct fake_dev *d, void *user, size_t count, int64_t pos)
{
	ssize_t ret = rw(d, user, count, pos, false);

	log_rdwr(d, "pread", pos, count, user, ret);
	return ret;
}

ssize_t dev_pwrite(struct fake_dev *d, const void *user, size_t count, int64_t pos)
{
	ssize_t ret = rw(d, user_unconst(user), count, pos, true);

	log_rdwr(d, "pwrite", pos, count, user, ret);
	return ret;
}

ssize_t dev_rw_refused(struct fake_dev *d, bool write, size_t count, int64_t pos)
{
	log_rdwr(d, write ? "pwrite" : "pread", pos, count, NULL, -EINVAL);
	return -EINVAL;
}

static bool ranges_meet(uint64_t a, uint64_t a_end, uint64_t b, uint64_t b_end)
{
	return a < b_end && b < a_end;
}

/* Before Linux 4.16 the pages that hold a part of the table could not be mapped. */
static bool table_refused(const struct fake_dev *d, unsigned int index, uint64_t start,
			  uint64_t end)
{
	uint64_t table = d->msix.table_offset;

	if (!d->desc.msix_unmapped || !d->msix.pos || d->msix.table_bir != index)
		return false;
	return ranges_meet(start, end, page_down(table),
			   page_up(table + pci_msix_table_size(d->msix.vectors)));
}

int dev_mmap_check(struct fake_dev *d, size_t len, int flags, int64_t pos)
{
	uint64_t index = (uint64_t)pos >> REGION_SHIFT, start = (uint64_t)pos & REGION_MASK;
	uint64_t end = start + page_up(len);

	if (pos < 0 || (uint64_t)pos & page_mask() || !len || index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;
	if ((flags & MAP_TYPE) != MAP_SHARED && (flags & MAP_TYPE) != MAP_SHARED_VALIDATE)
		return -EINVAL;
	if (index >= PCI_BARS || !dev_bar_mappable(d, (unsigned int)index))
		return -EINVAL;
	if (end < start || end > page_up(dev_region_size(d, (unsigned int)index)))
		return -EINVAL;
	if (table_refused(d, (unsigned int)index, start, end))
		return -EINVAL;
	/* There is no address that could be requested. */
	return d->desc.bars[index].unassigned ? -EBUSY : 0;
}
