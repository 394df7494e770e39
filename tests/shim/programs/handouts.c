/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handouts SETS WAY NAME: is under a filter of those sets (jail.h; "none": without one) before
 * anything else, opens the device, and does so again as when it is plugged once more. Prints what
 * came of each. WAY as for user_open().
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/user.h"
#include "tests/preloads/jail.h"

/* By write() alone: stdio may ask what standard output is. */
static void tell(const char *what, long value)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "%s: %ld\n", what, value);

	if (write(STDOUT_FILENO, line, (size_t)len) != len)
		_exit(3);
}

static void plug(const char *way, const char *name)
{
	struct user user;
	uint8_t head[64];

	if (user_open(&user, way, name) < 0) {
		tell("refused", errno);
		return;
	}
	for (uint32_t i = 0; i <= VFIO_PCI_CONFIG_REGION_INDEX; i++)
		tell("region", (long)user_region(&user, i).size);
	tell("header", pread(user.device, head, sizeof(head),
			     (off_t)user_region(&user, VFIO_PCI_CONFIG_REGION_INDEX).offset));
	tell("duplicate", close(dup(user.device)));
	user_close(&user);
}

int main(int argc, char **argv)
{
	void *p = dlsym(RTLD_DEFAULT, "jail_enter");
	jail_enter_fn *jail;

	if (argc != 4)
		return 2;
	memcpy(&jail, &p, sizeof(jail));
	if (strcmp(argv[1], "none") != 0 && (!p || jail(argv[1]) < 0)) {
		perror("no filter");
		return 2;
	}
	plug(argv[2], argv[3]);
	plug(argv[2], argv[3]);
	_exit(0); /* what the fake has to tidy up at the end is no call of the shim's */
}
