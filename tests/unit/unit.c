/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <string.h>

#include <linux/pci_regs.h>

#include "core/le.h"

const uint64_t page_sizes[3] = {4 * KIB, 16 * KIB, 64 * KIB};

const struct device sas3008 = {
	.bars = {[1] = {BAR_MEM64, false, 64 * KIB},
		 {.kind = BAR_UPPER},
		 {BAR_MEM64, false, 256 * KIB},
		 {.kind = BAR_UPPER}},
	.msix = {0xc0, 96, 1, 1, 0xe000, 0xf000},
};

const struct device nvme = {
	.bars = {{BAR_MEM64, false, 16 * KIB}, {.kind = BAR_UPPER}},
	.msix = {0xb0, 136, 0, 0, 0x2000, 0x3000},
};

const struct device cd8p = {
	.bars = {{BAR_MEM64, false, 64 * KIB}, {.kind = BAR_UPPER}},
	.msix = {0xb0, 129, 0, 0, 0x5200, 0xd600},
};

const struct device sm2262 = {
	.bars = {{BAR_MEM64, false, 16 * KIB}, {.kind = BAR_UPPER}},
	.msix = {0xb0, 22, 0, 0, 0x2000, 0x2100},
};

const struct device coral = {
	.bars = {{BAR_MEM64, true, 16 * KIB},
		 {.kind = BAR_UPPER},
		 {BAR_MEM64, true, 1 * MIB},
		 {.kind = BAR_UPPER}},
	.msix = {0xd0, 128, 2, 2, 0x46800, 0x46068},
};

void check_text(const char *text)
{
	assert_non_null(text);
	assert_true(strlen(text) > 5);
	assert_null(strchr(text, '\n'));
	assert_int_not_equal(text[strlen(text) - 1], '.');
}

uint64_t random_next(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

struct plan_facts device_facts(const struct device *device, uint64_t page_size)
{
	struct plan_facts facts = {.msix = device->msix, .page_size = page_size};

	memcpy(facts.bars, device->bars, sizeof(facts.bars));
	for (int i = 0; i < PCI_BARS; i++)
		facts.room[i] = 1024 * GIB;
	return facts;
}

struct plan device_plan(const struct device *device, uint64_t page_size, int target)
{
	struct plan_facts facts = device_facts(device, page_size);
	struct plan plan;

	assert_int_equal(plan_make(&facts, target, &plan), PLAN_OK);
	return plan;
}

static void put_bars(uint8_t *cfg, const struct device *device)
{
	for (int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &device->bars[i];
		uint64_t address = bar->size ? UINT64_C(0x3fc0000000) & ~(bar->size - 1) : 0;

		if (bar->kind == BAR_UPPER)
			continue;
		le32_put(cfg + PCI_BASE_ADDRESS_0 + 4 * i, (uint32_t)address | pci_bar_flags(bar));
		if (bar->kind == BAR_MEM64)
			le32_put(cfg + PCI_BASE_ADDRESS_0 + 4 * i + 4, (uint32_t)(address >> 32));
	}
}

void config_fill(uint8_t *cfg, const struct device *device)
{
	const struct pci_msix *msix = &device->msix;

	memset(cfg, 0x5a, PCI_CFG_EXT_SIZE);
	le16_put(cfg + PCI_STATUS, 0);
	cfg[PCI_HEADER_TYPE] = PCI_HEADER_TYPE_NORMAL;
	cfg[PCI_CAPABILITY_LIST] = 0;
	put_bars(cfg, device);
	config_add_cap(cfg, (uint8_t)msix->pos, PCI_CAP_ID_MSIX);
	le16_put(cfg + msix->pos + PCI_MSIX_FLAGS, (uint16_t)(msix->vectors - 1));
	le32_put(cfg + msix->pos + PCI_MSIX_TABLE, msix->table_offset | msix->table_bir);
	le32_put(cfg + msix->pos + PCI_MSIX_PBA, msix->pba_offset | msix->pba_bir);
	le32_put(cfg + PCI_CFG_SIZE, 0);
}

void config_add_cap(uint8_t *cfg, uint8_t pos, uint8_t id)
{
	cfg[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	cfg[pos + PCI_CAP_LIST_ID] = id;
	cfg[pos + PCI_CAP_LIST_NEXT] = cfg[PCI_CAPABILITY_LIST];
	cfg[PCI_CAPABILITY_LIST] = pos;
}

void config_put_ext_cap(uint8_t *cfg, uint16_t pos, uint16_t id, uint16_t next)
{
	le32_put(cfg + pos, id | 1U << 16 | (uint32_t)next << 20);
}
