/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/columns.h"
#include "cli/plan/plan.h"
#include "cli/vmm.h"
#include "desc/text.h"

#define INDENT	  12 /* of everything that has a label */
#define DEEP	  6  /* of what belongs to one BAR */
#define TEXT	  84 /* the width right of it */
#define BAR_CELLS 80

/* A label and a text (printf style), wrapped. */
static void __attribute__((format(printf, 3, 4)))
field(FILE *out, const char *label, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_field(out, label, text, TEXT, INDENT);
}

static void print_msix(FILE *out, const struct report *r)
{
	const struct pci_msix *m = &r->decision.facts.msix;
	char table[32], pba[32];

	if (!m->pos) {
		field(out, "MSI-X", "none");
		return;
	}
	field(out, "MSI-X",
	      "%u vector%s; table at bar%u+0x%" PRIx32 ", %s; PBA at bar%u+0x%" PRIx32 ", %s",
	      m->vectors, m->vectors == 1 ? "" : "s", m->table_bir, m->table_offset,
	      text_size(pci_msix_table_size(m->vectors), table, sizeof(table)), m->pba_bir,
	      m->pba_offset, text_size(pci_msix_pba_size(m->vectors), pba, sizeof(pba)));
	if (r->decision.choice.defect != MSIX_SOUND)
		field(out, "", "Broken: %s; VMMs may refuse the device.",
		      choice_defect_text(r->decision.choice.defect));
}

static void print_device(FILE *out, const struct report *r)
{
	const struct pci_ids *ids = &r->decision.facts.ids;
	char address[PCI_BDF_SIZE];

	field(out, "Device", "%s  %04x:%04x, subsystem %04x:%04x, class %06" PRIx32,
	      pci_bdf_print(&r->device->desc.bdf, address), ids->vendor, ids->device,
	      ids->subvendor, ids->subdevice, ids->class_code);
	field(out, "", "%s", report_name(r));
	print_msix(out, r);
}

static void print_known(FILE *out, const struct report *r)
{
	const struct known_device *k = r->decision.choice.known;
	const struct known_words *words = k ? known_words(k) : NULL;

	if (!k)
		return;
	field(out, "Known", "%s%s%s.", words->name, k->problem ? ": " : "",
	      k->problem ? k->problem : "");
	if (k->works != PLAN_OFF)
		field(out, "", "Known to work%s%s: %s.", words->driver ? " with " : "",
		      words->driver ? words->driver : "", policy_target_name(k->works));
	for (int i = 0; i < PCI_BARS; i++) {
		if (k->fails & 1U << i)
			field(out, "", "Known to fail%s%s: %s: %s.", words->driver ? " with " : "",
			      words->driver ? words->driver : "", policy_target_name(i), k->why);
	}
	field(out, "", "Source: %s.", words->source);
}

static void print_notes(FILE *out, const struct report *r)
{
	const char *label = "Assumed";

	for (size_t i = 0; i < r->devices->notes.count; i++) {
		const struct desc_note *n = &r->devices->notes.list[i];

		if (n->bar == PCI_BARS)
			field(out, label, "ROM: %s.", n->text);
		else if (n->bar >= 0)
			field(out, label, "bar%d: %s.", n->bar, n->text);
		else
			field(out, label, "%s.", n->text);
		label = "";
	}
	for (size_t i = 0; i < r->devices->notes.count; i++) {
		enum desc_note_kind kind = r->devices->notes.list[i].kind;

		if (kind == DESC_NOTE_IDS)
			field(out, "", "Whether it is a known device is not known.");
		else if (kind == DESC_NOTE_CLASS)
			field(out, "", "Whether it is a display controller is not known.");
	}
}

static void print_reason(FILE *out, const struct report *r)
{
	int best = r->decision.choice.target;
	char why[DECISION_TEXT_MAX];

	if (r->settings.target == PLAN_AUTO || r->settings.target == PLAN_ANY)
		field(out, "Reason", "%s.", report_why(r, why, sizeof(why)));
	else
		field(out, "By auto", "%s: %s.",
		      best == PLAN_OFF ? "left as it is" : policy_target_name(best),
		      choice_why(&r->decision.choice));
}

