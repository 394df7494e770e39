/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines as lspci printed them: in one piece, and without what other programs put there. */
#include <stdlib.h>
#include <string.h>

#include "desc/cap_name.h"
#include "desc/lspci/lspci_forms.h"
#include "desc/lspci/lspci_prefix.h"
#include "desc/lspci/lspci_read.h"
#include "desc/lspci/lspci_text.h"

#define PIECES	   4 /* that a line may be in, after its first one */
#define REACH	   8 /* lines in which they are, with blank ones and messages between them */
#define LINE_MAX   1024
#define WRAPPED_AT 40 /* no mailer makes shorter lines */

/* Takes `text` off *w. */
static bool take(struct word *w, const char *text)
{
	if (!word_starts(*w, text))
		return false;
	*w = (struct word){w->p + strlen(text), w->len - strlen(text)};
	return true;
}

/* Takes digits of the base off *w; returns how many there were. */
static size_t take_digits(struct word *w, bool hex)
{
	size_t n = 0;

	while (n < w->len &&
	       ((w->p[n] >= '0' && w->p[n] <= '9') || (hex && w->p[n] >= 'a' && w->p[n] <= 'f')))
		n++;
	*w = (struct word){w->p + n, w->len - n};
	return n;
}

static bool take_sign(struct word *w)
{
	return take(w, "+") || take(w, "-");
}

/* "[disabled]" and the like, each with a blank before or after it. */
static void take_flags(struct word *w)
{
	static const char *const flags[] = {" [disabled]", " [virtual]",  " [enhanced]",
					    "[virtual] ",  "[enhanced] ", " [disabled by cmd]"};
	bool found;

	do {
		found = false;
		for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
			found |= take(w, flags[i]);
	} while (found);
}

/* " (64-bit, non-prefetchable)". */
static bool take_type(struct word *w)
{
	if (!take(w, " (") || !(take(w, "64-bit, ") || take(w, "32-bit, ") || take(w, "low-1M, ")))
		return false;
	take(w, "non-");
	return take(w, "prefetchable)");
}

/* How much of it a line says: 0 not enough, 1 all that must be, 2 all that can be. */
static int level_of_size(struct word w)
{
	size_t digits;

	take_flags(&w);
	if (!w.len)
		return 1;
	if (!take(&w, " [size="))
		return 0;
	digits = take_digits(&w, false);
	if (w.len && strchr("KMGTPE", *w.p))
		w = (struct word){w.p + 1, w.len - 1};
	return digits && take(&w, "]") ? 2 : 0;
}

static int level_of_bar(struct word w)
{
	bool memory;

	take_flags(&w);
	memory = take(&w, "Memory at ");
	if (!memory && !take(&w, "I/O ports at ") && !take(&w, "Expansion ROM at "))
		return 0;
	if (!take_digits(&w, true) && !take(&w, "<unassigned>") && !take(&w, "<ignored>"))
		return 0;
	return !memory || take_type(&w) ? level_of_size(w) : 0;
}

static int level_of_msix(struct word w)
{
	if (!take(&w, "Enable") || !take_sign(&w))
		return 0;
	if (take(&w, " Mask") && take_sign(&w))
		return take(&w, " TabSize=") && take_digits(&w, false) ? 2 : 0;
	if (!take(&w, " Count=") || !take_digits(&w, false))
		return 0;
	return take(&w, " Masked") && take_sign(&w) ? 2 : 1;
}

static int level_of_cap(struct word w)
{
	struct word rest = w;

	if (word_starts(w, "<"))
		return 2;
	if (!take(&rest, "[") || !take_digits(&rest, true))
		return 0;
	rest = word_after(rest, "] ");
	if (take(&rest, "MSI-X: "))
		return level_of_msix(rest);
	if (word_starts(rest, "MSI-X") || word_is(rest, "MSI") || word_is(rest, "MSI-"))
		return 0;
	return rest.len && (*rest.p == '#' || cap_name_parse(rest, false) ||
			    cap_name_parse(rest, true))
		       ? 2
		       : 0;
}

/* "BAR=0 offset=00002000" */
static int level_of_place(struct word w)
{
	size_t digits;

	if (!take(&w, "BAR=") || !take_digits(&w, false) || !take(&w, " offset="))
		return 0;
	digits = take_digits(&w, true);
	return w.len || !digits ? 0 : digits == 8 ? 2 : 1;
}

/* "[144d:a824]" */
static bool has_ids(struct word w)
{
	for (; w.len >= 11; w.p++, w.len--) {
		struct word rest = w;

		if (take(&rest, "[") && take_digits(&rest, true) == 4 && take(&rest, ":") &&
		    take_digits(&rest, true) == 4 && take(&rest, "]"))
			return true;
	}
	return false;
}

