/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/doctor/doctor.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/columns.h"
#include "cli/json.h"
#include "cli/options.h"

static const char usage[] =
	"Usage: msixshim doctor [OPTION...]\n"
	"Looks whether this machine can pass PCI devices through, and whether the shim can be\n"
	"preloaded into the VMMs in PATH. A line each: ok, warning (it may stand in the way),\n"
	"problem (it does) or unknown, and what to do. Nothing is changed, no device is opened.\n"
	"\n"
	"  --libdir DIR  where libmsixshim.so is\n"
	"                [" PKGLIBDIR "]\n"
	"  --root DIR    read DIR/sys, DIR/proc, DIR/dev and DIR/lib/modules instead of this\n"
	"                machine's\n"
	"  --json        print JSON\n"
	"  --help        print this text\n"
	"\n"
	"Exit status: 0 if nothing stands in the way, 1 if there is a problem, 2 for a mistake in\n"
	"the arguments.\n";

static const struct {
	const char *name;
	const char *colour;
} statuses[DOCTOR_STATUSES] = {
	[DOCTOR_OK] = {"ok", CLI_GREEN},
	[DOCTOR_WARNING] = {"warning", CLI_YELLOW},
	[DOCTOR_PROBLEM] = {"problem", CLI_RED},
	[DOCTOR_UNKNOWN] = {"unknown", CLI_YELLOW},
};

static char *__attribute__((format(printf, 1, 0))) print(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) >= 0)
		return text;
	cli_error("doctor: out of memory");
	exit(CLI_FAILED);
}

void doctor_say(struct doctor *d, enum doctor_status status, const char *subject, const char *fmt,
		...)
{
	struct doctor_finding *list = reallocarray(d->findings, d->count + 1, sizeof(*d->findings));
	va_list ap;

	if (!list) {
		cli_error("doctor: out of memory");
		exit(CLI_FAILED);
	}
	d->findings = list;
	va_start(ap, fmt);
	list[d->count++] = (struct doctor_finding){status, subject, print(fmt, ap), NULL};
	va_end(ap);
}

void doctor_way_out(struct doctor *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	d->findings[d->count - 1].way_out = print(fmt, ap);
	va_end(ap);
}

static void print_text(const struct doctor *d)
{
	bool colour = cli_wants_colour();

	for (size_t i = 0; i < d->count; i++) {
		const struct doctor_finding *f = &d->findings[i];
		char *line;

		if (asprintf(&line, "%s: %s%s%s", f->subject, f->text, f->way_out ? "; " : "",
			     f->way_out ? f->way_out : "") < 0)
			continue;
		fputs(cli_colour(colour, statuses[f->status].colour), stdout);
		text_field(stdout, statuses[f->status].name, line, 91, 9);
		fputs(cli_colour(colour, CLI_PLAIN), stdout);
		free(line);
	}
}

static int print_json(const struct doctor *d, bool well)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	json_object_object_add(o, "ok", json_object_new_boolean(well));
	json_object_object_add(o, "checks", list);
	for (size_t i = 0; i < d->count; i++) {
		const struct doctor_finding *f = &d->findings[i];
		struct json_object *check = json_object_new_object();

		json_put_text(check, "subject", f->subject);
		json_put_text(check, "status", statuses[f->status].name);
		json_put_text(check, "finding", f->text);
		json_put_text(check, "way_out", f->way_out);
		json_object_array_add(list, check);
	}
	return json_print(stdout, o);
}

static int run(struct doctor *d, bool json)
{
	bool well = true;

	doctor_kernel(d);
	doctor_iommu(d);
	doctor_devices(d);
	doctor_library(d);
	doctor_vmms(d);
	doctor_security(d);
	doctor_memlock(d);
	for (size_t i = 0; i < d->count; i++)
		well &= d->findings[i].status != DOCTOR_PROBLEM;
	if (!json)
		print_text(d);
	else if (print_json(d, well) < 0)
		well = false;
	for (size_t i = 0; i < d->count; i++) {
		free(d->findings[i].text);
		free(d->findings[i].way_out);
	}
	free(d->findings);
	free(d->library);
	return well ? CLI_OK : CLI_FAILED;
}

int doctor_main(int argc, char **argv)
{
	struct doctor d = {.tree.root = "", .libdir = PKGLIBDIR};
	bool json = false;
	const struct option_place places[] = {
		{"libdir", &d.libdir, NULL},
		{"root", &d.tree.root, NULL},
		{"json", NULL, &json},
		{NULL, NULL, NULL},
	};
	int status;

	if (!options_parse(argc, argv, places, usage, &status))
		return status;
	if (optind < argc) {
		cli_error("doctor: unexpected argument '%s'", argv[optind]);
		return CLI_USAGE;
	}
	return run(&d, json);
}
