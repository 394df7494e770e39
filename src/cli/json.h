/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON as all commands print it: keys in the order in which they were put, sizes and offsets as
 * integers in bytes, ids as strings of hexadecimal digits. And what all reports on devices say of
 * one. Objects that are returned are the caller's; NULL is null.
 */
#ifndef MSIXSHIM_CLI_JSON_H
#define MSIXSHIM_CLI_JSON_H

#include <stdint.h>
#include <stdio.h>

#include "cli/device.h"
#include "core/choice.h"

struct json_object;

/* Put a member into object `o`: a number; a text, or null if it is NULL; `digits` digits. */
void json_put_int(struct json_object *o, const char *key, uint64_t value);
void json_put_text(struct json_object *o, const char *key, const char *text);
void json_put_hex(struct json_object *o, const char *key, uint32_t value, int digits);

/* Prints `o`, which is freed, and a line feed. 0, or -ENOMEM. */
int json_print(FILE *out, struct json_object *o);

/* Address, ids, class, name (not with `numeric`) and driver if it has them, IOMMU group. */
struct json_object *json_device(const struct device *d, const struct pci_ids *ids, bool numeric);

/* The capability, and what is wrong with it; NULL if there is none. */
struct json_object *json_msix(const struct pci_msix *msix, enum msix_defect defect);

/* What is known of a device; NULL for NULL. */
struct json_object *json_known(const struct known_device *known);

/* The word for a cause: "shared-page". Static. */
const char *json_cause(enum choice_cause cause);

#endif
