/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The selector of a rule: which devices it is for. */
#include <string.h>

#include "core/policy/policy_priv.h"
#include "core/text/word.h"

static const char selectors[] =
	"use an address as 0000:01:00.0, ids as 1000:0097 or 1000:0097:15d9:0808, a class as "
	"class:0108, or *";

static const struct word_field id_field = {
	4, 4, 0xffff, "an id has four digits",
	"ids are VVVV:DDDD or VVVV:DDDD:SSSS:SSSS, as 1000:0097, and an address ends in .F"};

static bool parse_ids(struct word w, struct selector *sel, struct word_fault *fault)
{
	struct pci_ids *ids = &sel->dev.ids;
	uint64_t v[4] = {0};
	int n = word_count(w, ':') > 1 ? 4 : 2;

	for (int i = 0; i < n; i++)
		if (!word_take_field(&w, &id_field, i + 1 < n ? ':' : 0, &v[i], fault))
			return false;
	sel->kind = n == 4 ? SELECT_SUBSYSTEM : SELECT_IDS;
	ids->vendor = (uint16_t)v[0];
	ids->device = (uint16_t)v[1];
	ids->subvendor = (uint16_t)v[2];
	ids->subdevice = (uint16_t)v[3];
	return true;
}

static bool parse_class(struct word w, struct selector *sel, struct word_fault *fault)
{
	static const char expected[] = "a class has 2, 4 or 6 hexadecimal digits, as class:0108";
	uint64_t v;
	size_t n = word_hex(w, &v);

	if (n > 6)
		return word_fail(fault, w.p + 6, "too many digits", expected);
	if (n < w.len)
		return word_fail(fault, w.p + n, "not a hexadecimal digit",
				 "a class has 2, 4 or 6 of them");
	if (n < 2 || n % 2)
		return word_fail(fault, w.p + n, "a digit is missing", expected);
	sel->kind = SELECT_CLASS;
	sel->dev.ids.class_code = (uint32_t)v;
	sel->class_shift = 4 * (6 - (unsigned int)n);
	return true;
}

bool selector_parse(struct policy_span text, struct selector *ret, struct word_fault *fault)
{
	static const char class[] = "class:";
	struct word w = {text.text, text.len};
	uint64_t digits;

	*ret = (struct selector){.kind = SELECT_ALL};
	if (!w.len || word_is(w, "*"))
		return true;
	if (word_starts(w, class))
		return parse_class((struct word){w.p + strlen(class), w.len - strlen(class)}, ret,
				   fault);
	if (!memchr(w.p, ':', w.len) || word_hex(w, &digits) == 0)
		return word_fail(fault, w.p, "not a selector", selectors);
	if (!memchr(w.p, '.', w.len))
		return parse_ids(w, ret, fault);
	ret->kind = SELECT_ADDRESS;
	return pci_bdf_read(w, &ret->dev.bdf, fault);
}

static bool equal_ids(const struct pci_ids *a, const struct pci_ids *b, bool subsystem)
{
	return a->vendor == b->vendor && a->device == b->device &&
	       (!subsystem || (a->subvendor == b->subvendor && a->subdevice == b->subdevice));
}

enum policy_match selector_match(const struct selector *sel, const struct policy_device *dev)
{
	bool match = true;

	switch (sel->kind) {
	case SELECT_ALL:
		break;
	case SELECT_ADDRESS:
		if (dev->address == POLICY_ADDRESS_UNKNOWN)
			return POLICY_NEEDS_ADDRESS;
		match = dev->address == POLICY_ADDRESS_PCI &&
			pci_bdf_equal(&sel->dev.bdf, &dev->bdf);
		break;
	case SELECT_IDS:
	case SELECT_SUBSYSTEM:
		match = equal_ids(&sel->dev.ids, &dev->ids, sel->kind == SELECT_SUBSYSTEM);
		break;
	case SELECT_CLASS:
		match = sel->dev.ids.class_code == dev->ids.class_code >> sel->class_shift;
		break;
	}
	return match ? POLICY_MATCH : POLICY_NO_MATCH;
}