/* " [0108]: " */
static bool has_class(struct word w)
{
	for (; w.len >= 8; w.p++, w.len--) {
		struct word rest = w;

		if (take(&rest, " [") && take_digits(&rest, true) == 4 && take(&rest, "]: "))
			return true;
	}
	return false;
}

/* "(rev 02)" or "(prog-if 02 [NVM Express])", with its number. */
static bool has_number(struct word w, const char *key)
{
	struct word rest = word_after(w, key);

	return rest.p && take_digits(&rest, true) == 2 && rest.len;
}

static int level_of_head(struct word w)
{
	return has_ids(w) + has_class(w) + has_number(w, "(rev ") + has_number(w, "(prog-if ");
}

/* The bytes of a dump's line. */
static int level_of_dump(struct word bytes)
{
	int count = 0;

	while (bytes.len) {
		struct word w = word_next(&bytes);

		if (w.len && (take_digits(&w, true) != 2 || w.len))
			return 0;
		count++;
	}
	return count <= 16 ? count : 0;
}

/* -1: nothing is ever joined to such a line. *full: with that, nothing can be added. */
static int level_of(struct word w, int *full)
{
	struct word rest = w;
	struct pci_bdf bdf;
	uint64_t offset;

	*full = 2;
	if (take(&rest, "Region ") && take_digits(&rest, false) == 1)
		return take(&rest, ": ") ? level_of_bar(rest) : 0;
	if (word_starts(w, "Memory at ") || word_starts(w, "I/O ports at ") ||
	    word_starts(w, "Expansion ROM at"))
		return level_of_bar(w);
	if (take(&rest, "Capabilities:"))
		return take(&rest, " ") ? level_of_cap(rest) : 0;
	if (take(&rest, "Vector table:") || take(&rest, "PBA:"))
		return take(&rest, " ") ? level_of_place(rest) : 0;
	if (word_is(w, "Vector"))
		return 0;
	if (take(&rest, "Subsystem:"))
		return has_ids(rest) ? 2 : 1;
	if (take(&rest, "IOMMU group:"))
		return take(&rest, " ") && take_digits(&rest, false) ? 2 : 0;
	*full = 4;
	if (lspci_is_head(w, &bdf))
		return w.len < WRAPPED_AT ? -1 : level_of_head(w);
	*full = 16;
	return lspci_dump_offset(w, &offset, &rest) ? level_of_dump(rest) : -1;
}

/* Whether a line is a first piece of something. */
static bool is_start(struct word w)
{
	static const char *const starts[] = {
		"Region ",     "Capabilities:", "Vector table:", "PBA:",    "Expansion ROM ",
		"Subsystem:",  "Control: ",	"Status: ",	 "Kernel ", "Flags: ",
		"Interrupt: ", "Latency",	"NUMA ",	 "IOMMU ",  "Physical Slot",
		"Memory at ",  "I/O ports at ", "DeviceName"};
	struct pci_bdf bdf;
	struct word bytes;
	uint64_t offset;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (word_starts(w, starts[i]))
			return true;
	}
	return lspci_is_head(w, &bdf) || lspci_dump_offset(w, &offset, &bytes);
}

enum line_state {
	LINE_WHOLE = 0,
	LINE_CUT,  /* a message cut it in two: the rest may be the next line */
	LINE_GONE, /* part of another line, or of no line of lspci's */
};

struct lines {
	struct word *list;
	enum line_state *state;
	size_t count;
};

/* A way to make one line of several: bit k of `glued`: piece k follows without a blank. */
struct join {
	size_t at[PIECES]; /* lines */
	unsigned int count, glued;
	int level;
};

/* Appends a piece. False if there is no room. */
static bool append(char *buf, size_t *len, struct word piece, bool blank)
{
	if (*len + piece.len + 1 > LINE_MAX)
		return false;
	if (blank)
		buf[(*len)++] = ' ';
	memcpy(buf + *len, piece.p, piece.len);
	*len += piece.len;
	return true;
}

static size_t compose(const struct lines *l, struct word first, const struct join *j, char *buf)
{
	size_t len = 0;

	if (!append(buf, &len, first, false))
		return 0;
	for (unsigned int k = 0; k < j->count; k++) {
		if (!append(buf, &len, lspci_trim(l->list[j->at[k]]), !(j->glued >> k & 1)))
			return 0;
	}
	return len;
}

/* The lines after i of which pieces can be; a head has them directly after it. */
static unsigned int find_pieces(const struct lines *l, size_t i, bool direct, size_t *at)
{
	unsigned int count = 0;

	for (size_t k = i + 1; k < l->count && k <= i + REACH && count < PIECES; k++) {
		struct word w = lspci_trim(l->list[k]);

		if (l->state[k] == LINE_GONE || (!w.len && !direct))
			continue;
		if (!w.len || is_start(w))
			break;
		at[count++] = k;
	}
	return count;
}

