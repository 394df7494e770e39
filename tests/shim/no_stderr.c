/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * no_stderr WAY: a program without standard descriptors gets a device as number 2, WAY as for
 * user_open(), and duplicates it, asks for a region, closes the duplicate. Exits with 0 if its
 * first register is what it was: what was written to standard error would stand there.
 */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "user.h"

int main(int argc, char **argv)
{
	struct user user;
	uint64_t before, after;

	if (argc < 2 || user_open(&user, argv[1], USER_NAME))
		return 1;
	pread(user.device, &before, sizeof(before), 0);
	user_close(&user);

	/* a node has one descriptor less before it */
	close_range(0, 2, 0);
	if (strchr(argv[1], '/') && open("/dev/null", O_RDWR) != 0)
		return 2;
	if (user_open(&user, argv[1], USER_NAME) || user.device != 2)
		return 3;
	close(dup(user.device));
	user_region(&user, 0);
	if (pread(user.device, &after, sizeof(after), 0) != sizeof(after))
		return 4;
	return before == after ? 0 : 5;
}
