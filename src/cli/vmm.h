/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a user reads of the table of VMMs (core/vmm.h), and names of it on a command line. */
#ifndef MSIXSHIM_CLI_VMM_H
#define MSIXSHIM_CLI_VMM_H

#include <stdbool.h>

#include "core/vmm/vmm.h"

/*
 * The row that `--vmm NAME` of `command` names; vmm_none() if `name` is NULL. NULL, and a line, for
 * a name that is not in the table.
 */
const struct vmm_traits *vmm_of_option(const char *command, const char *name);

/* The row for the executable that `path` leads to, links followed, as the shim finds it. */
const struct vmm_traits *vmm_of_file(const char *path);

/* What the VMM does with a device, and where that is proven. Static. */
const char *vmm_what(const struct vmm_traits *vmm);
const char *vmm_proof(const struct vmm_traits *vmm);

/* Whether the shim does something for it that others do not get. */
bool vmm_is_special(const struct vmm_traits *vmm);

#endif
