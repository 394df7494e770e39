/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The language of rules: what they say, whom they are for, and what is said of wrong ones. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "core/policy/policy.h"

static void assert_span(struct policy_span span, const char *want)
{
	if (span.len != strlen(want) || memcmp(span.text, want, span.len) != 0)
		fail_msg("\"%.*s\", not \"%s\"", (int)span.len, span.text, want);
}

static void assert_right(const char *text)
{
	struct policy_error err;
	char line[512];

	if (!policy_check(text, &err))
		fail_msg("%s", policy_error_text(&err, text, line, sizeof(line)));
}

/* One rule each: what the parser finds in it. */
static void test_rules(void **state)
{
	static const struct {
		const char *text, *selector;
		struct policy_settings settings;
		unsigned int set;
	} facts[] = {
		{"off", "", {.target = PLAN_OFF}, 0},
		{"auto", "", {.target = PLAN_AUTO}, 0},
		{"any", "", {.target = PLAN_ANY}, 0},
		{"bar0", "", {.target = 0}, 0},
		{"bar5", "", {.target = 5}, 0},
		{"*=bar1", "*", {.target = 1}, 0},
		{"01:00.0=bar3", "01:00.0", {.target = 3}, 0},
		{"10000:E1:1f.7=bar4", "10000:E1:1f.7", {.target = 4}, 0},
		{"8086:F1A6=bar2", "8086:F1A6", {.target = 2}, 0},
		{"1000:0097:15d9:0808=off", "1000:0097:15d9:0808", {.target = PLAN_OFF}, 0},
		{"class:01=any", "class:01", {.target = PLAN_ANY}, 0},
		{"class:010802=any", "class:010802", {.target = PLAN_ANY}, 0},
		{"bar2,share=bar", "", {.target = 2, .share_bar = true}, POLICY_SET_SHARE},
		{"bar2,share=page", "", {.target = 2}, POLICY_SET_SHARE},
		{"bar2,caps=sparse", "", {.target = 2, .caps_sparse = true}, POLICY_SET_CAPS},
		{"bar2,caps=full", "", {.target = 2}, POLICY_SET_CAPS},
		{"bar2,map=compose", "", {.target = 2, .map_compose = true}, POLICY_SET_MAP},
		{"bar2,map=refuse", "", {.target = 2}, POLICY_SET_MAP},
		{"bar2,old=hide", "", {.target = 2, .old_hide = true}, POLICY_SET_OLD},
		{"bar2,old=show", "", {.target = 2}, POLICY_SET_OLD},
		{"any,page=4K", "", {.target = PLAN_ANY, .page_size = 4 * KIB}, POLICY_SET_PAGE},
		{"any,page=65536",
		 "",
		 {.target = PLAN_ANY, .page_size = 64 * KIB},
		 POLICY_SET_PAGE},
		{"any,page=0x4000",
		 "",
		 {.target = PLAN_ANY, .page_size = 16 * KIB},
		 POLICY_SET_PAGE},
		{"bar2,vmm=none", "", {.target = 2}, POLICY_SET_VMM},
		{"bar2,vmm=crosvm", "", {.target = 2}, POLICY_SET_VMM},
		{"off,page=1G", "", {.target = PLAN_OFF, .page_size = GIB}, POLICY_SET_PAGE},
		{"*=auto,page=2M,old=hide,map=compose,caps=sparse,share=bar",
		 "*",
		 {.target = PLAN_AUTO,
		  .share_bar = true,
		  .caps_sparse = true,
		  .map_compose = true,
		  .old_hide = true,
		  .page_size = 2 * MIB},
		 31},
		{"class:0108 = bar2 , share = bar\t, page = 16K",
		 "class:0108",
		 {.target = 2, .share_bar = true, .page_size = 16 * KIB},
		 POLICY_SET_SHARE | POLICY_SET_PAGE},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct policy_rule rule;
		size_t pos = 0;

		assert_right(facts[i].text);
		assert_true(policy_next(facts[i].text, &pos, &rule));
		assert_span(rule.text, facts[i].text);
		assert_span(rule.selector, facts[i].selector);
		assert_int_equal(rule.settings.target, facts[i].settings.target);
		assert_int_equal(rule.settings.share_bar, facts[i].settings.share_bar);
		assert_int_equal(rule.settings.caps_sparse, facts[i].settings.caps_sparse);
		assert_int_equal(rule.settings.map_compose, facts[i].settings.map_compose);
		assert_int_equal(rule.settings.old_hide, facts[i].settings.old_hide);
		assert_int_equal(rule.settings.page_size, facts[i].settings.page_size);
		assert_int_equal(!rule.settings.vmm, !(facts[i].set & POLICY_SET_VMM));
		assert_int_equal(rule.settings.options_set, facts[i].set);
		assert_false(policy_next(facts[i].text, &pos, &rule));
	}
}

