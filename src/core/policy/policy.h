/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user asks for: rules, as MSIXSHIM and the file that MSIXSHIM_CONFIG names hold them.
 *
 *   rules    = [rule] { (";" | newline) [rule] }      "#" starts a comment, to the end of its line
 *   rule     = [selector "="] target { "," option }   a rule without a selector is for all devices
 *   selector = [SSSS:]BB:DD.F | VVVV:DDDD[:SSSS:SSSS] | "class:" CC[CC[CC]] | "*"
 *   target   = "off" | "auto" | "any" | "bar0" ... "bar5"
 *   option   = "share=" ("page" | "bar") | "caps=" ("full" | "sparse")
 *            | "map=" ("refuse" | "compose") | "old=" ("show" | "hide") | "page=" SIZE
 *            | "vmm=" (the name of a row in vmm_rows.inc | "none")
 *
 * Blanks (space, tab, carriage return) may stand around every word, a selector being one word.
 * Hexadecimal digits and the unit of a SIZE in either case, all else as it stands here. The first
 * rule that matches wins, as a whole: options of later ones do not count. Pure; nothing is
 * allocated: results point into the text.
 *
 * What a user might ask:
 *   - Numbers in selectors are hexadecimal, without 0x. An id has four digits, a class two, four
 *     or six (from the left: class:01 is all storage). An address without a segment is in
 *     segment 0; its leading zeros may be left out, and a segment has up to eight digits.
 *   - Empty rules, and a text of nothing but them, are right. Such a text matches no device.
 *   - A "#" starts a comment also where it touches a word. A ";" in a comment belongs to it.
 *   - An option given twice in a rule is an error, even with the same value; an option that has no
 *     effect, such as any with "off", is not.
 *   - A selector given twice, or a rule after one for all devices, is right; the first wins.
 */
#ifndef MSIXSHIM_POLICY_H
#define MSIXSHIM_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/pci_bdf.h"
#include "core/pci_cfg.h"
#include "core/vmm/vmm.h"

/* What a rule asks for. */
struct policy_settings {
	int target; /* PLAN_OFF, PLAN_AUTO, PLAN_ANY or 0..5 */
	bool share_bar;
	bool caps_sparse;
	bool map_compose;
	bool old_hide;
	uint64_t page_size;	      /* plan for this one; 0: the host's */
	const struct vmm_traits *vmm; /* NULL: the program's */
	/* bit n: the n-th option, in the order of these fields, stands in the rule */
	unsigned int options_set;
};

/* A stretch of the text, not terminated. */
struct policy_span {
	const char *text;
	size_t len;
};

struct policy_rule {
	struct policy_span text;     /* all of it, without blanks around */
	struct policy_span selector; /* len 0: it has none */
	struct policy_settings settings;
};

/* Bits of policy_settings.options_set. */
#define POLICY_SET_SHARE 1U
#define POLICY_SET_CAPS	 2U
#define POLICY_SET_MAP	 4U
#define POLICY_SET_OLD	 8U
#define POLICY_SET_PAGE	 16U
#define POLICY_SET_VMM	 32U

/* Where and why rules do not parse. */
struct policy_error {
	size_t line, column; /* from 1; in bytes, of the first that does not belong there */
	struct policy_span rule;
	const char *reason;   /* static: what is wrong */
	const char *expected; /* static: what would be right there */
};

enum policy_address {
	POLICY_ADDRESS_UNKNOWN, /* it may have one */
	POLICY_ADDRESS_NONE,	/* it is known to have none: a mediated device */
	POLICY_ADDRESS_PCI,	/* policy_device.bdf */
};

/* The device that rules are matched with. */
struct policy_device {
	enum policy_address address;
	struct pci_bdf bdf;
	struct pci_ids ids;
};

enum policy_match {
	POLICY_NO_MATCH,
	POLICY_MATCH,
	POLICY_NEEDS_ADDRESS, /* a rule by address comes first, and the address is not known */
};

/* The targets in words, for a message. */
#define POLICY_TARGETS "off, auto, any, bar0, bar1, bar2, bar3, bar4 or bar5"

/* What holds where no rule matches: auto, with all options at their defaults. */
#define POLICY_DEFAULT "auto"

/* Bytes of rules that the shim takes of the variable, and of the file. */
#define POLICY_TEXT_MAX 65535

/* Whether all of `text` is rules; if not, *err says where and why. */
bool policy_check(const char *text, struct policy_error *err);

/*
 * The next rule of `text` at or after *pos (0 for the first); *pos moves past it. False at
 * the end. For a text that policy_check() accepts.
 */
bool policy_next(const char *text, size_t *pos, struct policy_rule *ret);

/*
 * The first rule of `text` that matches `dev`, or that might if its address were known: that
 * one, too, is put into *ret. For a text that policy_check() accepts.
 */
enum policy_match policy_find(const char *text, const struct policy_device *dev,
			      struct policy_rule *ret);

/*
 * Prints the error to buf as one line without a line feed, always terminated if size is not 0:
 * `where` (the name of the variable or file), the place, the rule, the reason and what would be
 * right. 512 bytes hold any of them with a `where` of 100. Of a long rule the start is quoted;
 * bytes other than printable ASCII are shown as "?". Returns buf.
 *
 *   MSIXSHIM: line 1, column 9: "class:01g8=auto": not a hexadecimal digit; a class has 2, 4 or 6
 *   of them
 */
char *policy_error_text(const struct policy_error *err, const char *where, char *buf, size_t size);

/* "off", "auto", "any", "bar0", ...: the word in a rule; "none" for what is no target. Static. */
const char *policy_target_name(int target);

/* Parses one word, "bar2": a target in a command's option. False if it is not one. */
bool policy_parse_target(const char *word, int *ret);

/*
 * Parses a page size: "4K", "16k", "2M", "65536", "0x10000"; a power of two from 4 KiB to 1 GiB.
 * False if it is none.
 */
bool policy_parse_page(const char *word, uint64_t *ret);

#endif
