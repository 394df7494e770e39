/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of known devices, and what is said of them.
 */
#include "core/known/known.h"

#include "core/plan.h"

#define ALL 0xffff

static const char sm2262_problem[] =
	"the number of vectors changes over a reset, and with 22 the table runs into the PBA";
static const char bug_202055[] = "https://bugzilla.kernel.org/show_bug.cgi?id=202055";
static const char qemu_early_setup[] = "QEMU hw/vfio/pci.c, vfio_msix_early_setup()";

#define KNOWN(vendor, device, mask, name, problem, changes, works, fails, why, driver, source)     \
	{vendor, device, mask, problem, changes, works, fails, why},
static const struct known_device table[] = {
#include "core/known/known_rows.inc"
};
#undef KNOWN

#define KNOWN(vendor, device, mask, name, problem, changes, works, fails, why, driver, source)     \
	{name, driver, source},
static const struct known_words words[] = {
#include "core/known/known_rows.inc"
};
#undef KNOWN

const struct known_device *known_at(size_t i)
{
	return i < sizeof(table) / sizeof(table[0]) ? &table[i] : NULL;
}

const struct known_words *known_words(const struct known_device *known)
{
	return &words[known - table];
}

const struct known_device *known_find(const struct pci_ids *ids)
{
	const struct known_device *known;

	for (size_t i = 0; (known = known_at(i)); i++)
		if (known->vendor == ids->vendor && known->device == (ids->device & known->mask))
			return known;
	return NULL;
}
