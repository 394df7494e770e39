/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "core/policy/policy.h"
#include "qemu/qemu.h"
#include "qemu/qtest.h"
#include "qmp_until.h"
#include "root_port.h"

const char *const diff_reasons[DIFF_REASONS] = {
	[DIFF_PADDING_IS_IO] = "beyond the hardware's part of the target BAR the flat view shows "
			       "nothing natively and i/o with the shim; both read 0, drop writes",
	[DIFF_OFFSET_ABOVE_4G] = "half of the extended BAR is 4 GiB or more: QEMU lets the "
				 "capability's 32-bit table offset overflow, the shim refuses",
	[DIFF_RESIZABLE] = "the Resizable BAR entry of an extended BAR: natively the hardware's, "
			   "with the shim the one size that the BAR has",
	[DIFF_TABLE_BEHIND_BAR] =
		"a kernel without MSIX_MAPPABLE, and a table behind the end of its BAR: "
		"QEMU maps up to the table, which fails, and traps all of the BAR; "
		"with the shim it is direct",
	[DIFF_UNASSIGNED_TABLE] = "the host gave the BAR with the hardware's table no address: "
				  "QEMU relocates, the shim leaves the device as it is "
				  "(compared with a QEMU that does not relocate)",
	[DIFF_UNASSIGNED_TARGET] = "the host gave the target, or the BAR whose upper half it may "
				   "be, no address, so its type is lost: QEMU takes it for a "
				   "32-bit BAR, the shim refuses",
	[DIFF_ABSENT_BAR] = "the capability points to a BAR that is not there, and nothing "
			    "relocates it: QEMU ends in msix_init() with a segmentation fault, "
			    "without the shim and with it",
	[DIFF_QUIRK] = "QEMU lays a quirk for this device over registers of the BAR, so their page "
		       "traps; plan does not know of it",
	[DIFF_VF_ADDRESS] = "where the host put the BARs of the virtual functions: two devices "
			    "can't have the same addresses",
	[DIFF_CLOCK] = "a register in which the device counts time: MFINDEX of xHCI",
};

void diff_differs(struct diff_case *c, uint64_t native, uint64_t shim, const char *fmt, ...)
{
	va_list ap;

	if (c->counts.differing++)
		return;
	va_start(ap, fmt);
	int len = vsnprintf(c->first, sizeof(c->first), fmt, ap);
	va_end(ap);
	if (len >= 0 && (size_t)len < sizeof(c->first))
		snprintf(c->first + len, sizeof(c->first) - (size_t)len,
			 ": native 0x%llx, shim 0x%llx", (unsigned long long)native,
			 (unsigned long long)shim);
}

void diff_excused(struct diff_case *c, enum diff_reason reason)
{
	c->counts.compared++;
	c->counts.by_reason[reason]++;
}

int diff_failed(struct diff_case *c, const char *fmt, ...)
{
	va_list ap;

	if (!c->counts.differing++) {
		va_start(ap, fmt);
		vsnprintf(c->first, sizeof(c->first), fmt, ap);
		va_end(ap);
	}
	return -1;
}

int diff_skip(struct diff_case *c, const char *what)
{
	size_t len = strlen(c->skipped);

	c->counts.skipped++;
	if (!strstr(c->skipped, what))
		snprintf(c->skipped + len, sizeof(c->skipped) - len, "%s%s", len ? ", " : "", what);
	return 0;
}

/* Turns the failure of a side into one of the case. */
static int side_failed(struct diff_case *c, int s)
{
	return diff_failed(c, "%s: %s", s == NATIVE ? "native" : "shim",
			   qemu_error(c->side[s].qemu));
}

int diff_sync(struct diff_case *c)
{
	struct qemu *const qs[SIDES] = {c->side[NATIVE].qemu, c->side[SHIM].qemu};

	if (qtest_run(qs, SIDES) == 0)
		return 0;
	return side_failed(c, qemu_error(qs[NATIVE])[0] ? NATIVE : SHIM);
}

static bool absent(const struct diff_case *c, uint8_t bir)
{
	return bir >= PCI_BARS || desc_bar_size(c->desc, bir) == 0;
}

/* Whether the guest's MSI-X capability is the hardware's, and points to a BAR that is not there. */
static bool points_nowhere(const struct diff_case *c)
{
	struct pci_msix hw;

	return c->target == PLAN_OFF && pci_cfg_msix(c->desc->cfg, c->desc->cfg_size, &hw) &&
	       (absent(c, hw.table_bir) || absent(c, hw.pba_bir));
}

bool diff_has_ecam(const struct diff_case *c)
{
	return c->way.root_port || c->desc->cfg_size > PCI_CFG_SIZE;
}

