/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * no_stderr WAY: a program without standard descriptors gets a device as number 2, WAY as for
 * user_open(), and duplicates it, asks for a region, closes the duplicate. no_stderr WAY unseen:
 * a system call makes it number 2, and then a group hands it out once more. Exits with 0 if its
 * first register is what it was: what was written to standard error would stand there.
 */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/lib/user.h"

static struct user user;

static int open_as_2(const char *way)
{
	user_close(&user);
	/* a node has one descriptor less before it */
	close_range(0, 2, 0);
	if (strchr(way, '/') && open("/dev/null", O_RDWR) != 0)
		return 2;
	return user_open(&user, way, USER_NAME) || user.device != 2 ? 3 : 0;
}

static int become_2_unseen(void)
{
	if (syscall(SYS_dup3, user.device, 2, 0) != 2 || close(user.device))
		return 2;
	user.device = ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME);
	return user.device < 0 ? 3 : 0;
}

int main(int argc, char **argv)
{
	uint64_t before, after;

	if (argc < 2 || user_open(&user, argv[1], USER_NAME))
		return 1;
	pread(user.device, &before, sizeof(before), 0);

	int rc = argc > 2 ? become_2_unseen() : open_as_2(argv[1]);

	if (rc)
		return rc;
	close(dup(user.device));
	user_region(&user, 0);
	if (pread(user.device, &after, sizeof(after), 0) != sizeof(after))
		return 4;
	return before == after ? 0 : 5;
}
