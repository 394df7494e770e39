/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/columns.h"
#include "cli/scan/scan.h"
#include "core/policy/policy.h"
#include "desc/text.h"

#define WIDTH  100
#define INDENT 18 /* of what follows a label */

/* "0000:01:00.0", or FILE@0000:01:00.0: what other commands take for the device. */
static void print_address(FILE *out, const struct scan *s, const struct scan_entry *e)
{
	char address[PCI_BDF_SIZE];

	pci_bdf_print(&e->device->desc.bdf, address);
	fprintf(out, "%s%s%s", s->many_files && e->file ? e->file : "",
		s->many_files && e->file ? "@" : "", address);
}

/* The line that starts a device: "0000:01:00.0 1000:0097 Broadcom / LSI SAS3008 ..." */
static void print_head(FILE *out, const struct scan *s, const struct scan_entry *e)
{
	char address[PCI_BDF_SIZE];
	const struct pci_ids *ids = &e->decision.facts.ids;

	fprintf(out, "%s%s%s %04x:%04x", cli_colour(s->colour, CLI_BOLD),
		pci_bdf_print(&e->device->desc.bdf, address), cli_colour(s->colour, CLI_PLAIN),
		ids->vendor, ids->device);
	if (!s->numeric && e->device->name[0])
		fprintf(out, " %s", e->device->name);
	fputc('\n', out);
}

static void field(FILE *out, const char *label, const char *text)
{
	char indented[32];

	snprintf(indented, sizeof(indented), "    %s", label);
	text_field(out, indented, text, WIDTH - INDENT, INDENT);
}

static void print_structures(FILE *out, const struct pci_msix *msix)
{
	char text[128];

	snprintf(text, sizeof(text), "%u vector%s, table BAR%u+0x%" PRIx32 ", PBA BAR%u+0x%" PRIx32,
		 msix->vectors, msix->vectors == 1 ? "" : "s", msix->table_bir, msix->table_offset,
		 msix->pba_bir, msix->pba_offset);
	field(out, "MSI-X", text);
}

static void print_sharing(FILE *out, const struct scan_entry *e)
{
	char text[64] = "", name[24];
	size_t len = 0;

	for (unsigned int i = 0; i < SCAN_PAGES; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s: %s", i ? ", " : "",
					text_suffixed(scan_pages[i], name, sizeof(name)),
					e->shares[i] ? "yes" : "no");
	field(out, "shares pages", text);
}

/* "PROBLEM; bar5 works, bar0 fails: WHY (SOURCE)", as far as each is known. */
static void print_known(FILE *out, const struct known_device *k)
{
	char *text = NULL;
	size_t size;
	FILE *known = open_memstream(&text, &size);

	if (!known)
		return;
	if (k->problem)
		fprintf(known, "%s%s", k->problem, k->works != PLAN_OFF || k->fails ? "; " : "");
	if (k->works != PLAN_OFF)
		fprintf(known, "%s works%s", policy_target_name(k->works), k->fails ? ", " : "");
	for (int i = 0; i < PCI_BARS; i++) {
		if (k->fails >> i & 1)
			fprintf(known, "%s%s", policy_target_name(i),
				k->fails >> (i + 1) ? ", " : " fails");
	}
	fprintf(known, "%s%s (%s)", k->why ? ": " : "", k->why ? k->why : "",
		known_words(k)->source);
	fclose(known);
	field(out, "known", text);
	free(text);
}

static void print_auto(FILE *out, const struct scan *s, const struct scan_entry *e)
{
	const char *target = policy_target_name(e->decision.choice.target);
	bool gains = e->rank == SCAN_GAINS;
	char *text, why[DECISION_TEXT_MAX];

	if (asprintf(&text, "%s%s%s: %s", cli_colour(s->colour && gains, CLI_GREEN), target,
		     cli_colour(s->colour && gains, CLI_PLAIN), scan_why(e, why, sizeof(why))) < 0)
		return;
	field(out, "auto", text);
	free(text);
}

static void print_host(FILE *out, const struct device *d)
{
	char text[96], group[32];

	snprintf(group, sizeof(group), "IOMMU group %" PRIu32, d->desc.group);
	snprintf(text, sizeof(text), "%s, %s", d->driver[0] ? d->driver : "none",
		 d->desc.group == DESC_NO_GROUP ? "no IOMMU group" : group);
	field(out, "driver", text);
}

