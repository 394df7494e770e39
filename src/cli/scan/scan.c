/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/scan/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/vmm.h"
#include "core/policy/policy.h"

const uint64_t scan_pages[SCAN_PAGES] = {4096, 16384, 65536};

static const char usage[] =
	"Usage: msixshim scan [OPTION...] [DEVICE|FILE...]\n"
	"Lists the PCI devices of this host, or those that are named: where the MSI-X table and\n"
	"PBA lie, whether registers share their pages, and what the rule 'auto' does with the\n"
	"device. Devices that gain come first. Nothing is written to a device.\n"
	"\n"
	"DEVICE is a PCI address of this host. FILE is a device description or the output of\n"
	"lspci -vvnn -xxxx; - is standard input, and FILE@ADDRESS is one device of a file.\n"
	"Without root, only the first 64 bytes of a device's configuration space can be read,\n"
	"and MSI-X is past them.\n"
	"\n"
	"  --page SIZE  decide for a host with pages of this size: 4K, 16K, 64K [this host's]\n"
	"  --vmm VMM    decide for this VMM, as the shim does in it: qemu, kvmtool, crosvm, ...\n"
	"  --json       print JSON; sizes and offsets are in bytes\n"
	"  --numeric    ids without names\n"
	"  --root DIR   read DIR/sys instead of /sys\n"
	"  --help       print this text\n"
	"\n"
	"Exit status: 0 done, 1 if something failed or a device had to be left out, 2 for a\n"
	"mistake in the arguments.\n";

struct options {
	uint64_t page_size;
	const struct vmm_traits *vmm;
	const char *root;
	bool json, numeric;
	char **names; /* of files or devices, NULL after the last; NULL: all of this host */
};

static bool shares_page(struct plan_facts facts, uint64_t page_size)
{
	facts.page_size = page_size;
	return choice_shares_page(&facts) || choice_shares_block(&facts);
}

const struct desc_note *scan_assumed(const struct scan_entry *e, size_t *pos)
{
	while (*pos < e->source->notes.count) {
		const struct desc_note *note = &e->source->notes.list[(*pos)++];

		if (&e->source->list[note->device] == e->device && desc_note_of_msix(note))
			return note;
	}
	return NULL;
}

char *scan_why(const struct scan_entry *e, char *buf, size_t size)
{
	return decision_why(&e->decision, (struct policy_span){"auto", 4}, buf, size);
}

/* Whether all that is known is that it has MSI-X: lspci -v says no more. */
static bool lacks_place(const struct scan_entry *e)
{
	const struct desc_note *note;
	size_t pos = 0;

	while ((note = scan_assumed(e, &pos))) {
		if (note->kind == DESC_NOTE_MSIX_TABLE)
			return true;
	}
	return false;
}

static enum scan_rank find_rank(const struct scan_entry *e)
{
	if (e->device->header_type != 0)
		return SCAN_BRIDGE;
	if (e->device->partial || lacks_place(e) ||
	    device_lacks_bars(e->source, (size_t)(e->device - e->source->list)))
		return SCAN_UNKNOWN;
	if (!e->decision.facts.msix.pos)
		return SCAN_NO_MSIX;
	return e->decision.kind == DECISION_RELOCATE ? SCAN_GAINS : SCAN_STAYS;
}

static void judge(struct scan_entry *e, const struct options *o)
{
	static const struct policy_settings by_auto = {.target = PLAN_AUTO};
	struct plan_facts facts;

	desc_facts(&e->device->desc, o->page_size, &facts);
	decision_make(&facts, &by_auto, o->vmm, &e->decision);
	for (unsigned int i = 0; i < SCAN_PAGES; i++)
		e->shares[i] = shares_page(facts, scan_pages[i]);
	e->rank = find_rank(e);
}

static int by_rank(const void *a, const void *b)
{
	const struct scan_entry *x = a, *y = b;
	int order = pci_bdf_compare(&x->device->desc.bdf, &y->device->desc.bdf);

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (order)
		return order;
	return x->number < y->number ? -1 : 1;
}

