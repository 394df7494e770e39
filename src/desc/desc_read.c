/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "desc/desc.h"

#include <linux/pci_regs.h>
#include <string.h>

#include "core/le.h"
#include "desc/desc_read.h"

bool stmt_fail(struct stmt *s, const char *reason)
{
	s->reason = reason;
	return false;
}

bool stmt_word(struct stmt *s)
{
	s->word = word_next(&s->line);
	return s->word.len > 0;
}

bool stmt_number(struct stmt *s, unsigned int base, uint64_t min, uint64_t max, const char *reason,
		 uint64_t *ret)
{
	if (!stmt_word(s) || !word_number(s->word, base, ret) || *ret < min || *ret > max)
		return stmt_fail(s, reason);
	return true;
}

/* Takes a size with an optional suffix in [min, max], else fails with reason. */
static bool size_arg(struct stmt *s, uint64_t min, uint64_t max, const char *reason, uint64_t *ret)
{
	if (!stmt_word(s) || !word_size(s->word, ret) || *ret < min || *ret > max)
		return stmt_fail(s, reason);
	return true;
}

static bool st_group(struct stmt *s)
{
	uint64_t v;

	if (!stmt_number(s, 0, 0, INT32_MAX, "expected an IOMMU group number", &v))
		return false;
	s->build.d->group = (uint32_t)v;
	return true;
}

/* VVVV:DDDD into two registers of 16 bits. */
static bool id_pair(struct stmt *s, unsigned int reg)
{
	static const char reason[] = "expected ids as VVVV:DDDD";
	const char *colon;
	uint64_t vendor, device;

	if (!stmt_word(s) || !(colon = memchr(s->word.p, ':', s->word.len)))
		return stmt_fail(s, reason);

	struct word v = {s->word.p, (size_t)(colon - s->word.p)};
	struct word d = {colon + 1, s->word.len - v.len - 1};

	if (!word_number(v, 16, &vendor) || !word_number(d, 16, &device) || vendor > 0xffff ||
	    device > 0xffff)
		return stmt_fail(s, reason);
	le16_put(s->build.d->cfg + reg, (uint16_t)vendor);
	le16_put(s->build.d->cfg + reg + 2, (uint16_t)device);
	return true;
}

static bool st_id(struct stmt *s)
{
	return id_pair(s, PCI_VENDOR_ID);
}

static bool st_subsystem(struct stmt *s)
{
	return id_pair(s, PCI_SUBSYSTEM_VENDOR_ID);
}

static bool st_revision(struct stmt *s)
{
	uint64_t v;

	if (!stmt_number(s, 16, 0, 0xff, "expected a revision of two hexadecimal digits", &v))
		return false;
	s->build.d->cfg[PCI_REVISION_ID] = (uint8_t)v;
	return true;
}

static bool st_class(struct stmt *s)
{
	uint8_t *cfg = s->build.d->cfg;
	uint64_t v;

	if (!stmt_number(s, 16, 0, 0xffffff, "expected a class of six hexadecimal digits", &v))
		return false;
	if (s->word.len <= 4)
		v <<= 8;
	le32_put(cfg + PCI_CLASS_REVISION, (uint32_t)v << 8 | cfg[PCI_REVISION_ID]);
	return true;
}

static bool st_header(struct stmt *s)
{
	uint64_t v;

	if (!stmt_number(s, 16, 0, 0xff, "expected a header type of two hexadecimal digits", &v))
		return false;
	s->build.d->cfg[PCI_HEADER_TYPE] = (uint8_t)v;
	return true;
}

static bool st_command(struct stmt *s)
{
	uint64_t v;

	if (!stmt_number(s, 16, 0, 0xffff, "expected the command register in hexadecimal", &v))
		return false;
	le16_put(s->build.d->cfg + PCI_COMMAND, (uint16_t)v);
	return true;
}

static bool st_pin(struct stmt *s)
{
	uint64_t v;

	if (!stmt_number(s, 0, 0, 4, "expected an interrupt pin, 0 to 4", &v))
		return false;
	s->build.d->cfg[PCI_INTERRUPT_PIN] = (uint8_t)v;
	return true;
}

static bool st_config_size(struct stmt *s)
{
	uint64_t v;

	if (!stmt_number(s, 0, 256, 4096, "expected 256 or 4096", &v) || (v != 256 && v != 4096))
		return stmt_fail(s, "expected 256 or 4096");
	s->build.d->cfg_size = (uint16_t)v;
	return true;
}

static bool st_vf(struct stmt *s)
{
	s->build.d->vf = true;
	s->build.d->cfg[PCI_INTERRUPT_PIN] = 0;
	le16_put(s->build.d->cfg + PCI_COMMAND, 0);
	return true;
}

