/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BAR registers and the MSI-X capability as a guest meets them; test_cfg_caps.c has the rest. */
#include "unit.h"

#include <string.h>

#include <linux/pci_regs.h>

#include "core/cfg_view.h"
#include "core/le.h"

static const struct device mem32 = {
	.bars = {{BAR_MEM32, false, 64 * KIB}, {BAR_IO, false, 256}, {BAR_MEM32, true, GIB}},
	.msix = {0x50, 64, 0, 0, 0x2000, 0x3000},
};

static const struct device mem64_2g = {
	.bars = {[2] = {BAR_MEM64, true, 2 * GIB}, {.kind = BAR_UPPER}},
	.msix = {0x40, 2048, 2, 2, 0x8000, 0x10000},
};

/* Targets, and what a guest must find: where the register is, its size and type bits. */
static const struct target {
	const struct device *device;
	uint64_t page_size;
	int target;
	uint16_t reg;
	bool wide; /* two registers */
	uint64_t size;
	uint8_t flags;
	uint32_t table, pba; /* dwords of the capability */
} targets[] = {
	{&sas3008, 64 * KIB, 0, 0x10, false, 64 * KIB, 0x8, 0x0, 0x600},
	{&sas3008, 64 * KIB, 1, 0x14, true, 128 * KIB, 0x4, 0x10001, 0x10601},
	{&sas3008, 4 * KIB, 3, 0x1c, true, 512 * KIB, 0x4, 0x40003, 0x40603},
	{&sas3008, 64 * KIB, 5, 0x24, false, 64 * KIB, 0x8, 0x5, 0x605},
	{&nvme, 4 * KIB, 0, 0x10, true, 32 * KIB, 0x4, 0x4000, 0x4880},
	{&nvme, 4 * KIB, 2, 0x18, true, 4 * KIB, 0xc, 0x2, 0x882},
	{&nvme, 16 * KIB, 3, 0x1c, true, 16 * KIB, 0xc, 0x3, 0x883},
	{&nvme, 64 * KIB, 4, 0x20, true, 64 * KIB, 0xc, 0x4, 0x884},
	{&nvme, 4 * KIB, 5, 0x24, false, 4 * KIB, 0x8, 0x5, 0x885},
	{&sm2262, 4 * KIB, 2, 0x18, true, 4 * KIB, 0xc, 0x2, 0x162},
	{&coral, 4 * KIB, 2, 0x18, true, 2 * MIB, 0xc, 0x100002, 0x100802},
	{&mem32, 4 * KIB, 0, 0x10, false, 128 * KIB, 0x0, 0x10000, 0x10400},
	{&mem32, 4 * KIB, 2, 0x18, false, 2 * GIB, 0x8, 0x40000002, 0x40000402},
	{&mem64_2g, 4 * KIB, 2, 0x18, true, 4 * GIB, 0xc, 0x80000002, 0x80008002},
};

static unsigned int reg_len(const struct target *t)
{
	return t->wide ? 8 : 4;
}

/* A device as vfio-pci shows its configuration space, and the view of that. */
struct machine {
	const struct device *device;
	uint8_t cfg[PCI_CFG_EXT_SIZE];
	struct plan plan;
	struct cfg_view view;
};

static void machine_start(struct machine *m, const struct target *t)
{
	m->device = t->device;
	config_fill(m->cfg, t->device);
	m->plan = device_plan(t->device, t->page_size, t->target);
	cfg_view_init(&m->view, &m->plan, m->cfg, sizeof(m->cfg));
}

/* vfio_bar_fixup(): address bits below the size read 0, type bits are the resource's. */
static void kernel_fold_bars(struct machine *m)
{
	for (int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &m->device->bars[i];
		uint8_t *reg = m->cfg + PCI_BASE_ADDRESS_0 + 4 * i;

		if (bar->kind == BAR_EMPTY)
			le32_put(reg, 0);
		else if (bar->kind == BAR_MEM64)
			le64_put(reg, (le64_get(reg) & ~(bar->size - 1)) | pci_bar_flags(bar));
		else if (bar->kind != BAR_UPPER)
			le32_put(reg, (le32_get(reg) & (uint32_t) ~(bar->size - 1)) |
					      pci_bar_flags(bar));
	}
}

static void guest_read(struct machine *m, uint64_t pos, uint8_t *buf, uint64_t len)
{
	kernel_fold_bars(m);
	memcpy(buf, m->cfg + pos, len);
	cfg_view_read(&m->view, pos, buf, len);
}

/* The kernel drops what goes to the MSI-X capability; the header's type can't be written. */
static void guest_write(struct machine *m, uint64_t pos, const uint8_t *buf, uint64_t len)
{
	for (uint64_t at = pos; at < pos + len; at++)
		if (at >= PCI_BASE_ADDRESS_0 && at < PCI_CARDBUS_CIS)
			m->cfg[at] = buf[at - pos];
	assert_false(cfg_view_write(&m->view, pos, buf, len));
}

