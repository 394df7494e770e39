/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One rule: [selector "="] target { "," option }. */
#include <string.h>

#include "core/plan.h"
#include "core/policy/policy_priv.h"
#include "core/text/word.h"

#define PAGE_MIN (UINT64_C(1) << 12)
#define PAGE_MAX (UINT64_C(1) << 30)

static const char *const target_names[] = {"bar0", "bar1", "bar2", "bar3", "bar4",
					   "bar5", "off",  "auto", "any"};
static const int targets[] = {0, 1, 2, 3, 4, 5, PLAN_OFF, PLAN_AUTO, PLAN_ANY};

#define TARGETS (sizeof(targets) / sizeof(targets[0]))

const char *policy_target_name(int target)
{
	for (size_t i = 0; i < TARGETS; i++)
		if (targets[i] == target)
			return target_names[i];
	return "none";
}

static bool parse_target(struct word w, int *ret)
{
	for (size_t i = 0; i < TARGETS; i++) {
		if (word_is(w, target_names[i])) {
			*ret = targets[i];
			return true;
		}
	}
	return false;
}

bool policy_parse_target(const char *word, int *ret)
{
	return parse_target((struct word){word, strlen(word)}, ret);
}

static bool parse_page(struct word w, uint64_t *ret)
{
	uint64_t size;

	if (!word_size(w, &size) || size < PAGE_MIN || size > PAGE_MAX || size & (size - 1))
		return false;
	*ret = size;
	return true;
}

bool policy_parse_page(const char *word, uint64_t *ret)
{
	return parse_page((struct word){word, strlen(word)}, ret);
}

/* An option, its two values if it has two, and what to say of another. */
struct option {
	const char *name;
	unsigned int bit;
	const char *plain, *special;
	const char *expected;
};

static const struct option options[] = {
	{"share", POLICY_SET_SHARE, "page", "bar", "use share=page or share=bar"},
	{"caps", POLICY_SET_CAPS, "full", "sparse", "use caps=full or caps=sparse"},
	{"map", POLICY_SET_MAP, "refuse", "compose", "use map=refuse or map=compose"},
	{"old", POLICY_SET_OLD, "show", "hide", "use old=show or old=hide"},
	{"page", POLICY_SET_PAGE, NULL, NULL,
	 "use a power of two from 4K to 1G, as page=16K or page=65536"},
	{"vmm", POLICY_SET_VMM, NULL, NULL, vmm_names},
};

static const char option_names[] = "the options are share=, caps=, map=, old=, page= and vmm=";

static const struct option *find_option(struct word name)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (word_is(name, options[i].name))
			return &options[i];
	return NULL;
}

static bool set_option(const struct option *option, struct word value,
		       struct policy_settings *settings)
{
	bool special = option->special && word_is(value, option->special);

	if (option->bit == POLICY_SET_PAGE)
		return parse_page(value, &settings->page_size);
	if (option->bit == POLICY_SET_VMM)
		return (settings->vmm = vmm_by_name(value)) != NULL;
	if (!special && !word_is(value, option->plain))
		return false;
	switch (option->bit) {
	case POLICY_SET_SHARE:
		settings->share_bar = special;
		break;
	case POLICY_SET_CAPS:
		settings->caps_sparse = special;
		break;
	case POLICY_SET_MAP:
		settings->map_compose = special;
		break;
	default:
		settings->old_hide = special;
		break;
	}
	return true;
}

/* The first of `chars` in [p, end), or end. */
static const char *find_any(const char *p, const char *end, const char *chars)
{
	while (p < end && !strchr(chars, *p))
		p++;
	return p;
}

static struct word trimmed(const char *start, const char *end)
{
	struct policy_span span = policy_trim(start, end);

	return (struct word){span.text, span.len};
}

static bool parse_option(const char *start, const char *end, struct policy_rule *rule,
			 struct word_fault *fault)
{
	const char *equal = find_any(start, end, "=");
	struct word name = trimmed(start, equal);
	struct word value = trimmed(equal < end ? equal + 1 : end, end);
	const struct option *option = find_option(name);

	if (!name.len)
		return word_fail(fault, name.p, "an option is missing", option_names);
	if (!option)
		return word_fail(fault, name.p, "not an option", option_names);
	if (rule->settings.options_set & option->bit)
		return word_fail(fault, name.p, "the option is given twice",
				 "leave one of them out");
	if (!value.len)
		return word_fail(fault, value.p, "the option has no value", option->expected);
	if (!set_option(option, value, &rule->settings))
		return word_fail(fault, value.p, "not a value of this option", option->expected);
	rule->settings.options_set |= option->bit;
	return true;
}

/* What stands before "=" is a target or an option's name: the likely mistakes. */
static bool is_misplaced(struct word w, struct word_fault *fault)
{
	struct word rest = w, first = word_next(&rest);
	int target;

	if (find_option(w))
		return !word_fail(fault, w.p, "an option before the target",
				  "put the target first, as in auto,share=bar");
	if (!parse_target(first, &target))
		return false;
	first = word_next(&rest);
	if (first.len)
		return !word_fail(fault, first.p, "no comma before the option",
				  "separate target and options by commas");
	return !word_fail(fault, w.p, "a target where a selector belongs",
			  "the selector comes first, as in 1000:0097=bar5");
}

static bool parse_selector(struct word w, struct selector *sel, struct word_fault *fault)
{
	if (!w.len)
		return word_fail(fault, w.p, "no selector before =",
				 "use * for all devices, or the target alone");
	if (is_misplaced(w, fault))
		return false;
	return selector_parse((struct policy_span){w.p, w.len}, sel, fault);
}

static bool parse_rule_target(struct word w, int *ret, struct word_fault *fault)
{
	static const char expected[] = "use " POLICY_TARGETS;
	struct word rest = w, first = word_next(&rest), second = word_next(&rest);

	if (!w.len)
		return word_fail(fault, w.p, "no target", expected);
	if (!parse_target(first, ret))
		return word_fail(fault, w.p, "not a target", expected);
	if (second.len)
		return word_fail(fault, second.p, "text after the target",
				 "a comma comes before an option, a semicolon before a rule");
	return true;
}

bool rule_parse(struct policy_span text, struct policy_rule *ret, struct selector *sel,
		struct word_fault *fault)
{
	const char *end = text.text + text.len;
	const char *at = find_any(text.text, end, "=,");
	struct word selector = {text.text, 0};

	*ret = (struct policy_rule){.text = text};
	if (at < end && *at == '=') {
		selector = trimmed(text.text, at);
		if (!parse_selector(selector, sel, fault))
			return false;
		text.text = at + 1;
	} else {
		*sel = (struct selector){.kind = SELECT_ALL};
	}
	ret->selector = (struct policy_span){selector.p, selector.len};
	at = find_any(text.text, end, ",");
	if (!parse_rule_target(trimmed(text.text, at), &ret->settings.target, fault))
		return false;
	while (at < end) {
		const char *option = at + 1;

		at = find_any(option, end, ",");
		if (!parse_option(option, at, ret, fault))
			return false;
	}
	return true;
}
