/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain text out of other encodings, escape sequences and markup. */
#include <stdlib.h>
#include <string.h>

#include "desc/lspci/lspci_text.h"

/* A text that is changed in place: what is written never overtakes what is read. */
struct edit {
	char *p;
	size_t len; /* of what is read */
	size_t in, out;
};

static void put(struct edit *e, char c)
{
	e->p[e->out++] = c;
}

static struct word ahead(const struct edit *e)
{
	return (struct word){e->p + e->in, e->len - e->in};
}

static size_t put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | c >> 12);
	out[1] = (char)(0x80 | (c >> 6 & 0x3f));
	out[2] = (char)(0x80 | (c & 0x3f));
	return 3;
}

/* Halves of a pair stay what they are: no character of lspci has any. Returns the length. */
static size_t from_utf16(const char *text, size_t len, bool big, char *out)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t n = 0;

	for (size_t i = 2; i + 1 < len; i += 2)
		n += put_utf8(out + n, big ? (uint32_t)p[i] << 8 | p[i + 1]
					   : (uint32_t)p[i + 1] << 8 | p[i]);
	return n;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte of "=XX" at w; -1 if it is something else. */
static int escaped(struct word w)
{
	if (w.len < 3 || w.p[0] != '=' || hex_value(w.p[1]) < 0 || hex_value(w.p[2]) < 0)
		return -1;
	return hex_value(w.p[1]) << 4 | hex_value(w.p[2]);
}

/* The bytes of a soft break, "=" and the end of its line; blanks between them count as nothing. 0:
 * none. */
static size_t soft_break(struct word w)
{
	size_t n = *w.p == '=';

	while (n && n < w.len && (w.p[n] == ' ' || w.p[n] == '\t' || w.p[n] == '\r'))
		n++;
	return n && n < w.len && w.p[n] == '\n' ? n + 1 : 0;
}

/*
 * Whether quoted-printable made the line: each '=' is escaped or a soft break, and one of them can
 * be nothing else, as "Count=18" could.
 */
static bool is_quoted_printable(struct word line)
{
	bool sure = false;

	for (; line.len && *line.p != '\n'; line.p++, line.len--) {
		int byte = escaped(line);

		if (*line.p != '=')
			continue;
		if (byte < 0 && !soft_break(line))
			return false;
		sure |= byte < 0 || byte == '=' || byte >= 0xa0 || byte == ' ' || byte == '\t';
	}
	return sure;
}

static void decode_line(struct edit *e, unsigned int *joined)
{
	while (e->in < e->len && e->p[e->in] != '\n') {
		struct word w = ahead(e);
		int byte = escaped(w);

		if (soft_break(w)) {
			++*joined;
			e->in += soft_break(w);
			return;
		}
		put(e, byte < 0 ? *w.p : (char)byte);
		e->in += byte < 0 ? 1 : 3;
	}
}

/* Its "=3D" is a '=' in each text of lspci's, and no such text has it otherwise. */
static void decode_quoted_printable(struct edit *e)
{
	unsigned int joined = 0;
	bool decode = false;

	if (!word_after(ahead(e), "=3D").p)
		return;
	for (e->in = e->out = 0; e->in < e->len;) {
		decode = is_quoted_printable(ahead(e));
		if (decode)
			decode_line(e, &joined);
		while (!decode && e->in < e->len && e->p[e->in] != '\n')
			put(e, e->p[e->in++]);
		/* A soft break took its own line end. */
		if (e->in == e->len || e->p[e->in] != '\n')
			continue;
		put(e, e->p[e->in++]);
		for (; joined; joined--) {
			put(e, *LSPCI_JOINED);
			put(e, '\n');
		}
	}
	e->len = e->out;
}

/* The bytes of "ESC [ 01;31 m" and the like at w, whatever is left of ESC; 0: there are none. */
static size_t escape_sequence(struct word w)
{
	size_t esc = *w.p == '\x1b' ? 1 : word_starts(w, "^[[") ? 2 : 0, n = esc;

	if (esc && n < w.len && w.p[n] == ']') { /* a title or a link, up to BEL or ESC \ */
		while (n < w.len && w.p[n] != '\a' && w.p[n] != '\x1b' && w.p[n] != '\n')
			n++;
		return n < w.len && w.p[n] == '\a' ? n + 1 : n;
	}
	if (n >= w.len || w.p[n] != '[')
		return *w.p == '\x1b' && w.len > 1 && w.p[1] != '\n' ? 2 : esc;
	n++;
	while (n < w.len && ((w.p[n] >= '0' && w.p[n] <= '9') || w.p[n] == ';' || w.p[n] == '?'))
		n++;
	if (n == w.len)
		return esc;
	if (esc)
		return n + 1;
	/* Without ESC, colours alone; then "[K", as grep has it. */
	if (w.p[n] != 'm')
		return 0;
	n++;
	return word_starts((struct word){w.p + n, w.len - n}, "[K") ? n + 2 : n;
}

