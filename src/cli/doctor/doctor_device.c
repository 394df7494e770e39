/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices that are bound to vfio-pci: whether their groups are whole, and may be used. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/doctor/doctor.h"

#define SUBJECT "device"

/*
 * A driver that leaves a group usable: vfio_dev_viable() takes devices without a driver and those
 * of a driver that does no DMA itself.
 */
static bool is_harmless(const char *driver)
{
	return strstr(driver, "vfio") || !strcmp(driver, "pcieport") || !strcmp(driver, "pci-stub");
}

/* Another device of the group, with a driver that keeps the group from being used. */
static bool find_obstacle(const struct doctor *d, const char *group, char *address, char *driver)
{
	struct tree_names members;
	bool found = false;

	if (tree_list(&d->tree, &members, "sys/kernel/iommu_groups/%s/devices", group) < 0)
		return false;
	for (size_t i = 0; i < members.count && !found; i++) {
		found = tree_link(&d->tree, driver, TREE_NAME_SIZE, "sys/bus/pci/devices/%s/driver",
				  members.list[i]) == 0 &&
			!is_harmless(driver);
		snprintf(address, TREE_NAME_SIZE, "%s", members.list[i]);
	}
	tree_names_free(&members);
	return found;
}

/*
 * The device's own file, by which iommufd's users open it; "" if it has none. The directory is
 * there without CONFIG_VFIO_DEVICE_CDEV as well, without the number of the file.
 */
static void find_cdev(const struct doctor *d, const char *address, char *buf, size_t size)
{
	struct tree_names names;

	*buf = '\0';
	if (tree_list(&d->tree, &names, "sys/bus/pci/devices/%s/vfio-dev", address) < 0)
		return;
	if (names.count && tree_exists(&d->tree, "sys/bus/pci/devices/%s/vfio-dev/%s/dev", address,
				       names.list[0]) == 0)
		snprintf(buf, size, "vfio/devices/%s", names.list[0]);
	tree_names_free(&names);
}

/* The file of the group. */
static void find_group(const struct doctor *d, const char *group, char *buf, size_t size)
{
	snprintf(buf, size, "vfio/noiommu-%s", group);
	if (tree_exists(&d->tree, "dev/%s", buf) < 0)
		snprintf(buf, size, "vfio/%s", group);
}

/*
 * Says why /dev/`file` can't be used, which rc is; `other` is that of the device's other file:
 * one is enough, and which of them a VMM opens is its own affair.
 */
static void say_denied(struct doctor *d, const char *address, const char *file, int rc, int other)
{
	if (rc == 0 || (rc == -ENOENT && other == 0))
		return;
	doctor_say(d, other == 0 ? DOCTOR_WARNING : DOCTOR_PROBLEM, SUBJECT, "%s: /dev/%s: %s",
		   address, file, strerror(-rc));
	if (rc == -ENOENT)
		doctor_way_out(d, "a container needs the file: --device /dev/%s", file);
	else
		doctor_way_out(d, "the user of the VMM has to read and write it: chown, or a rule "
				  "of udev for the subsystem vfio");
}

static void check_files(struct doctor *d, const char *address, const char *driver,
			const char *group)
{
	char file[TREE_NAME_SIZE + 32], cdev[TREE_NAME_SIZE + 32];
	int rc, cdev_rc = -ENODEV;

	find_group(d, group, file, sizeof(file));
	find_cdev(d, address, cdev, sizeof(cdev));
	rc = tree_may_use(&d->tree, "dev/%s", file);
	if (*cdev)
		cdev_rc = tree_may_use(&d->tree, "dev/%s", cdev);
	if (rc == 0 || cdev_rc == 0)
		doctor_say(d, DOCTOR_OK, SUBJECT, "%s: bound to %s, group %s%s%s%s%s", address,
			   driver, group, rc == 0 ? ", /dev/" : "", rc == 0 ? file : "",
			   cdev_rc == 0 ? ", /dev/" : "", cdev_rc == 0 ? cdev : "");
	say_denied(d, address, file, rc, cdev_rc);
	if (*cdev)
		say_denied(d, address, cdev, cdev_rc, rc);
}

static void check_device(struct doctor *d, const char *address, const char *driver)
{
	char group[TREE_NAME_SIZE], other[TREE_NAME_SIZE], used_by[TREE_NAME_SIZE];

	if (tree_link(&d->tree, group, sizeof(group), "sys/bus/pci/devices/%s/iommu_group",
		      address) < 0) {
		doctor_say(d, DOCTOR_PROBLEM, SUBJECT, "%s: bound to %s, but in no IOMMU group",
			   address, driver);
		doctor_way_out(d, "see iommu");
	} else if (find_obstacle(d, group, other, used_by)) {
		doctor_say(d, DOCTOR_PROBLEM, SUBJECT,
			   "%s: its IOMMU group %s holds %s as well, which the driver %s has",
			   address, group, other, used_by);
		doctor_way_out(d, "bind that one to vfio-pci, too, or leave it without a driver");
	} else {
		check_files(d, address, driver, group);
	}
}

static size_t check_driver(struct doctor *d, const char *driver)
{
	struct tree_names names;
	size_t count = 0;

	if (tree_list(&d->tree, &names, "sys/bus/pci/drivers/%s", driver) < 0)
		return 0;
	for (size_t i = 0; i < names.count; i++) {
		if (strchr(names.list[i], ':')) { /* beside bind, unbind, new_id, module */
			check_device(d, names.list[i], driver);
			count++;
		}
	}
	tree_names_free(&names);
	return count;
}

void doctor_devices(struct doctor *d)
{
	struct tree_names drivers;
	size_t count = 0, vfio = 0;

	if (tree_list(&d->tree, &drivers, "sys/bus/pci/drivers") < 0)
		return; /* said by doctor_kernel() */
	for (size_t i = 0; i < drivers.count; i++) {
		if (strstr(drivers.list[i], "vfio")) {
			count += check_driver(d, drivers.list[i]);
			vfio++;
		}
	}
	tree_names_free(&drivers);
	if (count || !vfio)
		return;
	doctor_say(d, DOCTOR_WARNING, SUBJECT, "none is bound to vfio-pci");
	doctor_way_out(d,
		       "driverctl set-override 0000:01:00.0 vfio-pci, with your device's address");
}
