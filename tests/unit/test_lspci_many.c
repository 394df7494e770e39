/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thousands of devices in an lspci text, in any order: what is read of them, and with how much
 * work. The linker puts functions of this file in the place of some that the reader calls (--wrap).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/le.h"
#include "core/text/word.h"
#include "desc/lspci/lspci.h"
#include "unit.h"

#define DEVICES 3000
#define NOTES	16384 /* more than these */

static struct {
	size_t lines, compared;
} work;

/* How many allocations still succeed; SIZE_MAX: all. */
static size_t allocations = SIZE_MAX;

bool __real_word_line(struct word *rest, struct word *line);
int __real_pci_bdf_compare(const struct pci_bdf *a, const struct pci_bdf *b);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
bool __wrap_word_line(struct word *rest, struct word *line);
int __wrap_pci_bdf_compare(const struct pci_bdf *a, const struct pci_bdf *b);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

bool __wrap_word_line(struct word *rest, struct word *line)
{
	bool more = __real_word_line(rest, line);

	work.lines += more;
	return more;
}

int __wrap_pci_bdf_compare(const struct pci_bdf *a, const struct pci_bdf *b)
{
	work.compared++;
	return __real_pci_bdf_compare(a, b);
}

static bool may_allocate(void)
{
	if (allocations == SIZE_MAX)
		return true;
	if (!allocations)
		return false;
	allocations--;
	return true;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return may_allocate() ? __real_calloc(n, size) : NULL;
}

void *__wrap_realloc(void *p, size_t size)
{
	return may_allocate() ? __real_realloc(p, size) : NULL;
}

/* Device i at the address that only it has. */
static void print_address(FILE *out, size_t i)
{
	fprintf(out, "%04zx:%02zx:%02zx.%zx ", i >> 12, i >> 8 & 15, i >> 3 & 31, i & 7);
}

/*
 * Two runs of lspci over all devices: device (i * step) % DEVICES is the i-th one of a run; step 1
 * is lspci's own order. Every third one tells of its IOMMU group, twice its number.
 */
static char *make_text(size_t step, size_t *len, size_t *lines)
{
	char *text;
	FILE *out = open_memstream(&text, len);

	assert_non_null(out);
	for (size_t k = 0; k < DEVICES; k++) {
		size_t i = k * step % DEVICES;

		print_address(out, i);
		fprintf(out, "NVMe [0108]: Some SSD [144d:%04zx]\n", i);
		fprintf(out, "\tRegion 0: Memory at %zx (64-bit, non-prefetchable) [size=16K]\n",
			0xa0000000 + i * 0x4000);
		if (i % 3 == 0)
			fprintf(out, "\tIOMMU group: %zu\n", 2 * i);
	}
	for (size_t k = 0; k < DEVICES; k++) {
		size_t i = k * step % DEVICES;

		print_address(out, i);
		fprintf(out, "NVMe\n\tRegion 2: I/O ports at %zx [size=16]\n", 16 * i);
	}
	assert_int_equal(fclose(out), 0);
	*lines = 4 * DEVICES + DEVICES / 3;
	return text;
}

struct result {
	struct desc *devs;
	size_t count;
	struct desc_notes notes;
	struct desc_error err;
	bool ok;
};

static struct result parse(const char *text, size_t len)
{
	struct result r = {.devs = calloc(DEVICES, sizeof(*r.devs))};

	assert_non_null(r.devs);
	work.lines = work.compared = 0;
	r.ok = desc_parse_lspci(text, len, r.devs, DEVICES, &r.count, &r.notes, &r.err);
	return r;
}

static void release(struct result *r)
{
	desc_notes_free(&r->notes);
	free(r->devs);
}

static void assert_device(const struct desc *d, size_t i)
{
	assert_int_equal(le16_get(d->cfg + 2), i);
	assert_int_equal(d->bdf.function, i & 7);
	assert_int_equal(d->bars[0].address, 0xa0000000 + i * 0x4000);
	assert_int_equal(d->bars[2].bar.kind, BAR_IO);
}

