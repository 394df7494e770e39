/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "desc/lspci/lspci_prefix.h"
#include "desc/lspci/lspci_read.h"

#define PREFIX_MAX 96
#define ALIKE_MIN  2 /* lines of lspci's after such a prefix */

struct prefix {
	char shape[PREFIX_MAX]; /* '0' for each number, ' ' for blanks */
	size_t len;
	unsigned int count;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes what counts once in a shape off *w, and returns the character for it. */
static char take_unit(struct word *w)
{
	bool digit = is_digit(*w->p), blank = is_blank(*w->p);
	/* grep ends a number with ':' in lines that match, and with '-' in others. */
	char c = digit ? '0' : blank ? ' ' : *w->p == '-' ? ':' : *w->p;

	/* "[ 9999.000001]" is followed by "[10000.000001]" */
	blank |= c == '[';
	do {
		w->p++;
		w->len--;
	} while (w->len && ((digit && is_digit(*w->p)) || (blank && is_blank(*w->p))));
	return c;
}

static struct word skip_blanks(struct word w)
{
	while (w.len && is_blank(*w.p))
		w.p++, w.len--;
	return w;
}

/* lspci writes four digits of a domain, at least; a number of a line is before others. */
static bool is_full_head(struct word w)
{
	struct pci_bdf bdf;
	uint64_t first;

	if (!lspci_is_head(w, &bdf))
		return false;
	if (word_hex(w, &first) >= 4)
		return true;
	return word_count(word_next(&w), ':') < 2;
}

static bool is_known(struct word w)
{
	static const char *const starts[] = {
		"Region 0: ",	      "Region 1: ", "Region 2: ",  "Region 3: ",
		"Region 4: ",	      "Region 5: ", "Subsystem: ", "Capabilities: ",
		"Vector table: BAR=", "PBA: BAR=",  "Control: I/O"};
	uint64_t offset;
	struct word bytes;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (word_starts(w, starts[i]))
			return true;
	}
	return is_full_head(w) || lspci_dump_offset(w, &offset, &bytes);
}

/* The prefix of a line of lspci's that has one. */
static bool find_prefix(struct word line, struct prefix *ret)
{
	struct word w = skip_blanks(line);

	*ret = (struct prefix){.count = 1};
	while (w.len && ret->len < PREFIX_MAX) {
		char c = take_unit(&w);

		if (c != ' ' || (ret->len && ret->shape[ret->len - 1] != ' '))
			ret->shape[ret->len++] = c;
		/* What is indented below a head is so after the prefix, too. */
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    is_known(skip_blanks(w))) {
			while (ret->len && ret->shape[ret->len - 1] == ' ')
				ret->len--;
			return ret->len > 0;
		}
	}
	return false;
}

/* The bytes of the prefix in front of the line, without the indentation after it; 0: none. */
static size_t prefix_len(struct word line, const struct prefix *p)
{
	struct word w = skip_blanks(line);

	for (size_t i = 0; i < p->len; i++) {
		if (!w.len || take_unit(&w) != p->shape[i])
			return 0;
	}
	if (w.len && *w.p == ' ')
		w.p++;
	return (size_t)(w.p - line.p);
}

static bool has_head(const struct word *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (is_full_head(lspci_trim(lines[i])))
			return true;
	}
	return false;
}

/* The prefix of most lines. False if no two have one. */
static bool common_prefix(const struct word *lines, size_t count, struct prefix *ret)
{
	struct prefix seen[8], p;
	size_t kinds = 0, best = 0, k;

	for (size_t i = 0; i < count; i++) {
		struct word w = lspci_trim(lines[i]);

		if (is_known(w) || !find_prefix(w, &p))
			continue;
		for (k = 0; k < kinds; k++) {
			if (seen[k].len == p.len && !memcmp(seen[k].shape, p.shape, p.len))
				break;
		}
		if (k < kinds)
			seen[k].count++;
		else if (kinds < sizeof(seen) / sizeof(seen[0]))
			seen[kinds++] = p;
	}
	for (k = 1; k < kinds; k++)
		best = seen[k].count > seen[best].count ? k : best;
	if (kinds)
		*ret = seen[best];
	return kinds && ret->count >= ALIKE_MIN;
}

void lspci_drop_prefix(struct word *lines, size_t count)
{
	struct prefix p;

	if (has_head(lines, count) || !common_prefix(lines, count, &p))
		return;
	for (size_t i = 0; i < count; i++) {
		struct word w = lspci_trim(lines[i]);
		size_t n = prefix_len(w, &p);

		if (n)
			lines[i] = (struct word){w.p + n, w.len - n};
	}
}
