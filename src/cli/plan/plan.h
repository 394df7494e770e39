/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `msixshim plan`: where a device's MSI-X table goes, why, and what that gains.
 */
#ifndef MSIXSHIM_CLI_PLAN_H
#define MSIXSHIM_CLI_PLAN_H

#include <stdio.h>

#include "cli/device.h"
#include "cli/plan/layout.h"
#include "core/choice.h"
#include "core/plan.h"
#include "core/policy.h"

/* Bytes of a rule that pins a plan, with the NUL. */
#define REPORT_RULE_SIZE 128

/* Everything that is to be told of a device; text, picture and JSON are made of it. */
struct report {
	const struct devices *devices; /* one device, and what had to be assumed of it */
	const struct device *device;
	uint64_t page_size;	 /* of the host */
	struct policy_wish wish; /* of the rule, or of --target */
	struct plan_facts facts; /* for wish.page_size, if that is not 0 */
	struct choice choice;	 /* what auto (or any, if that is the wish) makes of the device */
	enum plan_reason reason; /* of plan_make() for the target */
	struct plan plan;
	struct layout layout;
	bool numeric; /* no names from the list of PCI ids */
};

/*
 * Looks at the one device of `devices`, which has to live as long as *ret. False if the target
 * is refused, or if there is none for `any`: then plan and layout are not there.
 */
bool report_make(const struct devices *devices, const struct policy_wish *wish, uint64_t page_size,
		 struct report *ret);

/* Whether `any` finds no target. */
bool report_finds_none(const struct report *r);

/* The plan that `target` gives (see plan_make()), and the layout with it. */
enum plan_reason report_target(const struct report *r, int target, struct plan *plan,
			       struct layout *layout);

/*
 * Prints the rule that gives this plan on every host and with every release, for the device's
 * address or else for its ids. Returns buf.
 */
char *report_rule(const struct report *r, bool by_address, char buf[REPORT_RULE_SIZE]);

/* Prints "auto chooses bar5: new, 64 KiB, 32-bit; table at 0x0, PBA at 0x600". Returns buf. */
char *report_decision(const struct report *r, char *buf, size_t size);

/* Prints what becomes of the target: "new, 64 KiB, 32-bit", "extended from 16 KiB to 32 KiB". */
char *report_change(const struct plan *plan, char *buf, size_t size);

/* Why auto (or any) takes barN, or does not. Static. */
const char *report_why_not(const struct report *r, int target);

/* The device in words, as far as it has any. */
const char *report_name(const struct report *r);

/* The text: all of it, and the table of all targets alone. */
void plan_text(FILE *out, const struct report *r);
void plan_text_targets(FILE *out, const struct report *r);

/* The same as a picture (SVG 1.1, no scripts, nothing outside of the file). */
void plan_svg(FILE *out, const struct report *r);

/* The same as JSON. 0, or -ENOMEM. */
int plan_json(FILE *out, const struct report *r);

/* The command; see cli.h for what it returns. */
int plan_main(int argc, char **argv);

#endif
