/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of lspci of every description, damaged in 5,000 ways: the answer is that of the whole
 * text, or a refusal, or one that a note tells more of. LSPCI_WAY=N tries that way alone.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desc/desc.h"
#include "desc/lspci/lspci.h"
#include "unit.h"

#define WAYS		 5000
#define DESCRIPTIONS_MAX 100

static struct desc devices[DESCRIPTIONS_MAX];
static size_t nr_devices;

/* What is read of a text. */
struct answer {
	bool taken;
	struct plan_facts facts; /* on a host with pages of 64K */
	struct pci_bdf bdf;
	struct desc_notes notes;
	struct desc_error err;
};

static void read_text(const char *text, size_t len, struct answer *ret)
{
	static struct desc d;
	size_t count = 0;
	bool bars = false;

	*ret = (struct answer){.taken = desc_is_lspci(text, len)};
	if (!ret->taken)
		return;
	ret->taken = desc_parse_lspci(text, len, &d, 1, &count, &ret->notes, &ret->err);
	if (!ret->taken)
		return;
	assert_int_equal(count, 1);
	/* the command refuses a device of which no BAR is known */
	for (unsigned int i = 0; i < PCI_BARS; i++)
		bars |= d.bars[i].bar.kind != BAR_EMPTY;
	ret->taken = bars;
	desc_facts(&d, 64 * KIB, &ret->facts);
	ret->bdf = d.bdf;
}

/* Whether a note of `b` is not one of `a`. */
static bool says_more(const struct answer *a, const struct answer *b)
{
	for (size_t i = 0; i < b->notes.count; i++) {
		size_t k = 0;

		while (k < a->notes.count && (a->notes.list[k].bar != b->notes.list[i].bar ||
					      a->notes.list[k].text != b->notes.list[i].text))
			k++;
		if (k == a->notes.count)
			return true;
	}
	return b->notes.nr_left > 0;
}

/* What of the answers differs; NULL: nothing. */
static const char *unlike(const struct answer *a, const struct answer *b)
{
	const struct plan_facts *x = &a->facts, *y = &b->facts;

	for (unsigned int i = 0; i < PCI_BARS; i++) {
		if (x->bars[i].kind != y->bars[i].kind || x->bars[i].size != y->bars[i].size ||
		    x->bars[i].prefetchable != y->bars[i].prefetchable)
			return "a BAR";
	}
	if (x->msix.pos != y->msix.pos || x->msix.vectors != y->msix.vectors ||
	    x->msix.table_bir != y->msix.table_bir || x->msix.pba_bir != y->msix.pba_bir ||
	    x->msix.table_offset != y->msix.table_offset ||
	    x->msix.pba_offset != y->msix.pba_offset)
		return "MSI-X";
	if (x->ids.vendor != y->ids.vendor || x->ids.device != y->ids.device ||
	    x->ids.class_code != y->ids.class_code)
		return "ids";
	if (x->resizable != y->resizable || x->registers != y->registers)
		return "what capabilities say of BARs";
	return pci_bdf_equal(&a->bdf, &b->bdf) ? NULL : "the address";
}

/* --- damage: each prints the text anew --- */

struct damage {
	const char *name;
	bool lossy; /* only the dump can tell that something is gone */
	void (*print)(FILE *out, struct word text, uint64_t *seed);
};

static size_t draw(uint64_t *seed, size_t below)
{
	return below ? random_next(seed) % below : 0;
}

static void put(FILE *out, struct word w)
{
	fwrite(w.p, 1, w.len, out);
}

/* Lines no longer than a mailer's, broken at a blank; the rest starts at the margin. */
static void wrap(FILE *out, struct word text, uint64_t *seed)
{
	size_t width = 60 + draw(seed, 40);
	struct word line;

	while (word_line(&text, &line)) {
		while (line.len > width) {
			size_t n = width;

			while (n && line.p[n] != ' ')
				n--;
			if (n < 20)
				break;
			put(out, (struct word){line.p, n});
			fputc('\n', out);
			line = (struct word){line.p + n + 1, line.len - n - 1};
		}
		put(out, line);
		fputc('\n', out);
	}
}

static void quote(FILE *out, struct word text, uint64_t *seed)
{
	static const char *const marks[] = {"> ", ">> ", "> > ", "    ", "\t", "| ", "+", "- "};
	const char *mark = marks[draw(seed, COUNT(marks))];
	struct word line;

	while (word_line(&text, &line)) {
		fputs(mark, out);
		put(out, line);
		fputc('\n', out);
	}
}

