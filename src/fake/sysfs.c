/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake's part of sysfs and /dev/vfio: a private tree that paths are redirected to. */
#include "fake/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/pci_regs.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/le.h"
#include "core/pci_cfg.h"
#include "desc/desc.h"
#include "fake/entry/entry.h"
#include "fake/log.h"
#include "fake/node.h"
#include "fake/pci/dev.h"
#include "fake/share.h"
#include "fake/state.h"
#include "fake/sys.h"
#include "fake/user.h"

#define ALL_DEVICES "/sys/bus/pci/devices"
#define DEVICES	    ALL_DEVICES "/"
#define ALL_GROUPS  "/sys/kernel/iommu_groups"
#define GROUPS	    ALL_GROUPS "/"
#define ALL_NODES   "/dev/vfio"
#define NODES	    ALL_NODES "/"
#define NUMBERS	    "/sys/dev/char/"
#define IOMMUFD	    "/dev/iommu"
#define MODULES	    "/sys/module/"

/* Lines of a resource file: the BARs, the ROM, the BARs of virtual functions. */
#define RESOURCES    13
#define ROM_RESOURCE 6

/* Its flags: the kernel's IORESOURCE_*. */
#define RES_IO	     0x100
#define RES_MEM	     0x200
#define RES_PREFETCH 0x2000
#define RES_ALIGN    0x40000
#define RES_MEM64    0x100000

static char root[PATH_MAX / 2]; /* of the tree; empty before its first use */
static pid_t owner;

static bool make_path(char *buf, const char *format, va_list ap)
{
	size_t len = (size_t)snprintf(buf, PATH_MAX, "%s", root);

	return vsnprintf(buf + len, PATH_MAX - len, format, ap) < (int)(PATH_MAX - len);
}

/* Makes the directory and its parents below the root. */
static void make_dir(const char *format, ...)
{
	char path[PATH_MAX];
	va_list ap;
	bool ok;

	va_start(ap, format);
	ok = make_path(path, format, ap);
	va_end(ap);
	for (char *p = path + strlen(root) + 1; ok && *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		mkdir(path, 0700);
		*p = '/';
	}
	if (ok)
		mkdir(path, 0700);
}

static void make_file(const void *data, size_t len, const char *format, ...)
{
	char path[PATH_MAX];
	va_list ap;
	int fd = -1;

	va_start(ap, format);
	if (make_path(path, format, ap))
		fd = sys_open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	va_end(ap);
	if (fd < 0)
		return;
	sys_write(fd, data, len);
	sys_close(fd);
}

static void make_link(const char *target, const char *format, ...)
{
	char path[PATH_MAX];
	va_list ap;

	va_start(ap, format);
	if (make_path(path, format, ap) && symlink(target, path) && errno != EEXIST)
		log_complain("fakevfio: %s: %s", path, error_name(errno));
	va_end(ap);
}

static void make_number(const struct fake_dev *d, const char *name, unsigned int digits,
			uint32_t value)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "0x%0*x\n", (int)digits, value);

	make_file(text, (size_t)len, DEVICES "%s/%s", d->name, name);
}

static uint64_t resource_flags(const struct desc_bar *b)
{
	if (b->bar.kind == BAR_IO)
		return RES_ALIGN | RES_IO | PCI_BASE_ADDRESS_SPACE_IO;
	return RES_ALIGN | RES_MEM | pci_bar_flags(&b->bar) |
	       (b->bar.prefetchable ? RES_PREFETCH : 0) |
	       (b->bar.kind == BAR_MEM64 ? RES_MEM64 : 0);
}

static void make_resource(const struct fake_dev *d)
{
	char text[RESOURCES * 60];
	size_t len = 0;

	for (unsigned int i = 0; i < RESOURCES; i++) {
		const struct desc_bar *b = i < PCI_BARS ? &d->desc.bars[i] : NULL;
		uint64_t start = 0, end = 0, flags = 0;

		if (b && desc_bar_size(&d->desc, i)) {
			start = b->unassigned ? 0 : b->address;
			end = start + b->bar.size - 1;
			flags = resource_flags(b);
		} else if (i == ROM_RESOURCE && d->desc.rom_size) {
			start = d->desc.rom_address;
			end = start + d->desc.rom_size - 1;
			flags = RES_ALIGN | RES_MEM;
		}
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"0x%016llx 0x%016llx 0x%016llx\n",
					(unsigned long long)start, (unsigned long long)end,
					(unsigned long long)flags);
	}
	make_file(text, len, DEVICES "%s/resource", d->name);
}

/* The device's own node, and the files that tell its numbers. */
static void make_node(const struct fake_dev *d)
{
	unsigned int index = fake_dev_index(d);
	char text[16], target[80];
	int len = snprintf(text, sizeof(text), "%d:%u\n", FAKE_CDEV_MAJOR, index);

	make_dir(DEVICES "%s/vfio-dev/vfio%u", d->name, index);
	make_file(text, (size_t)len, DEVICES "%s/vfio-dev/vfio%u/dev", d->name, index);
	make_file("", 0, NODES "devices/vfio%u", index);
	make_dir(NUMBERS);
	snprintf(target, sizeof(target), "../../bus/pci/devices/%s/vfio-dev/vfio%u", d->name,
		 index);
	make_link(target, NUMBERS "%d:%u", FAKE_CDEV_MAJOR, index);
}

