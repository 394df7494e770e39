/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crowd COUNT: a child opens the device COUNT times, and sends each descriptor over a socket. To
 * the shim of the parent, which does not learn their name, they are as many devices. For each it
 * prints the size of BAR2, or the errno.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/user.h"

/* The child. It stays until the parent has all that it wants. */
static void give(int sock, int count)
{
	struct user user;
	char byte;

	if (user_open(&user, USER_GROUP, USER_NAME))
		_exit(1);
	for (int i = 0; i < count; i++) {
		int fd = ioctl(user.group, VFIO_GROUP_GET_DEVICE_FD, USER_NAME);

		if (fd < 0 || user_send(sock, &fd, 1))
			_exit(1);
		close(fd);
	}
	_exit(read(sock, &byte, 1) != 0);
}

int main(int argc, char **argv)
{
	const int count = argc == 2 ? atoi(argv[1]) : 0;
	int socks[2];

	if (count == 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks))
		return 2;
	if (fork() == 0) {
		close(socks[0]);
		give(socks[1], count);
	}
	close(socks[1]);
	for (int i = 0; i < count; i++) {
		struct vfio_region_info info = {.argsz = sizeof(info), .index = 2};
		int fd;

		if (user_receive(socks[0], &fd, 1))
			return 1;
		if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info) < 0)
			printf("errno %d\n", errno);
		else
			printf("0x%" PRIx64 "\n", (uint64_t)info.size);
	}
	return 0;
}