/* Numbers of lines, or the times of a log, which get longer on the way. */
static void number(FILE *out, struct word text, uint64_t *seed)
{
	static const char *const forms[] = {"%zu:", "%4zu  ", "%zu\t", "%zu. ", "[%5zu.000001] "};
	const char *form = forms[draw(seed, COUNT(forms))];
	size_t before = draw(seed, 2) ? 0 : 9990;
	struct word line;

	for (size_t n = 1; word_line(&text, &line); n++) {
		fprintf(out, form, before + n);
		put(out, line);
		fputc('\n', out);
	}
}

/* Tabs become something else. */
static void indent(FILE *out, struct word text, uint64_t *seed)
{
	static const char *const forms[] = {"        ",		"  ",  "",
					    "\xc2\xa0\xc2\xa0", " \t", "&nbsp; "};
	const char *form = forms[draw(seed, COUNT(forms))];

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\t')
			fputs(form, out);
		else
			fputc(text.p[i], out);
	}
}

static void quoted_printable(FILE *out, struct word text, uint64_t *seed)
{
	size_t column = 0, width = 60 + draw(seed, 16);

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\n') {
			column = 0;
		} else if (++column > width) {
			fputs("=\n", out);
			column = 1;
		}
		if (text.p[i] == '=')
			fputs("=3D", out);
		else if (text.p[i] == '\t' && draw(seed, 2))
			fputs("=09", out);
		else
			fputc(text.p[i], out);
	}
}

static void utf16(FILE *out, struct word text, uint64_t *seed)
{
	bool big = draw(seed, 2);

	fputs(big ? "\xfe\xff" : "\xff\xfe", out);
	for (size_t i = 0; i < text.len; i++) {
		fputc(big ? 0 : text.p[i], out);
		fputc(big ? text.p[i] : 0, out);
	}
}

static void line_ends(FILE *out, struct word text, uint64_t *seed)
{
	const char *end = draw(seed, 2) ? "\r\n" : " \n";

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\n')
			fputs(end, out);
		else
			fputc(text.p[i], out);
	}
}

static void bold(FILE *out, struct word text, uint64_t *seed)
{
	static const char *const pairs[][2] = {
		{"\x1b[01;31m\x1b[K", "\x1b[m\x1b[K"}, {"**", "**"}, {"<b>", "</b>"}};
	const char *const *pair = pairs[draw(seed, COUNT(pairs))];
	static const char key[] = "MSI-X";
	struct word line;

	while (word_line(&text, &line)) {
		struct word after = word_after(line, key);

		if (after.p) {
			put(out, (struct word){line.p, (size_t)(after.p - line.p) - strlen(key)});
			fprintf(out, "%s%s%s", pair[0], key, pair[1]);
			line = after;
		}
		put(out, line);
		fputc('\n', out);
	}
}

static const char *const noise[] = {
	"[   12.345678] usb 1-1: new high-speed USB device number 2 using xhci_hcd",
	"[ 4711.000001] vfio-pci 0000:05:00.0: vfio_ecap_init: hiding ecap 0x1e@0x168",
	"",
	"[99999.999999] r8169 0000:03:00.0 eth0: link up",
};

static void between(FILE *out, struct word text, uint64_t *seed)
{
	struct word line;

	while (word_line(&text, &line)) {
		put(out, line);
		fputc('\n', out);
		if (draw(seed, 12) == 0)
			fprintf(out, "%s\n", noise[draw(seed, COUNT(noise))]);
	}
}

/* A message of the kernel on a serial console: what it cuts off comes in the next line. */
static void inside(FILE *out, struct word text, uint64_t *seed)
{
	struct word line;

	while (word_line(&text, &line)) {
		size_t at = draw(seed, line.len);

		if (line.len > 4 && draw(seed, 15) == 0) {
			put(out, (struct word){line.p, at});
			fprintf(out, "%s\n", noise[draw(seed, 2)]);
			line = (struct word){line.p + at, line.len - at};
		}
		put(out, line);
		fputc('\n', out);
	}
}

static void doubled(FILE *out, struct word text, uint64_t *seed)
{
	put(out, text);
	fputs(draw(seed, 2) ? "\n" : "\n-- \nand again:\n", out);
	put(out, text);
}

static void cut_off(FILE *out, struct word text, uint64_t *seed)
{
	put(out, (struct word){text.p, draw(seed, text.len)});
}

static void without_lines(FILE *out, struct word text, uint64_t *seed)
{
	size_t lines = word_count(text, '\n'), first = draw(seed, lines), n = 1 + draw(seed, 3),
	       i = 0;
	struct word line;

	for (; word_line(&text, &line); i++) {
		if (i >= first && i < first + n)
			continue;
		put(out, line);
		fputc('\n', out);
	}
}

