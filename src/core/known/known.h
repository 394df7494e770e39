/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices of which something is known that their configuration space does not say:
 * which targets a guest driver was seen to work or to fail with, and where that was
 * reported. The table is compiled in (src/core/known/known.c), so that no file is read inside a
 * VMM.
 */
#ifndef MSIXSHIM_KNOWN_H
#define MSIXSHIM_KNOWN_H

#include <stddef.h>

#include "core/pci_cfg.h"

struct known_device {
	uint16_t vendor, device;
	uint16_t mask;	     /* the bits of the device id that count */
	const char *problem; /* what is wrong with it; NULL: nothing, its registers are in order */
	bool changes;  /* the capability turns into an unusable one, so it is never left as it is */
	int works;     /* 0..5: the target that is known to work; PLAN_OFF: none is known */
	uint8_t fails; /* bit n: barN is known to fail */
	const char *why; /* why the targets of `fails` fail; NULL if there are none */
};

/* What only the command tells of it. */
struct known_words {
	const char *name;
	const char
		*driver; /* the guest driver that `works` and `fails` are about; NULL: not known */
	const char *source; /* where this is known from: a bug report, a driver's source file */
};

/* The entry for `ids`, NULL if there is none. Static. */
const struct known_device *known_find(const struct pci_ids *ids);

/* The words of an entry. Static. */
const struct known_words *known_words(const struct known_device *known);

/* Entry number `i`, from 0 on; NULL after the last one. Static. */
const struct known_device *known_at(size_t i);

#endif