static void print_decision(FILE *out, const struct report *r)
{
	char text[160];

	field(out, "Host pages", "%s", text_size(r->decision.host_page, text, sizeof(text)));
	if (r->decision.facts.page_size != r->decision.host_page)
		field(out, "", "The rule plans for pages of %s.",
		      text_size(r->decision.facts.page_size, text, sizeof(text)));
	if (r->decision.vmm != vmm_none())
		field(out, "VMM", "%s: %s.", r->decision.vmm->name, vmm_what(r->decision.vmm));
	field(out, "Decision", "%s", report_decision(r, text, sizeof(text)));
	if (r->decision.plan.target != PLAN_OFF && !r->decision.plan.pba_sound)
		field(out, "", "The hardware's PBA can't be read, so the new one reads as 0.");
	print_reason(out, r);
	print_known(out, r);
	print_notes(out, r);
}

static char cell_of(const struct layout_extent *e)
{
	switch (e->what) {
	case LAYOUT_TABLE:
		return 'T';
	case LAYOUT_PBA:
		return 'P';
	case LAYOUT_OVERLAP:
		return '!';
	case LAYOUT_OLD_TABLE:
	case LAYOUT_OLD_PBA:
		return e->access == LAYOUT_DIRECT ? 'o' : 'x';
	case LAYOUT_PADDING:
		return '.';
	case LAYOUT_REGISTERS:
		break;
	}
	return e->access == LAYOUT_DIRECT ? '=' : 'x';
}

static void print_cells(FILE *out, const struct layout_bar *bar)
{
	unsigned int widths[LAYOUT_EXTENTS];

	layout_share(bar, BAR_CELLS, 1, widths);
	fprintf(out, "%*s[", DEEP, "");
	for (size_t i = 0; i < bar->count; i++) {
		for (unsigned int n = 0; n < widths[i]; n++)
			fputc(cell_of(&bar->list[i]), out);
	}
	fputs("]\n", out);
}

static int hex_digits(uint64_t size)
{
	int digits = 4;

	while (digits < 16 && size > UINT64_C(1) << 4 * digits)
		digits++;
	return digits;
}

static void print_extents(FILE *out, const struct layout_bar *bar)
{
	int digits = hex_digits(bar->bar.size);
	char size[32];

	for (size_t i = 0; i < bar->count; i++) {
		const struct layout_extent *e = &bar->list[i];

		fprintf(out, "%*s%0*" PRIx64 "-%0*" PRIx64 "  %12s  %-13s  ", DEEP, "", digits,
			e->bytes.start, digits, e->bytes.end - 1,
			text_size(e->bytes.end - e->bytes.start, size, sizeof(size)),
			layout_what_text(e->what));
		fprintf(out, "%s%s\n",
			e->access == LAYOUT_DIRECT ? "" : "traps: ", layout_access_text(e->access));
	}
}

static void print_bar(FILE *out, const struct report *r, const struct layout_bar *bar, int i)
{
	char name[16], size[32], text[80];

	snprintf(name, sizeof(name), "  bar%d", i);
	text_size(bar->bar.size, size, sizeof(size));
	switch (bar->state) {
	case LAYOUT_NONE:
		return;
	case LAYOUT_DROPPED:
		field(out, name, "dropped by the host: an empty slot to the VMM");
		return;
	case LAYOUT_AS_IS:
		field(out, name, "%s, %s", size, text_bar_type(&bar->bar));
		break;
	case LAYOUT_EXTENDED:
		field(out, name, "%s, %s", report_change(&r->decision.plan, text, sizeof(text)),
		      text_bar_type(&bar->bar));
		break;
	case LAYOUT_NEW:
		field(out, name, "new, %s, %s", size, text_bar_type(&bar->bar));
		break;
	}
	print_cells(out, bar);
	print_extents(out, bar);
}

static void print_side(FILE *out, const struct report *r, const char *title,
		       const struct layout_side *side)
{
	char direct[32], memory[32];

	fprintf(out, "\n%s: %s of %s bytes are direct\n", title,
		text_number(side->direct, direct, sizeof(direct)),
		text_number(side->memory, memory, sizeof(memory)));
	for (int i = 0; i < PCI_BARS; i++)
		print_bar(out, r, &side->bars[i], i);
}