static void print_assumed(FILE *out, const struct scan_entry *e)
{
	const struct desc_note *note;
	const char *label = "assumed";
	size_t pos = 0;

	while ((note = scan_assumed(e, &pos))) {
		char text[256];

		if (note->bar < 0)
			snprintf(text, sizeof(text), "%s", note->text);
		else
			snprintf(text, sizeof(text), "BAR%d: %s", note->bar, note->text);
		field(out, label, text);
		label = "";
	}
}

static void print_device(FILE *out, const struct scan *s, const struct scan_entry *e)
{
	fputc('\n', out);
	print_head(out, s, e);
	if (s->many_files && e->file)
		field(out, "file", e->file);
	if (!e->file)
		print_host(out, e->device);
	print_structures(out, &e->decision.facts.msix);
	print_assumed(out, e);
	if (e->decision.choice.defect != MSIX_SOUND)
		field(out, "broken", choice_defect_text(e->decision.choice.defect));
	print_sharing(out, e);
	if (e->decision.choice.known)
		print_known(out, e->decision.choice.known);
	print_auto(out, s, e);
}

static void print_summary(FILE *out, const struct scan *s)
{
	size_t gains = s->ranks[SCAN_GAINS], with = gains + s->ranks[SCAN_STAYS];
	char name[24];

	if (!with)
		fputs("No device is known to have MSI-X.\n", out);
	else
		fprintf(out,
			"With pages of %s, %zu of %zu device%s with MSI-X gain%s from a "
			"relocation.\n",
			text_suffixed(s->page_size, name, sizeof(name)), gains, with,
			with == 1 ? "" : "s", gains == 1 ? "s" : "");
}

/* The addresses of all devices of a rank, in lines after a label. */
static void print_list(FILE *out, const struct scan *s, enum scan_rank rank, const char *label)
{
	char *text = NULL;
	size_t size;
	FILE *list = s->ranks[rank] ? open_memstream(&text, &size) : NULL;

	if (!list)
		return;
	fprintf(list, "%zu:", s->ranks[rank]);
	for (size_t i = 0; i < s->count; i++) {
		if (s->entries[i].rank != rank)
			continue;
		fputc(' ', list);
		print_address(list, s, &s->entries[i]);
	}
	fclose(list);
	text_field(out, label, text, WIDTH - INDENT, INDENT);
	free(text);
}

/* Whether root would have been shown more of the device. */
static bool is_denied(const struct scan_entry *e)
{
	return e->device->partial == DESC_NOTE_CAPS_DENIED;
}

static void print_unknown(FILE *out, const struct scan *s)
{
	bool host = false, denied = false;

	if (!s->ranks[SCAN_UNKNOWN])
		return;
	for (size_t i = 0; i < s->count; i++) {
		host |= s->entries[i].rank == SCAN_UNKNOWN && !s->entries[i].file;
		denied |= s->entries[i].rank == SCAN_UNKNOWN && is_denied(&s->entries[i]);
	}
	fprintf(out, "\nWhether these have MSI-X, and where, is not known%s.\n",
		denied ? ": only root can read it" : ": the text does not say it");
	for (size_t i = 0; i < s->count; i++) {
		if (s->entries[i].rank != SCAN_UNKNOWN)
			continue;
		fputs("    ", out);
		print_head(out, s, &s->entries[i]);
	}
	fprintf(out, "Try %ssudo lspci -vvnn -xxxx > FILE, and then msixshim scan FILE.\n",
		host ? "sudo msixshim scan, or " : "");
}

void scan_text(FILE *out, const struct scan *s)
{
	if (!s->count) {
		fputs("No PCI device.\n", out);
		return;
	}
	print_summary(out, s);
	for (size_t i = 0; i < s->count && s->entries[i].rank <= SCAN_STAYS; i++)
		print_device(out, s, &s->entries[i]);
	print_unknown(out, s);
	if (s->ranks[SCAN_NO_MSIX] || s->ranks[SCAN_BRIDGE])
		fputc('\n', out);
	print_list(out, s, SCAN_NO_MSIX, "Without MSI-X");
	print_list(out, s, SCAN_BRIDGE, "Bridges");
}