static bool st_no(struct stmt *s)
{
	struct desc *d = s->build.d;

	if (!stmt_word(s))
		return stmt_fail(s, "expected reset, hot-reset or msix-mappable");
	if (word_is(s->word, "reset"))
		d->no_reset = true;
	else if (word_is(s->word, "hot-reset"))
		d->no_hot_reset = true;
	else if (word_is(s->word, "msix-mappable"))
		d->msix_unmapped = true;
	else
		return stmt_fail(s, "expected reset, hot-reset or msix-mappable");
	return true;
}

static bool st_fill(struct stmt *s)
{
	if (!stmt_word(s) || !word_is(s->word, "zero"))
		return stmt_fail(s, "expected zero");
	for (unsigned int i = 0; i < PCI_BARS; i++)
		s->build.d->bars[i].zero |= s->build.d->bars[i].bar.kind != BAR_EMPTY;
	return true;
}

static bool st_rom(struct stmt *s)
{
	uint64_t v;

	if (!size_arg(s, 2048, 1 << 24, "expected a ROM size of 2K to 16M", &v) || v & (v - 1))
		return stmt_fail(s, "expected a ROM size of 2K to 16M, a power of two");
	s->build.d->rom_size = (uint32_t)v;
	if (!stmt_word(s))
		return true;
	if (!word_is(s->word, "at") ||
	    !stmt_number(s, 0, 1, UINT32_MAX, "expected a 32-bit host address", &v))
		return stmt_fail(s, "expected at and a 32-bit host address");
	s->build.d->rom_address = (uint32_t)v & PCI_ROM_ADDRESS_MASK;
	return true;
}

/* Words of two hexadecimal digits up to the end of the line, into cfg from pos on. */
static bool st_bytes(struct stmt *s)
{
	uint64_t pos, v;

	if (!stmt_number(s, 0, 0, PCI_CFG_EXT_SIZE - 1, "expected a configuration offset", &pos))
		return false;
	while (stmt_word(s)) {
		if (!word_number(s->word, 16, &v) || v > 0xff)
			return stmt_fail(s, "expected bytes of two hexadecimal digits");
		if (pos >= PCI_CFG_EXT_SIZE)
			return stmt_fail(s, "past the end of configuration space");
		s->build.d->cfg[pos++] = (uint8_t)v;
	}
	return true;
}

static bool st_writable(struct stmt *s)
{
	uint64_t pos, len;

	if (!stmt_number(s, 0, 0, PCI_CFG_EXT_SIZE - 1, "expected a configuration offset", &pos) ||
	    !stmt_number(s, 0, 1, PCI_CFG_EXT_SIZE - pos, "expected a number of bytes", &len))
		return false;
	memset(s->build.d->writable + pos, 0xff, len);
	return true;
}

static bool sparse_area(struct stmt *s, struct desc_bar *bar)
{
	static const char reason[] = "expected an area as OFFSET+SIZE";
	const char *plus = memchr(s->word.p, '+', s->word.len);

	if (!plus)
		return stmt_fail(s, reason);
	if (bar->nr_sparse == DESC_SPARSE_MAX)
		return stmt_fail(s, "too many sparse areas");

	struct desc_range *a = &bar->areas[bar->nr_sparse];
	struct word offset = {s->word.p, (size_t)(plus - s->word.p)};
	struct word size = {plus + 1, s->word.len - offset.len - 1};

	if (!word_size(offset, &a->offset) || !word_size(size, &a->size))
		return stmt_fail(s, reason);
	bar->nr_sparse++;
	bar->sparse = true;
	return true;
}

static bool bar_option(struct stmt *s, struct desc_bar *bar)
{
	if (bar->sparse && memchr(s->word.p, '+', s->word.len))
		return sparse_area(s, bar);
	if (word_is(s->word, "prefetchable"))
		bar->bar.prefetchable = bar->bar.kind != BAR_IO;
	else if (word_is(s->word, "unassigned"))
		bar->unassigned = true;
	else if (word_is(s->word, "dropped"))
		bar->dropped = true;
	else if (word_is(s->word, "nommap"))
		bar->nommap = true;
	else if (word_is(s->word, "sparse"))
		bar->sparse = true;
	else if (word_is(s->word, "zero"))
		bar->zero = true;
	else if (word_is(s->word, "at"))
		return stmt_number(s, 0, 1, UINT64_MAX, "expected a host address", &bar->address);
	else
		return stmt_fail(s, "unknown BAR option");
	return true;
}

static bool bar_kind(struct stmt *s, uint64_t slot, struct desc_bar *bar)
{
	if (!stmt_word(s))
		return stmt_fail(s, "expected io, mem32 or mem64");
	if (word_is(s->word, "io"))
		bar->bar.kind = BAR_IO;
	else if (word_is(s->word, "mem32"))
		bar->bar.kind = BAR_MEM32;
	else if (word_is(s->word, "mem64"))
		bar->bar.kind = BAR_MEM64;
	else
		return stmt_fail(s, "expected io, mem32 or mem64");
	if (bar->bar.kind == BAR_MEM64 &&
	    (slot == PCI_BARS - 1 || s->build.d->bars[slot + 1].bar.kind != BAR_EMPTY))
		return stmt_fail(s, "a 64-bit BAR needs the next slot");
	return true;
}

