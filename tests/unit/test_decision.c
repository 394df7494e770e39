/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a device under a rule, and the words for it. */
#include <stdio.h>
#include <string.h>

#include "core/decision.h"
#include "desc/desc.h"
#include "unit.h"

#define K 1024U

/* The devices of the table, in the language of descriptions. */
#define PLAIN  "bar 0 mem64 16K\nmsix vectors 136 table 0:0x2000 pba 0:0x3000\n"
#define BROKEN "bar 0 mem64 16K\nmsix vectors 22 table 0:0x2000 pba 0:0x2100\n"
#define BARE   "bar 0 mem64 16K\n"
/* I/O and a 32-bit BAR that can't be doubled; all other slots are taken */
#define FULL                                                                                       \
	"bar 0 io 256\nbar 1 io 256\nbar 2 io 256\nbar 3 io 256\nbar 4 io 256\n"                   \
	"bar 5 mem32 2G\nmsix vectors 4 table 5:0x2800 pba 5:0x3000\n"

#define SHARED "a page of the host holds MSI-X structures and other parts of the BAR"
#define SMALL                                                                                      \
	"is refused: pages of this host have 65536 bytes, and a BAR is mapped by whole ones; "     \
	"page= takes these or larger ones"
#define NEW_BAR2                                                                                   \
	"BAR2 becomes a new 64-bit prefetchable BAR of 65536 bytes; MSI-X table (136 vectors) "    \
	"at 0x0, PBA at 0x880; the hardware's are BAR0+0x2000, BAR0+0x3000"
#define PORTS	 "the BAR is I/O ports, and MSI-X needs memory"
#define ALL_WORK "targets that work: off, bar0, bar2, bar3, bar4, bar5"

static const struct {
	const char *device, *rule;
	uint64_t host_page;
	enum decision_kind kind;
	int target; /* of the plan */
	const char *text;
} facts[] = {
	/* nothing but what is asked for */
	{PLAIN, "off", 64 * K, DECISION_KEEP, PLAN_OFF,
	 "left as it is: the rule \"off\" asks for it"},
	{BROKEN, "1234:5678=off,page=4K", 64 * K, DECISION_KEEP, PLAN_OFF,
	 "left as it is: the rule \"1234:5678=off,page=4K\" asks for it"},
	{PLAIN, "bar2", 64 * K, DECISION_RELOCATE, 2, NEW_BAR2},
	{PLAIN, "bar0", 4 * K, DECISION_RELOCATE, 0,
	 "BAR0 is extended to a 64-bit non-prefetchable BAR of 32768 bytes; MSI-X table (136 "
	 "vectors) at 0x4000, PBA at 0x4880; the hardware's are BAR0+0x2000, BAR0+0x3000"},
	{BROKEN, "bar5", 4 * K, DECISION_RELOCATE, 5,
	 "BAR5 becomes a new 32-bit prefetchable BAR of 4096 bytes; MSI-X table (22 vectors) at "
	 "0x0, PBA at 0x160; the hardware's are BAR0+0x2000, BAR0+0x2100 (unsound: reads as 0)"},
	{PLAIN, "bar1", 4 * K, DECISION_REFUSE, PLAN_OFF,
	 "bar1 refused: the slot is the upper half of a 64-bit BAR; " ALL_WORK},
	/* auto and any */
	{PLAIN, "auto", 64 * K, DECISION_RELOCATE, 2, NEW_BAR2 "; why: " SHARED},
	{PLAIN, "auto", 4 * K, DECISION_KEEP, PLAN_OFF,
	 "left as it is: no page with MSI-X holds a 4 KiB block of anything else: nothing to gain"},
	{PLAIN, "auto,share=bar", 4 * K, DECISION_RELOCATE, 2, NULL},
	{PLAIN, "any,page=64K", 4 * K, DECISION_RELOCATE, 2, NEW_BAR2 "; why: " SHARED},
	{FULL, "auto", 4 * K, DECISION_KEEP, PLAN_OFF,
	 "left as it is: no target is left: each is impossible or would break a driver"},
	{FULL, "any", 4 * K, DECISION_REFUSE, PLAN_OFF,
	 "any refused: no target is left: bar0: " PORTS ", bar1: " PORTS ", bar2: " PORTS
	 ", bar3: " PORTS ", bar4: " PORTS ", bar5: a 32-bit BAR above 1 GiB can't be doubled; "
	 "targets that work: off"},
	/* nothing to relocate: the same under every rule */
	{BARE, "auto", 4 * K, DECISION_KEEP, PLAN_OFF,
	 "left as it is: the device has no MSI-X capability"},
	{BARE, "any", 4 * K, DECISION_KEEP, PLAN_OFF,
	 "left as it is: the device has no MSI-X capability"},
	{BARE, "bar1", 4 * K, DECISION_KEEP, PLAN_OFF,
	 "left as it is: the device has no MSI-X capability"},
	{BARE, "bar2,page=4K", 64 * K, DECISION_KEEP, PLAN_OFF,
	 "left as it is: the device has no MSI-X capability"},
	/* page= below the host's: auto takes the device as it is */
	{BROKEN, "auto,page=4K", 64 * K, DECISION_KEEP, PLAN_OFF,
	 "left as it is: the rule \"auto,page=4K\" " SMALL},
	{BROKEN, "any,page=16K", 64 * K, DECISION_REFUSE, PLAN_OFF,
	 "the rule \"any,page=16K\" " SMALL},
	{BROKEN, "bar2,page=4K", 64 * K, DECISION_REFUSE, PLAN_OFF,
	 "the rule \"bar2,page=4K\" " SMALL},
	{BROKEN, "auto,page=64K", 64 * K, DECISION_RELOCATE, 2, NULL},
	{PLAIN, "auto,page=4K", 64 * K, DECISION_KEEP, PLAN_OFF,
	 "left as it is: no page with MSI-X holds a 4 KiB block of anything else: nothing to gain"},
	/* what the planner refuses comes before the pages */
	{PLAIN, "bar1,page=4K", 64 * K, DECISION_REFUSE, PLAN_OFF,
	 "bar1 refused: the slot is the upper half of a 64-bit BAR; " ALL_WORK},
};

