/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The selector of a rule: which devices it is for. */
#include <string.h>

#include "core/policy_priv.h"
#include "core/word.h"

static const char selectors[] =
	"use an address as 0000:01:00.0, ids as 1000:0097 or 1000:0097:15d9:0808, a class as "
	"class:0108, or *";

/* A number of the selector: hexadecimal digits and what ends them. */
struct field {
	size_t digits_min, digits_max;
	uint64_t max;
	const char *reason, *expected; /* of a number that is too long, too short or too large */
};

/*
 * Takes a field and the character `end` behind it off *w; end 0 is the end of the selector.
 * A wrong character is what is at fault if there is one, else the number.
 */
static bool take_field(struct word *w, const struct field *f, char end, uint64_t *ret,
		       struct policy_fault *fault)
{
	struct word start = *w;
	size_t n = word_hex(*w, ret);

	w->p += n;
	w->len -= n;
	if (n < f->digits_min && w->len && *w->p != ':' && *w->p != '.')
		return policy_fail(fault, w->p, "not a hexadecimal digit", f->expected);
	if (n < f->digits_min)
		return policy_fail(fault, w->p, f->reason, f->expected);
	if (n > f->digits_max)
		return policy_fail(fault, start.p + f->digits_max, f->reason, f->expected);
	if (*ret > f->max)
		return policy_fail(fault, start.p, f->reason, f->expected);
	if (!end && !w->len)
		return true;
	if (!w->len)
		return policy_fail(fault, w->p, "the selector ends too early", f->expected);
	if (!end || *w->p != end)
		return policy_fail(fault, w->p, "unexpected character", f->expected);
	w->p++;
	w->len--;
	return true;
}

static const char address_form[] = "an address is [SSSS:]BB:DD.F in hexadecimal, as 0000:01:00.0";

static const struct field segment_field = {1, 8, UINT32_MAX, "not a PCI segment", address_form};
static const struct field bus_field = {1, 2, 0xff, "not a bus number, 00 to ff", address_form};
static const struct field slot_field = {1, 2, 0x1f, "not a device number, 00 to 1f", address_form};
static const struct field function_field = {1, 1, 7, "not a function number, 0 to 7", address_form};
static const struct field id_field = {
	4, 4, 0xffff, "an id has four digits",
	"ids are VVVV:DDDD or VVVV:DDDD:SSSS:SSSS, as 1000:0097, and an address ends in .F"};

static bool has_two_colons(struct word w)
{
	const char *colon = memchr(w.p, ':', w.len);

	return colon && memchr(colon + 1, ':', w.len - (size_t)(colon + 1 - w.p));
}

static bool parse_address(struct word w, struct selector *sel, struct policy_fault *fault)
{
	uint64_t segment = 0, bus, slot, function;

	if (has_two_colons(w) && !take_field(&w, &segment_field, ':', &segment, fault))
		return false;
	if (!take_field(&w, &bus_field, ':', &bus, fault) ||
	    !take_field(&w, &slot_field, '.', &slot, fault) ||
	    !take_field(&w, &function_field, 0, &function, fault))
		return false;
	sel->kind = SELECT_ADDRESS;
	sel->dev.segment = (uint32_t)segment;
	sel->dev.bus = (uint8_t)bus;
	sel->dev.slot = (uint8_t)slot;
	sel->dev.function = (uint8_t)function;
	return true;
}

static bool parse_ids(struct word w, struct selector *sel, struct policy_fault *fault)
{
	struct pci_ids *ids = &sel->dev.ids;
	uint64_t v[4] = {0};
	int n = has_two_colons(w) ? 4 : 2;

	for (int i = 0; i < n; i++)
		if (!take_field(&w, &id_field, i + 1 < n ? ':' : 0, &v[i], fault))
			return false;
	sel->kind = n == 4 ? SELECT_SUBSYSTEM : SELECT_IDS;
	ids->vendor = (uint16_t)v[0];
	ids->device = (uint16_t)v[1];
	ids->subvendor = (uint16_t)v[2];
	ids->subdevice = (uint16_t)v[3];
	return true;
}

static bool parse_class(struct word w, struct selector *sel, struct policy_fault *fault)
{
	static const char expected[] = "a class has 2, 4 or 6 hexadecimal digits, as class:0108";
	uint64_t v;
	size_t n = word_hex(w, &v);

	if (n > 6)
		return policy_fail(fault, w.p + 6, "too many digits", expected);
	if (n < w.len)
		return policy_fail(fault, w.p + n, "not a hexadecimal digit",
				   "a class has 2, 4 or 6 of them");
	if (n < 2 || n % 2)
		return policy_fail(fault, w.p + n, "a digit is missing", expected);
	sel->kind = SELECT_CLASS;
	sel->dev.ids.class_code = (uint32_t)v;
	sel->class_shift = 4 * (6 - (unsigned int)n);
	return true;
}

bool selector_parse(struct policy_span text, struct selector *ret, struct policy_fault *fault)
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
		return policy_fail(fault, w.p, "not a selector", selectors);
	return memchr(w.p, '.', w.len) ? parse_address(w, ret, fault) : parse_ids(w, ret, fault);
}

static bool equal_address(const struct policy_device *a, const struct policy_device *b)
{
	return a->segment == b->segment && a->bus == b->bus && a->slot == b->slot &&
	       a->function == b->function;
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
		if (!dev->has_address)
			return POLICY_NEEDS_ADDRESS;
		match = equal_address(&sel->dev, dev);
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
