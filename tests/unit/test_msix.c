/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <string.h>

#include "core/le.h"
#include "core/msix.h"

#define TABLE_MAX ((uint64_t)MSIX_MAX_VECTORS * 16)

static uint8_t storage[MSIX_TABLE_BYTES]; /* 32 KiB: not for a stack */
static struct msix_table table = {.bytes = storage};

static void test_reset(void **state)
{
	static const uint16_t counts[] = {1, 2, 63, 64, 65, 96, 128, 136, 2047, 2048};

	for (size_t i = 0; i < COUNT(counts); i++) {
		memset(storage, 0xa5, sizeof(storage));
		msix_table_reset(&table, counts[i]);
		assert_int_equal(table.vectors, counts[i]);
		for (uint64_t v = 0; v < counts[i]; v++) {
			uint32_t entry[4];

			msix_table_read(&table, v * 16, (uint8_t *)entry, sizeof(entry));
			assert_int_equal(entry[0] | entry[1] | entry[2], 0);
			assert_int_equal(le32_get((uint8_t *)&entry[3]), 1);
		}
	}
}

/* One write of ones into a table of zeros; what a read of the first 16 bytes then gives. */
static void test_widths(void **state)
{
	static const struct {
		uint64_t offset, len;
		const char *after; /* '1' where a byte was written */
	} facts[] = {
		{0, 4, "1111000000000000"},
		{4, 4, "0000111100000000"},
		{0, 8, "1111111100000000"},
		{8, 8, "0000000011111111"},
		{4, 8, "0000111111110000"}, /* two dwords of two qwords */
		{0, 16, "1111111111111111"},
		{0, 12, "1111111111110000"},
		/* bytes and words are dropped, aligned or not */
		{0, 1, "0000000000000000"},
		{3, 1, "0000000000000000"},
		{0, 2, "0000000000000000"},
		{2, 2, "0000000000000000"},
		{0, 3, "0000000000000000"},
		{1, 3, "0000000000000000"},
		/* so is what a misaligned access has at its ends */
		{2, 4, "0000000000000000"},
		{1, 8, "0000111100000000"},
		{2, 8, "0000111100000000"},
		{3, 13, "0000111111111111"},
		{0, 15, "1111111111110000"},
		{0, 0, "0000000000000000"},
	};

	for (size_t i = 0; i < COUNT(facts); i++) {
		uint8_t ones[16], got[16];

		memset(ones, 0xff, sizeof(ones));
		memset(storage, 0, sizeof(storage));
		table.vectors = 1;
		msix_table_write(&table, facts[i].offset, ones, facts[i].len);
		msix_table_read(&table, 0, got, sizeof(got));
		for (int k = 0; k < 16; k++)
			assert_int_equal(got[k], facts[i].after[k] == '1' ? 0xff : 0);

		/* A read of that width sees the same bytes of a table of ones. */
		memset(storage, 0xff, sizeof(storage));
		memset(got, 0x77, sizeof(got));
		msix_table_read(&table, facts[i].offset, got, facts[i].len);
		for (uint64_t k = 0; k < facts[i].len; k++)
			assert_int_equal(got[k],
					 facts[i].after[facts[i].offset + k] == '1' ? 0xff : 0);
		for (uint64_t k = facts[i].len; k < sizeof(got); k++)
			assert_int_equal(got[k], 0x77);
	}
}

/* Reserved bits, low address bits and steering tags are kept, as QEMU's table keeps them. */
static void test_bits(void **state)
{
	static const uint32_t values[] = {0, 1, 3, 0xfee00003, 0xffff0001, 0xffffffff};

	msix_table_reset(&table, 2);
	for (uint64_t offset = 0; offset < 32; offset += 4) {
		for (size_t i = 0; i < COUNT(values); i++) {
			uint8_t bytes[4], got[4];

			le32_put(bytes, values[i]);
			msix_table_write(&table, offset, bytes, sizeof(bytes));
			msix_table_read(&table, offset, got, sizeof(got));
			assert_int_equal(le32_get(got), values[i]);
		}
	}
}

/* The model: a byte answers if its whole aligned dword is part of the access. */
static bool answers(uint64_t at, uint64_t offset, uint64_t len)
{
	uint64_t dword = at & ~UINT64_C(3);

	return dword >= offset && dword + 4 <= offset + len;
}

static void model_write(uint8_t *model, uint64_t offset, const uint8_t *buf, uint64_t len)
{
	for (uint64_t at = offset; at < offset + len; at++)
		if (answers(at, offset, len))
			model[at] = buf[at - offset];
}

static void check_read(const uint8_t *model, uint64_t offset, uint64_t len)
{
	uint8_t buf[64];

	msix_table_read(&table, offset, buf, len);
	for (uint64_t i = 0; i < len; i++)
		assert_int_equal(buf[i], answers(offset + i, offset, len) ? model[offset + i] : 0);
}

static void test_against_model(void **state)
{
	static uint8_t model[TABLE_MAX];
	uint64_t seed = 2;
	uint32_t accesses = 0;

	for (int round = 0; round < 40; round++) {
		uint16_t vectors = round ? (uint16_t)(random_next(&seed) % 2048 + 1) : 2048;
		uint64_t size = (uint64_t)vectors * 16;

		msix_table_reset(&table, vectors);
		memset(model, 0, sizeof(model));
		for (uint64_t v = 0; v < vectors; v++)
			model[v * 16 + 12] = 1;
		for (int i = 0; i < 4000; i++, accesses++) {
			/* often at the end, where an error would leave the table */
			uint64_t offset = random_next(&seed) % size;
			uint64_t len = random_next(&seed) % 65;
			uint64_t bytes[8];

			if (i % 4 == 0)
				offset = size - 1 - random_next(&seed) % 16;
			if (len > size - offset)
				len = size - offset;
			for (size_t k = 0; k < COUNT(bytes); k++)
				bytes[k] = random_next(&seed);
			check_read(model, offset, len);
			msix_table_write(&table, offset, (uint8_t *)bytes, len);
			model_write(model, offset, (uint8_t *)bytes, len);
			check_read(model, offset, len);
		}
		assert_memory_equal(storage, model, size);
	}
	print_message("# %u random writes, each between two reads\n", accesses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_against_model),
	};

	return cmocka_run_group_tests_name("msix", tests, NULL, NULL);
}