/* Texts, and their rules. */
static void test_texts(void **state)
{
	static const struct {
		const char *text;
		const char *rules[4];
	} facts[] = {
		{"", {NULL}},
		{" \t\r\n\n;; ; ", {NULL}},
		{"# nothing; bar1", {NULL}},
		{"off;bar1", {"off", "bar1"}},
		{"off\nbar1\n", {"off", "bar1"}},
		{"off\r\nbar1\r\n", {"off", "bar1"}},
		{";off;;bar1;", {"off", "bar1"}},
		{"\toff ;  *=bar1,caps=sparse ", {"off", "*=bar1,caps=sparse"}},
		{"off#bar1;bar2\nbar3 # bar4", {"off", "bar3"}},
		{"# the HBA\n1000:0097=bar5\n\n# all else\nauto", {"1000:0097=bar5", "auto"}},
		{"auto;auto;auto;auto", {"auto", "auto", "auto", "auto"}},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct policy_rule rule;
		size_t pos = 0;

		assert_right(facts[i].text);
		for (size_t k = 0; k < COUNT(facts[i].rules) && facts[i].rules[k]; k++) {
			assert_true(policy_next(facts[i].text, &pos, &rule));
			assert_span(rule.text, facts[i].rules[k]);
		}
		assert_false(policy_next(facts[i].text, &pos, &rule));
		assert_false(policy_next(facts[i].text, &pos, &rule));
	}
}

static const struct policy_device hba = {
	.address = POLICY_ADDRESS_PCI,
	.bdf = {0, 0x41, 0x1f, 3},
	.ids = {0x1000, 0x0097, 0x15d9, 0x0808, 0x010700},
};

/* Selectors and the device 0000:41:1f.3 1000:0097 15d9:0808 of class 010700. */
static void test_selectors(void **state)
{
	static const struct {
		const char *selector;
		bool match;
	} facts[] = {
		{"*", true},
		{"0000:41:1f.3", true},
		{"41:1f.3", true},
		{"0:41:1F.3", true},
		{"00000000:41:1f.3", true},
		{"0001:41:1f.3", false},
		{"40:1f.3", false},
		{"41:1e.3", false},
		{"41:1f.2", false},
		{"1000:0097", true},
		{"1000:0096", false},
		{"1001:0097", false},
		{"1000:0097:15d9:0808", true},
		{"1000:0097:15D9:0808", true},
		{"1000:0097:15d9:0809", false},
		{"1000:0097:15d8:0808", false},
		{"1000:0096:15d9:0808", false},
		{"class:01", true},
		{"class:0107", true},
		{"class:010700", true},
		{"class:02", false},
		{"class:00", false},
		{"class:0106", false},
		{"class:0007", false},
		{"class:010701", false},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		char text[64];
		struct policy_rule rule = {.settings = {.options_set = 99}};

		snprintf(text, sizeof(text), "%s = bar5", facts[i].selector);
		assert_right(text);
		if (policy_find(text, &hba, &rule) !=
		    (facts[i].match ? POLICY_MATCH : POLICY_NO_MATCH))
			fail_msg("%s: match is not %d", text, facts[i].match);
		if (facts[i].match)
			assert_span(rule.selector, facts[i].selector);
		else
			assert_int_equal(rule.settings.options_set, 99);
	}
}