static uint64_t guest_read_reg(struct machine *m, const struct target *t, unsigned int piece)
{
	uint8_t bytes[8] = {0};

	for (unsigned int at = 0; at < reg_len(t); at += piece)
		guest_read(m, t->reg + at, bytes + at, piece);
	return le64_get(bytes);
}

static void guest_write_reg(struct machine *m, const struct target *t, unsigned int piece,
			    uint64_t value)
{
	uint8_t bytes[8] = {0};

	le64_put(bytes, value);
	for (unsigned int at = 0; at < reg_len(t); at += piece)
		guest_write(m, t->reg + at, bytes + at, piece);
}

/* What the register reads as when `raw` was written to it. */
static uint64_t register_value(const struct target *t, uint64_t raw)
{
	uint64_t value = (raw & ~(t->size - 1)) | t->flags;

	return t->wide ? value : (uint32_t)value;
}

/* trap V9 */
static void test_first_read(void **state)
{
	for (const struct target *t = targets; t < targets + COUNT(targets); t++) {
		struct machine m;

		machine_start(&m, t);

		uint64_t host = m.plan.new_bar ? 0 : le64_get(m.cfg + t->reg);

		assert_int_equal(guest_read_reg(&m, t, reg_len(t)), register_value(t, host));
	}
}

/* Ones written and sizes read in pieces of every width, the last piece first too. (trap V9) */
static void test_sizing(void **state)
{
	uint32_t cases = 0;

	for (const struct target *t = targets; t < targets + COUNT(targets); t++) {
		for (unsigned int w = 1; w <= reg_len(t); w *= 2) {
			for (unsigned int r = 1; r <= reg_len(t); r *= 2, cases++) {
				struct machine m;
				uint8_t ones[8];

				machine_start(&m, t);
				memset(ones, 0xff, sizeof(ones));
				for (unsigned int at = reg_len(t); at > 0; at -= w)
					guest_write(&m, t->reg + at - w, ones, w);
				assert_int_equal(guest_read_reg(&m, t, r),
						 register_value(t, UINT64_MAX));
				guest_write_reg(&m, t, w, 0);
				assert_int_equal(guest_read_reg(&m, t, r), t->flags);
			}
		}
	}
	print_message("# %u combinations of widths\n", cases);
}

/*
 * All six registers in one write, as kvmtool writes them; the others answer as the kernel says.
 * (trap V8)
 */
static void test_all_registers_at_once(void **state)
{
	for (const struct target *t = targets; t < targets + COUNT(targets); t++) {
		uint8_t buf[PCI_CFG_SIZE], want[PCI_CFG_SIZE];
		struct machine m;

		machine_start(&m, t);
		memset(buf, 0xff, sizeof(buf));
		guest_write(&m, 0, buf, sizeof(buf));
		guest_read(&m, 0, buf, sizeof(buf));
		memcpy(want, m.cfg, sizeof(want));
		if (t->wide)
			le64_put(want + t->reg, register_value(t, UINT64_MAX));
		else
			le32_put(want + t->reg, (uint32_t)register_value(t, UINT64_MAX));
		assert_memory_equal(buf + PCI_BASE_ADDRESS_0, want + PCI_BASE_ADDRESS_0, 24);
	}
}

/* Writes of every width at every place; the register is a string of bytes, masked when read. */
static void test_register_against_model(void **state)
{
	uint64_t seed = 4;

	for (const struct target *t = targets; t < targets + COUNT(targets); t++) {
		uint8_t model[8];
		struct machine m;

		machine_start(&m, t);
		guest_write_reg(&m, t, 4, 0);
		memset(model, 0, sizeof(model));
		for (int i = 0; i < 3000; i++) {
			uint64_t pos = t->reg - 8 + random_next(&seed) % 17;
			uint64_t len = random_next(&seed) % 17;
			uint8_t buf[16];

			le64_put(buf, random_next(&seed));
			le64_put(buf + 8, random_next(&seed));
			guest_write(&m, pos, buf, len);
			for (uint64_t k = 0; k < reg_len(t); k++)
				if (t->reg + k >= pos && t->reg + k < pos + len)
					model[k] = buf[t->reg + k - pos];
			assert_int_equal(guest_read_reg(&m, t, 1U << i % 3),
					 register_value(t, le64_get(model)));
		}
	}
}

/* Whatever is written to the lowest byte, the type bits that are read are the plan's. (trap V9) */
static void test_type_bits(void **state)
{
	for (const struct target *t = targets; t < targets + COUNT(targets); t++) {
		struct machine m;

		machine_start(&m, t);
		for (unsigned int value = 0; value < 256; value++) {
			for (unsigned int w = 1; w <= reg_len(t); w *= 2) {
				guest_write_reg(&m, t, w, value * UINT64_C(0x0101010101010101));
				assert_int_equal(guest_read_reg(&m, t, 1) & 0xf, t->flags);
			}
		}
	}
}

