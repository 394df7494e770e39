/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "core/le.h"
#include "vfio/dev.h"

/* What a device that does not answer reads as, and no header type or capability has. */
#define ONES 0xff

static int read_regions(struct vfio_dev *dev, int fd)
{
	struct vfio_device_info device = {.argsz = sizeof(device)};
	int rc = dev->ops->ioctl(fd, VFIO_DEVICE_GET_INFO, &device);

	if (rc < 0)
		return rc;
	if (!(device.flags & VFIO_DEVICE_FLAGS_PCI))
		return VFIO_DEV_NOT_PCI;
	if (device.num_regions <= VFIO_PCI_CONFIG_REGION_INDEX)
		return VFIO_DEV_NO_HEADER;
	dev->nr_regions =
		device.num_regions < VFIO_DEV_REGIONS ? device.num_regions : VFIO_DEV_REGIONS;
	for (uint32_t i = 0; i < dev->nr_regions; i++) {
		struct vfio_region_info info = {.argsz = sizeof(info), .index = i};

		rc = dev->ops->ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info);
		if (rc < 0 && i <= VFIO_PCI_CONFIG_REGION_INDEX)
			return rc;
		dev->region[i].offset = rc < 0 ? 0 : info.offset;
		dev->region[i].size = rc < 0 ? 0 : info.size;
	}
	return 0;
}

/* Bytes from the start of region `index` to the next one that has a size. */
static uint64_t region_room(const struct vfio_dev *dev, uint32_t index)
{
	const struct vfio_dev_region *r = dev->region;
	uint64_t start = r[index].offset;
	uint64_t room = UINT64_MAX - start;

	for (uint32_t i = 0; i < dev->nr_regions; i++) {
		if (i == index || r[i].size == 0)
			continue;
		if (r[i].offset >= start && r[i].offset - start < room)
			room = r[i].offset - start;
		else if (r[i].offset < start && start - r[i].offset < r[i].size)
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

/* Kind and size of the BAR in slot `i`; of one without a size pci_bars_settle() says the kind. */
static int read_bar(const struct vfio_dev *dev, int fd, const uint8_t *cfg, uint32_t i,
		    struct pci_bar *bar)
{
	uint64_t pos = PCI_BASE_ADDRESS_0 + 4 * i;

	bar->size = dev->region[i].size;
	if (bar->size == 0)
		return 0;
	if (le32_get(cfg + pos) == 0)
		return probe_zero_register(dev, fd, pos, bar);
	pci_bar_decode(cfg[pos], bar);
	return 0;
}

static int read_bars(const struct vfio_dev *dev, int fd, const uint8_t *cfg,
		     struct plan_facts *facts)
{
	for (uint32_t i = 0; i < PCI_BARS; i++) {
		int rc = read_bar(dev, fd, cfg, i, &facts->bars[i]);

		if (rc < 0)
			return rc;
		facts->room[i] = region_room(dev, i);
	}
	pci_bars_settle(facts->bars);
	return 0;
}

int vfio_dev_read_config(struct vfio_dev *dev, int fd, uint8_t cfg[PCI_CFG_EXT_SIZE])
{
	int rc = read_regions(dev, fd);

	if (rc)
		return rc;
	dev->config_offset = dev->region[VFIO_PCI_CONFIG_REGION_INDEX].offset;
	dev->config_size = dev->region[VFIO_PCI_CONFIG_REGION_INDEX].size;
	if (dev->config_size > PCI_CFG_EXT_SIZE)
		dev->config_size = PCI_CFG_EXT_SIZE;
	rc = config_read(dev, fd, 0, cfg, dev->config_size);
	if (rc < 0)
		return rc;
	if (dev->config_size < PCI_CFG_SPACE_SIZE)
		return VFIO_DEV_NO_HEADER;
	if (cfg[PCI_HEADER_TYPE] == ONES)
		return VFIO_DEV_SILENT;
	if (!pci_cfg_is_type0(cfg, (uint32_t)dev->config_size))
		return VFIO_DEV_NO_HEADER;
	dev->msix = (struct pci_msix){0};
	/* a device can go away in the middle of its capabilities, too */
	if (!pci_cfg_msix(cfg, (uint32_t)dev->config_size, &dev->msix) &&
	    pci_cfg_find_cap(cfg, (uint32_t)dev->config_size, ONES))
		return VFIO_DEV_SILENT;
	return 0;
}

int vfio_dev_read_facts(const struct vfio_dev *dev, int fd, const uint8_t *cfg, uint64_t page_size,
			struct plan_facts *facts)
{
	*facts = (struct plan_facts){
		.msix = dev->msix,
		.page_size = page_size,
		.resizable = pci_cfg_resizable(cfg, (uint32_t)dev->config_size),
		.registers = pci_cfg_registers(cfg, (uint32_t)dev->config_size),
	};
	pci_cfg_ids(cfg, (uint32_t)dev->config_size, &facts->ids);
	return read_bars(dev, fd, cfg, facts);
}

uint32_t vfio_dev_region_at(const struct vfio_dev *dev, uint64_t offset)
{
	uint32_t found = VFIO_DEV_NO_REGION;

	for (uint32_t i = 0; i < dev->nr_regions; i++) {
		uint64_t start = dev->region[i].offset;

		/* a region without a size may have been left without an offset, too */
		if (start > offset || (start == 0 && i > 0))
			continue;
		if (found == VFIO_DEV_NO_REGION || start > dev->region[found].offset)
			found = i;
	}
	return found;
}
