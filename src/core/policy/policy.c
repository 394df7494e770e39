/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of rules; policy_rule.c has a single one, policy_selector.c its selector. */
#include "core/policy/policy.h"

#include <string.h>

#include "core/policy/policy_priv.h"
#include "core/text/line.h"

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

/* Takes the next rule that is not empty; *pos moves past it. */
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

char *policy_error_text(const struct policy_error *err, const char *where, char *buf, size_t size)
{
	bool cut = err->rule.len > QUOTE_MAX;
	struct line l;

	line_start(&l, buf, size);
	line_text(&l, where);
	line_text(&l, ": line ");
	line_decimal(&l, err->line);
	line_text(&l, ", column ");
	line_decimal(&l, err->column);
	line_text(&l, ": \"");
	line_bytes(&l, err->rule.text, cut ? QUOTE_MAX : err->rule.len);
	line_text(&l, cut ? "...\": " : "\": ");
	line_text(&l, err->reason);
	line_text(&l, "; ");
	line_text(&l, err->expected);
	return buf;
}
