/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all reports on devices say as JSON of one. The objects are the caller's; NULL stands for
 * null.
 */
#ifndef MSIXSHIM_CLI_DEVICE_JSON_H
#define MSIXSHIM_CLI_DEVICE_JSON_H

#include "cli/device.h"
#include "core/choice.h"

struct json_object;

/* Address, ids, class, name (not with `numeric`) and driver if it has them, IOMMU group. */
struct json_object *json_device(const struct device *d, const struct pci_ids *ids, bool numeric);

/* The capability, and what is wrong with it; NULL if there is none. */
struct json_object *json_msix(const struct pci_msix *msix, enum msix_defect defect);

/* What is known of a device; NULL for NULL. */
struct json_object *json_known(const struct known_device *known);

/* The word for a cause: "shared-page". Static. */
const char *json_cause(enum choice_cause cause);

#endif