/* Whether QEMU ended by a segmentation fault. */
static bool crashed(const struct qemu *q)
{
	return q->failed == -ECHILD && WIFSIGNALED(q->status) && WTERMSIG(q->status) == SIGSEGV;
}

/* The fake's control socket of a side. */
static void control_path(const struct diff_case *c, int s, char path[256])
{
	snprintf(path, 256, "%s/control.%d", c->tempdir, s);
}

static struct qemu *spawn(const struct diff_case *c, int s, const char *relocation)
{
	char control[256];

	control_path(c, s, control);
	unlink(control);
	return diff_spawn(c, s, relocation, control);
}

/* Waits for a side, and for the fake in it. */
static int await_side(struct diff_case *c, int s)
{
	struct diff_side *side = &c->side[s];
	char path[256];

	side->refused = qemu_ready(side->qemu) < 0;
	if (side->refused && !qemu_refused(side->qemu) && !points_nowhere(c))
		return side_failed(c, s);
	if (side->refused || !c->description)
		return 0;
	control_path(c, s, path);
	side->control = control_connect(path);
	if (side->control < 0)
		return diff_failed(c, "cannot connect to the fake: %s", strerror(-side->control));
	return 0;
}

static int start(struct diff_case *c)
{
	const char *relocation = "off";
	int rc = 0;

	if (c->target != PLAN_OFF && diff_unassigned_table(c))
		diff_excused(c, DIFF_UNASSIGNED_TABLE);
	else
		relocation = policy_target_name(c->target);
	for (int s = 0; s < SIDES; s++) {
		c->side[s].control = -1;
		c->side[s].qemu = spawn(c, s, relocation);
		if (!c->side[s].qemu)
			return diff_failed(c, "out of memory");
	}
	for (int s = 0; !rc && s < SIDES; s++)
		rc = await_side(c, s);
	return rc;
}

/*
 * The line of a side's stderr that starts with `start` and contains `part`; NULL if there is none.
 * Freed by the caller.
 */
static char *line_of(struct diff_case *c, int s, const char *start, const char *part)
{
	char *text = qemu_stderr(c->side[s].qemu), *rest = text, *line, *found = NULL;

	while (!found && (line = strsep(&rest, "\n")))
		if (!strncmp(line, start, strlen(start)) && strstr(line, part))
			found = strdup(line);
	free(text);
	return found;
}

static bool offset_overflows(const struct diff_case *c)
{
	return c->target != PLAN_OFF &&
	       desc_bar_size(c->desc, (unsigned int)c->target) >= 1ull << 32;
}

static bool unassigned(const struct diff_case *c, int bar)
{
	return bar >= 0 && c->desc->bars[bar].unassigned;
}

bool diff_unassigned_table(const struct diff_case *c)
{
	struct pci_msix hw;

	return pci_cfg_msix(c->desc->cfg, c->desc->cfg_size, &hw) && hw.table_bir < PCI_BARS &&
	       unassigned(c, hw.table_bir);
}

static bool unassigned_target(const struct diff_case *c)
{
	return c->target != PLAN_OFF && (unassigned(c, c->target) || unassigned(c, c->target - 1));
}

/* Whether the side is up, or says that it is the device which it refuses. */
static bool explained(struct diff_case *c, int s)
{
	char *line = line_of(c, s, "", ": vfio ");
	bool said = line != NULL;

	free(line);
	return said || !c->side[s].refused;
}

/* Both sides refuse: QEMU by itself, or the shim a target. */
static void compare_reasons(struct diff_case *c, const char *shim_reason)
{
	bool shims = c->target != PLAN_OFF && !diff_unassigned_table(c);

	if (shims && !shim_reason)
		diff_failed(c, "refused, and not by the shim: %s", qemu_error(c->side[SHIM].qemu));
	else
		diff_equal(c, 1, 1, "refused");
}

/* At least one side did not come up. Fine if both did not, or for a reason of the table. */
static void compare_refusals(struct diff_case *c)
{
	const struct diff_side *native = &c->side[NATIVE], *shim = &c->side[SHIM];
	char *reason = line_of(c, SHIM, "msixshim: ", " refused: ");

	c->both_refused = native->refused && shim->refused;
	if (points_nowhere(c) && crashed(native->qemu) && crashed(shim->qemu))
		diff_excused(c, DIFF_ABSENT_BAR);
	else if (!explained(c, NATIVE) || !explained(c, SHIM))
		diff_failed(c, "QEMU ends, and no word of the device: %s",
			    qemu_error(native->refused ? native->qemu : shim->qemu));
	else if (c->both_refused)
		compare_reasons(c, reason);
	else if (shim->refused && reason && offset_overflows(c))
		diff_excused(c, DIFF_OFFSET_ABOVE_4G);
	else if (shim->refused && reason && unassigned_target(c))
		diff_excused(c, DIFF_UNASSIGNED_TARGET);
	else
		diff_failed(c, "native %s, shim %s: %s", native->refused ? "refuses" : "accepts",
			    shim->refused ? "refuses" : "accepts",
			    qemu_error(native->refused ? native->qemu : shim->qemu));
	snprintf(c->note, sizeof(c->note), "%s",
		 c->target != PLAN_OFF && reason ? reason : qemu_error(shim->qemu));
	free(reason);
}

