/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What other programs print of a device's configuration space, in the words of lspci. */
#include "desc/lspci/lspci_forms.h"

#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pci_cfg.h"
#include "desc/lspci/lspci_read.h"

#define LINE_BYTES 16

static bool all_ff(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((uint8_t)text[i] != 0xff)
			return false;
	}
	return true;
}

/* A file `config` of sysfs: no text, and of one of the sizes that it has. */
static bool is_config(const char *text, size_t len)
{
	bool utf16 = len > 1 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2));

	if (len != PCI_STD_HEADER_SIZEOF && len != PCI_CFG_SIZE && len != PCI_CFG_EXT_SIZE)
		return false;
	return all_ff(text, len) || (!utf16 && memchr(text, 0, len));
}

static void put_bytes(FILE *out, size_t offset, const uint8_t *bytes, size_t n)
{
	fprintf(out, "%02zx:", offset);
	for (size_t i = 0; i < n; i++)
		fprintf(out, " %02x", bytes[i]);
	fputc('\n', out);
}

static void put_config(FILE *out, const uint8_t *bytes, size_t len)
{
	for (size_t at = 0; at < len; at += LINE_BYTES)
		put_bytes(out, at, bytes + at, LINE_BYTES);
}

/* A dump by xxd, hexdump or od: what its lines are like. */
struct hex_form {
	unsigned int base; /* of the offsets: 16, or 8 or 10 */
	bool words;	   /* numbers of 16 bits, of a little-endian host */
	uint8_t last[LINE_BYTES];
	uint64_t next; /* the offset after the last line */
	bool repeat;   /* "*": lines like it follow */
};

/* Takes an offset of six digits or more off *w: "00000010", with or without a colon. */
static bool take_offset(struct word *w, unsigned int base, uint64_t *offset)
{
	struct word first = word_next(w);

	if (first.len && first.p[first.len - 1] == ':')
		first.len--;
	return first.len >= 6 && first.len <= 16 && word_number(first, base, offset);
}

/* Takes the 16 bytes of a line. False if it has fewer, or something else. *words: see above. */
static bool take_bytes(struct word w, uint8_t *bytes, bool *words)
{
	size_t n = 0, groups = 0, digits = 0;

	while (n < LINE_BYTES) {
		struct word group = word_next(&w), byte = {group.p, 2};
		uint64_t v;

		if (!group.len || group.len % 2 || group.len > 2 * LINE_BYTES)
			return false;
		groups++;
		digits = group.len;
		for (; byte.p < group.p + group.len && n < LINE_BYTES; byte.p += 2) {
			if (!word_number(byte, 16, &v))
				return false;
			bytes[n++] = (uint8_t)v;
		}
	}
	*words = groups == LINE_BYTES / 2 && digits == 4;
	return true;
}

static void swap_bytes(uint8_t *bytes)
{
	for (size_t i = 0; i < LINE_BYTES; i += 2) {
		uint8_t b = bytes[i];

		bytes[i] = bytes[i + 1];
		bytes[i + 1] = b;
	}
}

/* The base in which the offset of a line is a multiple of 16 that can be; 0: in none, or it is 0.
 */
static unsigned int base_of(struct word line)
{
	static const unsigned int bases[] = {16, 8, 10};
	unsigned int ret = 0;

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		struct word w = line;
		uint64_t offset;

		if (!take_offset(&w, bases[i], &offset) || !offset || offset % LINE_BYTES ||
		    offset >= PCI_CFG_EXT_SIZE)
			continue;
		/* the second line of a dump is at 16 */
		if (!ret || offset == LINE_BYTES)
			ret = bases[i];
	}
	return ret;
}

/* Finds the form by the first two lines of a dump, at 0 and further on. False if there is none. */
static bool find_hex_form(struct word rest, struct hex_form *ret)
{
	bool at_zero = false, words;
	struct word line;

	while (word_line(&rest, &line)) {
		struct word trimmed = lspci_trim(line), w = trimmed;
		uint8_t bytes[LINE_BYTES];
		uint64_t offset;
		unsigned int base;

		if (!take_offset(&w, 16, &offset) || !take_bytes(w, bytes, &words)) {
			/* "*" in place of the second line: any offset may come next */
			at_zero &= word_is(trimmed, "*");
			continue;
		}
		base = base_of(trimmed);
		if (at_zero && base) {
			/* with a colon, as of xxd, the bytes are in their order */
			*ret = (struct hex_form){.base = base,
						 .words = words && !word_count(trimmed, ':')};
			return true;
		}
		at_zero = offset == 0;
	}
	return false;
}

/* A line of such a dump. False if it is not one. */
static bool put_hex_line(FILE *out, struct hex_form *f, struct word line)
{
	struct word w = lspci_trim(line);
	uint8_t bytes[LINE_BYTES];
	uint64_t offset;
	bool words;

	if (word_is(w, "*")) {
		f->repeat = true;
		return true;
	}
	if (!take_offset(&w, f->base, &offset) || offset > PCI_CFG_EXT_SIZE)
		return false;
	for (; f->repeat && f->next < offset; f->next += LINE_BYTES)
		put_bytes(out, f->next, f->last, LINE_BYTES);
	f->repeat = false;
	if (!take_bytes(w, bytes, &words))
		return !lspci_trim(w).len; /* the end of the dump */
	if (f->words)
		swap_bytes(bytes);
	put_bytes(out, offset, bytes, LINE_BYTES);
	memcpy(f->last, bytes, LINE_BYTES);
	f->next = offset + LINE_BYTES;
	return true;
}

static void put_hex(FILE *out, struct word rest, struct hex_form *f)
{
	struct word line;

	while (word_line(&rest, &line)) {
		if (!put_hex_line(out, f, line))
			fprintf(out, "%.*s\n", (int)line.len, line.p);
	}
}

/* Prints the text in lspci's words. */
static void put_forms(FILE *out, const char *text, size_t len)
{
	struct word w = {text, len};
	struct hex_form hex;

	if (is_config(text, len))
		put_config(out, (const uint8_t *)text, len);
	else if (lspci_is_pciconf(w))
		lspci_put_pciconf(out, w);
	else if (find_hex_form(w, &hex))
		put_hex(out, w, &hex);
	else
		fwrite(text, 1, len, out);
}

/* Closes what was printed to memory. False, with nothing to free, if that was short. */
static bool finish(FILE *out, char **made, bool ok)
{
	ok = ok && !ferror(out);
	if (fclose(out) == 0 && ok)
		return true;
	free(*made);
	return false;
}

char *lspci_forms(const char *text, size_t len, size_t *ret_len)
{
	char *words = NULL, *ret = NULL;
	size_t words_len;
	FILE *out = open_memstream(&words, &words_len);
	bool ok;

	if (!out)
		return NULL;
	put_forms(out, text, len);
	if (!finish(out, &words, true))
		return NULL;
	out = open_memstream(&ret, ret_len);
	ok = out && lspci_put_kernel(out, (struct word){words, words_len});
	free(words);
	return out && finish(out, &ret, ok) ? ret : NULL;
}
