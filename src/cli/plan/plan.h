/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `msixshim plan`: where a device's MSI-X table goes, why, and what that gains.
 */
#ifndef MSIXSHIM_CLI_PLAN_H
#define MSIXSHIM_CLI_PLAN_H

#include <stdio.h>

#include "cli/device.h"
#include "cli/plan/layout.h"
#include "core/decision.h"

/* Bytes of a rule that pins a plan, with the NUL. */
#define REPORT_RULE_SIZE 128

/* Where the device is to be used. */
struct report_host {
	uint64_t page_size;	      /* bytes */
	const struct vmm_traits *vmm; /* unless the rule names one; vmm_none(): not known */
};

/* Everything that is to be told of a device; text, picture and JSON are made of it. */
struct report {
	const struct devices *devices; /* one device, and what had to be assumed of it */
	const struct device *device;
	struct policy_settings settings; /* of the rule, or of --target */
	struct policy_span rule;	 /* its text; the target's, if it is by --target */
	struct decision decision;
	struct layout layout; /* of decision.plan */
	bool numeric;	      /* no names from the list of PCI ids */
};

/*
 * Decides about the one device of `devices`, which has to live as long as *ret. Layout and words
 * are of the decision; one that refuses has the layout of the device as it is.
 */
void report_make(const struct devices *devices, const struct policy_settings *settings,
		 struct policy_span rule, const struct report_host *host, struct report *ret);

/* The plan that `target` gives (see plan_make()), and the layout with it. */
enum plan_reason report_target(const struct report *r, int target, struct plan *plan,
			       struct layout *layout);

/* Whether its ids are known, so that a rule can go by them. */
bool report_has_ids(const struct report *r);

/*
 * Prints the rule that gives this plan on every host and with every release, for the device's
 * address or else for its ids. Returns buf.
 */
char *report_rule(const struct report *r, bool by_address, char buf[REPORT_RULE_SIZE]);

/* Prints "auto chooses bar5: new, 64 KiB, 32-bit; table at 0x0, PBA at 0x600". Returns buf. */
char *report_decision(const struct report *r, char *buf, size_t size);

/* Prints what becomes of the target: "new, 64 KiB, 32-bit", "extended from 16 KiB to 32 KiB". */
char *report_change(const struct plan *plan, char *buf, size_t size);

/* Why the decision is so: one line without a full stop. Returns buf. */
char *report_why(const struct report *r, char *buf, size_t size);

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
