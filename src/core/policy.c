/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of rules; policy_rule.c has a single one, policy_selector.c its selector. */
#include "core/policy.h"

#include <string.h>

#include "core/policy_priv.h"

/* What an error quotes of a rule. */
#define QUOTE_MAX 80

static const char blanks[] = " \t\r";

struct policy_span policy_trim(const char *start, const char *end)
{
	while (start < end && strchr(blanks, *start))
		start++;
	while (end > start && strchr(blanks, end[-1]))
		end--;
	return (struct policy_span){start, (size_t)(end - start)};
}

/* Takes the next rule that is not empty; *pos moves behind it. */
static bool next_text(const char *text, size_t *pos, struct policy_span *ret)
{
	while (text[*pos]) {
		const char *start = text + *pos;
		size_t len = strcspn(start, ";\n#");

		*pos += len;
		if (text[*pos] == '#')
			*pos += strcspn(text + *pos, "\n");
		if (text[*pos])
			++*pos;
		*ret = policy_trim(start, start + len);
		if (ret->len)
			return true;
	}
	return false;
}

static void locate(const char *text, const char *at, struct policy_error *err)
{
	const char *line = text;

	err->line = 1;
	for (const char *p = text; p < at; p++) {
		if (*p == '\n') {
			err->line++;
			line = p + 1;
		}
	}
	err->column = (size_t)(at - line) + 1;
}

bool policy_check(const char *text, struct policy_error *err)
{
	struct word_fault fault;
	struct policy_rule rule;
	struct selector sel;
	struct policy_span span;
	size_t pos = 0;

	while (next_text(text, &pos, &span)) {
		if (rule_parse(span, &rule, &sel, &fault))
			continue;
		*err = (struct policy_error){
			.rule = span, .reason = fault.reason, .expected = fault.expected};
		locate(text, fault.at, err);
		return false;
	}
	return true;
}

static bool next_rule(const char *text, size_t *pos, struct policy_rule *ret, struct selector *sel)
{
	struct word_fault fault;
	struct policy_span span;

	return next_text(text, pos, &span) && rule_parse(span, ret, sel, &fault);
}

bool policy_next(const char *text, size_t *pos, struct policy_rule *ret)
{
	struct selector sel;

	return next_rule(text, pos, ret, &sel);
}

enum policy_match policy_find(const char *text, const struct policy_device *dev,
			      struct policy_rule *ret)
{
	struct policy_rule rule;
	struct selector sel;
	size_t pos = 0;

	while (next_rule(text, &pos, &rule, &sel)) {
		enum policy_match match = selector_match(&sel, dev);

		if (match == POLICY_NO_MATCH)
			continue;
		*ret = rule;
		return match;
	}
	return POLICY_NO_MATCH;
}

/* A text that grows up to the end of its memory, always terminated. */
struct out {
	char *buf;
	size_t size, len;
};

static void put_char(struct out *out, char c)
{
	if (out->len + 1 >= out->size)
		return;
	/* A rule may come from any file; it must not steer a terminal or end the line. */
	out->buf[out->len++] = c >= ' ' && c <= '~' ? c : '?';
	out->buf[out->len] = '\0';
}

static void put(struct out *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put_char(out, text[i]);
}

static void put_text(struct out *out, const char *text)
{
	put(out, text, strlen(text));
}

static void put_number(struct out *out, size_t n)
{
	size_t unit = 1;

	while (n / unit > 9)
		unit *= 10;
	for (; unit; unit /= 10)
		put_char(out, (char)('0' + n / unit % 10));
}

char *policy_error_text(const struct policy_error *err, const char *where, char *buf, size_t size)
{
	struct out out = {buf, size, 0};
	bool cut = err->rule.len > QUOTE_MAX;

	if (size)
		buf[0] = '\0';
	put_text(&out, where);
	put_text(&out, ": line ");
	put_number(&out, err->line);
	put_text(&out, ", column ");
	put_number(&out, err->column);
	put_text(&out, ": \"");
	put(&out, err->rule.text, cut ? QUOTE_MAX : err->rule.len);
	put_text(&out, cut ? "...\": " : "\": ");
	put_text(&out, err->reason);
	put_text(&out, "; ");
	put_text(&out, err->expected);
	return buf;
}
