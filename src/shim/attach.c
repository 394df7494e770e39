/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/attach.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/decision.h"
#include "core/pci_bdf.h"
#include "shim/compose/compose.h"
#include "shim/fdtab.h"
#include "shim/identify.h"
#include "shim/log/log.h"
#include "shim/log/trace.h"
#include "shim/next.h"
#include "shim/rules.h"
#include "shim/tell.h"

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

/* What may be asked of a device before its ids are known. */
static enum rules_demand demand_for(const char *name, bool known)
{
	struct pci_bdf bdf;

	return rules_demand(known && pci_bdf_parse(name, strlen(name), &bdf) ? &bdf : NULL);
}

/* vfio_dev_read_config() gave no configuration space of a PCI device, but `rc`. 0, or -errno. */
static int tell_unread(struct device *dev, int rc)
{
	const enum rules_demand demand = demand_for(dev->name, dev->known);

	switch (rc) {
	case VFIO_DEV_NOT_PCI:
		return tell_impossible(dev->name, RULES_OFF, 0, "not a PCI device");
	case VFIO_DEV_NO_HEADER:
		return tell_impossible(dev->name, demand == RULES_AUTO ? RULES_OFF : demand, EINVAL,
				       "not a PCI device with a type-0 header");
	case VFIO_DEV_SILENT:
		return tell_impossible(dev->name, demand == RULES_AUTO ? RULES_TARGET : demand, EIO,
				       "its configuration space reads as ones");
	default:
		dev->vfio.nr_regions = 0;
		return tell_failed(dev->name, demand, -rc);
	}
}

/*
 * Finds the rule, and decides by it. 0 with *ret, of a kind that is not DECISION_REFUSE, or -errno.
 * A line has said why, unless the device is to be relocated.
 */
static int decide(struct device *dev, int fd, uint8_t cfg[PCI_CFG_EXT_SIZE],
		  struct rules_match *rule, struct decision *ret)
{
	struct policy_device seen;
	struct plan_facts facts;
	int rc = vfio_dev_read_config(&dev->vfio, fd, cfg);

	*ret = (struct decision){.kind = DECISION_KEEP, .plan = {.target = PLAN_OFF}};
	if (rc != 0)
		return tell_unread(dev, rc);
	describe(dev, cfg, &seen);
	if (!rules_find(&seen, rule))
		return dev->vfio.msix.pos ? tell_no_address(dev->name, rule)
					  : tell_impossible(dev->name, RULES_OFF, 0,
							    plan_reason_text(PLAN_NO_MSIX));
	tell_rule(dev->name, rule);
	if (rule->settings.target == PLAN_OFF) {
		tell_off(dev->name, rule);
		return 0;
	}
	rc = vfio_dev_read_facts(&dev->vfio, fd, cfg, (uint64_t)sysconf(_SC_PAGESIZE), &facts);
	if (rc < 0)
		return tell_failed(dev->name, rules_demand_of(&rule->settings), -rc);
	decision_make(&facts, &rule->settings, rules_program(), ret);
	return ret->kind == DECISION_RELOCATE ? 0 : tell_decision(dev->name, ret, rule);
}

/* Starts *dev on the plan. 0, or -errno. */
static int relocate(struct device *dev, int fd, const uint8_t *cfg, const struct rules_match *rule,
		    const struct decision *d)
{
	const struct region_style style = {
		.page_size = d->host_page,
		.caps_sparse = d->settings.caps_sparse,
		.old_hide = d->settings.old_hide,
		.new_mmap = d->vmm->traps == VMM_TRAPS_MAPPABLE,
	};
	int rc = compose_prepare(dev, &d->plan, &style, d->settings.map_compose);

	if (rc == 0)
		rc = vfio_dev_start(&dev->vfio, fd, &d->plan, &style, cfg);
	if (rc < 0)
		return rc;
	tell_decision(dev->name, d, rule);
	tell_style(dev->name, &d->plan, &style);
	return 0;
}

