/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/vmm/vmm.h"

#include <string.h>

#define VMM(name, programs, traps, caps, beyond, what, proof) {name, programs, traps, caps, beyond},
const struct vmm_traits vmm_table[] = {
#include "core/vmm/vmm_rows.inc"
	{"none", "", VMM_TRAPS_PAGES, VMM_CAPS_HEEDED, VMM_BEYOND_NEVER},
};
#undef VMM

#define VMM(name, programs, traps, caps, beyond, what, proof) name ", "
const char vmm_names[] = "the VMMs are "
#include "core/vmm/vmm_rows.inc"
			 "none";
#undef VMM

#define ROWS (sizeof(vmm_table) / sizeof(vmm_table[0]))

const unsigned int vmm_count = ROWS;

const struct vmm_traits *vmm_none(void)
{
	return &vmm_table[ROWS - 1];
}

const struct vmm_traits *vmm_by_name(struct word name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (word_is(name, vmm_table[i].name))
			return &vmm_table[i];
	return NULL;
}

/* `pattern` may end with a "*". */
static bool matches(struct word name, struct word pattern)
{
	bool open = pattern.p[pattern.len - 1] == '*';
	size_t len = pattern.len - open;

	return (open ? name.len >= len : name.len == len) && !memcmp(name.p, pattern.p, len);
}

static bool is_program_of(const struct vmm_traits *vmm, struct word name)
{
	struct word rest = {vmm->programs, strlen(vmm->programs)}, pattern;

	while ((pattern = word_next(&rest)).len)
		if (matches(name, pattern))
			return true;
	return false;
}

const struct vmm_traits *vmm_by_program(struct word path)
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;

	if (path.len > tail && !memcmp(path.p + path.len - tail, deleted, tail))
		path.len -= tail;
	for (size_t i = path.len; i > 0; i--) {
		if (path.p[i - 1] == '/') {
			path = (struct word){path.p + i, path.len - i};
			break;
		}
	}
	for (size_t i = 0; i < ROWS; i++)
		if (is_program_of(&vmm_table[i], path))
			return &vmm_table[i];
	return vmm_none();
}
