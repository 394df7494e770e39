/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the lines of an lspci text are, and which of them are of one device. */
#include <stdlib.h>

#include "desc/lspci/lspci_read.h"
#include "desc/lspci/lspci_text.h"

uint32_t lspci_indent(struct word line)
{
	uint32_t columns = 0;

	for (; line.len; line.p++, line.len--) {
		if (*line.p == '\t')
			columns |= 7;
		else if (*line.p != ' ' && *line.p != '>')
			break;
		columns++;
	}
	return columns;
}

struct word lspci_trim(struct word w)
{
	while (w.len && (*w.p == ' ' || *w.p == '\t' || *w.p == '>'))
		w.p++, w.len--;
	while (w.len && (w.p[w.len - 1] == ' ' || w.p[w.len - 1] == '\r'))
		w.len--;
	return w;
}

bool lspci_dump_offset(struct word line, uint64_t *offset, struct word *rest)
{
	size_t n = word_hex(line, offset);
	uint64_t byte;

	if (n < 2 || n > 3 || line.len < n + 4 || line.p[n] != ':' || line.p[n + 1] != ' ')
		return false;
	*rest = (struct word){line.p + n + 2, line.len - n - 2};
	return word_hex(*rest, &byte) == 2 && *offset % 16 == 0;
}

bool lspci_is_head(struct word line, struct pci_bdf *bdf)
{
	struct word first = word_next(&line);

	return pci_bdf_parse(first.p, first.len, bdf);
}

/* "device BB:DD.F", which starts each device of a description. */
static bool is_statement(struct word line)
{
	struct pci_bdf bdf;

	return word_is(word_next(&line), "device") && lspci_is_head(line, &bdf);
}

/* A line that lspci alone prints, below a head line. */
static bool is_verbose(struct word line)
{
	struct word w = word_after(line, ": ");

	if (word_starts(line, "Region "))
		return w.p && (word_after(w, "Memory at ").p || word_after(w, "I/O ports at ").p);
	return word_starts(line, "Capabilities: [") || word_starts(line, "Vector table: BAR=") ||
	       word_starts(line, "PBA: BAR=");
}

static bool has_head(struct word rest)
{
	struct pci_bdf bdf;
	struct word line;

	while (word_line(&rest, &line)) {
		if (lspci_is_head(lspci_trim(line), &bdf))
			return true;
	}
	return false;
}

/* Whether a text is lspci's: *statement if it is a description instead. */
static bool is_lspci(struct word rest, bool *statement)
{
	struct word line, bytes;
	struct pci_bdf bdf;
	uint64_t offset;

	/* A prompt or a sentence may be above what was pasted. */
	while (word_line(&rest, &line)) {
		line = lspci_trim(line);
		*statement = is_statement(line);
		if (*statement)
			return false;
		if (lspci_is_head(line, &bdf) || lspci_dump_offset(line, &offset, &bytes) ||
		    is_verbose(line))
			return true;
	}
	return false;
}

bool desc_is_lspci(const char *text, size_t len)
{
	bool statement = false, ret = is_lspci(word_text(text, len), &statement);
	char *clean;

	if (ret || statement)
		return ret;
	clean = lspci_clean(text, len, &len);
	ret = clean && is_lspci((struct word){clean, len}, &statement);
	free(clean);
	return ret;
}

/* Appends an empty section. NULL if memory is short. */
static struct lspci_section *append(struct lspci_sections *s)
{
	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		struct lspci_section *list = realloc(s->list, room * sizeof(*list));

		if (!list)
			return NULL;
		s->list = list;
		s->room = room;
	}
	s->list[s->count] = (struct lspci_section){.line = s->lines};
	return &s->list[s->count++];
}

/* Cuts the text at its head lines; what is above the first one is of no device. */
static bool cut(struct word rest, struct lspci_sections *ret)
{
	struct lspci_section *last = NULL;
	struct word line, bytes;
	struct pci_bdf bdf;
	uint64_t offset;
	bool headed = has_head(rest);

	while (word_line(&rest, &line)) {
		const char *start = line.p;
		bool head, headless;

		ret->lines++;
		line = lspci_trim(line);
		head = lspci_is_head(line, &bdf);
		headless =
			!head && !last &&
			(lspci_dump_offset(line, &offset, &bytes) || (is_verbose(line) && !headed));
		if (head || headless) {
			last = append(ret);
			if (!last)
				return false;
			last->bdf = head ? bdf : (struct pci_bdf){.bus = 1};
			last->headless = headless;
			last->text.p = start;
		}
		if (last)
			last->text.len = (size_t)(rest.p - last->text.p);
	}
	return true;
}

/* Those of one address together, in the order of the text. */
static int by_address(const void *a, const void *b)
{
	const struct lspci_section *x = *(struct lspci_section *const *)a;
	const struct lspci_section *y = *(struct lspci_section *const *)b;
	int order = pci_bdf_compare(&x->bdf, &y->bdf);

	if (order)
		return order;
	return x < y ? -1 : x > y;
}

/* Links the sections of each address. */
static bool link_sections(struct lspci_sections *s)
{
	struct lspci_section **sorted = calloc(s->count + 1, sizeof(struct lspci_section *));

	if (!sorted)
		return false;
	for (size_t i = 0; i < s->count; i++)
		sorted[i] = &s->list[i];
	qsort(sorted, s->count, sizeof(struct lspci_section *), by_address);
	for (size_t i = 1; i < s->count; i++) {
		if (!pci_bdf_equal(&sorted[i - 1]->bdf, &sorted[i]->bdf))
			continue;
		sorted[i - 1]->next = sorted[i];
		sorted[i]->later = true;
	}
	free(sorted);
	return true;
}

bool lspci_sections_find(struct word text, struct lspci_sections *ret)
{
	*ret = (struct lspci_sections){.list = NULL};
	if (cut(text, ret) && link_sections(ret))
		return true;
	lspci_sections_free(ret);
	return false;
}

void lspci_sections_free(struct lspci_sections *sections)
{
	free(sections->list);
	*sections = (struct lspci_sections){.list = NULL};
}
