/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts and files that are not lspci's and tell the same: the file `config` of sysfs, dumps of it
 * by xxd, hexdump or od, and FreeBSD's pciconf -lbc. They become texts of lspci. The lines of a
 * dump keep their numbers, but for those that hexdump and od leave out.
 */
#ifndef MSIXSHIM_LSPCI_FORMS_H
#define MSIXSHIM_LSPCI_FORMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/text/word.h"

/*
 * Makes a text of lspci of text[0, len), or a copy of what has none of these forms. Returns the
 * text, *ret_len bytes, which the caller frees; NULL if memory is short.
 */
char *lspci_forms(const char *text, size_t len, size_t *ret_len);

/* Whether it is of pciconf: a line "nvme0@pci0:1:0:0:	class=0x010802 ...". */
bool lspci_is_pciconf(struct word text);
/* Prints what pciconf -lbc says as lspci -vvnn does: ids, BARs, MSI-X; names of capabilities. */
void lspci_put_pciconf(FILE *out, struct word text);

/*
 * Prints the text, and after it the BARs that lines of the kernel's log tell of, where the text has
 * a dump and nothing else on BARs. A dump without an address is of the device that all such lines
 * are of; with several of them they say nothing. False if memory is short.
 */
bool lspci_put_kernel(FILE *out, struct word text);

#endif
