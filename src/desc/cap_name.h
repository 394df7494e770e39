/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities and their names, as lspci prints them.
 */
#ifndef MSIXSHIM_CAP_NAME_H
#define MSIXSHIM_CAP_NAME_H

#include <stdbool.h>
#include <stdint.h>

struct cap_name {
	const char *name; /* what lspci's line starts with */
	uint16_t id;
	uint16_t len; /* bytes that every such capability has, its header included */
};

/*
 * The entry for capability `id`, extended or not; NULL if it is not listed. Static.
 * Sources: <linux/pci_regs.h>; ls-caps.c and ls-ecaps.c of pciutils.
 */
const struct cap_name *cap_name_find(uint16_t id, bool extended);

/*
 * Entry number `i`, from 0 on; NULL behind the last one. The longer of two names that start
 * alike comes first. Static.
 */
const struct cap_name *cap_name_at(unsigned int i, bool extended);

#endif
