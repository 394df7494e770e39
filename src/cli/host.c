/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PCI devices of this host, by libpci and nothing but its way through sysfs: the others
 * would write to I/O ports. Nothing is ever written to a device.
 */
#include <errno.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/device.h"
#include "core/le.h"

/* What sysfs gives to any user: as much as a header has. */
#define HEADER_SIZE 64

#define CLASS_BRIDGE_PCI     0x0604
#define CLASS_BRIDGE_CARDBUS 0x0607

/* Where the error handler goes, which must not return, and what it was told. */
static jmp_buf failed;
static char failure[256];

static void __attribute__((noreturn, format(printf, 1, 2))) give_up(char *message, ...)
{
	va_list ap;

	va_start(ap, message);
	vsnprintf(failure, sizeof(failure), message, ap);
	va_end(ap);
	longjmp(failed, 1);
}

static void __attribute__((format(printf, 1, 2))) say_nothing(char *message, ...)
{
}

/* Runs fn(arg). False, with `failure` filled in, if libpci gave up in there. */
static bool attempt(void (*fn)(void *arg), void *arg)
{
	if (setjmp(failed))
		return false;
	fn(arg);
	return true;
}

/* One device on its way from libpci to us. */
struct found {
	struct pci_access *access; /* that of pci moves from release to release of libpci */
	struct pci_dev *pci;
	struct device *device;
	const char *sysfs;
};

static void copy_string(struct pci_dev *pci, uint32_t property, char *buf, size_t size)
{
	const char *text = pci_get_string_property(pci, property);

	snprintf(buf, size, "%s", text ? text : "");
}

static bool is_vf(const struct found *f)
{
	char address[PCI_BDF_SIZE], path[4096];
	struct stat st;

	snprintf(path, sizeof(path), "%s/devices/%s/physfn", f->sysfs,
		 pci_bdf_print(&f->device->desc.bdf, address));
	return stat(path, &st) == 0;
}

/* A device that does not answer reads as ff. A virtual function does so for its ids alone. */
static bool is_silent(const uint8_t *cfg)
{
	for (unsigned int i = 0; i < HEADER_SIZE; i++) {
		if (cfg[i] != 0xff)
			return false;
	}
	return true;
}

/*
 * As much of the configuration space as this user may read; the rest stays 0. What the kernel
 * knows better is in the header: a virtual function's own ids read as ffff.
 */
static void read_config(struct pci_dev *pci, struct device *d)
{
	uint8_t *cfg = d->desc.cfg;

	d->desc.cfg_size = PCI_CFG_SIZE;
	d->header_type = pci->device_class == CLASS_BRIDGE_PCI	     ? 1
			 : pci->device_class == CLASS_BRIDGE_CARDBUS ? 2
								     : 0;
	if (pci_read_block(pci, 0, cfg, HEADER_SIZE))
		d->header_type = cfg[PCI_HEADER_TYPE] & 0x7f;
	/* libpci 3.15 goes on where the files of a device are not there */
	else if (pci->vendor_id == 0xffff)
		give_up("Cannot open its configuration space: it has vanished");
	if (!pci_read_block(pci, HEADER_SIZE, cfg + HEADER_SIZE, PCI_CFG_SIZE - HEADER_SIZE))
		d->partial = DESC_NOTE_CAPS_DENIED;
	if (is_silent(cfg)) {
		d->header_type = 0;
		d->partial = DESC_NOTE_CAPS_SILENT;
	}
	if (!d->partial &&
	    pci_read_block(pci, PCI_CFG_SIZE, cfg + PCI_CFG_SIZE, PCI_CFG_EXT_SIZE - PCI_CFG_SIZE))
		d->desc.cfg_size = PCI_CFG_EXT_SIZE;
	le16_put(cfg + PCI_VENDOR_ID, pci->vendor_id);
	le16_put(cfg + PCI_DEVICE_ID, pci->device_id);
	le32_put(cfg + PCI_REVISION_ID,
		 (uint32_t)pci->device_class << 16 | (uint32_t)pci->prog_if << 8 | pci->rev_id);
	if (d->header_type == 0 && pci->known_fields & PCI_FILL_SUBSYS) {
		le16_put(cfg + PCI_SUBSYSTEM_VENDOR_ID, pci->subsys_vendor_id);
		le16_put(cfg + PCI_SUBSYSTEM_ID, pci->subsys_id);
	}
}

