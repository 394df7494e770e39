/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/handout.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/pci_bdf.h"
#include "shim/compose/compose.h"
#include "shim/decide.h"
#include "shim/fdtab.h"
#include "shim/identify.h"
#include "shim/log/log.h"
#include "shim/log/trace.h"
#include "shim/next.h"
#include "shim/wish.h"

static void set_name(struct device *dev, const char *name, bool known)
{
	snprintf(dev->name, sizeof(dev->name), "%s", name);
	dev->known = known;
	dev->has_bdf = known && pci_bdf_parse(name, strlen(name), &dev->bdf);
}

/* The device as rules see it. Its address is its name; a mediated device has another kind. */
static void describe(const struct device *dev, const uint8_t *cfg, struct policy_device *ret)
{
	*ret = (struct policy_device){
		.address = !dev->known	  ? POLICY_ADDRESS_UNKNOWN
			   : dev->has_bdf ? POLICY_ADDRESS_PCI
					  : POLICY_ADDRESS_NONE,
		.bdf = dev->bdf,
	};
	pci_cfg_ids(cfg, (uint32_t)dev->vfio.config_size, &ret->ids);
}

/* 1: the device is to be shown by *plan and *style; 0: as it is; else -errno. */
static int look_and_decide(struct device *dev, int fd, uint8_t cfg[PCI_CFG_EXT_SIZE],
			   struct plan *plan, struct region_style *style)
{
	struct policy_device seen;
	struct plan_facts facts;
	struct wish wish;
	const char *why;
	int rc = vfio_dev_read_config(&dev->vfio, fd, cfg);

	if (rc > 0)
		return decide_impossible(dev->name, true, 0,
					 "not a PCI device with a type-0 header");
	if (rc < 0) {
		dev->vfio.nr_regions = 0;
		return decide_impossible(dev->name, !wish_insists(), -rc, strerror(-rc));
	}
	describe(dev, cfg, &seen);
	if (!wish_find(&seen, &wish))
		return dev->vfio.msix.pos ? decide_no_address(dev->name, &wish)
					  : decide_impossible(dev->name, true, 0,
							      plan_reason_text(PLAN_NO_MSIX));
	decide_tell_wish(dev->name, &wish);
	if (wish.what.target == PLAN_OFF)
		return 0;
	decide_style(&wish, style);
	rc = vfio_dev_read_facts(&dev->vfio, fd, cfg, decide_page(&wish, style), &facts);
	if (rc < 0)
		return decide_impossible(dev->name, wish.what.target == PLAN_AUTO, -rc,
					 strerror(-rc));
	rc = decide_plan(dev->name, &facts, &wish, style, plan, &why);
	if (rc <= 0)
		return rc;
	rc = compose_prepare(dev, plan, style->page_size, wish.what.map_compose);
	if (rc == 0)
		rc = vfio_dev_start(&dev->vfio, fd, plan, style, cfg);
	if (rc < 0)
		return decide_impossible(dev->name, wish.what.target == PLAN_AUTO, -rc,
					 strerror(-rc));
	decide_tell_plan(dev->name, plan, style, why);
	return 1;
}

/* 0: *dev can be published; else -errno. */
static int set_up(struct device *dev, int fd)
{
	static const struct plan off = {.target = PLAN_OFF};
	struct region_style style = {0};
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct plan plan;

	dev->vfio.ops = &next_ops;
	dev->vfio.nr_regions = 0;
	compose_prepare(dev, &off, 0, false);

	int rc = look_and_decide(dev, fd, cfg, &plan, &style);

	if (rc <= 0)
		compose_prepare(dev, &off, 0, false);
	if (rc)
		return rc < 0 ? rc : 0;
	return vfio_dev_start(&dev->vfio, fd, &off, &style, cfg);
}

/* A device that can't be kept, or need not be: its fd is, so that it is looked at once. */
static int leave(int fd, int rc)
{
	if (rc == 0)
		fdtab_leave(fd);
	return rc;
}

static int track(int fd, const char *name, bool known)
{
	struct device *dev = fdtab_claim();

	if (!dev) {
		char why[64];

		snprintf(why, sizeof(why), "%d devices are already", FDTAB_DEVICES);
		return leave(fd, decide_impossible(name, !wish_insists(), ENOMEM, why));
	}
	set_name(dev, name, known);

	int rc = set_up(dev, fd);

	if (rc < 0)
		fdtab_unclaim(dev);
	else
		fdtab_publish(fd, dev);
	return rc;
}