static void make_dev(const struct fake_dev *d)
{
	const uint8_t *cfg = d->desc.cfg;
	char target[64];

	make_dir(DEVICES "%s", d->name);
	make_node(d);
	make_dir(GROUPS "%u/devices", d->desc.group);
	make_number(d, "vendor", 4, le16_get(cfg + PCI_VENDOR_ID));
	make_number(d, "device", 4, le16_get(cfg + PCI_DEVICE_ID));
	make_number(d, "subsystem_vendor", 4, le16_get(cfg + PCI_SUBSYSTEM_VENDOR_ID));
	make_number(d, "subsystem_device", 4, le16_get(cfg + PCI_SUBSYSTEM_ID));
	make_number(d, "revision", 2, cfg[PCI_REVISION_ID]);
	make_number(d, "class", 6, le32_get(cfg + PCI_CLASS_REVISION) >> 8);
	make_file(cfg, d->desc.cfg_size, DEVICES "%s/config", d->name);
	make_resource(d);
	snprintf(target, sizeof(target), "../../../../kernel/iommu_groups/%u", d->desc.group);
	make_link(target, DEVICES "%s/iommu_group", d->name);
	make_link("../../../../bus/pci", DEVICES "%s/subsystem", d->name);
	make_link("../../drivers/vfio-pci", DEVICES "%s/driver", d->name);
	snprintf(target, sizeof(target), "../../../../bus/pci/devices/%s", d->name);
	make_link(target, GROUPS "%u/devices/%s", d->desc.group, d->name);
}

/* A directory for this process alone, removed when it exits. */
static bool make_own_root(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(root, sizeof(root), "%s/fakevfio.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(root)) {
		log_complain("fakevfio: %s: %s", root, error_name(errno));
		root[0] = 0;
		return false;
	}
	/* Resolved paths are compared with it. */
	char *real = NEXT(realpath)(root, NULL);

	if (real && strlen(real) < sizeof(root))
		memcpy(root, real, strlen(real) + 1);
	free(real);
	owner = getpid();
	return true;
}

/* The directory for all processes. Returns whether there is nothing in it yet. */
static bool share_root(const struct fake_state *s)
{
	if (snprintf(root, sizeof(root), "%s/root", share_dir()) >= (int)sizeof(root)) {
		root[0] = 0;
		return false;
	}
	mkdir(root, 0700);
	return !s->has_tree;
}

static void make_tree(struct fake_state *s)
{
	if (root[0] || !(share_dir()[0] ? share_root(s) : make_own_root()))
		return;
	make_dir("/sys/bus/pci/drivers/vfio-pci");
	make_dir(MODULES "vfio");
	make_dir(MODULES "vfio_pci");
	make_dir("/dev/vfio/devices");
	make_file("", 0, NODES "vfio");
	make_file("", 0, IOMMUFD);
	for (uint32_t i = 0; i < s->nr_groups; i++)
		make_file("", 0, NODES "%u", s->groups[i].number);
	for (uint32_t i = 0; i < s->nr_devs; i++)
		make_dev(&s->devs[i]);
	s->has_tree = true;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void __attribute__((destructor)) remove_tree(void)
{
	if (root[0] && owner == getpid())
		nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* What follows prefix in path, up to the next '/'; NULL if path does not start so. */
static const char *part_after(const char *path, const char *prefix, size_t *len)
{
	size_t n = strlen(prefix);

	if (strncmp(path, prefix, n) != 0)
		return NULL;
	*len = strcspn(path + n, "/");
	return path + n;
}

static bool is_part(const char *part, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(part, name, len) == 0;
}

/* Whether it is the number of a device's node, as sysfs writes it. */
static bool is_node_number(const char *number)
{
	struct fake_state *s = fake_state();
	char text[16];

	for (uint32_t i = 0; i < s->nr_devs; i++) {
		snprintf(text, sizeof(text), "%d:%u", FAKE_CDEV_MAJOR, i);
		if (strcmp(number, text) == 0)
			return true;
	}
	return false;
}

static bool is_ours(const char *path)
{
	const char *part;
	size_t len;

	if (fake_broken())
		return false;
	/* a program that looks for devices finds these, and no other ones */
	if (strcmp(path, ALL_DEVICES) == 0 || strcmp(path, ALL_GROUPS) == 0 ||
	    strcmp(path, ALL_NODES) == 0)
		return true;
	if ((part = part_after(path, DEVICES, &len)))
		return !len || fake_dev_named(part, len);
	if ((part = part_after(path, MODULES, &len)))
		return is_part(part, len, "vfio") || is_part(part, len, "vfio_pci");
	if ((part = part_after(path, GROUPS, &len)))
		return !len || fake_group_named(part, len);
	if (strcmp(path, IOMMUFD) == 0)
		return true;
	if ((part = part_after(path, NUMBERS, &len)))
		return is_node_number(part);
	part = part_after(path, NODES, &len);
	return part && (!len || is_part(part, len, "vfio") || is_part(part, len, "devices") ||
			fake_group_named(part, len));
}

static bool could_be_ours(const char *path)
{
	return fake_wanted() && (user_starts(path, "/sys/") || user_starts(path, ALL_NODES) ||
				 user_starts(path, IOMMUFD));
}

const char *sysfs_path(const char *path, char *buf)
{
	struct fake_state *s = could_be_ours(path) ? fake_state() : NULL;
	int saved = errno;
	bool ours = false;

	if (s && is_ours(path)) {
		fake_lock();
		make_tree(s);
		fake_unlock();
		ours = root[0] && snprintf(buf, PATH_MAX, "%s%s", root, path) < PATH_MAX;
	}
	errno = saved;
	return ours ? buf : path;
}

const char *sysfs_unpath(const char *path)
{
	size_t len = strlen(root);

	return len && strncmp(path, root, len) == 0 && path[len] == '/' ? path + len : path;
}