/* The file of source `i`, which read_source() left of its name. NULL: this host. */
static const char *file_of(const struct options *o, size_t i)
{
	return o->names && *o->names[i] ? o->names[i] : NULL;
}

/* Judges the devices of source[0, sources), and prints the report. */
static int report(const struct options *o, const struct devices *source, size_t sources)
{
	struct scan scan = {
		.page_size = o->page_size,
		.many_files = sources > 1,
		.numeric = o->numeric,
		.colour = cli_wants_colour(),
	};
	int rc = 0;

	for (size_t i = 0; i < sources; i++)
		scan.count += source[i].count;
	scan.entries = calloc(scan.count + 1, sizeof(*scan.entries));
	if (!scan.entries)
		return -ENOMEM;
	scan.count = 0;
	for (size_t i = 0; i < sources; i++) {
		for (size_t k = 0; k < source[i].count; k++) {
			struct scan_entry *e = &scan.entries[scan.count];

			*e = (struct scan_entry){
				.device = &source[i].list[k],
				.source = &source[i],
				.file = file_of(o, i),
				.number = scan.count++,
			};
			judge(e, o);
			scan.ranks[e->rank]++;
		}
	}
	qsort(scan.entries, scan.count, sizeof(*scan.entries), by_rank);
	if (o->json)
		rc = scan_json(stdout, &scan);
	else
		scan_text(stdout, &scan);
	free(scan.entries);
	return rc;
}

/* Leaves the file alone in its name, or nothing of a device of this host. */
static int read_source(const struct options *o, size_t i, struct devices *ret)
{
	char err[512], path[4096];
	int rc;

	if (o->names) {
		rc = devices_named(o->names[i], ret, err, sizeof(err));
		o->names[i][devices_path_len(o->names[i])] = '\0';
	} else {
		snprintf(path, sizeof(path), "%s/sys/bus/pci", o->root);
		rc = devices_of_sysfs(path, ret, err, sizeof(err));
	}
	if (rc < 0)
		cli_error("scan: %s", err);
	return rc;
}

static size_t count_sources(const struct options *o)
{
	size_t count = 1; /* this host */

	while (o->names && o->names[count])
		count++;
	return count;
}

static int run(const struct options *o)
{
	size_t sources = count_sources(o);
	struct devices *source = calloc(sources, sizeof(*source));
	int rc = source ? 0 : -ENOMEM, failed = 0;

	for (size_t i = 0; !rc && i < sources; i++)
		failed |= read_source(o, i, &source[i]) < 0;
	if (!rc && !failed)
		rc = report(o, source, sources);
	for (size_t i = 0; source && i < sources; i++) {
		failed |= source[i].incomplete;
		devices_free(&source[i]);
	}
	free(source);
	if (rc < 0)
		cli_error("scan: %s", strerror(-rc));
	return rc < 0 || failed ? CLI_FAILED : CLI_OK;
}

int scan_main(int argc, char **argv)
{
	struct options o = {.page_size = (uint64_t)sysconf(_SC_PAGESIZE), .root = ""};
	const char *page = NULL, *vmm = NULL;
	const struct option_place places[] = {
		{"page", &page, NULL},	 {"json", NULL, &o.json}, {"numeric", NULL, &o.numeric},
		{"root", &o.root, NULL}, {"vmm", &vmm, NULL},	  {NULL, NULL, NULL},
	};
	int status;

	if (!options_parse(argc, argv, places, usage, &status))
		return status;
	if (page && !policy_parse_page(page, &o.page_size)) {
		cli_error("scan: --page %s: not a page size, as 4K, 16K or 64K", page);
		return CLI_USAGE;
	}
	o.vmm = vmm_of_option("scan", vmm);
	if (!o.vmm)
		return CLI_USAGE;
	if (optind < argc)
		o.names = argv + optind;
	if (o.names && *o.root) {
		cli_error("scan: --root is for all of this host, not for what is named");
		return CLI_USAGE;
	}
	return run(&o);
}
