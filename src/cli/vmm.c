/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/vmm.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* In the order of vmm_table. */
#define VMM(name, programs, traps, caps, beyond, what, proof) {what, proof},
static const struct {
	const char *what, *proof;
} words[] = {
#include "core/vmm/vmm_rows.inc"
	{"it gets what the kernel says", "no row of the table"},
};
#undef VMM

static struct word word_of(const char *text)
{
	return (struct word){text, strlen(text)};
}

const struct vmm_traits *vmm_of_option(const char *command, const char *name)
{
	const struct vmm_traits *vmm = name ? vmm_by_name(word_of(name)) : vmm_none();

	if (!vmm)
		cli_error("%s: --vmm %s: not a VMM that is known; %s", command, name, vmm_names);
	return vmm;
}

const struct vmm_traits *vmm_of_file(const char *path)
{
	char real[PATH_MAX];

	return vmm_by_program(word_of(realpath(path, real) ? real : path));
}

const char *vmm_what(const struct vmm_traits *vmm)
{
	return words[vmm - vmm_table].what;
}

const char *vmm_proof(const struct vmm_traits *vmm)
{
	return words[vmm - vmm_table].proof;
}

bool vmm_is_special(const struct vmm_traits *vmm)
{
	return vmm->traps == VMM_TRAPS_BAR || vmm->traps == VMM_TRAPS_MAPPABLE ||
	       vmm->caps == VMM_CAPS_MAPS_TABLE || vmm->beyond == VMM_BEYOND_SAFE;
}
