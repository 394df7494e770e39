/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of configuration space is virtual and what can be written: the tables that
 * vfio_pci_init_perm_bits() and vfio_config_init() build in vfio_pci_config.c.
 */
#include "fake/pci/config/cfg_perm.h"

#include <linux/pci_regs.h>
#include <string.h>

#include "core/le.h"
#include "core/pci_cfg.h"
#include "fake/pci/dev.h"

#define ALL_VIRT  0xffffffffU
#define ALL_WRITE 0xffffffffU
#define VARIABLE  0xff /* the length is in the capability */

static void perm_b(struct fake_dev *d, unsigned int pos, uint32_t virt, uint32_t write)
{
	d->virt[pos] = (uint8_t)virt;
	d->write[pos] = (uint8_t)write;
}

static void perm_w(struct fake_dev *d, unsigned int pos, uint32_t virt, uint32_t write)
{
	le16_put(d->virt + pos, (uint16_t)virt);
	le16_put(d->write + pos, (uint16_t)write);
}

static void perm_d(struct fake_dev *d, unsigned int pos, uint32_t virt, uint32_t write)
{
	le32_put(d->virt + pos, virt);
	le32_put(d->write + pos, write);
}

/* init_pci_cap_basic_perm() */
static void perm_header(struct fake_dev *d)
{
	memset(d->write, 0, PCI_STD_HEADER_SIZEOF);
	perm_d(d, PCI_VENDOR_ID, ALL_VIRT, 0);
	perm_w(d, PCI_COMMAND, PCI_COMMAND_INTX_DISABLE, ALL_WRITE);
	perm_w(d, PCI_STATUS, PCI_STATUS_CAP_LIST, 0);
	perm_b(d, PCI_CACHE_LINE_SIZE, 0, ALL_WRITE);
	perm_b(d, PCI_LATENCY_TIMER, 0, ALL_WRITE);
	perm_b(d, PCI_BIST, 0, ALL_WRITE);
	for (unsigned int i = 0; i < PCI_BARS; i++)
		perm_d(d, PCI_BASE_ADDRESS_0 + 4 * i, ALL_VIRT, ALL_WRITE);
	perm_d(d, PCI_ROM_ADDRESS, ALL_VIRT, ALL_WRITE);
	perm_b(d, PCI_CAPABILITY_LIST, ALL_VIRT, 0);
	perm_b(d, PCI_INTERRUPT_LINE, ALL_VIRT, ALL_WRITE);
	perm_b(d, PCI_INTERRUPT_PIN, ALL_VIRT, 0);
}

static void perm_msi(struct fake_dev *d, unsigned int pos, unsigned int len)
{
	bool wide = d->hw[pos + PCI_MSI_FLAGS] & PCI_MSI_FLAGS_64BIT;
	unsigned int end = (wide ? PCI_MSI_DATA_64 : PCI_MSI_DATA_32) + 2;

	perm_b(d, pos + PCI_MSI_FLAGS, ALL_VIRT, ALL_WRITE);
	for (unsigned int i = PCI_MSI_ADDRESS_LO; i < end; i++)
		perm_b(d, pos + i, ALL_VIRT, ALL_WRITE);
	/* Mask and pending bits are hardware's. */
	for (unsigned int i = end + 2; i < len; i++)
		perm_b(d, pos + i, 0, ALL_WRITE);
}

static void perm_cap(struct fake_dev *d, uint8_t id, unsigned int pos, unsigned int len)
{
	switch (id) {
	case PCI_CAP_ID_PM:
		d->virt[pos] = 0;
		perm_w(d, pos + PCI_PM_PMC, PCI_PM_CAP_PME_MASK, 0);
		perm_w(d, pos + PCI_PM_CTRL, PCI_PM_CTRL_PME_ENABLE | PCI_PM_CTRL_PME_STATUS,
		       ~(unsigned int)(PCI_PM_CTRL_PME_ENABLE | PCI_PM_CTRL_PME_STATUS |
				       PCI_PM_CTRL_STATE_MASK));
		le16_put(d->vcfg + pos + PCI_PM_PMC,
			 le16_get(d->vcfg + pos + PCI_PM_PMC) & ~PCI_PM_CAP_PME_MASK);
		le16_put(d->vcfg + pos + PCI_PM_CTRL, 0);
		break;
	case PCI_CAP_ID_VPD:
		perm_w(d, pos + PCI_VPD_ADDR, ALL_VIRT, ALL_WRITE);
		perm_d(d, pos + PCI_VPD_DATA, ALL_VIRT, ALL_WRITE);
		break;
	case PCI_CAP_ID_MSI:
		perm_msi(d, pos, len);
		break;
	case PCI_CAP_ID_PCIX:
		perm_w(d, pos + PCI_X_CMD, 0, ALL_WRITE);
		break;
	case PCI_CAP_ID_EXP:
		perm_w(d, pos + PCI_EXP_DEVCTL,
		       PCI_EXP_DEVCTL_BCR_FLR | PCI_EXP_DEVCTL_PAYLOAD | PCI_EXP_DEVCTL_READRQ,
		       ~(unsigned int)PCI_EXP_DEVCTL_PHANTOM);
		if (len > PCI_EXP_DEVCTL2)
			perm_w(d, pos + PCI_EXP_DEVCTL2, 0, ~(unsigned int)PCI_EXP_DEVCTL2_ARI);
		break;
	case PCI_CAP_ID_AF:
		perm_b(d, pos + PCI_AF_CTRL, PCI_AF_CTRL_FLR, PCI_AF_CTRL_FLR);
		break;
	case PCI_CAP_ID_VNDR:
		memset(d->write + pos, 0xff, len);
		break;
	default:
		break;
	}
}