/* Whether `bar` holds the hardware's table by its capability, but is too short for that. */
static bool table_behind(const struct diff_case *c, int bar)
{
	struct pci_msix hw;

	return c->desc->msix_unmapped && pci_cfg_msix(c->desc->cfg, c->desc->cfg_size, &hw) &&
	       hw.table_bir == bar && hw.table_offset >= desc_bar_size(c->desc, (unsigned int)bar);
}

/* Both views of a BAR, cut at every boundary of either. */
static void compare_view(struct diff_case *c, int bar)
{
	const struct guest_view *a = &c->side[NATIVE].views[bar];
	const struct guest_view *b = &c->side[SHIM].views[bar];

	diff_equal(c, !a->count, !b->count, "whether bar%d has a view", bar);
	for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
		const struct guest_range *ra = &a->ranges[i], *rb = &b->ranges[k];
		uint64_t from = ra->start > rb->start ? ra->start : rb->start;

		if (ra->backing == GUEST_NOTHING && rb->backing == GUEST_IO && bar == c->target)
			diff_excused(c, DIFF_PADDING_IS_IO);
		else if (ra->backing == GUEST_IO && rb->backing == GUEST_DIRECT &&
			 table_behind(c, bar))
			diff_excused(c, DIFF_TABLE_BEHIND_BAR);
		else
			diff_equal(c, ra->backing, rb->backing, "flat view of bar%d from 0x%llx",
				   bar, (unsigned long long)from);
		if (ra->end <= rb->end)
			i++;
		if (rb->end <= ra->end)
			k++;
	}
}

static int open_guest(const struct diff_case *c, struct diff_side *side)
{
	bool ecam = diff_has_ecam(c);

	if (c->way.root_port)
		return root_port_open(&side->guest, side->qemu, DIFF_SLOT << 3, ecam);
	return guest_open(&side->guest, side->qemu, 0, DIFF_SLOT << 3, ecam);
}

/* Opens both guests, maps their BARs and compares all that needs no access to a BAR. */
static int compare_guests(struct diff_case *c)
{
	for (int s = 0; s < SIDES; s++) {
		struct diff_side *side = &c->side[s];

		if (open_guest(c, side) < 0)
			return side_failed(c, s);
	}
	diff_cfg(c);
	for (int s = 0; s < SIDES; s++) {
		struct diff_side *side = &c->side[s];

		if (guest_map(&side->guest) < 0 || guest_read_cfg(&side->guest) < 0 ||
		    guest_views(&side->guest, side->views) < 0)
			return side_failed(c, s);
	}
	diff_cfg(c);
	for (int bar = 0; bar < PCI_BARS; bar++)
		compare_view(c, bar);
	diff_layout(c);
	/* What follows accesses the same addresses on both sides: that must make sense. */
	return c->counts.differing ? -1 : 0;
}

static int reset(struct diff_case *c)
{
	for (int s = 0; s < SIDES; s++)
		if (qmp_until(c->side[s].qemu, "system_reset", NULL, "RESET") < 0)
			return side_failed(c, s);
	return 0;
}

static int quit(struct diff_case *c)
{
	for (int s = 0; s < SIDES; s++)
		if (qemu_quit(c->side[s].qemu) < 0)
			return side_failed(c, s);
	return 0;
}

static int compare_all(struct diff_case *c)
{
	static int (*const steps[])(struct diff_case *) = {
		compare_guests, diff_table, diff_values, diff_interrupts, diff_writes, reset,
		compare_guests, diff_table, quit,
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(steps) / sizeof(steps[0]); i++)
		rc = steps[i](c);
	return rc;
}

bool diff_run(struct diff_case *c)
{
	if (start(c) == 0) {
		if (c->side[NATIVE].refused || c->side[SHIM].refused)
			compare_refusals(c);
		else
			compare_all(c);
	}
	for (int s = 0; s < SIDES; s++) {
		qemu_free(c->side[s].qemu);
		if (c->side[s].control >= 0)
			close(c->side[s].control);
	}
	return !c->counts.differing;
}