static void assert_groups(const struct result *r)
{
	static bool seen[4 * DEVICES];

	memset(seen, 0, sizeof(seen));
	for (size_t k = 0; k < r->count; k++) {
		uint32_t group = r->devs[k].group, i = le16_get(r->devs[k].cfg + 2);

		assert_true(group < COUNT(seen) && !seen[group]);
		if (i % 3 == 0)
			assert_int_equal(group, 2 * i);
		seen[group] = true;
	}
}

/* Whatever the order, each line is read four times, and addresses are compared n log n times. */
static void test_order(void **state)
{
	static const size_t steps[] = {1, DEVICES - 1, 1327};

	for (size_t n = 0; n < COUNT(steps); n++) {
		size_t len, lines;
		char *text = make_text(steps[n], &len, &lines);
		struct result r = parse(text, len);

		assert_true(r.ok);
		assert_int_equal(r.count, DEVICES);
		for (size_t k = 0; k < DEVICES; k++)
			assert_device(&r.devs[k], k * steps[n] % DEVICES);
		assert_groups(&r);
		/* and the first one, a head, once more */
		assert_int_equal(work.lines, 7 * lines + 1);
		assert_true(work.compared > 0);
		/* 2^13 is above the sections; musl's qsort() takes some more than n log n */
		assert_true(work.compared < 4 * DEVICES * 2 * 13);
		release(&r);
		free(text);
	}
}

/* Lines without a head before the first one that has one: no line is read once more for each. */
static void test_above(void **state)
{
	char *text;
	size_t len;
	struct result r;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	for (size_t i = 0; i < DEVICES; i++)
		fprintf(out, "\tRegion 0: Memory at %zx (32-bit, non-prefetchable) [size=16K]\n",
			0xa0000000 + i * 0x4000);
	fputs("01:00.0 NVMe [0108]: Some SSD [144d:a824]\n", out);
	assert_int_equal(fclose(out), 0);
	r = parse(text, len);
	assert_true(r.ok);
	assert_int_equal(r.count, 1);
	assert_int_equal(r.devs[0].bars[0].bar.kind, BAR_EMPTY);
	assert_true(work.lines < 9 * (DEVICES + 1));
	release(&r);
	free(text);
}

/* A bridge takes its own notes along, however many there are before it. */
static void test_notes(void **state)
{
	static const char bridge[] = "ff:1f.7 PCI bridge [0604]: Device [1b36:000c]\n"
				     "\tMemory at 80000000 (32-bit, non-prefetchable)\n"
				     "\tBus: primary=00, secondary=01, subordinate=01\n"
				     "\tCapabilities: <access denied>\n";
	struct result before, after;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	for (size_t i = 0; i < DEVICES / 2; i++) {
		print_address(out, i);
		fputs("Class: x\n", out);
		for (size_t k = 0; k < PCI_BARS; k++)
			fprintf(out, "\tMemory at %zx (32-bit, non-prefetchable)\n",
				0x80000000 + k * 0x100000);
	}
	fflush(out);
	before = parse(text, len);
	fputs(bridge, out);
	fclose(out);
	after = parse(text, len);
	assert_true(before.ok && after.ok);
	assert_true(before.notes.count > NOTES);
	assert_int_equal(after.count, before.count);
	assert_int_equal(after.notes.count, before.notes.count);
	for (size_t i = 0; i < after.notes.count; i++)
		assert_true(after.notes.list[i].device < after.count);
	release(&before);
	release(&after);
	free(text);
}

/* Whichever allocation fails: an error that is not of a place in the text. */
static void test_memory(void **state)
{
	static const char text[] = "02:00.0 NVMe [0108]: Some SSD [144d:a824]\n"
				   "01:00.0 NVMe [0108]: Some SSD [144d:a824]\n";
	size_t failed = 0;

	for (;; failed++) {
		struct desc devs[2];
		struct desc_notes notes;
		struct desc_error err;
		size_t count;
		bool ok;

		allocations = failed;
		ok = desc_parse_lspci(text, sizeof(text) - 1, devs, 2, &count, &notes, &err);
		allocations = SIZE_MAX;
		desc_notes_free(&notes);
		if (ok)
			break;
		assert_int_equal(err.line, 0);
		assert_string_equal(err.reason, "out of memory");
	}
	/* heads; plain text; lines, which of them are gone, the whole ones; sections, their order,
	   notes, groups */
	assert_int_equal(failed, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_above),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
