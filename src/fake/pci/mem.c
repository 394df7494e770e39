/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of a device's regions: its contents, and the gate of COMMAND.MEM. */
#include "fake/pci/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <unistd.h>

#include "core/pci_cfg.h"
#include "desc/desc.h"
#include "fake/file.h"
#include "fake/log.h"
#include "fake/pci/dev.h"
#include "fake/pci/irq/irq.h"
#include "fake/sys.h"
#include "msixshim/fakevfio.h"

#define FILL_START (1 << 20)
#define FILL_END   (64 << 10)
#define CHUNK	   4096

static int contents_fd(const struct fake_dev *d)
{
	return fake_file_fd(d->shut ? &d->shut_file : &d->file);
}

int dev_mem_read(struct fake_dev *d, unsigned int bar, uint64_t offset, void *buf, size_t n)
{
	return sys_pread(contents_fd(d), buf, n, REGION_OFFSET(bar) + offset) == (ssize_t)n ? 0
											    : -EIO;
}

int dev_mem_write(struct fake_dev *d, unsigned int bar, uint64_t offset, const void *buf, size_t n)
{
	return sys_pwrite(contents_fd(d), buf, n, REGION_OFFSET(bar) + offset) == (ssize_t)n ? 0
											     : -EIO;
}

/* Copies what is not a hole. */
static bool copy_sparse(int from, int to)
{
	uint8_t buf[CHUNK];
	off_t pos = 0;

	while ((pos = sys_lseek(from, pos, SEEK_DATA)) >= 0) {
		off_t end = sys_lseek(from, pos, SEEK_HOLE);

		while (pos < end) {
			size_t n = end - pos < CHUNK ? (size_t)(end - pos) : CHUNK;

			if (sys_pread(from, buf, n, (uint64_t)pos) != (ssize_t)n ||
			    sys_pwrite(to, buf, n, (uint64_t)pos) != (ssize_t)n)
				return false;
			pos += (off_t)n;
		}
	}
	return true;
}

void dev_mem_open(struct fake_dev *d)
{
	/* Made now, for children that are forked before the gate is ever closed. */
	if (fake_file_fd(&d->shut_file) < 0)
		fake_file_create(&d->shut_file, 0);
	d->shut = false;
	if (ftruncate(fake_file_fd(&d->file), (off_t)REGION_OFFSET(VFIO_PCI_NUM_REGIONS)))
		log_complain("fakevfio: %s: no memory for the BARs", d->name);
}

/*
 * In low power it is closed for mappings alone. A closed gate is an empty file: an access to a
 * mapping of it gets a SIGBUS, in any process, and finds the contents again after the file has its
 * size back.
 */
void dev_update_gate(struct fake_dev *d)
{
	bool shut = d->low_power || !dev_memory_enabled(d);
	int from = contents_fd(d), to = fake_file_fd(shut ? &d->shut_file : &d->file);
	int saved = errno;

	if (shut == d->shut)
		return;
	if (shut && to < 0)
		to = fake_file_create(&d->shut_file, 0);
	if (from < 0 || ftruncate(to, (off_t)REGION_OFFSET(VFIO_PCI_NUM_REGIONS)) ||
	    !copy_sparse(from, to))
		log_complain("fakevfio: %s: contents of the BARs are lost", d->name);
	d->shut = shut;
	if (ftruncate(from, 0))
		log_complain("fakevfio: %s: the memory gate does not work", d->name);
	errno = saved;
}

static void fill_range(struct fake_dev *d, unsigned int bar, uint64_t start, uint64_t end)
{
	uint8_t buf[CHUNK];

	while (start < end) {
		size_t n = end - start < CHUNK ? end - start : CHUNK;

		for (size_t i = 0; i < n; i++)
			buf[i] = fakevfio_pattern(bar, start + i);
		dev_mem_write(d, bar, start, buf, n);
		start += n;
	}
}

static void fill_bar(struct fake_dev *d, unsigned int bar)
{
	uint64_t size = desc_bar_size(&d->desc, bar), start;

	fallocate(contents_fd(d), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		  (off_t)REGION_OFFSET(bar), (off_t)REGION_OFFSET(1));
	if (d->desc.bars[bar].zero)
		return;
	start = size < FILL_START ? size : FILL_START;
	fill_range(d, bar, 0, start);
	if (size > FILL_END && size - FILL_END > start)
		start = size - FILL_END;
	fill_range(d, bar, start, size);
}

/* [offset, offset + n) of a BAR, as far as it is inside. */
static void zero_range(struct fake_dev *d, unsigned int bar, uint64_t offset, uint64_t n)
{
	static const uint8_t zeros[CHUNK];
	uint64_t size = bar < PCI_BARS ? desc_bar_size(&d->desc, bar) : 0;

	while (n && offset < size) {
		uint64_t part = n < CHUNK ? n : CHUNK;

		if (part > size - offset)
			part = size - offset;
		dev_mem_write(d, bar, offset, zeros, part);
		offset += part;
		n -= part;
	}
}

void dev_mem_fill(struct fake_dev *d)
{
	for (unsigned int i = 0; i < PCI_BARS; i++)
		fill_bar(d, i);
	fill_range(d, VFIO_PCI_ROM_REGION_INDEX, 0, d->desc.rom_size);
	if (!d->msix.pos)
		return;
	zero_range(d, d->msix.pba_bir, d->msix.pba_offset, pci_msix_pba_size(d->msix.vectors));
	irq_restore_table(d);
}
