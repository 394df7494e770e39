/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pciutils says of a configuration space.
 */
#ifndef MSIXSHIM_CLI_LSPCI_H
#define MSIXSHIM_CLI_LSPCI_H

#include <stddef.h>
#include <stdint.h>

/*
 * Runs `lspci -vv -F` on the `len` bytes of `cfg`. *ret is all its output, which
 * the caller frees. -ENOENT if there is no lspci in PATH, -EIO if it failed.
 */
int lspci_run(const uint8_t *cfg, uint32_t len, char **ret);

/*
 * Cuts the capability `title` ("MSI-X") out of the output of lspci_run(), as it
 * is there: its line from "Capabilities:" on and the lines below it, without the
 * common indentation. The caller frees the text; NULL if there is none.
 */
char *lspci_capability(const char *output, const char *title);

/* Vendor and device name by libpci's list of ids, into `buf`; "" if it has no name. */
void lspci_name(uint16_t vendor, uint16_t device, char *buf, size_t size);

#endif
