/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `auto` and `any` over all layouts of the slots, all BIRs and all page sizes, against the
 * criteria told once more: by comparing pairs of targets and by looking at single 4K blocks.
 */
#include "layouts.h"

#include <string.h>

#include "core/choice.h"

#define BLOCK UINT64_C(4096)

static uint32_t cases, kept, causes[CHOICE_ASKED + 1];

/* What the criteria compare of a target. */
struct option {
	bool legal, new_bar, wide, early, quirk, measured, after_last, resizable;
	uint64_t additional;
};

/* Whether drivers take the length of the BAR for that of what is in it. */
static bool is_measured(const struct plan_facts *facts, int bar)
{
	switch (facts->ids.class_code >> 16) {
	case 0x01: /* NVMe */
		return facts->ids.class_code >> 8 == 0x0108 && bar >= 2;
	case 0x03: /* a display controller's memory; AMD's registers and doorbells, too */
		return facts->bars[bar].prefetchable || facts->ids.vendor == 0x1002;
	case 0x05: /* memory alone, not its controllers */
		return facts->ids.class_code >> 8 == 0x0500;
	case 0x06: /* a bridge of another kind */
		return facts->ids.class_code >> 8 == 0x0680;
	default:
		return facts->ids.class_code >> 16 == 0x12;
	}
}

static struct option option_of(const struct plan_facts *facts, int target)
{
	struct oracle o = oracle_relocate(facts, target);
	struct option option = {
		.legal = !o.refused && o.table <= UINT32_MAX,
		.new_bar = o.new_bar,
		.wide = o.wide,
		.additional = o.size - facts->bars[target].size,
		.resizable = facts->resizable & 1 << target,
		.after_last = true,
	};
	bool memory_before = false, memory = false;

	for (int i = 0; i < PCI_BARS; i++) {
		bool here = facts->bars[i].kind == BAR_MEM32 || facts->bars[i].kind == BAR_MEM64;

		memory |= here;
		memory_before |= here && i < target;
		option.after_last &= i < target || facts->bars[i].size == 0;
	}
	option.early = option.new_bar && memory && !memory_before;
	option.quirk = option.new_bar && facts->ids.class_code >= 0x030000 &&
		       facts->ids.class_code <= 0x03ffff &&
		       (target == 1 || target == 4 || target == 5);
	option.measured = !option.new_bar && is_measured(facts, target);
	return option;
}

/* Whether slot `a` is to be preferred to slot `b`, which both may be chosen. */
static bool is_better(const struct option *options, int a, int b)
{
	const struct option *x = &options[a], *y = &options[b];

	if (x->new_bar != y->new_bar)
		return x->new_bar;
	if (x->new_bar && x->after_last != y->after_last)
		return x->after_last;
	if (x->new_bar && x->wide != y->wide)
		return x->wide;
	if (x->new_bar)
		return a < b;
	if (x->resizable != y->resizable)
		return y->resizable;
	if (x->additional != y->additional)
		return x->additional < y->additional;
	return a > b;
}

static bool may_be_chosen(const struct option *o)
{
	return o->legal && !o->early && !o->quirk && !o->measured;
}

/* The target that no other one beats, PLAN_OFF if there is none at all. */
static int unbeaten(const struct option *options)
{
	for (int t = 0; t < PCI_BARS; t++) {
		bool beaten = !may_be_chosen(&options[t]);

		for (int u = 0; u < PCI_BARS && !beaten; u++)
			beaten = u != t && may_be_chosen(&options[u]) && is_better(options, u, t);
		if (!beaten)
			return t;
	}
	return PLAN_OFF;
}

/* Whether what is said against target `t` is true; `best` was chosen. */
static bool verdict_is_true(const struct option *options, int t, int best,
			    enum choice_verdict verdict)
{
	const struct option *o = &options[t], *b = best == PLAN_OFF ? o : &options[best];

