/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "handout.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fdtab.h"
#include "log.h"
#include "msixshim/policy.h"
#include "next.h"

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

/* The target that `text` names for all devices, or -EINVAL and a line with what is wrong. */
static int parse_target(const char *text, int *ret)
{
	struct policy_error err;
	struct policy_rule rule;
	char line[512];
	size_t pos = 0;

	if (!policy_check(text, &err)) {
		log_refusal("%s", policy_error_text(&err, "MSIXSHIM", line, sizeof(line)));
		return -EINVAL;
	}
	*ret = PLAN_OFF;
	if (!policy_next(text, &pos, &rule))
		return 0;
	*ret = rule.wish.target;
	if (rule.selector.len == 0 && rule.options_set == 0 && *ret >= PLAN_OFF &&
	    !policy_next(text, &pos, &rule))
		return 0;
	log_refusal("MSIXSHIM=\"%s\": rules, options, auto and any are not supported yet", text);
	return -EINVAL;
}

static void set_name(struct device *dev, const char *name, size_t len)
{
	unsigned int segment, bus, slot, function;

	memcpy(dev->name, name, len);
	dev->name[len] = '\0';
	dev->has_bdf = sscanf(dev->name, "%x:%x:%x.%x", &segment, &bus, &slot, &function) == 4;
	dev->bdf =
		dev->has_bdf ? VFIO_BDF(segment, bus & 0xff, (slot & 31) << 3 | (function & 7)) : 0;
}

static void log_plan(const struct device *dev)
{
	const struct plan *p = &dev->vfio.plan;

	log_info("%s: BAR%d %s %s %sprefetchable BAR of %" PRIu64
		 " bytes; MSI-X table (%u vectors) at 0x%" PRIx64 ", PBA at 0x%" PRIx64
		 "; the hardware's are BAR%u+0x%" PRIx32 ", BAR%u+0x%" PRIx32 "%s",
		 dev->name, p->target, p->new_bar ? "becomes a new" : "is extended to a",
		 p->bar.kind == BAR_MEM64 ? "64-bit" : "32-bit", p->bar.prefetchable ? "" : "non-",
		 p->bar.size, p->hw.vectors, p->table.start, p->pba.start, p->hw.table_bir,
		 p->hw.table_offset, p->hw.pba_bir, p->hw.pba_offset,
		 p->pba_sound ? "" : " (unsound: reads as 0)");
}

/* One line: why, and which targets would work. */
static void log_refused_target(const struct device *dev, const struct plan_facts *facts, int target,
			       enum plan_reason reason)
{
	char works[64] = "off";
	struct plan plan;

	for (int t = 0; t < PCI_BARS; t++) {
		size_t len = strlen(works);

		if (plan_make(facts, t, &plan) == PLAN_OK)
			snprintf(works + len, sizeof(works) - len, ", %s", policy_target_name(t));
	}
	log_refusal("%s: %s refused: %s; targets that work: %s", dev->name,
		    policy_target_name(target), plan_reason_text(reason), works);
}

/* 1: the device is to be tracked; 0: it is shown as it is; else -errno. */
static int set_up(struct device *dev, int fd, int target)
{
	static const char *const failed = "%s: cannot be relocated: %s";
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct plan_facts facts;
	struct plan plan;
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);

	dev->vfio.ops = &next_ops;

	int rc = vfio_dev_read_config(&dev->vfio, fd, cfg);

	if (rc == 0)
		rc = vfio_dev_read_facts(&dev->vfio, fd, cfg, page_size, &facts);

	if (rc > 0) {
		log_info("%s: left as it is: not a PCI device with a type-0 header", dev->name);
		return 0;
	}
	if (rc < 0) {
		log_refusal(failed, dev->name, strerror(-rc));
		return rc;
	}

	enum plan_reason reason = plan_make(&facts, target, &plan);

	if (plan_reason_refuses(reason)) {
		log_refused_target(dev, &facts, target, reason);
		return -EINVAL;
	}
	if (reason != PLAN_OK) {
		log_info("%s: left as it is: %s", dev->name, plan_reason_text(reason));
		return 0;
	}
	rc = vfio_dev_start(&dev->vfio, fd, &plan, &(struct region_style){.page_size = page_size},
			    cfg);
	if (rc < 0)
		log_refusal(failed, dev->name, strerror(-rc));
	return rc < 0 ? rc : 1;
}

static int track(int fd, const char *name, size_t len, int target)
{
	struct device *dev = fdtab_claim();

	if (!dev) {
		log_refusal("%.*s: cannot be relocated: %d devices are already", (int)len, name,
			    FDTAB_DEVICES);
		return -ENOMEM;
	}
	set_name(dev, name, len);

	int rc = set_up(dev, fd, target);

	if (rc <= 0) {
		fdtab_unclaim(dev);
		return rc;
	}
	log_plan(dev);
	fdtab_publish(fd, dev);
	return 0;
}

int handout(int fd, const char *name)
{
	const char *wish = secure_getenv("MSIXSHIM");
	char short_name[FDTAB_NAME_MAX];
	int target;

	if (!wish || !*wish)
		return 0;
	if (!is_vfio_device(fd)) {
		fdtab_drop(fd, FDTAB_REUSED);
		log_info("fd %d: left as it is: not a VFIO device", fd);
		return 0;
	}
	log_start();

	int rc = parse_target(wish, &target);

	if (rc < 0 || target == PLAN_OFF)
		return rc;
	if (!fdtab_is_mine()) {
		log_refusal("%s: cannot be relocated for a process that shares its parent's memory",
			    name);
		return -EINVAL;
	}

	size_t len = strcspn(name, " ");

	if (len >= sizeof(short_name) || (unsigned int)fd >= FDTAB_MAX) {
		log_refusal("%s: cannot be relocated: its %s is beyond what msixshim keeps", name,
			    len >= sizeof(short_name) ? "name" : "fd number");
		return -EMFILE;
	}
	memcpy(short_name, name, len);
	short_name[len] = '\0';
	if (fdtab_join(fd, short_name))
		return 0;
	return track(fd, short_name, len, target);
}