static void print_targets(FILE *out, const struct report *r)
{
	if (r->decision.choice.cause == CHOICE_NOTHING)
		return;
	fputs("\nTargets\n", out);
	for (int i = 0; i < PCI_BARS; i++) {
		char label[16];

		snprintf(label, sizeof(label), "  %s", policy_target_name(i));
		field(out, label, "%s", report_why_not(r, i));
	}
}

static void print_rules(FILE *out, const struct report *r)
{
	char rule[REPORT_RULE_SIZE];

	fputc('\n', out);
	field(out, "Pinned by", "MSIXSHIM='%s'", report_rule(r, true, rule));
	if (report_has_ids(r))
		field(out, "or", "MSIXSHIM='%s'", report_rule(r, false, rule));
}

void plan_text(FILE *out, const struct report *r)
{
	print_device(out, r);
	print_decision(out, r);
	if (r->decision.plan.target == PLAN_OFF) {
		print_side(out, r, "As it is", &r->layout.before);
	} else {
		print_side(out, r, "Before", &r->layout.before);
		print_side(out, r, "After", &r->layout.after);
	}
	fprintf(out,
		"\n  = direct  x traps  T table  P PBA  ! both, overlapping  o old table or PBA  "
		". padding\n");
	print_targets(out, r);
	print_rules(out, r);
}

/* The cells of a line of the table that come before the reason. */
struct row {
	char layout[32], adds[32], direct[32];
};

/* Of the columns that can need more than their heads and most sizes do. */
struct widths {
	int adds, direct;
};

static void make_row(const struct report *r, int target, struct row *row)
{
	struct layout layout;
	struct plan plan;
	char size[32];

	*row = (struct row){.layout = "refused"};
	if (plan_reason_refuses(report_target(r, target, &plan, &layout)))
		return;
	snprintf(row->layout, sizeof(row->layout), "%.11s %.19s",
		 plan.new_bar ? "new," : "extended to",
		 text_size(plan.bar.size, size, sizeof(size)));
	text_size(r->decision.choice.targets[target].additional, row->adds, sizeof(row->adds));
	text_number(layout.after.useful, row->direct, sizeof(row->direct));
}

/* Makes a column wide enough for a cell. */
static void widen(int *width, const char *cell)
{
	if (*width < (int)strlen(cell))
		*width = (int)strlen(cell);
}

/* A line of the table; the reason may take more. */
static void print_row(FILE *out, const struct widths *w, const char *target, const struct row *row,
		      const char *reason)
{
	char left[160];

	snprintf(left, sizeof(left), "%-6s  %-22.40s  %*.32s  %*.32s  ", target, row->layout,
		 w->adds, row->adds, w->direct, row->direct);
	text_field(out, left, reason, 96 - (int)strlen(left), (int)strlen(left));
}

static void print_table(FILE *out, const struct report *r)
{
	static const struct row head = {"LAYOUT", "ADDS", "DIRECT BYTES"};
	struct row off = {.layout = "as it is"}, rows[PCI_BARS];
	struct widths w = {9, 15};

	text_number(r->layout.before.useful, off.direct, sizeof(off.direct));
	widen(&w.direct, off.direct);
	for (int i = 0; i < PCI_BARS; i++) {
		make_row(r, i, &rows[i]);
		widen(&w.adds, rows[i].adds);
		widen(&w.direct, rows[i].direct);
	}
	fputc('\n', out);
	print_row(out, &w, "TARGET", &head, "REASON");
	fprintf(out, "%-6s  %-22s  %*s  %*s\n", "off", off.layout, w.adds, off.adds, w.direct,
		off.direct);
	for (int i = 0; i < PCI_BARS; i++)
		print_row(out, &w, policy_target_name(i), &rows[i], report_why_not(r, i));
}

void plan_text_targets(FILE *out, const struct report *r)
{
	print_device(out, r);
	print_decision(out, r);
	if (r->decision.choice.cause != CHOICE_NOTHING)
		print_table(out, r);
	print_rules(out, r);
}
