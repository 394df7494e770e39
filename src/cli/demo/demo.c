/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/demo/demo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/device.h"
#include "cli/library.h"
#include "cli/options.h"
#include "core/decision.h"
#include "qemu/qemu.h"

/* The reference device, and one that QEMU refuses without the shim. */
static const struct {
	const char *file;
	int target;
	enum demo_expectation without_shim;
} built_in[] = {
	{"sas3008.desc", 5, DEMO_ACCEPTS},
	{"sm2262.desc", 2, DEMO_REFUSES},
};

struct options {
	const char *device, *target, *libdir, *descriptions, *qemu;
};

static const char usage[] =
	"Usage: msixshim demo [OPTION...]\n"
	"Starts an unmodified QEMU over a fake VFIO device, without and with the shim, and\n"
	"shows side by side what its guest sees. Needs no hardware and no privileges.\n"
	"Without --device: an LSI SAS3008, then a Silicon Motion SM2262, which QEMU refuses\n"
	"without the shim. All that is shown is verified.\n"
	"\n"
	"  --device FILE        the device of this description instead, or of this output of\n"
	"                       lspci -vvnn, lspci -xxxx or both; FILE@ADDRESS is one device\n"
	"                       of a file that holds several\n"
	"  --target TARGET      where its MSI-X table goes: any, auto, or bar0 to bar5 [any]\n"
	"  --libdir DIR         where libmsixshim.so and libfakevfio.so are\n"
	"                       [" PKGLIBDIR "]\n"
	"  --descriptions DIR   where the descriptions of the built-in devices are\n"
	"                       [" PKGDATADIR "/descriptions]\n"
	"  --qemu PATH          the QEMU to run [qemu-system-x86_64]\n"
	"  --help               print this text\n"
	"\n"
	"Exit status: 0 if all that was shown is so, 1 if something is not or failed,\n"
	"2 for a mistake in the arguments.\n";

/* Fills in where `target` moves the device's table. An exit status. */
static int choose(const struct desc *desc, int target, struct demo_device *device)
{
	const char *word = policy_target_name(target);
	const struct policy_settings settings = {.target = target};
	const struct policy_span rule = {word, strlen(word)};
	char text[DECISION_TEXT_MAX];
	struct plan_facts facts;
	struct decision decision;

	desc_facts(desc, (uint64_t)sysconf(_SC_PAGESIZE), &facts);
	decision_make(&facts, &settings, vmm_none(), &decision);
	device->target = decision.plan.target;
	if (decision.kind != DECISION_RELOCATE) {
		cli_error("demo: %s: %s", device->description,
			  decision_text(&decision, rule, text, sizeof(text)));
		return CLI_FAILED;
	}
	if (target < 0)
		snprintf(device->why, sizeof(device->why), "%s relocates it to bar%d: %s", word,
			 device->target, decision_why(&decision, rule, text, sizeof(text)));
	return CLI_OK;
}

static int run_found(const struct options *o, const char *libdir, const char *description,
		     const struct desc *desc, int target, enum demo_expectation without_shim)
{
	char host[PCI_BDF_SIZE];

	struct demo demo = {
		.qemu = o->qemu,
		.libdir = libdir,
		.device = {.description = description,
			   .host = pci_bdf_print(&desc->bdf, host),
			   .without_shim = without_shim},
	};

	if (choose(desc, target, &demo.device))
		return CLI_FAILED;

	qemu_hold_signals();

	int rc = demo_run(&demo);

	if (!rc) {
		demo_show(&demo);
		rc = demo_check(&demo);
	}
	if (demo_end(&demo) < 0 && !rc)
		rc = -1;
	fflush(stdout);
	/* The end, if one was asked for. */
	qemu_let_signals();
	if (rc == -ENOENT) /* a program, whatever the device */
		cli_error("demo: %s", demo.error);
	else if (rc < 0)
		cli_error("demo: %s: %s", description, demo.error);
	if (rc < 0)
		return CLI_FAILED;
	printf("\nChecked: table and PBA lie inside bar%d, apart from each other and from the "
	       "device's\n"
	       "registers; %s.\n",
	       demo.device.target,
	       demo.without.refused ? "QEMU refuses the device without the shim"
				    : "nothing else of the device changed");
	return CLI_OK;
}

/* The next step, as it is typed in this directory: by the command's name of this call. */
static void advise(const struct options *o)
{
	bool installed = !strcmp(o->libdir, PKGLIBDIR);

	printf("\nWith a device of your own, bound to vfio-pci:\n"
	       "  %s run%s%s --relocate auto -- \\\n"
	       "  %s ... -device vfio-pci,host=0000:01:00.0\n",
	       program_invocation_name, installed ? "" : " --libdir ", installed ? "" : o->libdir,
	       o->qemu);
}

/* `what` is FILE or FILE@ADDRESS. */
static int run_device(const struct options *o, const char *libdir, const char *what, int target,
		      enum demo_expectation without_shim)
{
	static struct desc desc;
	char *path, err[512];

	if (library_find_device(what, &path, &desc, err, sizeof(err)) < 0) {
		cli_error("demo: %s", err);
		return CLI_FAILED;
	}

	int status = run_found(o, libdir, path, &desc, target, without_shim);

	free(path);
	return status;
}

static int run_built_in(const struct options *o, const char *libdir)
{
	int status = CLI_OK;

	if (cli_access(o->descriptions, X_OK)) {
		cli_error("demo: %s: %s; install it, or name another one with --descriptions",
			  o->descriptions, strerror(errno));
		return CLI_FAILED;
	}
	printf("What the guest of an unmodified QEMU sees of a PCI device: its MSI-X table "
	       "moves.\n\n");
	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]) && !status; i++) {
		char *path;

		if (asprintf(&path, "%s/%s", o->descriptions, built_in[i].file) < 0)
			return CLI_FAILED;
		printf("%s", i ? "\n" : "");
		status = run_device(o, libdir, path, built_in[i].target, built_in[i].without_shim);
		free(path);
	}
	if (!status)
		advise(o);
	return status;
}

static int run(const struct options *o)
{
	char *libdir, err[512];
	int target = PLAN_ANY;

	if (o->target && (!policy_parse_target(o->target, &target) || target == PLAN_OFF)) {
		cli_error("demo: --target %s: not one of any, auto, bar0 to bar5", o->target);
		return CLI_USAGE;
	}
	if (o->target && !o->device) {
		cli_error("demo: --target is for the device of --device");
		return CLI_USAGE;
	}
	if (library_find_both(o->libdir, &libdir, err, sizeof(err)) < 0) {
		cli_error("demo: %s; " LIBRARY_HINT, err);
		return CLI_FAILED;
	}

	int status = o->device ? run_device(o, libdir, o->device, target, DEMO_EITHER)
			       : run_built_in(o, libdir);

	free(libdir);
	return status;
}

int demo_main(int argc, char **argv)
{
	struct options o = {
		.libdir = PKGLIBDIR,
		.descriptions = PKGDATADIR "/descriptions",
		.qemu = "qemu-system-x86_64",
	};
	const struct option_place places[] = {
		{"device", &o.device, NULL}, {"target", &o.target, NULL},
		{"libdir", &o.libdir, NULL}, {"descriptions", &o.descriptions, NULL},
		{"qemu", &o.qemu, NULL},     {NULL, NULL, NULL},
	};
	int status;

	if (!options_parse(argc, argv, places, usage, &status))
		return status;
	if (optind < argc) {
		cli_error("demo: unexpected argument '%s'", argv[optind]);
		return CLI_USAGE;
	}
	return run(&o);
}