/* Each half of a pair is written and answers alone. (trap V9) */
static void test_upper_half(void **state)
{
	for (const struct target *t = targets; t < targets + COUNT(targets); t++) {
		static const uint8_t upper[] = {0x78, 0x56, 0x34, 0x12};
		struct machine m;
		uint8_t got[4];

		if (!t->wide)
			continue;
		machine_start(&m, t);
		guest_write_reg(&m, t, 8, 0);
		guest_write(&m, t->reg + 4, upper, sizeof(upper));
		guest_read(&m, t->reg + 4, got, sizeof(got));
		assert_memory_equal(got, upper, sizeof(got));
		guest_read(&m, t->reg, got, sizeof(got));
		assert_int_equal(le32_get(got), t->flags);
		assert_int_equal(guest_read_reg(&m, t, 8), UINT64_C(0x12345678) << 32 | t->flags);
	}
}

/* A capability whose control register says `hardware`, in a plan with N vectors. (trap K2) */
static void test_msix_capability(void **state)
{
	static const uint16_t controls[] = {
		0x0000, 0x8000, 0x4000, 0xc000, /* Enable and Function Mask */
		0x3800, 0xf800,			/* reserved bits */
		0x0007, 0xc7ff,			/* a Table Size that changed over a reset */
	};

	for (const struct target *t = targets; t < targets + COUNT(targets); t++) {
		struct machine m;
		uint16_t pos = t->device->msix.pos;

		machine_start(&m, t);
		for (size_t i = 0; i < COUNT(controls); i++) {
			uint8_t got[12];

			le16_put(m.cfg + pos + PCI_MSIX_FLAGS, controls[i]);
			guest_read(&m, pos, got, sizeof(got));
			assert_memory_equal(got, m.cfg + pos, 2);
			assert_int_equal(le16_get(got + PCI_MSIX_FLAGS),
					 (controls[i] & 0xf800) | (t->device->msix.vectors - 1));
			assert_int_equal(le32_get(got + PCI_MSIX_TABLE), t->table);
			assert_int_equal(le32_get(got + PCI_MSIX_PBA), t->pba);
		}
	}
}

static bool is_virtual(const struct target *t, uint64_t at)
{
	uint64_t msix = t->device->msix.pos;

	return (at >= t->reg && at < t->reg + reg_len(t)) ||
	       (at >= msix + PCI_MSIX_FLAGS && at < msix + PCI_CAP_MSIX_SIZEOF);
}

/*
 * One read of everything is the reference; bytes outside the plan's are the kernel's. (trap K16,
 * trap V8)
 */
static void test_any_width(void **state)
{
	uint32_t cases = 0;

	for (const struct target *t = targets; t < targets + COUNT(targets); t++) {
		uint8_t whole[PCI_CFG_EXT_SIZE];
		struct machine m;

		machine_start(&m, t);
		guest_write_reg(&m, t, 4, UINT64_C(0x123456789abcdef0));
		guest_read(&m, 0, whole, sizeof(whole));
		for (uint64_t at = 0; at < sizeof(whole); at++)
			assert_true(whole[at] == m.cfg[at] || is_virtual(t, at));
		for (uint64_t pos = 0; pos <= 300; pos++) {
			for (uint64_t len = 0; len <= 16; len++, cases++) {
				uint8_t buf[18];

				memset(buf, 0x77, sizeof(buf));
				guest_read(&m, pos, buf + 1, len);
				assert_memory_equal(buf + 1, whole + pos, len);
				assert_true(buf[0] == 0x77 && buf[len + 1] == 0x77);
			}
		}
	}
	print_message("# %u reads\n", cases);
}

/* Where nothing is said to be edited or noted nothing is: no byte of it is virtual. */
static void test_what_concerns(void **state)
{
	for (const struct target *t = targets; t < targets + COUNT(targets); t++) {
		struct machine m;

		machine_start(&m, t);
		for (uint64_t pos = 0; pos <= 300; pos++) {
			for (uint64_t len = 1; len <= 16; len++) {
				bool any = false, reg = false;

				for (uint64_t at = pos; at < pos + len; at++) {
					any |= is_virtual(t, at);
					reg |= at >= t->reg && at < t->reg + reg_len(t);
				}
				assert_int_equal(cfg_view_edits(&m.view, pos, len), any);
				assert_int_equal(cfg_view_notes(&m.view, pos, len),
						 reg && m.plan.new_bar);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_read),
		cmocka_unit_test(test_sizing),
		cmocka_unit_test(test_all_registers_at_once),
		cmocka_unit_test(test_register_against_model),
		cmocka_unit_test(test_type_bits),
		cmocka_unit_test(test_upper_half),
		cmocka_unit_test(test_msix_capability),
		cmocka_unit_test(test_any_width),
		cmocka_unit_test(test_what_concerns),
	};

	return cmocka_run_group_tests_name("cfg_view", tests, NULL, NULL);
}