/* pci_cap_length[]; 0 hides a capability. */
static unsigned int cap_table_len(uint8_t id)
{
	static const uint8_t lens[PCI_CAP_ID_EA + 1] = {
		[PCI_CAP_ID_PM] = PCI_PM_SIZEOF,
		[PCI_CAP_ID_AGP] = PCI_AGP_SIZEOF,
		[PCI_CAP_ID_VPD] = PCI_CAP_VPD_SIZEOF,
		[PCI_CAP_ID_MSI] = VARIABLE,
		[PCI_CAP_ID_PCIX] = VARIABLE,
		[PCI_CAP_ID_HT] = VARIABLE,
		[PCI_CAP_ID_VNDR] = VARIABLE,
		[PCI_CAP_ID_EXP] = VARIABLE,
		[PCI_CAP_ID_MSIX] = PCI_CAP_MSIX_SIZEOF,
		[PCI_CAP_ID_SATA] = VARIABLE,
		[PCI_CAP_ID_AF] = PCI_CAP_AF_SIZEOF,
	};

	return id < sizeof(lens) ? lens[id] : 0;
}

/* vfio_cap_len() */
static unsigned int cap_len(const struct fake_dev *d, unsigned int pos)
{
	const uint8_t *cap = d->hw + pos;
	unsigned int len = cap_table_len(cap[PCI_CAP_LIST_ID]);

	if (len != VARIABLE)
		return len;
	switch (cap[PCI_CAP_LIST_ID]) {
	case PCI_CAP_ID_MSI:
		len = 10;
		if (cap[PCI_MSI_FLAGS] & PCI_MSI_FLAGS_64BIT)
			len += 4;
		if (le16_get(cap + PCI_MSI_FLAGS) & PCI_MSI_FLAGS_MASKBIT)
			len += 10;
		return len;
	case PCI_CAP_ID_EXP:
		return (cap[PCI_EXP_FLAGS] & PCI_EXP_FLAGS_VERS) == 1
			       ? PCI_CAP_EXP_ENDPOINT_SIZEOF_V1
			       : PCI_CAP_EXP_ENDPOINT_SIZEOF_V2;
	case PCI_CAP_ID_VNDR:
		return cap[PCI_CAP_FLAGS];
	case PCI_CAP_ID_PCIX:
		return PCI_CAP_PCIX_SIZEOF_V0;
	case PCI_CAP_ID_HT:
		return (cap[3] & HT_3BIT_CAP_MASK) == HT_CAPTYPE_SLAVE ? HT_CAP_SIZEOF_SHORT
								       : HT_CAP_SIZEOF_LONG;
	default:
		return PCI_SATA_SIZEOF_SHORT;
	}
}

static void claim(struct fake_dev *d, unsigned int pos, unsigned int len, unsigned int end)
{
	if (len > end - pos)
		len = end - pos;
	for (unsigned int i = pos; i < pos + len; i++)
		d->cap_of[i] = (uint16_t)pos;
	memset(d->virt + pos, 0, len);
	memset(d->write + pos, 0, len);
	memcpy(d->vcfg + pos, d->hw + pos, len);
}

