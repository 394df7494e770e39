/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities and their names, as lspci prints them.
 */
#ifndef MSIXSHIM_CAP_NAME_H
#define MSIXSHIM_CAP_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text/word.h"

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

/* The entry whose name `text` starts with, the longest such; NULL if there is none. Static. */
const struct cap_name *cap_name_parse(struct word text, bool extended);

#endif
