/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/plan/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/vmm.h"

struct options {
	const char *what, *target, *page, *rules, *svg, *vmm;
	bool all_targets, json, numeric;
};

static const char usage[] =
	"Usage: msixshim plan [OPTION...] DEVICE|FILE\n"
	"Shows where the MSI-X table of a device goes, why, and which bytes of its BARs a guest\n"
	"then reaches directly. DEVICE is a PCI address of this host. FILE is a description of a\n"
	"device or the output of lspci -vvnn, lspci -xxxx or both; '-' is standard input, and\n"
	"FILE@ADDRESS is one device of a file that holds several.\n"
	"\n"
	"  --target TARGET  off, auto, any, or bar0 to bar5 [auto]\n"
	"  --rules RULES    go by these rules, as the variable MSIXSHIM holds them\n"
	"  --vmm VMM        plan for this VMM, as the shim does in it: qemu, kvmtool, crosvm, ...\n"
	"  --page SIZE      size of the host's pages: 4K, 16K, 64K [this host's]\n"
	"  --all-targets    a table of all targets instead of the picture\n"
	"  --svg FILE       draw the picture to FILE, too; '-': to standard output, alone\n"
	"  --json           print JSON\n"
	"  --numeric        leave out names of the list of PCI ids\n"
	"  --help           print this text\n"
	"\n"
	"Direct means: what QEMU maps into a guest under KVM. KVM maps whole host pages, so all\n"
	"of a page that holds a part of the MSI-X table traps.\n"
	"\n"
	"Exit status: 0 done, 1 if the target is refused or something failed, 2 for a mistake\n"
	"in the arguments.\n";

/* What the arguments ask for, before the device is known. */
static int check_options(int argc, char **argv, struct options *o, struct policy_settings *settings,
			 struct report_host *host)
{
	struct policy_error error;
	char line[256];

	if (argc - optind != 1) {
		cli_error("plan: expected one DEVICE or FILE; see msixshim plan --help");
		return CLI_USAGE;
	}
	o->what = argv[optind];
	*settings = (struct policy_settings){.target = PLAN_AUTO};
	if (o->target && o->rules) {
		cli_error("plan: --target and --rules exclude each other");
		return CLI_USAGE;
	}
	if (o->target && !policy_parse_target(o->target, &settings->target)) {
		cli_error("plan: --target %s: not one of off, auto, any, bar0 to bar5", o->target);
		return CLI_USAGE;
	}
	if (o->rules && !policy_check(o->rules, &error)) {
		cli_error("plan: %s", policy_error_text(&error, "--rules", line, sizeof(line)));
		return CLI_USAGE;
	}
	host->vmm = vmm_of_option("plan", o->vmm);
	if (!host->vmm)
		return CLI_USAGE;
	host->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	if (o->page && !policy_parse_page(o->page, &host->page_size)) {
		cli_error("plan: --page %s: not a power of two from 4K to 1G", o->page);
		return CLI_USAGE;
	}
	return CLI_OK;
}

static bool no_bars(const struct desc *d)
{
	for (int i = 0; i < PCI_BARS; i++) {
		if (d->bars[i].bar.kind != BAR_EMPTY)
			return false;
	}
	return true;
}

/* Whether the device is one that can be planned for at all. */
static bool check_device(const char *what, const struct devices *devices)
{
	const struct device *d = &devices->list[0];

	if (d->header_type != 0) {
		cli_error("plan: %s: a bridge, which vfio-pci does not take", what);
		return false;
	}
	if (devices->notes.count && no_bars(&d->desc)) {
		cli_error("plan: %s: no BAR is known of it; lspci tells them with -vv", what);
		return false;
	}
	if (d->partial) {
		cli_error("plan: %s: its capabilities are unknown%s", what,
			  device_partial_text(d->partial));
		return false;
	}
	return true;
}

/* What to do with the device, and the text of the rule that says so. */
static void find_rule(const struct options *o, const struct desc *desc,
		      struct policy_settings *settings, struct policy_span *text)
{
	char address[PCI_BDF_SIZE];
	struct policy_device dev;
	struct policy_rule rule;
	const char *target = policy_target_name(settings->target);

	*text = (struct policy_span){target, strlen(target)};
	if (!o->rules)
		return;
	desc_policy_device(desc, &dev);
	if (policy_find(o->rules, &dev, &rule) != POLICY_MATCH) {
		cli_error("plan: note: no rule matches %s; " POLICY_DEFAULT " holds",
			  pci_bdf_print(&desc->bdf, address));
		return;
	}
	*settings = rule.settings;
	*text = rule.text;
}

static int draw(const char *path, const struct report *r)
{
	FILE *out = fopen(path, "w");
	int failed = out ? 0 : errno;

	if (out) {
		plan_svg(out, r);
		failed = ferror(out) ? EIO : 0;
		if (fclose(out) == EOF)
			failed = errno;
	}
	if (failed)
		cli_error("plan: %s: %s", path, strerror(failed));
	return failed ? CLI_FAILED : CLI_OK;
}

static int show(const struct options *o, const struct report *r)
{
	if (o->svg && !strcmp(o->svg, "-")) {
		plan_svg(stdout, r);
		return CLI_OK;
	}
	if (o->svg && draw(o->svg, r) != CLI_OK)
		return CLI_FAILED;
	if (o->json)
		return plan_json(stdout, r) < 0 ? CLI_FAILED : CLI_OK;
	if (o->all_targets)
		plan_text_targets(stdout, r);
	else
		plan_text(stdout, r);
	return CLI_OK;
}

static int plan_device(const struct options *o, const struct devices *devices,
		       struct policy_settings *settings, const struct report_host *host)
{
	char text[DECISION_TEXT_MAX];
	struct policy_span rule;
	struct report *report;
	int status = CLI_FAILED;

	if (!check_device(o->what, devices))
		return CLI_FAILED;
	find_rule(o, &devices->list[0].desc, settings, &rule);
	report = calloc(1, sizeof(*report));
	if (!report) {
		cli_error("plan: %s", strerror(ENOMEM));
		return CLI_FAILED;
	}
	report_make(devices, settings, rule, host, report);
	report->numeric = o->numeric;
	if (report->decision.kind == DECISION_REFUSE)
		cli_error("plan: %s: %s", o->what,
			  decision_text(&report->decision, rule, text, sizeof(text)));
	else
		status = show(o, report);
	free(report);
	return status;
}

int plan_main(int argc, char **argv)
{
	struct options o = {.what = NULL};
	const struct option_place places[] = {
		{"target", &o.target, NULL},
		{"rules", &o.rules, NULL},
		{"page", &o.page, NULL},
		{"all-targets", NULL, &o.all_targets},
		{"svg", &o.svg, NULL},
		{"json", NULL, &o.json},
		{"numeric", NULL, &o.numeric},
		{"vmm", &o.vmm, NULL},
		{NULL, NULL, NULL},
	};
	struct policy_settings settings;
	struct devices devices;
	struct report_host host;
	char err[512];
	int status;

	if (!options_parse(argc, argv, places, usage, &status))
		return status;
	status = check_options(argc, argv, &o, &settings, &host);
	if (status)
		return status;
	if (devices_find(o.what, &devices, err, sizeof(err)) < 0) {
		cli_error("plan: %s", err);
		return CLI_FAILED;
	}
	status = plan_device(&o, &devices, &settings, &host);
	devices_free(&devices);
	return status;
}
