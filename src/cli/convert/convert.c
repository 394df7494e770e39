/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/convert/convert.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/device.h"
#include "cli/options.h"
#include "desc/lspci/lspci.h"

struct options {
	const char *what;
	const struct pci_bdf *only; /* NULL: all devices of the file */
	bool lspci;
};

static const char usage[] =
	"Usage: msixshim convert [OPTION...] FILE|DEVICE\n"
	"Prints a description for libfakevfio.so of each device in FILE, the output of\n"
	"lspci -vvnn, lspci -xxxx or both ('-': standard input), or of DEVICE, a PCI address of\n"
	"this host. What had to be assumed is in comments. The Device Serial Number and\n"
	"Vital Product Data are left out.\n"
	"\n"
	"  --device ADDRESS  only this device of FILE\n"
	"  --lspci           print text as of lspci -vvnn -xxxx instead; FILE may be a\n"
	"                    description\n"
	"  --help            print this text\n"
	"\n"
	"Exit status: 0 done, 1 if something failed, 2 for a mistake in the arguments.\n";

static void print_notes(const struct devices *devices, size_t i)
{
	for (size_t n = 0; n < devices->notes.count; n++) {
		const struct desc_note *note = &devices->notes.list[n];

		if (note->device != i)
			continue;
		if (note->bar == PCI_BARS)
			printf("# ROM: %s\n", note->text);
		else if (note->bar >= 0)
			printf("# bar%d: %s\n", note->bar, note->text);
		else
			printf("# %s\n", note->text);
	}
}

/* Whether all of it is known; says why not. */
static bool check_device(const struct device *d, const char *address)
{
	if (d->header_type != 0)
		cli_error("convert: %s: a bridge, which vfio-pci does not take", address);
	else if (d->partial)
		cli_error("convert: %s: its capabilities are unknown%s", address,
			  device_partial_text(d->partial));
	return d->header_type == 0 && !d->partial;
}

static int print_device(const struct options *o, const struct devices *devices, size_t i)
{
	struct desc *d = &devices->list[i].desc;
	char address[PCI_BDF_SIZE], *text;
	const char *why;
	int rc;

	pci_bdf_print(&d->bdf, address);
	if (!check_device(&devices->list[i], address))
		return CLI_FAILED;
	if (device_lacks_bars(devices, i)) {
		cli_error("convert: %s: no BAR is known of it; lspci tells them with -vv", address);
		return CLI_FAILED;
	}
	desc_scrub(d);
	if (o->lspci) {
		desc_write_lspci(stdout, d);
		return CLI_OK;
	}
	rc = desc_print(d, &text, &why);
	if (rc == -EINVAL)
		cli_error("convert: %s: no description can say this: %s", address, why);
	else if (rc < 0)
		cli_error("convert: %s", strerror(-rc));
	if (rc < 0)
		return CLI_FAILED;
	printf("%s", i ? "\n" : "");
	if (devices->list[i].name[0])
		printf("# %s\n", devices->list[i].name);
	print_notes(devices, i);
	fputs(text, stdout);
	free(text);
	return CLI_OK;
}

/*
 * A device of this host as it would be found in what lspci prints of it: idle, as vfio-pci leaves
 * it, and with notes of what is not known.
 */
static int of_host(const char *what, struct devices *ret, char *err, size_t size)
{
	struct devices live;
	char *text = NULL;
	size_t len;
	int rc = devices_find(what, &live, err, size);

	if (rc < 0)
		return rc;
	if (live.list[0].partial || live.list[0].header_type != 0) {
		*ret = live;
		return 0;
	}

	FILE *out = open_memstream(&text, &len);

	if (out)
		desc_write_lspci(out, &live.list[0].desc);
	devices_free(&live);
	if (!out || fclose(out) == EOF) {
		free(text);
		snprintf(err, size, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	rc = devices_of_text(what, text, len, ret, err, size);
	free(text);
	return rc;
}

static int convert(const struct options *o)
{
	struct devices devices;
	struct pci_bdf bdf;
	char err[512];
	int rc, status = CLI_OK;

	if (pci_bdf_parse(o->what, strlen(o->what), &bdf))
		rc = of_host(o->what, &devices, err, sizeof(err));
	else if (o->only)
		rc = devices_of_file_at(o->what, o->only, &devices, err, sizeof(err));
	else
		rc = devices_of_file(o->what, &devices, err, sizeof(err));
	if (rc < 0) {
		cli_error("convert: %s", err);
		return CLI_FAILED;
	}
	for (size_t i = 0; i < devices.count && !status; i++)
		status = print_device(o, &devices, i);
	devices_free(&devices);
	return status;
}

int convert_main(int argc, char **argv)
{
	struct options o = {.what = NULL};
	const char *device = NULL;
	const struct option_place places[] = {
		{"device", &device, NULL},
		{"lspci", NULL, &o.lspci},
		{NULL, NULL, NULL},
	};
	struct pci_bdf bdf;
	int status;

	if (!options_parse(argc, argv, places, usage, &status))
		return status;
	if (device && !pci_bdf_parse(device, strlen(device), &bdf)) {
		cli_error("convert: --device %s: not a PCI address as 0000:01:00.0", device);
		return CLI_USAGE;
	}
	if (argc - optind != 1) {
		cli_error("convert: expected one FILE or DEVICE; see msixshim convert --help");
		return CLI_USAGE;
	}
	o.what = argv[optind];
	o.only = device ? &bdf : NULL;
	return convert(&o);
}