static const struct damage damages[] = {
	{"wrapped", false, wrap},
	{"quoted", false, quote},
	{"numbered", false, number},
	{"indented", false, indent},
	{"encoded", false, quoted_printable},
	{"UTF-16", false, utf16},
	{"line ends", false, line_ends},
	{"marked", false, bold},
	{"noise between", false, between},
	{"noise inside", false, inside},
	{"doubled", false, doubled},
	{"cut", true, cut_off},
	{"lines lost", true, without_lines},
};

/* --- the ways --- */

static void read_description(const char *path)
{
	static char text[1 << 16];
	struct desc_error err;
	FILE *in = fopen(path, "r");
	size_t count, len;

	assert_non_null(in);
	assert_true(nr_devices < DESCRIPTIONS_MAX);
	len = fread(text, 1, sizeof(text), in);
	fclose(in);
	if (!desc_parse(text, len, &devices[nr_devices], 1, &count, &err))
		fail_msg("%s:%u: %s", path, err.line, err.reason);
	nr_devices++;
}

static void read_descriptions(void)
{
	static const char *const folders[] = {"descriptions", "tests/golden/devices"};
	const char *top = getenv("top_srcdir");

	for (size_t i = 0; i < COUNT(folders); i++) {
		char pattern[512];
		glob_t found;

		snprintf(pattern, sizeof(pattern), "%s/%s/*.desc", top ? top : ".", folders[i]);
		assert_int_equal(glob(pattern, 0, NULL, &found), 0);
		for (size_t k = 0; k < found.gl_pathc; k++)
			read_description(found.gl_pathv[k]);
		globfree(&found);
	}
}

/* The text of a device: both halves, or the verbose one alone. */
static char *make_text(const struct desc *d, bool dump, size_t *len)
{
	char *text = NULL, *half;
	FILE *out = open_memstream(&text, len);

	desc_write_lspci(out, d);
	fclose(out);
	half = strstr(text, "\n00: ");
	if (!dump && half)
		*len = (size_t)(half + 1 - text);
	return text;
}

enum result { SAME, TOLD, REFUSED, UNTOLD, RESULTS };

/* Damages the text once or twice, and reads it. */
static enum result try_way(uint64_t way, const struct desc *d)
{
	uint64_t seed = way;
	const struct damage *first = &damages[draw(&seed, COUNT(damages))];
	/* nothing else is done to a text of two bytes a character */
	const struct damage *second = first->print == utf16 || draw(&seed, 3)
					      ? NULL
					      : &damages[draw(&seed, COUNT(damages))];
	bool lossy = first->lossy || (second && second->lossy);
	char *damaged = NULL, *twice = NULL;
	size_t len, damaged_len;
	char *text = make_text(d, lossy || draw(&seed, 2), &len);
	FILE *out = open_memstream(&damaged, &damaged_len);
	struct answer whole, part;
	const char *what;
	enum result ret;

	first->print(out, (struct word){text, len}, &seed);
	fclose(out);
	if (second) {
		size_t once = damaged_len;

		out = open_memstream(&twice, &damaged_len);
		second->print(out, (struct word){damaged, once}, &seed);
		fclose(out);
	}
	read_text(text, len, &whole);
	assert_true(whole.taken);
	read_text(twice ? twice : damaged, damaged_len, &part);
	what = part.taken ? unlike(&whole, &part) : NULL;
	ret = !part.taken ? REFUSED : what ? TOLD : SAME;
	if (what && !says_more(&whole, &part)) {
		if (getenv("LSPCI_WAY"))
			fwrite(twice ? twice : damaged, 1, damaged_len, stderr);
		print_error("LSPCI_WAY=%llu, %s%s%s: another answer without a word: %s\n",
			    (unsigned long long)way, first->name, second ? ", then " : "",
			    second ? second->name : "", what);
		ret = UNTOLD;
	}
	desc_notes_free(&whole.notes);
	desc_notes_free(&part.notes);
	free(text);
	free(damaged);
	free(twice);
	return ret;
}

static void test_ways(void **state)
{
	const char *one = getenv("LSPCI_WAY");
	uint64_t from = one ? strtoull(one, NULL, 0) : 0, to = one ? from + 1 : WAYS;
	unsigned int counts[RESULTS] = {0};

	read_descriptions();
	for (uint64_t way = from; way < to; way++)
		counts[try_way(way, &devices[way % nr_devices])]++;
	print_message("%u the same, %u another and told, %u refused\n", counts[SAME], counts[TOLD],
		      counts[REFUSED]);
	assert_int_equal(counts[UNTOLD], 0);
	/* most damage is none to a reader */
	assert_true(one || counts[SAME] > WAYS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
