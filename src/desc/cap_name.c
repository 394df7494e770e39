/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "desc/cap_name.h"

#include <linux/pci_regs.h>
#include <stddef.h>

/* The longer of two names that start alike comes first. */
static const struct cap_name caps[] = {
	{"Power Management", PCI_CAP_ID_PM, PCI_PM_SIZEOF},
	{"Vital Product Data", PCI_CAP_ID_VPD, PCI_CAP_VPD_SIZEOF},
	{"MSI-X", PCI_CAP_ID_MSIX, PCI_CAP_MSIX_SIZEOF},
	{"MSI", PCI_CAP_ID_MSI, 10},
	{"Express", PCI_CAP_ID_EXP, PCI_CAP_EXP_ENDPOINT_SIZEOF_V2},
	{"Vendor Specific Information", PCI_CAP_ID_VNDR, 3},
	{"PCI Advanced Features", PCI_CAP_ID_AF, PCI_CAP_AF_SIZEOF},
	{"SATA HBA", PCI_CAP_ID_SATA, 8},
	{"PCI-X", PCI_CAP_ID_PCIX, 8},
	{"HyperTransport", PCI_CAP_ID_HT, 4},
	{"Subsystem", PCI_CAP_ID_SSVID, 8},
	{"Enhanced Allocation", PCI_CAP_ID_EA, 4},
	{"Message Signalled Interrupts", PCI_CAP_ID_MSI, 10}, /* before lspci 3.1 */
};

static const struct cap_name ext_caps[] = {
	{"Advanced Error Reporting", PCI_EXT_CAP_ID_ERR, 4},
	{"Virtual Channel", PCI_EXT_CAP_ID_VC, 16},
	{"Device Serial Number", PCI_EXT_CAP_ID_DSN, 12},
	{"Power Budgeting", PCI_EXT_CAP_ID_PWR, 16},
	{"Vendor Specific Information", PCI_EXT_CAP_ID_VNDR, 8},
	{"Access Control Services", PCI_EXT_CAP_ID_ACS, 8},
	{"Alternative Routing-ID", PCI_EXT_CAP_ID_ARI, 8},
	{"Address Translation Service", PCI_EXT_CAP_ID_ATS, 8},
	{"Single Root I/O Virtualization", PCI_EXT_CAP_ID_SRIOV, 64},
	{"Page Request Interface", PCI_EXT_CAP_ID_PRI, 16},
	{"Physical Resizable BAR", PCI_EXT_CAP_ID_REBAR, 12},
	{"Dynamic Power Allocation", PCI_EXT_CAP_ID_DPA, 16},
	{"Transaction Processing Hints", PCI_EXT_CAP_ID_TPH, 12},
	{"Latency Tolerance Reporting", PCI_EXT_CAP_ID_LTR, 8},
	{"Secondary PCI Express", PCI_EXT_CAP_ID_SECPCI, 12},
	{"Process Address Space ID", PCI_EXT_CAP_ID_PASID, 8},
	{"L1 PM Substates", PCI_EXT_CAP_ID_L1SS, 16},
	{"Precision Time Measurement", PCI_EXT_CAP_ID_PTM, 12},
	{"Designated Vendor-Specific", PCI_EXT_CAP_ID_DVSEC, 12},
	{"Data Link Feature", PCI_EXT_CAP_ID_DLF, 12},
	{"Physical Layer 16.0 GT/s", PCI_EXT_CAP_ID_PL_16GT, 16},
};

/* Entry number i, NULL after the last one. */
static const struct cap_name *at(unsigned int i, bool extended)
{
	if (extended)
		return i < sizeof(ext_caps) / sizeof(ext_caps[0]) ? &ext_caps[i] : NULL;
	return i < sizeof(caps) / sizeof(caps[0]) ? &caps[i] : NULL;
}

const struct cap_name *cap_name_find(uint16_t id, bool extended)
{
	const struct cap_name *c;

	for (unsigned int i = 0; (c = at(i, extended)); i++) {
		if (c->id == id)
			return c;
	}
	return NULL;
}

const struct cap_name *cap_name_parse(struct word text, bool extended)
{
	const struct cap_name *c;

	for (unsigned int i = 0; (c = at(i, extended)); i++) {
		if (word_starts(text, c->name))
			return c;
	}
	return NULL;
}