static const struct {
	const char *from;
	const char *to;
} replacements[] = {
	/* UTF-8: blanks, dashes, what is not seen */
	{"\xc2\xa0", " "},
	{"\xe2\x80\x80", " "},
	{"\xe2\x80\x81", " "},
	{"\xe2\x80\x82", " "},
	{"\xe2\x80\x83", " "},
	{"\xe2\x80\x84", " "},
	{"\xe2\x80\x85", " "},
	{"\xe2\x80\x86", " "},
	{"\xe2\x80\x87", " "},
	{"\xe2\x80\x88", " "},
	{"\xe2\x80\x89", " "},
	{"\xe2\x80\x8a", " "},
	{"\xe2\x80\xaf", " "},
	{"\xe2\x81\x9f", " "},
	{"\xe3\x80\x80", " "},
	{"\xe2\x80\x90", "-"},
	{"\xe2\x80\x91", "-"},
	{"\xe2\x80\x92", "-"},
	{"\xe2\x80\x93", "-"},
	{"\xe2\x80\x94", "-"},
	{"\xe2\x88\x92", "-"},
	{"\xe2\x80\x8b", ""},
	{"\xe2\x80\x8c", ""},
	{"\xe2\x80\x8d", ""},
	{"\xe2\x80\x8e", ""},
	{"\xe2\x80\x8f", ""},
	{"\xe2\x81\xa0", ""},
	{"\xef\xbb\xbf", ""},
	{"\xc2\xad", ""},
	/* entities of HTML */
	{"&nbsp;", " "},
	{"&#160;", " "},
	{"&gt;", ">"},
	{"&lt;", "<"},
	{"&amp;", "&"},
	{"&quot;", "\""},
	{"&#39;", "'"},
	/* markup; "<TAbort-" and "[b0]" are lspci's */
	{"**", ""},
	{"<b>", ""},
	{"</b>", ""},
	{"<strong>", ""},
	{"</strong>", ""},
	{"<pre>", ""},
	{"</pre>", ""},
	{"<code>", ""},
	{"</code>", ""},
	{"<br>", ""},
	{"<br/>", ""},
	{"<br />", ""},
	{"<p>", ""},
	{"</p>", ""},
	{"</span>", ""},
	{"<mark>", ""},
	{"</mark>", ""},
	{"<em>", ""},
	{"</em>", ""},
	{"[CODE]", ""},
	{"[/CODE]", ""},
	{"[code]", ""},
	{"[/code]", ""},
	{"[QUOTE]", ""},
	{"[/QUOTE]", ""},
	{"[quote]", ""},
	{"[/quote]", ""},
	{"[B]", ""},
	{"[/B]", ""},
	{"[b]", ""},
	{"[/b]", ""},
	{"[PRE]", ""},
	{"[/PRE]", ""},
	{"[pre]", ""},
	{"[/pre]", ""},
	{"[/COLOR]", ""},
	{"[/color]", ""},
	{"[/FONT]", ""},
	{"[/font]", ""},
	{"[SPOILER]", ""},
	{"[/SPOILER]", ""},
	{"[spoiler]", ""},
	{"[/spoiler]", ""},
};

/* Marks with a value, up to where they end. */
static size_t open_mark(struct word w)
{
	static const char *const starts[] = {
		"[color=", "[COLOR=", "[code=", "[CODE=", "[font=", "[FONT=",
		"[quote=", "[QUOTE=", "<span ", "<pre ",  "<code "};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		char end = *starts[i] == '<' ? '>' : ']';

		if (!word_starts(w, starts[i]))
			continue;
		for (size_t n = 0; n < w.len && w.p[n] != '\n'; n++) {
			if (w.p[n] == end)
				return n + 1;
		}
	}
	return 0;
}

/* Replaces what is at the reading end. False if nothing of the table is. */
static bool replace(struct edit *e)
{
	struct word w = ahead(e);
	size_t mark = open_mark(w);

	if (mark) {
		e->in += mark;
		return true;
	}
	for (size_t i = 0; i < sizeof(replacements) / sizeof(replacements[0]); i++) {
		if (!word_starts(w, replacements[i].from))
			continue;
		for (const char *c = replacements[i].to; *c; c++)
			put(e, *c);
		e->in += strlen(replacements[i].from);
		return true;
	}
	return false;
}

/* A character at which something starts that is not plain. */
static bool is_suspect(char c)
{
	return (uint8_t)c >= 0x80 || c == '&' || c == '*' || c == '<' || c == '[';
}

static void plain_char(struct edit *e, bool cr_ends_lines)
{
	struct word w = ahead(e);
	size_t n = *w.p == '\x1b' || *w.p == '^' || *w.p == '[' ? escape_sequence(w) : 0;

	e->in += n;
	if (n || (is_suspect(*w.p) && replace(e)))
		return;
	e->in++;
	if ((uint8_t)*w.p == 0xa0) /* of Latin-1 */
		put(e, ' ');
	else if (*w.p == '\r' && cr_ends_lines)
		put(e, '\n');
	else if ((uint8_t)*w.p >= ' ' || *w.p == '\n' || *w.p == '\t' || *w.p == '\r' ||
		 (*w.p == *LSPCI_JOINED && e->out && e->p[e->out - 1] == '\n'))
		put(e, *w.p);
	else if (*w.p == '\b' && e->out && e->p[e->out - 1] != '\n')
		e->out--;
}

/* A separator that a text brings along means nothing. */
static void drop_separators(char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] == *LSPCI_JOINED)
			p[i] = ' ';
	}
}

char *lspci_plain(const char *text, size_t len, size_t *ret_len)
{
	struct word w = word_text(text, len);
	bool little = word_starts(w, "\xff\xfe"), big = word_starts(w, "\xfe\xff");
	struct edit e = {.p = calloc(2, len + 1)};

	if (!e.p)
		return NULL;
	if (little || big) {
		e.len = from_utf16(text, len, big, e.p);
	} else {
		memcpy(e.p, w.p, w.len);
		e.len = w.len;
	}
	drop_separators(e.p, e.len);
	decode_quoted_printable(&e);
	e.in = e.out = 0;

	bool cr_ends_lines = !memchr(e.p, '\n', e.len);

	while (e.in < e.len)
		plain_char(&e, cr_ends_lines);
	*ret_len = e.out;
	return e.p;
}