/* Line i with what follows the message in it; as it is if that is another line. */
static struct join rest_of(const struct lines *l, size_t i, struct word first, struct join as_is)
{
	struct join ret = as_is;
	struct word rest, line = l->list[i];
	char buf[LINE_MAX];
	size_t len;
	int full;

	if (!find_pieces(l, i, true, ret.at))
		return as_is;
	rest = l->list[ret.at[0]];
	/* lspci itself indents by more than one blank */
	if (lspci_indent(rest) > 1)
		return as_is;
	ret.count = 1;
	ret.glued = !lspci_indent(rest) && line.p[line.len - 1] != ' ';
	len = compose(l, first, &ret, buf);
	ret.level = level_of((struct word){buf, len}, &full);
	return len ? ret : as_is;
}

/* The best way to make line i whole; count 0 if it is best as it is. */
static struct join best_join(const struct lines *l, size_t i, struct word first)
{
	struct join best = {.count = 0}, j = best;
	struct pci_bdf bdf;
	char buf[LINE_MAX];
	unsigned int max;
	int full;

	best.level = level_of(first, &full);
	if (first.len > LINE_MAX / 2)
		return best;
	if (l->state[i] == LINE_CUT)
		best = rest_of(l, i, first, best);
	if (best.level < 0 || best.level >= full)
		return best;
	max = find_pieces(l, i, lspci_is_head(first, &bdf), j.at);
	for (j.count = 1; j.count <= max && best.level < full; j.count++) {
		for (j.glued = 0; j.glued < 1U << j.count; j.glued++) {
			size_t len = compose(l, first, &j, buf);

			j.level = len ? level_of((struct word){buf, len}, &full) : -1;
			if (j.level > best.level)
				best = j;
		}
	}
	return best;
}

/* Where a message of the kernel starts, "[  12.345678] usb 1-1: ..."; the length if none does. */
static size_t find_message(struct word line)
{
	for (size_t i = 0; i + 9 < line.len; i++) {
		struct word w = {line.p + i, line.len - i};

		if (!take(&w, "["))
			continue;
		while (take(&w, " "))
			;
		if (take_digits(&w, false) && take(&w, ".") && take_digits(&w, false) == 6 &&
		    take(&w, "] "))
			return i;
	}
	return line.len;
}

/* Cuts messages of the kernel off; a line that is nothing else is gone. */
static void drop_messages(struct lines *l)
{
	for (size_t i = 0; i < l->count; i++) {
		size_t at = find_message(l->list[i]);

		if (at == l->list[i].len)
			continue;
		l->list[i].len = at;
		l->state[i] = lspci_trim(l->list[i]).len ? LINE_CUT : LINE_GONE;
	}
}

static size_t put_word(char *out, struct word w)
{
	memcpy(out, w.p, w.len);
	return w.len;
}

/* Writes line i, whole. */
static size_t put_line(struct lines *l, size_t i, char *out)
{
	struct word line = l->list[i], first = lspci_trim(line);
	struct join j = {.count = 0};
	size_t n;

	if (l->state[i] == LINE_GONE)
		return put_word(out, (struct word){LSPCI_JOINED, 1});
	if (first.len)
		j = best_join(l, i, first);
	if (!j.count)
		return put_word(out, line);
	n = put_word(out, (struct word){line.p, (size_t)(first.p - line.p)});
	n += compose(l, first, &j, out + n);
	for (unsigned int k = 0; k < j.count; k++)
		l->state[j.at[k]] = LINE_GONE;
	return n;
}

static void split(struct word text, struct lines *l)
{
	struct word line;

	while (word_line(&text, &line)) {
		if (word_is(line, LSPCI_JOINED))
			l->state[l->count] = LINE_GONE;
		l->list[l->count++] = line;
	}
}

char *lspci_unwrap(struct word plain, size_t *ret_len)
{
	size_t count = word_count(plain, '\n') + 1, n = 0;
	struct lines l = {calloc(count, sizeof(*l.list)), calloc(count, sizeof(*l.state)), 0};
	char *out = calloc(1, plain.len + 2 * count + 1);

	if (l.list && l.state && out) {
		split(plain, &l);
		lspci_drop_prefix(l.list, l.count);
		drop_messages(&l);
		for (size_t i = 0; i < l.count; i++) {
			n += put_line(&l, i, out + n);
			out[n++] = '\n';
		}
	} else {
		free(out);
		out = NULL;
	}
	free(l.list);
	free(l.state);
	*ret_len = n;
	return out;
}

char *lspci_clean(const char *text, size_t len, size_t *ret_len)
{
	char *given = lspci_forms(text, len, &len);
	char *plain = given ? lspci_plain(given, len, ret_len) : NULL;
	char *ret = plain ? lspci_unwrap((struct word){plain, *ret_len}, ret_len) : NULL;

	free(plain);
	free(given);
	return ret;
}
