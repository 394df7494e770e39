/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "msixshim/le.h"
#include "msixshim/vfio_dev.h"

/* The verdict of vfio_dev_read_facts() that is no error. */
#define NOT_TYPE0_PCI 1

/* More regions than any driver has; those beyond are not looked at. */
#define REGIONS_MAX 64

struct regions {
	uint32_t nr;
	struct {
		uint64_t offset, size;
	} at[REGIONS_MAX];
};

static int read_regions(const struct vfio_ops *ops, int fd, struct regions *ret)
{
	struct vfio_device_info dev = {.argsz = sizeof(dev)};
	int rc = ops->ioctl(fd, VFIO_DEVICE_GET_INFO, &dev);

	if (rc < 0)
		return rc;
	if (!(dev.flags & VFIO_DEVICE_FLAGS_PCI) || dev.num_regions <= VFIO_PCI_CONFIG_REGION_INDEX)
		return NOT_TYPE0_PCI;
	ret->nr = dev.num_regions < REGIONS_MAX ? dev.num_regions : REGIONS_MAX;
	for (uint32_t i = 0; i < ret->nr; i++) {
		struct vfio_region_info info = {.argsz = sizeof(info), .index = i};

		rc = ops->ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info);
		if (rc < 0 && i <= VFIO_PCI_CONFIG_REGION_INDEX)
			return rc;
		ret->at[i].offset = rc < 0 ? 0 : info.offset;
		ret->at[i].size = rc < 0 ? 0 : info.size;
	}
	return 0;
}

/* Bytes from the start of region `index` to the next one that has a size. */
static uint64_t region_room(const struct regions *r, uint32_t index)
{
	uint64_t start = r->at[index].offset;
	uint64_t room = UINT64_MAX - start;

	for (uint32_t i = 0; i < r->nr; i++) {
		if (i == index || r->at[i].size == 0)
			continue;
		if (r->at[i].offset >= start && r->at[i].offset - start < room)
			room = r->at[i].offset - start;
		else if (r->at[i].offset < start && start - r->at[i].offset < r->at[i].size)
			room = 0;
	}
	return room;
}

/* All of [pos, pos + len) of the configuration space, in one transfer as the kernel does it. */
static int config_read(const struct vfio_dev *dev, int fd, uint64_t pos, void *buf, size_t len)
{
	ssize_t n = dev->ops->pread(fd, buf, len, dev->config_offset + pos);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EIO;
}

static int config_write(const struct vfio_dev *dev, int fd, uint64_t pos, const void *buf,
			size_t len)
{
	ssize_t n = dev->ops->pwrite(fd, buf, len, dev->config_offset + pos);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EIO;
}

/*
 * A register that reads 0 under a BAR with a size: a 32-bit BAR of a VF, which
 * answers to sizing, or one that the host left unassigned, which stays 0.
 */
static int probe_zero_register(const struct vfio_dev *dev, int fd, uint64_t pos,
			       struct pci_bar *bar)
{
	static const uint8_t ones[4] = {0xff, 0xff, 0xff, 0xff}, zeros[4];
	uint8_t reg[4];
	int rc = config_write(dev, fd, pos, ones, sizeof(ones));

	if (rc < 0)
		return rc;
	rc = config_read(dev, fd, pos, reg, sizeof(reg));

	int restored = config_write(dev, fd, pos, zeros, sizeof(zeros));

	if (rc < 0 || restored < 0)
		return rc < 0 ? rc : restored;
	if (le32_get(reg) == 0)
		bar->kind = BAR_UNASSIGNED;
	else
		pci_bar_decode(reg[0], bar);
	return 0;
}

static int read_bars(struct vfio_dev *dev, int fd, const struct regions *regions,
		     const uint8_t *cfg, struct plan_facts *facts)
{
	enum bar_kind behind = BAR_EMPTY; /* what a slot of size 0 is */

	for (uint32_t i = 0; i < PCI_BARS; i++) {
		struct pci_bar *bar = &facts->bars[i];
		uint64_t pos = PCI_BASE_ADDRESS_0 + 4 * i;

		dev->bar_offset[i] = regions->at[i].offset;
		facts->room[i] = region_room(regions, i);
		*bar = (struct pci_bar){.kind = behind, .size = regions->at[i].size};
		behind = BAR_EMPTY;
		if (bar->size == 0)
			continue;
		if (le32_get(cfg + pos) != 0) {
			pci_bar_decode(cfg[pos], bar);
		} else {
			int rc = probe_zero_register(dev, fd, pos, bar);

			if (rc < 0)
				return rc;
		}
		if (bar->kind == BAR_MEM64)
			behind = BAR_UPPER;
		else if (bar->kind == BAR_UNASSIGNED) /* of lost type: it may be 64-bit */
			behind = BAR_UNASSIGNED;
	}
	return 0;
}

int vfio_dev_read_facts(struct vfio_dev *dev, int fd, uint64_t page_size, struct plan_facts *facts,
			uint8_t cfg[PCI_CFG_EXT_SIZE])
{
	struct regions regions;
	int rc = read_regions(dev->ops, fd, &regions);

	if (rc)
		return rc;
	dev->config_offset = regions.at[VFIO_PCI_CONFIG_REGION_INDEX].offset;
	dev->config_size = regions.at[VFIO_PCI_CONFIG_REGION_INDEX].size;
	if (dev->config_size > PCI_CFG_EXT_SIZE)
		dev->config_size = PCI_CFG_EXT_SIZE;
	rc = config_read(dev, fd, 0, cfg, dev->config_size);
	if (rc < 0)
		return rc;
	if (!pci_cfg_is_type0(cfg, (uint32_t)dev->config_size))
		return NOT_TYPE0_PCI;

	*facts = (struct plan_facts){.page_size = page_size};
	pci_cfg_msix(cfg, (uint32_t)dev->config_size, &facts->msix);
	pci_cfg_ids(cfg, (uint32_t)dev->config_size, &facts->ids);
	facts->resizable = pci_cfg_resizable(cfg, (uint32_t)dev->config_size);
	return read_bars(dev, fd, &regions, cfg, facts);
}
