/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The picture of a plan as SVG 1.1. All coordinates are whole pixels, so that equal plans give
 * equal files. Hatching, not colour alone, tells what traps: it has to survive a black and white
 * printer.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "cli/plan/plan.h"
#include "desc/text.h"

#define WIDTH	    1000U
#define MARGIN	    32U
#define BAR_X	    208
#define BAR_WIDTH   (WIDTH - MARGIN - BAR_X)
#define BAR_HEIGHT  40
#define ROW	    76	/* a BAR with the offsets below it, and the gap to the next */
#define LINE	    19	/* of running text */
#define LEAST	    92	/* boxes hold "table and PBA"; more extents than fit get less */
#define TEXT_CHARS  124 /* in a line of running text */
#define TITLE_CHARS 78	/* in one of the title */
#define LABEL_CHAR  7	/* pixels that a character of 11 pixels takes at most, */
#define TIGHT_CHAR  13	/* and two of them on average */

static const char head[] =
	"<style>\n"
	"text { font-family: 'DejaVu Sans', 'Liberation Sans', Helvetica, Arial, sans-serif; "
	"font-size: 13px; fill: #1f2933 }\n"
	".title { font-size: 19px; font-weight: bold }\n"
	".panel { font-size: 15px; font-weight: bold }\n"
	".name { font-size: 14px; font-weight: bold }\n"
	".small { font-size: 11px; fill: #52606d }\n"
	".label { font-size: 11px; text-anchor: middle }\n"
	".offset { font-family: 'DejaVu Sans Mono', 'Liberation Mono', monospace; "
	"font-size: 10px; fill: #52606d }\n"
	".rule { font-family: 'DejaVu Sans Mono', 'Liberation Mono', monospace; "
	"font-size: 12px }\n"
	".change { fill: #0b69a3; font-weight: bold }\n"
	".box { stroke: #52606d; stroke-width: 1 }\n"
	"</style>\n"
	"<defs>\n"
	"<pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" "
	"patternTransform=\"rotate(45)\">\n"
	"<rect width=\"1\" height=\"7\" fill=\"#1f2933\" fill-opacity=\"0.4\"/>\n"
	"</pattern>\n"
	"</defs>\n";

/* The picture while it is drawn: everything goes below y. */
struct canvas {
	FILE *out;
	unsigned int y;
};

static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		default:
			/* XML has no way to say the other control characters. */
			fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
			break;
		}
	}
}

static void put_text(FILE *out, unsigned int x, unsigned int y, const char *class, const char *text)
{
	fprintf(out, "<text x=\"%u\" y=\"%u\"%s%s%s>", x, y, class ? " class=\"" : "",
		class ? class : "", class ? "\"" : "");
	put_escaped(out, text);
	fputs("</text>\n", out);
}

/* Running text, wrapped. */
static void put_lines(struct canvas *c, const char *class, int width, const char *text)
{
	char *wrapped = NULL, *line, *rest;
	size_t size;
	FILE *lines = open_memstream(&wrapped, &size);

	if (!lines)
		return;
	text_wrap(lines, text, width, 0);
	if (fclose(lines) == EOF) {
		free(wrapped);
		return;
	}
	for (rest = wrapped; (line = strsep(&rest, "\n")) && *line;) {
		put_text(c->out, MARGIN, c->y, class, line);
		c->y += LINE;
	}
	free(wrapped);
}

static const char *fill_of(enum layout_what what)
{
	static const char *const fills[] = {
		[LAYOUT_REGISTERS] = "#cfe6f5", [LAYOUT_TABLE] = "#ffd08a",
		[LAYOUT_PBA] = "#f7e59c",	[LAYOUT_OVERLAP] = "#f4978e",
		[LAYOUT_OLD_TABLE] = "#e4e7eb", [LAYOUT_OLD_PBA] = "#e4e7eb",
		[LAYOUT_PADDING] = "#ffffff",
	};

	return fills[what];
}