/*
 * A device of no known name may be there by a descriptor that this one is a duplicate of. One that
 * another thread closes meanwhile leads nowhere any more.
 */
static bool join_duplicate(int fd)
{
	int other = fdtab_next(0);

	while (other >= 0 && !identify_same(fd, other))
		other = fdtab_next(other + 1);
	if (other >= 0)
		fdtab_copy(other, fd);
	return other >= 0 && fdtab_get(fd);
}

/* `name` is the device's, if that is `known`, and else for the log alone. */
static int admit(int fd, const char *name, bool known)
{
	struct wish wish;
	int rc = wish_load();

	if (rc < 0)
		return rc;
	if (wish_is_off(&wish) && !trace_wanted()) {
		decide_tell_wish(name, &wish);
		return leave(fd, 0);
	}

	const bool lenient = !wish_insists();

	if (!fdtab_is_mine())
		return decide_impossible(name, lenient, EINVAL,
					 "the process shares its parent's memory");
	if (strlen(name) >= FDTAB_NAME_MAX)
		return leave(fd, decide_impossible(name, lenient, EMFILE,
						   "its name is beyond what msixshim keeps"));

	bool alive = known ? fdtab_join(fd, name) : join_duplicate(fd);

	/* of one device there is one view */
	if ((unsigned int)fd >= FDTAB_MAX)
		return decide_impossible(name, lenient && !alive, EMFILE,
					 "its fd number is beyond what msixshim keeps");
	if (alive && known)
		log_debug("fd %d: %s: one more of the same device", fd, name);
	return alive ? 0 : track(fd, name, known);
}

/*
 * A program that was started without standard error may get a device there, this one or one that
 * has not been looked at yet.
 */
static void start_log(int fd)
{
	const enum identity kind = identify(STDERR_FILENO);

	log_spare_stderr(fd == STDERR_FILENO || fdtab_get(STDERR_FILENO) ||
			 kind == IDENTITY_GROUP || kind == IDENTITY_CDEV);
	log_start();
}

int handout(int fd, const char *name)
{
	char short_name[FDTAB_NAME_MAX + 1];
	const enum identity kind = identify(fd);

	/* another driver may answer to the same number; where there is no /proc it has to do */
	if (kind != IDENTITY_GROUP && kind != IDENTITY_UNREADABLE) {
		log_info("fd %d: left as it is: not a VFIO device", fd);
		return 0;
	}
	start_log(fd);
	/* behind the blank stands a secret: the token of a virtual function */
	snprintf(short_name, sizeof(short_name), "%.*s", (int)strcspn(name, " "), name);
	return admit(fd, short_name, true);
}

/* A node that was opened and not bound yet is no device: all its calls are refused so. */
static bool is_unbound(int fd)
{
	struct vfio_device_info info = {.argsz = sizeof(info)};

	return next_ops.ioctl(fd, VFIO_DEVICE_GET_INFO, &info) == -EINVAL;
}

static int adopt(int fd, enum identity kind)
{
	char name[FDTAB_NAME_MAX];

	identify_name(fd, kind, name, sizeof(name));

	const bool known = name[0];

	if (!known)
		snprintf(name, sizeof(name), "fd %d", fd);
	log_debug("fd %d: a device that no group handed out here%s%s", fd, known ? ": " : "",
		  known ? name : "");
	if (kind != IDENTITY_UNREADABLE)
		return admit(fd, name, known);

	int rc = wish_load();

	return rc < 0 ? rc
		      : leave(fd, decide_impossible(name, !wish_insists(), EINVAL,
						    "/proc does not tell what it is"));
}

int handout_adopt(int fd)
{
	const enum identity kind = identify(fd);

	if (kind == IDENTITY_OTHER || (kind == IDENTITY_CDEV && is_unbound(fd)))
		return 0;
	/* such a number has no slot to note in that it was looked at */
	if ((unsigned int)fd >= FDTAB_MAX && wish_load() == 0 && !wish_insists())
		return 0;
	start_log(fd);
	return adopt(fd, kind);
}