/* The first rule wins, and one by address that can't be judged is reported. */
static void test_first_match(void **state)
{
	static const struct {
		const char *text;
		enum policy_match known, unknown; /* with and without an address */
		const char *rule[2];
	} facts[] = {
		{"", POLICY_NO_MATCH, POLICY_NO_MATCH, {"", ""}},
		{"bar5", POLICY_MATCH, POLICY_MATCH, {"bar5", "bar5"}},
		{"1000:0097=bar5;*=off",
		 POLICY_MATCH,
		 POLICY_MATCH,
		 {"1000:0097=bar5", "1000:0097=bar5"}},
		{"*=off;1000:0097=bar5", POLICY_MATCH, POLICY_MATCH, {"*=off", "*=off"}},
		{"8086:f1a6=bar2;class:0107=any",
		 POLICY_MATCH,
		 POLICY_MATCH,
		 {"class:0107=any", "class:0107=any"}},
		{"8086:f1a6=bar2", POLICY_NO_MATCH, POLICY_NO_MATCH, {"", ""}},
		{"41:1f.3=bar1;*=off",
		 POLICY_MATCH,
		 POLICY_NEEDS_ADDRESS,
		 {"41:1f.3=bar1", "41:1f.3=bar1"}},
		{"42:00.0=bar1;*=off",
		 POLICY_MATCH,
		 POLICY_NEEDS_ADDRESS,
		 {"*=off", "42:00.0=bar1"}},
		{"42:00.0=bar1", POLICY_NO_MATCH, POLICY_NEEDS_ADDRESS, {"", "42:00.0=bar1"}},
		{"*=off;42:00.0=bar1", POLICY_MATCH, POLICY_MATCH, {"*=off", "*=off"}},
		{"8086:f1a6=bar2;42:00.0=bar1",
		 POLICY_NO_MATCH,
		 POLICY_NEEDS_ADDRESS,
		 {"", "42:00.0=bar1"}},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct policy_device dev = hba;
		struct policy_rule rule = {.text = {"", 0}};

		assert_right(facts[i].text);
		assert_int_equal(policy_find(facts[i].text, &dev, &rule), facts[i].known);
		assert_span(rule.text, facts[i].rule[0]);
		dev.address = POLICY_ADDRESS_UNKNOWN;
		rule.text.len = 0;
		assert_int_equal(policy_find(facts[i].text, &dev, &rule), facts[i].unknown);
		assert_span(rule.text, facts[i].rule[1]);
	}
}

/* Which VMM a rule names. */
static void test_vmm(void **state)
{
	static const struct {
		const char *text, *name;
	} facts[] = {
		{"auto,vmm=none", "none"},
		{"auto,vmm=crosvm", "crosvm"},
		{"* = any , vmm = dpdk-22 , page=4K", "dpdk-22"},
		{"off,vmm=cloud-hypervisor", "cloud-hypervisor"},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct policy_rule rule;
		size_t pos = 0;

		assert_right(facts[i].text);
		assert_true(policy_next(facts[i].text, &pos, &rule));
		assert_string_equal(rule.settings.vmm->name, facts[i].name);
	}
}