static void put_box(FILE *out, unsigned int x, unsigned int y, unsigned int width,
		    unsigned int height, const char *fill, bool traps)
{
	fprintf(out,
		"<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"%s\" class=\"box\"/>\n",
		x, y, width, height, fill);
	if (traps)
		fprintf(out,
			"<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"url(#hatch)\"/>"
			"\n",
			x, y, width, height);
}

/* A line in the middle of a box, on a plain ground where hatching would disturb it. */
static void put_label(FILE *out, unsigned int x, unsigned int y, unsigned int width,
		      const char *text, const char *ground)
{
	unsigned int needed = (unsigned int)strlen(text) * TIGHT_CHAR / 2;

	if (needed > width)
		return;
	if (ground)
		fprintf(out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"14\" fill=\"%s\"/>\n",
			x + (width - needed) / 2, y - 11, needed, ground);
	put_text(out, x + width / 2, y, "label", text);
}

static void put_extent(struct canvas *c, const struct layout_extent *e, unsigned int x,
		       unsigned int width)
{
	bool traps = e->access != LAYOUT_DIRECT;
	const char *ground = traps ? fill_of(e->what) : NULL;
	char size[32], offset[32];

	fputs("<g><title>", c->out);
	fprintf(c->out, "0x%" PRIx64 "-0x%" PRIx64 ": %s, %s%s", e->bytes.start, e->bytes.end - 1,
		layout_what_text(e->what), traps ? "traps: " : "", layout_access_text(e->access));
	fputs("</title>\n", c->out);
	put_box(c->out, x, c->y, width, BAR_HEIGHT, fill_of(e->what), traps);
	put_label(c->out, x, c->y + 17, width, layout_what_text(e->what), ground);
	put_label(c->out, x, c->y + 32, width,
		  text_size(e->bytes.end - e->bytes.start, size, sizeof(size)), ground);
	snprintf(offset, sizeof(offset), "0x%" PRIx64, e->bytes.start);
	if (width >= LABEL_CHAR * strlen(offset))
		put_text(c->out, x, c->y + BAR_HEIGHT + 13, "offset", offset);
	fputs("</g>\n", c->out);
}

static void put_extents(struct canvas *c, const struct layout_bar *bar)
{
	unsigned int widths[LAYOUT_EXTENTS], x = BAR_X;
	unsigned int least = LEAST;

	if (least * bar->count > BAR_WIDTH)
		least = BAR_WIDTH / (unsigned int)bar->count;
	layout_share(bar, BAR_WIDTH, least, widths);
	for (size_t i = 0; i < bar->count; i++) {
		put_extent(c, &bar->list[i], x, widths[i]);
		x += widths[i];
	}
}

static void put_bar(struct canvas *c, const struct report *r, const struct layout_bar *bar, int i)
{
	char text[80];

	if (bar->state == LAYOUT_NONE)
		return;
	put_text(c->out, MARGIN, c->y + 13, "name", policy_target_name(i));
	if (bar->state == LAYOUT_DROPPED) {
		put_text(c->out, BAR_X, c->y + 13, "small",
			 "dropped by the host: an empty slot to the VMM");
		c->y += 32;
		return;
	}
	if (bar->state == LAYOUT_NEW)
		put_text(c->out, MARGIN + 40, c->y + 13, "small change", "new");
	if (bar->state == LAYOUT_EXTENDED)
		put_text(c->out, MARGIN + 40, c->y + 13, "small change", "extended");
	put_text(c->out, MARGIN, c->y + 29, "small", text_size(bar->bar.size, text, sizeof(text)));
	put_text(c->out, MARGIN, c->y + 44, "small", text_bar_type(&bar->bar));
	put_extents(c, bar);
	c->y += ROW;
}

static void put_side(struct canvas *c, const struct report *r, const char *title,
		     const struct layout_side *side)
{
	char line[160], direct[32], memory[32];

	snprintf(line, sizeof(line), "%s: %s of %s bytes are direct", title,
		 text_number(side->direct, direct, sizeof(direct)),
		 text_number(side->memory, memory, sizeof(memory)));
	c->y += 12;
	fprintf(c->out, "<line x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\" stroke=\"#cbd2d9\"/>\n",
		MARGIN, c->y, WIDTH - MARGIN, c->y);
	c->y += 26;
	put_text(c->out, MARGIN, c->y, "panel", line);
	c->y += 18;
	for (int i = 0; i < PCI_BARS; i++)
		put_bar(c, r, &side->bars[i], i);
}

static unsigned int put_key(struct canvas *c, unsigned int x, const char *fill, bool traps,
			    const char *text)
{
	put_box(c->out, x, c->y, 22, 14, fill, traps);
	put_text(c->out, x + 29, c->y + 11, "small", text);
	return x + 29 + LABEL_CHAR * (unsigned int)strlen(text) + 18;
}

static void put_legend(struct canvas *c)
{
	unsigned int x = MARGIN;

	c->y += 4;
	x = put_key(c, x, fill_of(LAYOUT_REGISTERS), false, "direct");
	x = put_key(c, x, fill_of(LAYOUT_REGISTERS), true, "traps");
	x = put_key(c, x, fill_of(LAYOUT_TABLE), true, "MSI-X table");
	x = put_key(c, x, fill_of(LAYOUT_PBA), true, "PBA");
	x = put_key(c, x, fill_of(LAYOUT_OVERLAP), true, "both, overlapping");
	x = put_key(c, x, fill_of(LAYOUT_OLD_TABLE), false, "old table or PBA");
	put_key(c, x, fill_of(LAYOUT_PADDING), true, "padding");
	c->y += 36;
	put_text(c->out, MARGIN, c->y, "small",
		 "Direct: mapped into the guest by QEMU under KVM, in whole host pages. Not to "
		 "scale: narrow parts are drawn wider.");
	c->y += 20;
}

static void put_head(struct canvas *c, const struct report *r)
{
	const struct pci_ids *ids = &r->decision.facts.ids;
	char line[512], why[400], address[PCI_BDF_SIZE], page[32];

	snprintf(line, sizeof(line), "%s", report_name(r));
	put_lines(c, "title", TITLE_CHARS, line[0] ? line : "PCI device");
	c->y += 5;
	snprintf(line, sizeof(line), "%04x:%04x at %s, %u MSI-X vector%s, host pages of %s",
		 ids->vendor, ids->device, pci_bdf_print(&r->device->desc.bdf, address),
		 r->decision.facts.msix.vectors, r->decision.facts.msix.vectors == 1 ? "" : "s",
		 text_size(r->decision.host_page, page, sizeof(page)));
	put_text(c->out, MARGIN, c->y, "small", line);
	c->y += 24;
	put_lines(c, NULL, TEXT_CHARS, report_decision(r, line, sizeof(line)));
	snprintf(line, sizeof(line), "Why: %s.",
		 r->decision.hides_table ? report_why(r, why, sizeof(why))
					 : choice_why(&r->decision.choice));
	put_lines(c, NULL, TEXT_CHARS, line);
}

static void put_foot(struct canvas *c, const struct report *r)
{
	char line[REPORT_RULE_SIZE + 32], rule[REPORT_RULE_SIZE];

	snprintf(line, sizeof(line), "MSIXSHIM='%s'", report_rule(r, !report_has_ids(r), rule));
	put_text(c->out, MARGIN, c->y, "rule", line);
	c->y += 24;
}

static void put_body(struct canvas *c, const struct report *r)
{
	put_head(c, r);
	if (r->decision.plan.target == PLAN_OFF) {
		put_side(c, r, "As it is", &r->layout.before);
	} else {
		put_side(c, r, "Before", &r->layout.before);
		put_side(c, r, "After", &r->layout.after);
	}
	put_legend(c);
	put_foot(c, r);
}

void plan_svg(FILE *out, const struct report *r)
{
	char *body = NULL;
	size_t size;
	struct canvas c = {.out = open_memstream(&body, &size), .y = 44};

	if (!c.out)
		return;
	/* The height stands in front of what makes it. */
	put_body(&c, r);
	if (fclose(c.out) == EOF) {
		free(body);
		return;
	}
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%u\" "
		"height=\"%u\" viewBox=\"0 0 %u %u\">\n",
		WIDTH, c.y, WIDTH, c.y);
	fputs("<title>MSI-X table of a PCI device, before and after its relocation</title>\n", out);
	fputs(head, out);
	fprintf(out, "<rect width=\"%u\" height=\"%u\" fill=\"#ffffff\"/>\n", WIDTH, c.y);
	fputs(body, out);
	fputs("</svg>\n", out);
	free(body);
}
