/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bar5.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct user user;
const char *bar5_way = USER_GROUP;

int bar5_open(void **state)
{
	return user_open(&user, bar5_way, USER_NAME);
}

int bar5_close(void **state)
{
	user_close(&user);
	return 0;
}

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

int exit_status(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