	switch (verdict) {
	case VERDICT_CHOSEN:
		return t == best;
	case VERDICT_REFUSED:
		return !o->legal;
	case VERDICT_BEFORE_FIRST:
		return o->legal && o->early;
	case VERDICT_DISPLAY:
		return o->legal && o->quirk;
	case VERDICT_MEASURED:
		return o->legal && o->measured;
	case VERDICT_EXTENDS:
		return !o->new_bar && b->new_bar;
	case VERDICT_IN_BETWEEN:
		return o->new_bar && !o->after_last && b->after_last;
	case VERDICT_NARROW:
		return o->new_bar && !o->wide && b->wide;
	case VERDICT_HIGHER_SLOT:
		return o->new_bar && b->new_bar && t > best;
	case VERDICT_RESIZABLE:
		return !o->new_bar && o->resizable && !b->resizable;
	case VERDICT_MORE_MMIO:
		return !o->new_bar && !b->new_bar && o->additional > b->additional;
	case VERDICT_LOWER_SLOT:
		return !o->new_bar && o->additional == b->additional && t < best;
	default:
		return false; /* nothing is known of this device */
	}
}

/* The structures, one after the other: BIR, first and last byte. */
struct structure {
	unsigned int bir;
	uint64_t first, last;
};

static void structures_of(const struct plan_facts *facts, struct structure s[2])
{
	const struct pci_msix *m = &facts->msix;

	s[0] = (struct structure){m->table_bir, m->table_offset,
				  m->table_offset + 16U * m->vectors - 1};
	s[1] = (struct structure){m->pba_bir, m->pba_offset,
				  m->pba_offset + (m->vectors + 63U) / 64 * 8 - 1};
}

/* Whether a byte of [first, last] of the BAR is of a structure. */
static bool has_msix(const struct structure s[2], unsigned int bar, uint64_t first, uint64_t last)
{
	for (int i = 0; i < 2; i++)
		if (s[i].bir == bar && s[i].first <= last && first <= s[i].last)
			return true;
	return false;
}

static bool is_inside(const struct plan_facts *facts, const struct structure *s)
{
	return s->bir < PCI_BARS && facts->bars[s->bir].kind != BAR_IO &&
	       s->last < facts->bars[s->bir].size;
}

static bool is_broken(const struct plan_facts *facts, const struct structure s[2])
{
	return !is_inside(facts, &s[0]) || !is_inside(facts, &s[1]) ||
	       (s[0].bir == s[1].bir && s[0].first <= s[1].last && s[1].first <= s[0].last);
}

/*
 * Whether the BAR is there for its structures: it starts with one, and ends soon; it is not all
 * that the device has, and nothing says that there is more in it. The host's pages make no
 * difference.
 */
static bool is_for_msix(const struct plan_facts *facts, const struct structure s[2],
			unsigned int bar)
{
	uint64_t size = facts->bars[bar].size, all = 0, limit = BLOCK;

	for (int i = 0; i < PCI_BARS; i++)
		all += facts->bars[i].size;
	while (has_msix(s, bar, limit, UINT64_MAX))
		limit *= 2;
	return has_msix(s, bar, 0, 0) && size <= limit && size < all &&
	       !(facts->registers & 1 << bar);
}

/* Block by block through the pages of structure `i`. */
static bool page_is_shared(const struct plan_facts *facts, const struct structure s[2], int i)
{
	uint64_t first = s[i].first / facts->page_size * facts->page_size;
	uint64_t size = facts->bars[s[i].bir].size;

	for (uint64_t at = first; at < size && (at <= s[i].last || at % facts->page_size);
	     at += BLOCK)
		if (!has_msix(s, s[i].bir, at, at + BLOCK - 1))
			return true;
	return false;
}

static enum choice_cause expected_cause(const struct plan_facts *facts, int target, bool share_bar)
{
	struct structure s[2];
	bool page = false, bar = false;