static void read_device(const char *device, const char *rules, uint64_t host_page,
			struct plan_facts *seen, struct policy_rule *rule)
{
	static struct desc desc;
	struct desc_error error;
	char text[512];
	size_t count, pos = 0;

	snprintf(text, sizeof(text), "device 01:00.0\nid 1234:5678\n%s", device);
	assert_true(desc_parse(text, strlen(text), &desc, 1, &count, &error));
	assert_true(policy_next(rules, &pos, rule));
	desc_facts(&desc, host_page, seen);
}

static void decide(size_t i, struct decision *d, struct policy_rule *rule)
{
	struct plan_facts seen;

	read_device(facts[i].device, facts[i].rule, facts[i].host_page, &seen, rule);
	decision_make(&seen, &rule->settings, vmm_none(), d);
}

static void test_decisions(void **state)
{
	for (size_t i = 0; i < COUNT(facts); i++) {
		char text[DECISION_TEXT_MAX];
		struct policy_rule rule;
		struct decision d;

		decide(i, &d, &rule);
		decision_text(&d, rule.text, text, sizeof(text));
		if (facts[i].text)
			assert_string_equal(text, facts[i].text);
		assert_int_equal(d.kind, facts[i].kind);
		assert_int_equal(d.plan.target, facts[i].target);
		assert_int_equal(d.host_page, facts[i].host_page);
		assert_int_equal(d.facts.page_size, rule.settings.page_size
							    ? rule.settings.page_size
							    : facts[i].host_page);
	}
}

#define NO_MORE "a relocation gains no more"
#define HIDDEN(vmm)                                                                                \
	"left where it is: shown without MSIX_MAPPABLE, as " vmm " would map the table; "

