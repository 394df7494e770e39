/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/text/word.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool word_is(struct word w, const char *text)
{
	return w.len == strlen(text) && memcmp(w.p, text, w.len) == 0;
}

bool word_starts(struct word w, const char *text)
{
	size_t len = strlen(text);

	return w.len >= len && memcmp(w.p, text, len) == 0;
}

size_t word_count(struct word w, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < w.len; i++)
		n += w.p[i] == c;
	return n;
}

struct word word_next(struct word *rest)
{
	struct word w;

	while (rest->len && is_blank(*rest->p))
		rest->p++, rest->len--;
	w = (struct word){rest->p, 0};
	while (rest->len && !is_blank(*rest->p))
		rest->p++, rest->len--, w.len++;
	return w;
}

struct word word_text(const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct word w = {text, len};

	if (!word_starts(w, mark))
		return w;
	return (struct word){text + strlen(mark), len - strlen(mark)};
}

bool word_line(struct word *rest, struct word *line)
{
	if (!rest->len)
		return false;

	const char *nl = memchr(rest->p, '\n', rest->len);

	line->p = rest->p;
	line->len = nl ? (size_t)(nl - rest->p) : rest->len;

	size_t taken = line->len + (nl ? 1 : 0);

	rest->p += taken;
	rest->len -= taken;
	return true;
}

struct word word_after(struct word w, const char *text)
{
	size_t len = strlen(text);

	for (; w.len >= len; w.p++, w.len--) {
		if (memcmp(w.p, text, len) == 0)
			return (struct word){w.p + len, w.len - len};
	}
	return (struct word){NULL, 0};
}

static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 99;
}

bool word_number(struct word w, unsigned int base, uint64_t *ret)
{
	uint64_t v = 0;

	if (base != 10 && w.len > 2 && w.p[0] == '0' && (w.p[1] == 'x' || w.p[1] == 'X')) {
		w.p += 2;
		w.len -= 2;
		base = 16;
	}
	if (!base)
		base = 10;
	if (!w.len)
		return false;
	for (; w.len; w.p++, w.len--) {
		unsigned int d = digit(*w.p);

		if (d >= base || v > (UINT64_MAX - d) / base)
			return false;
		v = v * base + d;
	}
	*ret = v;
	return true;
}

bool word_size(struct word w, uint64_t *ret)
{
	static const char suffixes[] = "KMGTkmgt";
	unsigned int shift = 0;

	if (w.len) {
		const char *s = memchr(suffixes, w.p[w.len - 1], sizeof(suffixes) - 1);

		if (s) {
			shift = 10 * (unsigned int)((s - suffixes) % 4 + 1);
			w.len--;
		}
	}
	if (!word_number(w, 0, ret) || *ret > UINT64_MAX >> shift)
		return false;
	*ret <<= shift;
	return true;
}

size_t word_hex(struct word w, uint64_t *ret)
{
	size_t n = 0;

	*ret = 0;
	while (n < w.len && n < 16 && digit(w.p[n]) < 16)
		*ret = *ret << 4 | digit(w.p[n++]);
	return n;
}

bool word_fail(struct word_fault *fault, const char *at, const char *reason, const char *expected)
{
	*fault = (struct word_fault){at, reason, expected};
	return false;
}

bool word_take_field(struct word *w, const struct word_field *f, char end, uint64_t *ret,
		     struct word_fault *fault)
{
	struct word start = *w;
	size_t n = word_hex(*w, ret);

	w->p += n;
	w->len -= n;
	if (n < f->digits_min && w->len && *w->p != ':' && *w->p != '.')
		return word_fail(fault, w->p, "not a hexadecimal digit", f->expected);
	if (n < f->digits_min)
		return word_fail(fault, w->p, f->reason, f->expected);
	if (n > f->digits_max)
		return word_fail(fault, start.p + f->digits_max, f->reason, f->expected);
	if (*ret > f->max)
		return word_fail(fault, start.p, f->reason, f->expected);
	if (!end && !w->len)
		return true;
	if (!w->len)
		return word_fail(fault, w->p, "the selector ends too early", f->expected);
	if (!end || *w->p != end)
		return word_fail(fault, w->p, "unexpected character", f->expected);
	w->p++;
	w->len--;
	return true;
}
