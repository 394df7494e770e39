/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bar5.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

int64_t table_get(int fd)
{
	uint32_t v;
	ssize_t n = pread(fd, &v, sizeof(v), TABLE);

	return n == sizeof(v) ? v : n < 0 ? -errno : n;
}

void table_put(int fd, uint32_t v)
{
	assert_int_equal(pwrite(fd, &v, sizeof(v), TABLE), sizeof(v));
}

uint64_t bar5_size(int fd)
{
	struct vfio_region_info info = {.argsz = sizeof(info), .index = 5};

	return ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info) == 0 ? info.size : 0;
}
