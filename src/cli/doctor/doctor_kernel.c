/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's part: its version, VFIO's drivers and files, the IOMMU. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli/doctor/doctor.h"

/* The release of the kernel, "6.1.0-18-amd64". False, and a finding, if it can't be known. */
static bool find_release(struct doctor *d, char *buf, size_t size)
{
	struct utsname name;
	int rc = tree_line(&d->tree, buf, size, "proc/sys/kernel/osrelease");

	if (rc < 0 && !*d->tree.root && uname(&name) == 0) {
		snprintf(buf, size, "%s", name.release);
		rc = 0;
	}
	if (rc < 0)
		doctor_say(d, DOCTOR_UNKNOWN, "kernel", "release not known: %s/proc: %s",
			   d->tree.root, strerror(-rc));
	return rc == 0;
}

static void check_release(struct doctor *d, const char *release)
{
	unsigned int major = 0, minor = 0;

	if (sscanf(release, "%u.%u", &major, &minor) != 2) {
		doctor_say(d, DOCTOR_UNKNOWN, "kernel", "'%s' is not a release that can be read",
			   release);
		return;
	}
	if (major > 4 || (major == 4 && minor >= 16)) {
		doctor_say(d, DOCTOR_OK, "kernel",
			   "%s: VFIO lets all of the old table's BAR be mapped (since 4.16)",
			   release);
		return;
	}
	doctor_say(d, DOCTOR_WARNING, "kernel",
		   "%s: VFIO before 4.16 does not let the pages of the hardware's table be mapped",
		   release);
	doctor_way_out(d, "registers in these pages stay slow; a newer kernel maps them");
}

static void check_page_size(struct doctor *d)
{
	long size = sysconf(_SC_PAGESIZE);

	doctor_say(d, DOCTOR_OK, "pages",
		   "%ldK; msixshim scan lists the devices that gain with that", size / 1024);
}

/* Whether the module is there to be loaded: 0, -ENODATA if not, or why that is not known. */
static int module_available(const struct doctor *d, const char *release, const char *file)
{
	int loadable = tree_find(&d->tree, file, "lib/modules/%s/modules.dep", release);
	int builtin = tree_find(&d->tree, file, "lib/modules/%s/modules.builtin", release);

	if (loadable == 0 || builtin == 0)
		return 0;
	return loadable;
}

static void say_no_driver(struct doctor *d, const char *release)
{
	int rc = *release ? module_available(d, release, "/vfio-pci.ko") : -ENOENT;

	doctor_say(d, DOCTOR_PROBLEM, "vfio-pci", "the driver is not in the kernel%s",
		   rc == 0	    ? ", but there is a module"
		   : rc == -ENODATA ? ", and there is no module"
				    : "");
	if (rc == -ENODATA)
		doctor_way_out(d, "install the kernel's other modules, or a kernel with "
				  "CONFIG_VFIO_PCI");
	else
		doctor_way_out(d, "modprobe vfio-pci%s",
			       rc == 0 ? "" : "; from inside a container, on its host");
}

static void check_driver(struct doctor *d, const char *release)
{
	struct tree_names drivers;
	char found[256] = "";
	int rc = tree_list(&d->tree, &drivers, "sys/bus/pci/drivers");

	if (rc < 0) {
		bool no_bus = rc == -ENOENT && tree_exists(&d->tree, "sys/bus") == 0;

		doctor_say(d, no_bus ? DOCTOR_PROBLEM : DOCTOR_UNKNOWN, "vfio-pci",
			   "%s%s/sys/bus/pci/drivers: %s",
			   no_bus ? "" : "not known: ", d->tree.root, strerror(-rc));
		doctor_way_out(d, no_bus ? "a kernel with PCI" : "/sys has to be mounted");
		return;
	}
	for (size_t i = 0; i < drivers.count; i++) {
		size_t len = strlen(found);

		if (strstr(drivers.list[i], "vfio"))
			snprintf(found + len, sizeof(found) - len, "%s%s", len ? ", " : "",
				 drivers.list[i]);
	}
	tree_names_free(&drivers);
	if (*found)
		doctor_say(d, DOCTOR_OK, "vfio-pci", "the kernel has %s", found);
	else
		say_no_driver(d, release);
}

/*
 * Whether /dev/`name`, of the misc device `misc`, can be opened. It is opened only if its driver
 * is there: otherwise that might load it. -ENODEV: no driver.
 */