	structures_of(facts, s);
	if (is_broken(facts, s))
		return CHOICE_BROKEN;
	for (int i = 0; i < 2; i++) {
		bool own = is_for_msix(facts, s, s[i].bir);

		bar |= !own;
		page |= !own && page_is_shared(facts, s, i);
	}
	if (page)
		return CHOICE_SHARED_PAGE;
	if (!has_msix(s, s[0].bir, s[0].first / BLOCK * BLOCK, s[0].first / BLOCK * BLOCK))
		return CHOICE_SHARED_BLOCK;
	if (share_bar && bar)
		return CHOICE_SHARED_BAR;
	return target == PLAN_ANY ? CHOICE_ASKED : CHOICE_NO_GAIN;
}

static void check_choice(const struct plan_facts *facts, const struct option *options, int target,
			 bool share_bar)
{
	enum choice_cause cause = expected_cause(facts, target, share_bar);
	int best = unbeaten(options);
	struct choice c;

	choice_make(facts, target, share_bar, &c);
	cases++;
	causes[cause]++;
	for (int t = 0; t < PCI_BARS; t++)
		if (!verdict_is_true(options, t, best, c.targets[t].verdict) ||
		    c.targets[t].additional != (options[t].legal ? options[t].additional : 0))
			fail_msg("bar%d, best is bar%d: %s", t, best, choice_why_not(&c, t));
	if (c.cause != cause)
		fail_msg("cause: %s, not: %s", choice_cause_text(c.cause),
			 choice_cause_text(cause));
	assert_int_equal(c.target, cause == CHOICE_NO_GAIN ? PLAN_OFF : best);
	if (c.target == PLAN_OFF)
		return;
	/* what no user may ever see, whatever the criteria are */
	for (int t = 0; t < PCI_BARS; t++)
		if (may_be_chosen(&options[t]))
			assert_true(options[t].new_bar <= options[best].new_bar &&
				    (options[t].additional >= options[best].additional ||
				     (options[t].resizable && !options[best].resizable)));
}

/* One device in each of its targets, then the choices. */
static void check_device(const struct plan_facts *facts)
{
	struct option options[PCI_BARS];

	for (int t = 0; t < PCI_BARS; t++) {
		struct plan plan;

		options[t] = option_of(facts, t);
		if (options[t].legal != (plan_make(facts, t, &plan) == PLAN_OK))
			fail_msg("bar%d: legal is %d", t, options[t].legal);
		if (options[t].legal)
			layouts_check_plan(facts, &plan);
	}
	check_choice(facts, options, PLAN_AUTO, false);
	check_choice(facts, options, PLAN_AUTO, true);
	check_choice(facts, options, PLAN_ANY, false);
}

/* Puts the table where it ends with its BAR. */
static void move_to_the_end(struct plan_facts *facts)
{
	struct pci_msix *m = &facts->msix;
	uint64_t size = m->table_bir < PCI_BARS ? facts->bars[m->table_bir].size : 0;

	if (size > 16U * m->vectors)
		m->table_offset = (uint32_t)(size - 16U * m->vectors);
}

/* A device that is relocated at one page size is relocated at every larger one. */
static void check_page_sizes(struct plan_facts *facts)
{
	for (int share = 0; share < 2; share++) {
		bool relocated = false;

		for (size_t p = 0; p < COUNT(page_sizes); p++) {
			struct choice c;

			facts->page_size = page_sizes[p];
			choice_make(facts, PLAN_AUTO, share, &c);
			if (relocated && c.target == PLAN_OFF)
				fail_msg("left as it is at %ju: %s", (uintmax_t)page_sizes[p],
					 choice_why(&c));
			relocated = c.target != PLAN_OFF;
			kept += !relocated;
		}
	}
}