/* Wrong texts: the place, and words of what is said. */
static void test_errors(void **state)
{
	static const struct {
		const char *text;
		size_t line, column;
		const char *rule, *reason, *expected;
	} facts[] = {
		/* targets */
		{"bar6", 1, 1, "bar6", "not a target", "bar4 or bar5"},
		{"BAR2", 1, 1, "BAR2", "not a target", "off, auto, any, bar0"},
		{" bar ", 1, 2, "bar", "not a target", "bar0"},
		{"bar22", 1, 1, "bar22", "not a target", "bar0"},
		{"bar5 bar1", 1, 6, "bar5 bar1", "text after", "semicolon"},
		{"*=", 1, 3, "*=", "no target", "auto"},
		{"* = ,share=bar", 1, 5, "* = ,share=bar", "no target", "auto"},
		{",share=bar", 1, 1, ",share=bar", "no target", "auto"},
		{"*=bar2=off", 1, 3, "*=bar2=off", "not a target", "auto"},
		/* options */
		{"bar2,", 1, 6, "bar2,", "missing", "share="},
		{"bar2,,caps=full", 1, 6, "bar2,,caps=full", "missing", "share="},
		{"bar2,vmm=", 1, 10, "bar2,vmm=", "the option has no value", "the VMMs are qemu, "},
		{"bar2,vmm=firecracker", 1, 10, "bar2,vmm=firecracker",
		 "not a value of this option", "crosvm, alioth, openvmm, none"},
		{"bar2,vmm=qemu,vmm=none", 1, 15, "bar2,vmm=qemu,vmm=none",
		 "the option is given twice", "leave one"},
		{"bar2,cap=full", 1, 6, "bar2,cap=full", "not an option", "caps="},
		{"bar2,caps", 1, 10, "bar2,caps", "no value", "caps=full or caps=sparse"},
		{"bar2,caps= ", 1, 11, "bar2,caps=", "no value", "caps=full or caps=sparse"},
		{"bar2,=full", 1, 6, "bar2,=full", "missing", "share="},
		{"bar2,share=both", 1, 12, "bar2,share=both", "not a value",
		 "share=page or share=bar"},
		{"bar2,map=hide", 1, 10, "bar2,map=hide", "not a value",
		 "map=refuse or map=compose"},
		{"bar2,old=Hide", 1, 10, "bar2,old=Hide", "not a value", "old=show or old=hide"},
		{"bar2,caps=full,caps=full", 1, 16, "bar2,caps=full,caps=full", "twice", "leave"},
		{"bar2,page=4K,page=16K", 1, 14, "bar2,page=4K,page=16K", "twice", "leave"},
		{"bar2 caps=full", 1, 6, "bar2 caps=full", "no comma", "commas"},
		{"bar2,old=hide caps=full", 1, 10, "bar2,old=hide caps=full", "not a value",
		 "old="},
		/* page sizes */
		{"bar2,page=", 1, 11, "bar2,page=", "no value", "page=16K"},
		{"bar2,page=12K", 1, 11, "bar2,page=12K", "not a value", "power of two from 4K"},
		{"bar2,page=2K", 1, 11, "bar2,page=2K", "not a value", "power of two from 4K"},
		{"bar2,page=2G", 1, 11, "bar2,page=2G", "not a value", "to 1G"},
		{"bar2,page=64kb", 1, 11, "bar2,page=64kb", "not a value", "page=16K"},
		{"bar2,page=-4096", 1, 11, "bar2,page=-4096", "not a value", "page=65536"},
		{"bar2,page=99999999999999999999", 1, 11, "bar2,page=99999999999999999999",
		 "not a value", "page=65536"},
		/* selectors */
		{"=bar2", 1, 1, "=bar2", "no selector", "*"},
		{"nvme=bar2", 1, 1, "nvme=bar2", "not a selector", "0000:01:00.0"},
		{"bar2=off", 1, 1, "bar2=off", "a target", "1000:0097=bar5"},
		{"share=bar", 1, 1, "share=bar", "before the target", "auto,share=bar"},
		{"**=off", 1, 1, "**=off", "not a selector", "*"},
		{"* *=off", 1, 1, "* *=off", "not a selector", "*"},
		{"1000:97=off", 1, 8, "1000:97=off", "four digits", "1000:0097"},
		{"100:0097=off", 1, 4, "100:0097=off", "four digits", "VVVV:DDDD"},
		{"1000:00097=off", 1, 10, "1000:00097=off", "four digits", "VVVV:DDDD"},
		{"1000:009g=off", 1, 9, "1000:009g=off", "not a hexadecimal digit", "VVVV:DDDD"},
		{"0x1000:0x97=off", 1, 2, "0x1000:0x97=off", "not a hexadecimal digit",
		 "VVVV:DDDD"},
		{"1000:0097:15d9=off", 1, 15, "1000:0097:15d9=off", "too early", "SSSS:SSSS"},
		{"1000:0097:15d9:0808:1=off", 1, 20, "1000:0097:15d9:0808:1=off", "unexpected",
		 "SSSS"},
		{"1000:0097 =off;1000: 0097=off", 1, 21, "1000: 0097=off", "digit", "1000:0097"},
		{":=off", 1, 1, ":=off", "not a selector", "class:0108"},
		{"vendor:8086=off", 1, 1, "vendor:8086=off", "not a selector", "class:0108"},
		{"01:00=off", 1, 3, "01:00=off", "four digits", "an address ends in .F"},
		{"0000:01:00=off", 1, 8, "0000:01:00=off", "four digits", "an address ends in .F"},
		{"0000:01:20.0=off", 1, 9, "0000:01:20.0=off", "device number", "BB:DD.F"},
		{"0000:01:00.8=off", 1, 12, "0000:01:00.8=off", "function number", "BB:DD.F"},
		{"0000:01:00.=off", 1, 12, "0000:01:00.=off", "function number", "BB:DD.F"},
		{"0000:01:00.10=off", 1, 13, "0000:01:00.10=off", "function number", "BB:DD.F"},
		{"0000:100:00.0=off", 1, 8, "0000:100:00.0=off", "bus number", "BB:DD.F"},
		{"000000000:01:00.0=off", 1, 9, "000000000:01:00.0=off", "segment", "SSSS"},
		{"0000-01:00.0=off", 1, 3, "0000-01:00.0=off", "bus number", "SSSS"},
		{"01.00.0:0=off", 1, 3, "01.00.0:0=off", "unexpected", "BB:DD.F"},
		{"class:=off", 1, 7, "class:=off", "missing", "class:0108"},
		{"class:1=off", 1, 8, "class:1=off", "missing", "2, 4 or 6"},
		{"class:010=off", 1, 10, "class:010=off", "missing", "2, 4 or 6"},
		{"class:0108020=off", 1, 13, "class:0108020=off", "too many", "2, 4 or 6"},
		{"class:01g8=auto", 1, 9, "class:01g8=auto", "not a hexadecimal digit",
		 "2, 4 or 6"},
		{"class: 0108=auto", 1, 7, "class: 0108=auto", "not a hexadecimal digit", "2, 4"},
		{"Class:0108=auto", 1, 2, "Class:0108=auto", "not a hexadecimal digit", "VVVV"},
		/* places in longer texts */
		{"bar2;bar9", 1, 6, "bar9", "not a target", "bar0"},
		{"bar2;\n  bar9 # no\noff", 2, 3, "bar9", "not a target", "bar0"},
		{"# bar9; bar9\r\n\r\n\tbar9\r\n", 3, 2, "bar9", "not a target", "bar0"},
		{"bar8;bar9", 1, 1, "bar8", "not a target", "bar0"},
		{"bar2,caps=#full", 1, 11, "bar2,caps=", "no value", "caps="},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		struct policy_error err;

		if (policy_check(facts[i].text, &err))
			fail_msg("\"%s\" is accepted", facts[i].text);
		if (err.line != facts[i].line || err.column != facts[i].column ||
		    !strstr(err.reason, facts[i].reason) ||
		    !strstr(err.expected, facts[i].expected))
			fail_msg("\"%s\": line %zu, column %zu: %s; %s", facts[i].text, err.line,
				 err.column, err.reason, err.expected);
		assert_span(err.rule, facts[i].rule);
	}
}

