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

struct pci_access;

/* libpci's list of ids, which is read once. */
struct pci_access *names_list(void);

/* Vendor and device name by libpci's list of ids, into `buf`; "" if it has no name. */
void lspci_name(uint16_t vendor, uint16_t device, char *buf, size_t size);

/*
 * The ids that libpci's list has for names of a head line, as lspci prints it without -nn:
 * "01:00.0 3D controller: NVIDIA Corporation TU104GL [Tesla T4] (rev a1)". Names that are equal,
 * and of one id alone, count. *class and *ids (vendor, device) are left alone where there is none;
 * returns bit 0 if the class was found, bit 1 if the ids were.
 */
unsigned int names_find(const char *line, size_t len, uint16_t *class, uint16_t ids[2]);

#endif