static int try_open(const struct doctor *d, const char *name, const char *misc)
{
	char path[4096];
	int fd;

	if (tree_exists(&d->tree, "sys/class/misc/%s", misc) < 0)
		return -ENODEV;
	snprintf(path, sizeof(path), "%s/dev/%s", d->tree.root, name);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Says of /dev/`name` what try_open() gave; `other`: what it gave for the other way to VFIO. */
static void say_interface(struct doctor *d, const char *subject, const char *name, int rc,
			  int other)
{
	if (rc == 0) {
		doctor_say(d, DOCTOR_OK, subject, "/dev/%s can be opened", name);
		return;
	}
	doctor_say(d, other == 0 ? DOCTOR_WARNING : DOCTOR_PROBLEM, subject, "/dev/%s: %s", name,
		   strerror(-rc));
	if (rc == -ENOENT)
		doctor_way_out(d,
			       "a container needs the file as well as the kernel: --device /dev/%s",
			       name);
	else
		doctor_way_out(d, "the user of the VMM needs to read and write it, and a "
				  "container's device rules have to allow it");
}

/* Groups with their container, and iommufd: one is enough; which of them depends on the VMM. */
static void check_interfaces(struct doctor *d)
{
	int container = try_open(d, "vfio/vfio", "vfio"), iommufd = try_open(d, "iommu", "iommu");

	if (tree_exists(&d->tree, "sys/class") < 0) {
		doctor_say(d, DOCTOR_UNKNOWN, "vfio", "not known: there is no %s/sys/class",
			   d->tree.root);
		return;
	}
	if (container == -ENODEV && iommufd == -ENODEV) {
		doctor_say(d, DOCTOR_PROBLEM, "vfio",
			   "the kernel has neither /dev/vfio/vfio nor /dev/iommu");
		doctor_way_out(d, "modprobe -a vfio-pci vfio_iommu_type1");
		return;
	}
	if (container != -ENODEV)
		say_interface(d, "vfio", "vfio/vfio", container, iommufd);
	else
		doctor_say(d, DOCTOR_OK, "vfio",
			   "the kernel has no /dev/vfio/vfio; VMMs have to use /dev/iommu");
	if (iommufd != -ENODEV)
		say_interface(d, "iommufd", "iommu", iommufd, container);
	else
		doctor_say(d, DOCTOR_OK, "iommufd",
			   "the kernel has no /dev/iommu (6.2 and later may); VMMs have to use "
			   "/dev/vfio/vfio");
}

void doctor_kernel(struct doctor *d)
{
	char release[128] = "";

	if (find_release(d, release, sizeof(release)))
		check_release(d, release);
	check_page_size(d);
	check_driver(d, release);
	check_interfaces(d);
}

/* What the command line says of the IOMMU. NULL: nothing that turns it off. */
static const char *switched_off(const struct doctor *d)
{
	static const char *const words[] = {"intel_iommu=off", "amd_iommu=off", "iommu=off"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (tree_find(&d->tree, words[i], "proc/cmdline") == 0)
			return words[i];
	}
	return NULL;
}

static bool has_noiommu(const struct doctor *d)
{
	char value[8] = "";

	return tree_line(&d->tree, value, sizeof(value),
			 "sys/module/vfio/parameters/enable_unsafe_noiommu_mode") == 0 &&
	       *value == 'Y';
}

static void say_no_groups(struct doctor *d)
{
	struct tree_names units;
	const char *off = switched_off(d);
	size_t count;

	if (tree_list(&d->tree, &units, "sys/class/iommu") < 0)
		units.count = 0;
	count = units.count;
	tree_names_free(&units);
	if (has_noiommu(d)) {
		doctor_say(d, DOCTOR_WARNING, "iommu",
			   "no groups, but VFIO's no-IOMMU mode is on: DPDK can use that, VMMs "
			   "can't");
		return;
	}
	doctor_say(d, DOCTOR_PROBLEM, "iommu", "no IOMMU groups: %s%s",
		   off	   ? "the kernel was booted with "
		   : count ? "the kernel has an IOMMU, but no device is behind it"
			   : "the kernel found no IOMMU",
		   off ? off : "");
	doctor_way_out(d,
		       off ? "boot without that"
			   : "turn on VT-d, AMD-Vi or the SMMU in the firmware; with Intel, boot "
			     "with intel_iommu=on; a virtual machine needs an emulated IOMMU");
}

void doctor_iommu(struct doctor *d)
{
	struct tree_names groups;
	int rc = tree_list(&d->tree, &groups, "sys/kernel/iommu_groups");

	if (rc < 0 && rc != -ENOENT)
		doctor_say(d, DOCTOR_UNKNOWN, "iommu", "not known: %s/sys/kernel/iommu_groups: %s",
			   d->tree.root, strerror(-rc));
	else if (rc < 0 && tree_exists(&d->tree, "sys/kernel") < 0)
		doctor_say(d, DOCTOR_UNKNOWN, "iommu", "not known: there is no %s/sys/kernel",
			   d->tree.root);
	else if (!groups.count)
		say_no_groups(d);
	else
		doctor_say(d, DOCTOR_OK, "iommu", "it is on, with %zu group%s", groups.count,
			   groups.count == 1 ? "" : "s");
	tree_names_free(&groups);
}