/* vfio_cap_init() */
static void init_caps(struct fake_dev *d)
{
	uint8_t *prev = d->vcfg + PCI_CAPABILITY_LIST;
	uint8_t pos = *prev & 0xfc;

	if (!(le16_get(d->hw + PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return;
	for (int ttl = 48; ttl && pos >= PCI_STD_HEADER_SIZEOF; ttl--) {
		unsigned int len = cap_len(d, pos);
		uint8_t next = d->hw[pos + PCI_CAP_LIST_NEXT] & 0xfc;

		*prev = pos;
		if (len && pos + len <= PCI_CFG_SIZE && !d->cap_of[pos]) {
			claim(d, pos, len, PCI_CFG_SIZE);
			perm_w(d, pos, ALL_VIRT, 0);
			perm_cap(d, d->hw[pos], pos, len);
			prev = d->vcfg + pos + PCI_CAP_LIST_NEXT;
		}
		*prev = next;
		pos = next;
	}
}

/* pci_ext_cap_length[] and vfio_ext_cap_len(); 0 hides a capability. */
static unsigned int ext_cap_len(const struct fake_dev *d, unsigned int pos)
{
	unsigned int room = PCI_CFG_EXT_SIZE - pos;
	uint8_t cap[12] = {0};

	/* The last one may end before the register that tells its length. */
	memcpy(cap, d->hw + pos, room < sizeof(cap) ? room : sizeof(cap));
	switch (PCI_EXT_CAP_ID(le32_get(cap))) {
	case PCI_EXT_CAP_ID_ERR:
		return PCI_ERR_ROOT_COMMAND;
	case PCI_EXT_CAP_ID_VC:
	case PCI_EXT_CAP_ID_VC9:
	case PCI_EXT_CAP_ID_MFVC:
		return PCI_CAP_VC_BASE_SIZEOF + (cap[PCI_VC_PORT_CAP1] & 7) * 12;
	case PCI_EXT_CAP_ID_DSN:
		return PCI_EXT_CAP_DSN_SIZEOF;
	case PCI_EXT_CAP_ID_PWR:
	case PCI_EXT_CAP_ID_PRI:
		return 16;
	case PCI_EXT_CAP_ID_VNDR:
		return le32_get(cap + PCI_VNDR_HEADER) >> 20;
	case PCI_EXT_CAP_ID_ACS:
	case PCI_EXT_CAP_ID_ARI:
	case PCI_EXT_CAP_ID_ATS:
	case PCI_EXT_CAP_ID_LTR:
		return 8;
	case PCI_EXT_CAP_ID_SRIOV:
		return PCI_EXT_CAP_SRIOV_SIZEOF;
	case PCI_EXT_CAP_ID_MCAST:
		return PCI_EXT_CAP_MCAST_ENDPOINT_SIZEOF;
	case PCI_EXT_CAP_ID_REBAR:
		return 4 + 8 * ((cap[8] >> 5) & 7);
	case PCI_EXT_CAP_ID_DPA:
		return PCI_DPA_BASE_SIZEOF + (cap[PCI_DPA_CAP] & PCI_DPA_CAP_SUBSTATE_MASK) + 1;
	case PCI_EXT_CAP_ID_TPH:
		return PCI_TPH_BASE_SIZEOF;
	case PCI_EXT_CAP_ID_DVSEC:
		return le32_get(cap + 4) >> 20;
	default:
		return 0;
	}
}

/* vfio_ecap_init(): one extended capability; returns whether it stays visible. */
static bool init_ext_cap(struct fake_dev *d, unsigned int pos, uint8_t *prev)
{
	uint32_t header = le32_get(d->hw + pos);
	unsigned int len = ext_cap_len(d, pos), id = PCI_EXT_CAP_ID(header);

	if (!len && prev) {
		le32_put(prev, (le32_get(prev) & 0xfffff) | (header & 0xffc00000));
		return false;
	}
	if (len > PCI_CFG_EXT_SIZE - pos)
		len = PCI_CFG_EXT_SIZE - pos;
	claim(d, pos, len ? len : 4, PCI_CFG_EXT_SIZE);
	if (id == PCI_EXT_CAP_ID_VNDR || id == PCI_EXT_CAP_ID_DVSEC || id == PCI_EXT_CAP_ID_ERR)
		memset(d->write + pos + 4, 0xff, len > 4 ? len - 4 : 0);
	perm_d(d, pos, ALL_VIRT, 0);
	/* A hidden first one stays as the anchor of the list. */
	if (!len)
		le32_put(d->vcfg + pos, header & 0xffc00000);
	return true;
}

static void init_ext_caps(struct fake_dev *d)
{
	unsigned int pos = PCI_CFG_SIZE;
	uint8_t *prev = NULL;

	if (d->desc.cfg_size <= PCI_CFG_SIZE)
		return;
	for (int ttl = 960; ttl && pos >= PCI_CFG_SIZE; ttl--) {
		uint32_t header = le32_get(d->hw + pos);

		if (!header || header == UINT32_MAX || d->cap_of[pos])
			return;
		if (init_ext_cap(d, pos, prev))
			prev = d->vcfg + pos;
		pos = PCI_EXT_CAP_NEXT(header);
	}
}

void cfg_perm_init(struct fake_dev *d)
{
	/* Bytes of no capability are read from the hardware and written to it. */
	memset(d->virt, 0, sizeof(d->virt));
	memset(d->write, 0xff, sizeof(d->write));
	memset(d->cap_of, 0, sizeof(d->cap_of));
	perm_header(d);
	init_caps(d);
	init_ext_caps(d);
}
