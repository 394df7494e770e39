/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "handout.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compose.h"
#include "decide.h"
#include "fdtab.h"
#include "log.h"
#include "msixshim/desc.h"
#include "next.h"
#include "trace.h"
#include "wish.h"

/*
 * Whether `fd` is what a VFIO group hands out. Another driver may answer to the same
 * ioctl number with something else. Where there is no /proc the number has to do.
 */
static bool is_vfio_device(int fd)
{
	static const char device[] = "anon_inode:[vfio-device]";
	char path[32], target[sizeof(device)];
	int saved = errno;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

	ssize_t n = readlink(path, target, sizeof(target));

	errno = saved;
	return n < 0 || ((size_t)n == sizeof(device) - 1 && memcmp(target, device, (size_t)n) == 0);
}

static void set_name(struct device *dev, const char *name, size_t len)
{
	struct desc_bdf bdf;

	memcpy(dev->name, name, len);
	dev->name[len] = '\0';
	dev->has_bdf = desc_parse_bdf(name, len, &bdf);
	dev->bdf = dev->has_bdf ? VFIO_BDF(bdf.segment, bdf.bus,
					   (unsigned int)bdf.slot << 3 | bdf.function)
				: 0;
}

/*
 * The device as rules see it. Its address is what the VMM calls it by. One with another kind
 * of name, a mediated device, is known to have no address: it gets one that no rule can name.
 */
static void describe(const struct device *dev, const uint8_t *cfg, struct policy_device *ret)
{
	*ret = (struct policy_device){
		.has_address = true,
		.segment = dev->bdf >> 16,
		.bus = dev->bdf >> 8 & 0xff,
		.slot = dev->has_bdf ? dev->bdf >> 3 & 31 : 0xff,
		.function = dev->has_bdf ? dev->bdf & 7 : 0xff,
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
	wish_find(&seen, &wish);
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

static int track(int fd, const char *name, size_t len)
{
	struct device *dev = fdtab_claim();

	if (!dev) {
		char why[64];

		snprintf(why, sizeof(why), "%d devices are already", FDTAB_DEVICES);
		return leave(fd, decide_impossible(name, !wish_insists(), ENOMEM, why));
	}
	set_name(dev, name, len);

	int rc = set_up(dev, fd);

	if (rc < 0)
		fdtab_unclaim(dev);
	else
		fdtab_publish(fd, dev);
	return rc;
}

int handout(int fd, const char *name)
{
	char short_name[FDTAB_NAME_MAX];
	struct wish wish;

	if (!is_vfio_device(fd)) {
		log_info("fd %d: left as it is: not a VFIO device", fd);
		return 0;
	}
	log_start();

	int rc = wish_load();
	/* behind the blank stands a secret: the token of a virtual function */
	const size_t len = strcspn(name, " ");

	if (rc < 0)
		return rc;
	snprintf(short_name, sizeof(short_name), "%.*s", (int)len, name);
	if (wish_is_off(&wish) && !trace_wanted()) {
		decide_tell_wish(short_name, &wish);
		return leave(fd, 0);
	}

	const bool lenient = !wish_insists();

	if (!fdtab_is_mine())
		return decide_impossible(short_name, lenient, EINVAL,
					 "the process shares its parent's memory");
	if (len >= sizeof(short_name))
		return decide_impossible(short_name, lenient, EMFILE,
					 "its name is beyond what msixshim keeps");

	bool alive = fdtab_join(fd, short_name);

	/* of one device there is one view */
	if ((unsigned int)fd >= FDTAB_MAX)
		return decide_impossible(short_name, lenient && !alive, EMFILE,
					 "its fd number is beyond what msixshim keeps");
	if (alive)
		log_debug("fd %d: %s: one more of the same device", fd, short_name);
	return alive ? 0 : track(fd, short_name, len);
}