/* The VMM that runs, or that the rule names, has a say. */
static const struct {
	const char *device, *rule, *program;
	uint64_t host_page;
	enum decision_kind kind;
	int target;
	bool hides, share_bar, caps_sparse, map_compose;
	const char *text;
} vmms[] = {
	/* nothing special */
	{PLAIN, "auto", "qemu", 4 * K, DECISION_KEEP, PLAN_OFF, false, false, false, false,
	 "left as it is: no page with MSI-X holds a 4 KiB block of anything else: nothing to gain"},
	{PLAIN, "auto", "cloud-hypervisor", 4 * K, DECISION_KEEP, PLAN_OFF, false, false, false,
	 false, NULL},
	/* it loses the BAR */
	{PLAIN, "auto", "kvmtool", 4 * K, DECISION_RELOCATE, 2, false, true, false, false, NULL},
	{PLAIN, "auto,share=page", "kvmtool", 4 * K, DECISION_KEEP, PLAN_OFF, false, false, false,
	 false, NULL},
	{PLAIN, "auto,vmm=none", "kvmtool", 4 * K, DECISION_KEEP, PLAN_OFF, false, false, false,
	 false, NULL},
	{PLAIN, "auto,vmm=kvmtool", "qemu", 4 * K, DECISION_RELOCATE, 2, false, true, false, false,
	 NULL},
	/* it maps the table of a device that stays as it is */
	{PLAIN, "auto", "crosvm", 4 * K, DECISION_KEEP, PLAN_OFF, true, false, true, false,
	 HIDDEN("crosvm") NO_MORE},
	{PLAIN, "auto,vmm=crosvm", "none", 4 * K, DECISION_KEEP, PLAN_OFF, true, false, true, false,
	 HIDDEN("crosvm") NO_MORE},
	{PLAIN, "auto,caps=full", "crosvm", 4 * K, DECISION_KEEP, PLAN_OFF, false, false, false,
	 false, NULL},
	{PLAIN, "auto,vmm=qemu", "crosvm", 4 * K, DECISION_KEEP, PLAN_OFF, false, false, false,
	 false, NULL},
	{PLAIN, "off", "crosvm", 4 * K, DECISION_KEEP, PLAN_OFF, false, false, true, false,
	 "left as it is: the rule \"off\" asks for it"},
	{BARE, "auto", "crosvm", 4 * K, DECISION_KEEP, PLAN_OFF, false, false, true, false,
	 "left as it is: the device has no MSI-X capability"},
	{FULL, "auto", "crosvm", 4 * K, DECISION_KEEP, PLAN_OFF, true, false, true, false,
	 HIDDEN("crosvm") "no target is left: each is impossible or would break a driver"},
	{BROKEN, "auto,page=4K", "crosvm", 64 * K, DECISION_KEEP, PLAN_OFF, true, false, true,
	 false, HIDDEN("crosvm") "the rule \"auto,page=4K\" " SMALL},
	{PLAIN, "any", "crosvm", 4 * K, DECISION_RELOCATE, 2, false, false, true, false, NULL},
	/* an option without a VMM that wants it does nothing to a device that stays as it is */
	{PLAIN, "auto,caps=sparse", "none", 4 * K, DECISION_KEEP, PLAN_OFF, false, false, true,
	 false, NULL},
	/* they map past the hardware's part */
	{PLAIN, "bar0", "alioth", 4 * K, DECISION_RELOCATE, 0, false, false, false, true, NULL},
	{PLAIN, "bar0,map=refuse", "alioth", 4 * K, DECISION_RELOCATE, 0, false, false, false,
	 false, NULL},
	{PLAIN, "bar0,vmm=dpdk-22", "dpdk", 4 * K, DECISION_RELOCATE, 0, false, false, false, true,
	 NULL},
};

static void test_vmms(void **state)
{
	for (size_t i = 0; i < COUNT(vmms); i++) {
		const struct word name = {vmms[i].program, strlen(vmms[i].program)};
		char text[DECISION_TEXT_MAX];
		struct policy_rule rule;
		struct plan_facts seen;
		struct decision d;

		read_device(vmms[i].device, vmms[i].rule, vmms[i].host_page, &seen, &rule);
		decision_make(&seen, &rule.settings, vmm_by_name(name), &d);
		decision_text(&d, rule.text, text, sizeof(text));
		if (vmms[i].text)
			assert_string_equal(text, vmms[i].text);
		assert_int_equal(d.kind, vmms[i].kind);
		assert_int_equal(d.plan.target, vmms[i].target);
		assert_int_equal(d.hides_table, vmms[i].hides);
		assert_int_equal(d.settings.share_bar, vmms[i].share_bar);
		assert_int_equal(d.settings.caps_sparse, vmms[i].caps_sparse);
		assert_int_equal(d.settings.map_compose, vmms[i].map_compose);
		if (d.hides_table)
			assert_memory_equal(&d.plan.hw, &seen.msix, sizeof(seen.msix));
	}
}

/* The reason alone is the end of the line, or stands before the targets that work. */
static void test_why(void **state)
{
	for (size_t i = 0; i < COUNT(facts); i++) {
		char text[DECISION_TEXT_MAX], why[DECISION_TEXT_MAX];
		struct policy_rule rule;
		struct decision d;
		char *at;

		decide(i, &d, &rule);
		decision_text(&d, rule.text, text, sizeof(text));
		decision_why(&d, rule.text, why, sizeof(why));
		at = strstr(text, why);
		if (d.kind == DECISION_RELOCATE && d.target >= 0)
			assert_null(strstr(text, "; why: "));
		else if (d.kind == DECISION_REFUSE && !d.small_pages)
			assert_true(at &&
				    strncmp(at + strlen(why), "; targets that work: ", 21) == 0);
		else
			assert_true(at && at[strlen(why)] == '\0');
	}
}

/* Any size of memory: always terminated, never more than there is. */
static void test_short_memory(void **state)
{
	char whole[DECISION_TEXT_MAX], text[DECISION_TEXT_MAX];
	struct policy_rule rule;
	struct decision d;

	decide(0, &d, &rule);
	decision_text(&d, rule.text, whole, sizeof(whole));
	for (size_t size = 1; size <= strlen(whole) + 1; size++) {
		memset(text, 'x', sizeof(text));
		decision_text(&d, rule.text, text, size);
		assert_int_equal(strlen(text), size - 1);
		assert_memory_equal(text, whole, size - 1);
		assert_int_equal(text[size], 'x');
	}
	text[0] = 'x';
	decision_text(&d, rule.text, text, 0);
	assert_int_equal(text[0], 'x');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_vmms),
		cmocka_unit_test(test_why),
		cmocka_unit_test(test_short_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
