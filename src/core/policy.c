/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "msixshim/policy.h"

#include <string.h>

#include "msixshim/plan.h"

static const char *const bar_names[PCI_BARS] = {"bar0", "bar1", "bar2", "bar3", "bar4", "bar5"};

const char *policy_target_name(int target)
{
	return target >= 0 && target < PCI_BARS ? bar_names[target] : "off";
}

bool policy_parse(const char *text, int *ret_target, size_t *ret_column)
{
	static const char blanks[] = " \t\n";
	size_t start = strspn(text, blanks);
	size_t len = strcspn(text + start, blanks);
	size_t end = start + len + strspn(text + start + len, blanks);

	*ret_column = start + 1;
	for (int target = PLAN_OFF; target < PCI_BARS; target++) {
		const char *name = policy_target_name(target);

		if (strlen(name) != len || memcmp(text + start, name, len) != 0)
			continue;
		*ret_column = end + 1;
		if (text[end] != '\0')
			return false;
		*ret_target = target;
		return true;
	}
	return false;
}
