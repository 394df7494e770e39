/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refused BDF TIMES: asks the group for the device TIMES times, and prints what came of the last
 * one and how many descriptors there are more than before.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/lib/user.h"

#define NUMBERS 512 /* the fake has its own above */

static int descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < NUMBERS; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int main(int argc, char **argv)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	int group = open("/dev/vfio/" USER_GROUP, O_RDWR | O_CLOEXEC);

	if (argc != 3 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) < 0 ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		return 2;

	int before = descriptors(), fd = -1, error = 0;

	for (int i = 0; i < atoi(argv[2]); i++)
		fd = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, argv[1]);
	if (fd < 0)
		error = errno;
	printf("errno %d, %d more\n", error, descriptors() - before);
	return 0;
}
