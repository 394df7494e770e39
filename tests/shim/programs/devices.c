/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devices GROUP BDF ...: opens them all, in one process, and prints the sizes of the BARs of each,
 * or its errno.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "tests/lib/user.h"

int main(int argc, char **argv)
{
	struct user user; /* never closed: all are alive at once */

	for (int i = 1; i + 1 < argc; i += 2) {
		printf("%s", argv[i + 1]);
		if (user_open(&user, argv[i], argv[i + 1]) < 0) {
			printf(" errno %d\n", errno);
			continue;
		}
		for (uint32_t bar = 0; bar < 6; bar++)
			printf(" 0x%" PRIx64, (uint64_t)user_region(&user, bar).size);
		printf("\n");
	}
	return 0;
}