static void test_error_text(void **state)
{
	static const struct {
		const char *text, *where, *line;
	} facts[] = {
		{"class:01g8=auto", "MSIXSHIM",
		 "MSIXSHIM: line 1, column 9: \"class:01g8=auto\": not a hexadecimal digit; a "
		 "class "
		 "has 2, 4 or 6 of them"},
		{"\n\n\n\n\n\n\n\n\n\n\n  off,map=no", "/etc/msixshim.conf",
		 "/etc/msixshim.conf: line 12, column 11: \"off,map=no\": not a value of this "
		 "option; use map=refuse or map=compose"},
		{"b\033[1m\tr\xc3\xa9", "X",
		 "X: line 1, column 1: \"b?[1m?r??\": not a target; use " POLICY_TARGETS},
	};
	char buf[512], rule[301];
	struct policy_error err;

	for (size_t i = 0; i < COUNT(facts); i++) {
		assert_false(policy_check(facts[i].text, &err));
		assert_string_equal(policy_error_text(&err, facts[i].where, buf, sizeof(buf)),
				    facts[i].line);
		/* cut, in memory that is too small, and terminated */
		for (size_t size = 1; size < strlen(facts[i].line) + 1; size++) {
			memset(buf, 'x', sizeof(buf));
			policy_error_text(&err, facts[i].where, buf, size);
			assert_int_equal(strlen(buf), size - 1);
			assert_memory_equal(buf, facts[i].line, size - 1);
			assert_int_equal(buf[size], 'x');
		}
	}
	memset(rule, 'a', 300);
	rule[300] = '\0';
	assert_false(policy_check(rule, &err));
	policy_error_text(&err, "M", buf, sizeof(buf));
	assert_non_null(strstr(buf, "aaa...\": not a target"));
	assert_null(policy_error_text(&err, "M", NULL, 0));
}