/* The BARs as vfio-pci shows them: it, too, goes by the kernel's resources. */
static void read_bars(const struct pci_dev *pci, struct desc *d)
{
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		struct desc_bar *bar = &d->bars[i];

		if (bar->bar.kind == BAR_UPPER || !pci->size[i])
			continue;
		bar->bar.size = pci->size[i];
		bar->bar.kind = pci->flags[i] & PCI_IORESOURCE_IO	? BAR_IO
				: pci->flags[i] & PCI_IORESOURCE_MEM_64 ? BAR_MEM64
									: BAR_MEM32;
		bar->bar.prefetchable =
			bar->bar.kind != BAR_IO && pci->flags[i] & PCI_IORESOURCE_PREFETCH;
		bar->address = pci->base_addr[i] &
			       (bar->bar.kind == BAR_IO ? PCI_ADDR_IO_MASK : PCI_ADDR_MEM_MASK);
		bar->unassigned = bar->address == 0;
		if (bar->bar.kind == BAR_MEM64 && i + 1 < PCI_BARS)
			d->bars[i + 1].bar.kind = BAR_UPPER;
	}
	d->rom_size = (uint32_t)pci->rom_size;
	d->rom_address = (uint32_t)(pci->rom_base_addr & PCI_ROM_ADDRESS_MASK);
}

static void read_name(const struct found *f)
{
	struct device *d = f->device;

	if (!pci_lookup_name(f->access, d->name, sizeof(d->name),
			     PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE | PCI_LOOKUP_NO_NUMBERS |
				     PCI_LOOKUP_NO_HWDB,
			     f->pci->vendor_id, f->pci->device_id))
		d->name[0] = '\0';
}

static void read_device(void *arg)
{
	const struct found *f = arg;
	struct pci_dev *pci = f->pci;
	struct device *d = f->device;
	char group[16], *end;

	pci_fill_info(pci, PCI_FILL_IDENT | PCI_FILL_CLASS | PCI_FILL_CLASS_EXT | PCI_FILL_SUBSYS |
				   PCI_FILL_BASES | PCI_FILL_ROM_BASE | PCI_FILL_SIZES |
				   PCI_FILL_IO_FLAGS | PCI_FILL_IOMMU_GROUP | PCI_FILL_DRIVER);
	d->desc.vf = is_vf(f);
	read_config(pci, d);
	read_bars(pci, &d->desc);
	read_name(f);
	copy_string(pci, PCI_FILL_DRIVER, d->driver, sizeof(d->driver));
	copy_string(pci, PCI_FILL_IOMMU_GROUP, group, sizeof(group));
	d->desc.group = (uint32_t)strtoul(group, &end, 10);
	if (end == group || *end)
		d->desc.group = DESC_NO_GROUP;
}

static int by_address(const void *a, const void *b)
{
	const struct device *x = a, *y = b;

	return pci_bdf_compare(&x->desc.bdf, &y->desc.bdf);
}

static int collect(struct pci_access *pci, const char *sysfs, struct devices *ret)
{
	size_t count = 0;

	for (struct pci_dev *d = pci->devices; d; d = d->next)
		count++;
	ret->list = calloc(count + 1, sizeof(*ret->list));
	if (!ret->list)
		return -ENOMEM;
	for (struct pci_dev *d = pci->devices; d; d = d->next) {
		struct found found = {pci, d, &ret->list[ret->count], sysfs};
		struct pci_bdf bdf = {(uint32_t)d->domain, d->bus, d->dev, d->func};
		char address[PCI_BDF_SIZE];

		*found.device = (struct device){.desc.bdf = bdf};
		if (attempt(read_device, &found)) {
			ret->count++;
			continue;
		}
		ret->incomplete = true;
		cli_error("%s: left out: %s", pci_bdf_print(&bdf, address), failure);
	}
	qsort(ret->list, ret->count, sizeof(*ret->list), by_address);
	return 0;
}

static void scan_bus(void *arg)
{
	struct pci_access *pci = arg;

	pci_init(pci);
	pci_scan_bus(pci);
}

int devices_of_sysfs(const char *sysfs, struct devices *ret, char *err, size_t size)
{
	char path[4096];
	int rc;

	*ret = (struct devices){.list = NULL};
	snprintf(path, sizeof(path), "%s/devices", sysfs);
	if (cli_access(path, R_OK | X_OK) < 0) {
		rc = -errno;
		snprintf(err, size, "%s: %s%s", path, strerror(-rc),
			 rc == -ENOENT ? ": this host shows no PCI bus" : "");
		return rc;
	}

	struct pci_access *pci = pci_alloc();

	pci->method = PCI_ACCESS_SYS_BUS_PCI;
	pci->error = give_up;
	pci->warning = say_nothing;
	pci->debug = say_nothing;
	snprintf(path, sizeof(path), "%s", sysfs);
	pci_set_param(pci, "sysfs.path", path);
	rc = attempt(scan_bus, pci) ? collect(pci, sysfs, ret) : -EIO;
	if (rc == -EIO)
		snprintf(err, size, "libpci: %s", failure);
	else if (rc < 0)
		snprintf(err, size, "%s", strerror(-rc));
	pci_cleanup(pci);
	return rc;
}

int devices_of_host(struct devices *ret, char *err, size_t size)
{
	return devices_of_sysfs("/sys/bus/pci", ret, err, size);
}