/* All BIRs and page sizes; places, vectors, class and resizable BARs from small sets. */
static void check_layout(const struct pci_bar *bars, unsigned int salt)
{
	static const uint16_t vectors[] = {1, 65, 300};
	static const uint32_t tables[] = {0, 0x2000, 0x10, 0xe000, 0x5200, 0x2010};
	static const uint32_t pbas[] = {0x800, 0, 0x3000, 0x2000, 0xf000, 0xd600, 0x1ff8};
	static const uint32_t classes[] = {0x010802, 0x010700, 0x020000, 0x030000, 0x038000,
					   0x050000, 0x058000, 0x060400, 0x068000, 0x120000};
	uint64_t seed = salt;
	struct plan_facts facts = {.ids = {.vendor = 0xfffe, .device = 0xfffe}};

	memcpy(facts.bars, bars, sizeof(facts.bars));
	for (int i = 0; i < PCI_BARS; i++)
		facts.room[i] = 1024 * GIB;
	for (unsigned int birs = 0; birs < 64; birs++) {
		uint64_t r = random_next(&seed);

		facts.msix = (struct pci_msix){
			.pos = 0x40,
			.vectors = vectors[r % COUNT(vectors)],
			.table_bir = birs & 7,
			.pba_bir = (uint8_t)(birs >> 3),
			.table_offset = tables[(r >> 8) % COUNT(tables)],
			.pba_offset = pbas[(r >> 16) % COUNT(pbas)],
		};
		if (r >> 32 & 1)
			move_to_the_end(&facts);
		facts.ids.class_code = classes[(r >> 41) % COUNT(classes)];
		facts.ids.vendor = r >> 24 & 3 ? 0xfffe : 0x1002;
		facts.registers = r >> 33 & 3 ? 0 : (uint8_t)(r >> 35 & 0x3f);
		facts.resizable = r >> 25 & 1 ? (uint8_t)(r >> 26 & 0x3f) : 0;
		for (size_t p = 0; p < COUNT(page_sizes); p++) {
			facts.page_size = page_sizes[p];
			check_device(&facts);
		}
		check_page_sizes(&facts);
	}
}

static void test_all_devices(void **state)
{
	for (unsigned int salt = 0; salt < 3; salt++)
		layouts_visit(salt, check_layout);
	assert_int_equal(cases, LAYOUTS * 3 * 64 * 3 * 3);
	print_message("# %u layouts of the slots, %u choices, %u left as they are\n", LAYOUTS,
		      cases, kept);
	assert_true(kept > 1000);
	for (int i = CHOICE_NO_GAIN; i <= CHOICE_ASKED; i++) {
		print_message("# %u: %s\n", causes[i], choice_cause_text((enum choice_cause)i));
		assert_true(causes[i] > 1000);
	}
}

/* A BAR of the size of its structures, in a device that has or says nothing else, and something. */
static void test_dedicated(void **state)
{
	static const struct {
		const char *what;
		struct pci_bar other; /* BAR2 */
		uint8_t registers;
		bool dedicated;
	} facts[] = {
		{"one of two BARs", {BAR_MEM64, false, MIB}, 0, true},
		{"beside ports", {BAR_IO, false, 32}, 0, true},
		{"beside one that the host lost", {BAR_UNASSIGNED, false, MIB}, 0, true},
		{"the only BAR", {.kind = BAR_EMPTY}, 0, false},
		{"registers are said to be in it", {BAR_MEM64, false, MIB}, 1, false},
		{"they are said to be in others", {BAR_MEM64, false, MIB}, 0x3e, true},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		for (size_t p = 0; p < COUNT(page_sizes); p++) {
			struct plan_facts shown = {
				.bars = {{BAR_MEM32, false, 16 * KIB}, [2] = facts[i].other},
				.msix = {0x40, 4, 0, 0, 0, 0x2000},
				.page_size = page_sizes[p],
				.ids = {.vendor = 0xfffe, .device = 0xfffe},
				.registers = facts[i].registers,
			};
			struct choice choice;
			bool dedicated;

			choice_make(&shown, PLAN_AUTO, true, &choice);
			dedicated = choice.cause == CHOICE_NO_GAIN;
			if (dedicated != facts[i].dedicated ||
			    choice_shares_page(&shown) != (!dedicated && page_sizes[p] > 4 * KIB))
				fail_msg("%s, pages of %ju: %s", facts[i].what,
					 (uintmax_t)page_sizes[p], choice_why(&choice));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_devices),
		cmocka_unit_test(test_dedicated),
	};

	return cmocka_run_group_tests_name("choice_all", tests, NULL, NULL);
}
