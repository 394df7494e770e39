/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Uses that driver: its answer is a number, its argument too, and its fd stays open. What
 * else was looked for in vain is no error of this program, though musl lacks some of it.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>

int main(void)
{
	if (dlerror())
		return 3;

	int fd = open("/dev/null", O_RDWR);

	if (ioctl(fd, VFIO_GROUP_GET_DEVICE_FD, 8) != fd)
		return 1;
	return fcntl(fd, F_GETFD) < 0 ? 2 : 0;
}