/* Any text either is right, and all of it can be read, or has an error inside of it. */
static void test_noise(void **state)
{
	static const char alphabet[] = "01afg:.=,;#* \n\tbarcls5off";
	uint64_t seed = 3;

	for (int i = 0; i < 200000; i++) {
		char text[24], buf[512];
		size_t len = random_next(&seed) % sizeof(text), pos = 0, lines = 1;
		struct policy_rule rule;
		struct policy_error err;

		for (size_t k = 0; k < len; k++) {
			text[k] = alphabet[random_next(&seed) % (sizeof(alphabet) - 1)];
			lines += text[k] == '\n';
		}
		text[len] = '\0';
		if (policy_check(text, &err)) {
			while (policy_next(text, &pos, &rule))
				assert_true(rule.text.len >= 1 && rule.text.len <= len);
			assert_int_equal(pos, len);
			continue;
		}
		assert_true(err.line >= 1 && err.line <= lines);
		assert_true(err.column >= 1 && err.column <= len + 1);
		assert_true(err.rule.text >= text && err.rule.text + err.rule.len <= text + len);
		assert_null(strchr(policy_error_text(&err, "M", buf, sizeof(buf)), '\n'));
	}
}

static void test_words(void **state)
{
	static const struct {
		const char *word;
		int target;
	} targets[] = {
		{"off", PLAN_OFF}, {"auto", PLAN_AUTO}, {"any", PLAN_ANY}, {"bar0", 0}, {"bar1", 1},
		{"bar2", 2},	   {"bar3", 3},		{"bar4", 4},	   {"bar5", 5},
	};
	static const char *const wrong[] = {"",	   " bar2", "bar2 ", "bar6",
					    "Off", "bar",   "2",     "none"};
	static const char *const no_pages[] = {"", " 4K", "4K ", "3K", "0", "4", "K", "4KiB", "2G"};
	uint64_t page = 99;
	int target = 99;

	for (size_t i = 0; i < COUNT(targets); i++) {
		assert_true(policy_parse_target(targets[i].word, &target));
		assert_int_equal(target, targets[i].target);
		assert_string_equal(policy_target_name(target), targets[i].word);
	}
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(policy_parse_target(wrong[i], &target));
	assert_int_equal(target, 5);
	assert_string_equal(policy_target_name(6), "none");
	assert_string_equal(policy_target_name(-4), "none");
	assert_true(policy_parse_target(POLICY_DEFAULT, &target));

	for (size_t i = 0; i < COUNT(no_pages); i++)
		assert_false(policy_parse_page(no_pages[i], &page));
	assert_int_equal(page, 99);
	assert_true(policy_parse_page("64K", &page));
	assert_int_equal(page, 64 * KIB);
	assert_true(policy_parse_page("16k", &page));
	assert_int_equal(page, 16 * KIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),	   cmocka_unit_test(test_texts),
		cmocka_unit_test(test_selectors),  cmocka_unit_test(test_first_match),
		cmocka_unit_test(test_vmm),	   cmocka_unit_test(test_errors),
		cmocka_unit_test(test_error_text), cmocka_unit_test(test_noise),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