static bool st_bar(struct stmt *s)
{
	uint64_t slot, max;

	if (!stmt_number(s, 0, 0, PCI_BARS - 1, "expected a BAR number, 0 to 5", &slot))
		return false;

	struct desc_bar *bar = &s->build.d->bars[slot];

	if (bar->bar.kind != BAR_EMPTY)
		return stmt_fail(s, "this slot is taken");
	if (!bar_kind(s, slot, bar))
		return false;
	max = bar->bar.kind == BAR_IO	   ? 1 << 16
	      : bar->bar.kind == BAR_MEM32 ? UINT64_C(1) << 31
					   : DESC_SIZE_MAX;
	if (!size_arg(s, 0, max, "expected a size: 64K I/O, 2G 32-bit, 512G 64-bit at most",
		      &bar->bar.size))
		return false;
	while (stmt_word(s)) {
		if (!bar_option(s, bar))
			return false;
	}
	if (bar->bar.kind == BAR_MEM64)
		s->build.d->bars[slot + 1].bar.kind = BAR_UPPER;
	else if (bar->bar.kind == BAR_IO && bar->address > UINT32_MAX)
		return stmt_fail(s, "the host address of I/O ports is below 4G");
	return true;
}

static const struct stmt_def stmts[] = {
	{"group", st_group},
	{"id", st_id},
	{"subsystem", st_subsystem},
	{"revision", st_revision},
	{"class", st_class},
	{"header-type", st_header},
	{"command", st_command},
	{"interrupt-pin", st_pin},
	{"config-size", st_config_size},
	{"vf", st_vf},
	{"no", st_no},
	{"fill", st_fill},
	{"bar", st_bar},
	{"rom", st_rom},
	{"bytes", st_bytes},
	{"writable", st_writable},
	{NULL, NULL},
};

static const struct stmt_def *find(const struct stmt_def *defs, struct word name)
{
	for (; defs->name; defs++) {
		if (word_is(name, defs->name))
			return defs;
	}
	return NULL;
}

/* The end of a device's statements. */
static bool finish(struct stmt *s)
{
	const char *reason;

	if (!s->build.d)
		return true;
	reason = build_bars(s->build.d);
	if (reason)
		return stmt_fail(s, reason);
	build_writable(s->build.d);
	return true;
}

static bool st_device(struct stmt *s, struct desc *devs, size_t max, size_t *count)
{
	struct pci_bdf bdf;

	if (!stmt_word(s) || !pci_bdf_parse(s->word.p, s->word.len, &bdf))
		return stmt_fail(s, "expected a PCI address as SSSS:BB:DD.F");
	for (size_t i = 0; i < *count; i++) {
		if (pci_bdf_equal(&devs[i].bdf, &bdf))
			return stmt_fail(s, "a second device with this address");
	}
	if (*count == max)
		return stmt_fail(s, "too many devices");
	build_init(&s->build, &devs[*count]);
	s->build.d->bdf = bdf;
	s->build.d->group = (uint32_t)*count + 1;
	++*count;
	return true;
}

static bool statement(struct stmt *s, struct desc *devs, size_t max, size_t *count)
{
	static const char neither[] = "neither a description nor lspci's output, "
				      "which starts with an address such as 01:00.0";
	const struct stmt_def *def;

	if (!stmt_word(s))
		return true;
	if (word_is(s->word, "device"))
		return finish(s) && st_device(s, devs, max, count);
	def = find(stmts, s->word);
	if (!def)
		def = find(desc_cap_stmts, s->word);
	if (!def && !s->build.d)
		return stmt_fail(s, neither);
	if (!def)
		return stmt_fail(s, "unknown statement");
	if (!s->build.d)
		return stmt_fail(s, "expected device first");
	if (!def->run(s))
		return false;
	if (stmt_word(s))
		return stmt_fail(s, "nothing more expected on this line");
	return true;
}

bool desc_parse(const char *text, size_t len, struct desc *devs, size_t max, size_t *count,
		struct desc_error *err)
{
	struct word rest = word_text(text, len), line;
	struct stmt s = {.reason = NULL};

	*count = 0;
	*err = (struct desc_error){.line = 1, .column = 1};
	while (word_line(&rest, &line)) {
		const char *comment = memchr(line.p, '#', line.len);

		s.line = line;
		if (comment)
			s.line.len = (size_t)(comment - line.p);
		if (!statement(&s, devs, max, count)) {
			err->column = (uint32_t)(s.word.p - line.p) + 1;
			err->reason = s.reason;
			return false;
		}
		err->line++;
	}
	if (!finish(&s)) {
		err->reason = s.reason;
		return false;
	}
	if (!*count)
		err->reason = "no device in this text";
	return *count > 0;
}