/* Starts *dev so that all calls pass through, but for what the decision hides. 0, or -errno. */
static int start_off(struct device *dev, int fd, const uint8_t *cfg, const struct decision *d)
{
	const struct region_style style = {
		.page_size = d->host_page,
		.table_hide = d->hides_table,
	};

	return vfio_dev_start(&dev->vfio, fd, &d->plan, &style, cfg);
}

/* 0: *dev can be published; else -errno. */
static int set_up(struct device *dev, int fd)
{
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct rules_match rule;
	struct decision d;

	dev->vfio.ops = &next_ops;
	dev->vfio.nr_regions = 0;

	int rc = decide(dev, fd, cfg, &rule, &d);

	if (rc == 0 && d.kind == DECISION_RELOCATE) {
		rc = relocate(dev, fd, cfg, &rule, &d);
		if (rc == 0)
			return 0;
		compose_release(dev);
		decision_keep(&d);
		rc = tell_failed(dev->name, rules_demand_of(&rule.settings), -rc);
	}
	return rc < 0 ? rc : start_off(dev, fd, cfg, &d);
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
		return leave(fd, tell_impossible(name, demand_for(name, known), ENOMEM, why));
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
static int look_at(int fd, const char *name, bool known)
{
	struct rules_match rule;
	int rc = rules_load();

	if (rc < 0)
		return rc;
	if (rules_leave_all(&rule) && !trace_wanted()) {
		tell_rule(name, &rule);
		tell_off(name, &rule);
		return leave(fd, 0);
	}

	enum rules_demand demand = demand_for(name, known);

	if (!fdtab_is_mine())
		return tell_impossible(name, demand, EINVAL,
				       "the process shares its parent's memory");
	if (strlen(name) >= FDTAB_NAME_MAX)
		return leave(fd, tell_impossible(name, demand, EMFILE,
						 "its name is beyond what msixshim keeps"));

	bool alive = known ? fdtab_join(fd, name) : join_duplicate(fd);

	/* of one device there is one view */
	if (alive && demand == RULES_AUTO)
		demand = RULES_TARGET;
	if ((unsigned int)fd >= FDTAB_MAX)
		return tell_impossible(name, demand, EMFILE,
				       "its fd number is beyond what msixshim keeps");
	if (alive && known)
		log_debug("fd %d: %s: one more of the same device", fd, name);
	return alive ? 0 : track(fd, name, known);
}

int attach(int fd, const char *name)
{
	char short_name[FDTAB_NAME_MAX + 1];
	const enum identity kind = identify(fd);

	log_start();
	/* another driver may answer to the same number; where there is no /proc it has to do */
	if (kind != IDENTITY_GROUP && kind != IDENTITY_UNREADABLE) {
		log_info("fd %d: left as it is: not a VFIO device", fd);
		return 0;
	}
	/* after the blank comes a secret: the token of a virtual function */
	snprintf(short_name, sizeof(short_name), "%.*s", (int)strcspn(name, " "), name);
	return look_at(fd, short_name, true);
}

/* A node that was opened and not bound yet is not a device: all its calls are refused so. */
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
		return look_at(fd, name, known);

	int rc = rules_load();

	return rc < 0 ? rc
		      : leave(fd, tell_impossible(name, rules_demand(NULL), EINVAL,
						  "/proc does not tell what it is"));
}

int attach_unseen(int fd)
{
	const enum identity kind = identify(fd);

	if (kind == IDENTITY_OTHER || (kind == IDENTITY_CDEV && is_unbound(fd)))
		return 0;
	log_start();
	/* such a number has no slot to note in that it was looked at */
	if ((unsigned int)fd >= FDTAB_MAX && rules_load() == 0 &&
	    rules_demand(NULL) != RULES_TARGET)
		return 0;
	return adopt(fd, kind);
}
