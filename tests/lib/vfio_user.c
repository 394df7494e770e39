/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vfio_user.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "msixshim/fakevfio.h"

#define EVENTFDS_MAX 128

void *nowhere = (void *)8;

long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

struct user vfio_user_open(const char *group, const char *bdf)
{
	struct user u;

	assert_int_equal(user_open(&u, group, bdf), 0);
	return u;
}

void user_add_group(const struct user *u, const char *group, const char *bdf, int *group_fd,
		    int *device_fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	*group_fd = open(path, O_RDWR);
	assert_true(*group_fd >= 0);
	assert_int_equal(ioctl(*group_fd, VFIO_GROUP_SET_CONTAINER, &u->container), 0);
	*device_fd = ioctl(*group_fd, VFIO_GROUP_GET_DEVICE_FD, bdf);
	assert_true(*device_fd >= 0);
}

uint64_t control(const char *line)
{
	fakevfio_control_fn *run;
	char reply[128] = "";

	*(void **)&run = dlsym(RTLD_DEFAULT, "fakevfio_control");
	assert_non_null(run);
	if (run(line, reply, sizeof(reply)) != 0)
		fail_msg("%s: %s", line, reply);
	return strtoull(reply + 2, NULL, 0);
}

uint32_t config_get(int device, unsigned int offset, unsigned int width)
{
	uint8_t b[4] = {0};

	assert_int_equal(pread(device, b, width, CONFIG(offset)), width);
	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

void config_put(int device, unsigned int offset, unsigned int width, uint32_t value)
{
	uint8_t b[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
			(uint8_t)(value >> 24)};

	assert_int_equal(pwrite(device, b, width, CONFIG(offset)), width);
}

long set_irqs(int device, uint32_t flags, uint32_t index, uint32_t start, uint32_t count,
	      const int32_t *fds)
{
	union {
		struct vfio_irq_set set;
		uint8_t bytes[sizeof(struct vfio_irq_set) + EVENTFDS_MAX * sizeof(int32_t)];
	} arg = {.set = {.argsz = sizeof(arg),
			 .flags = flags,
			 .index = index,
			 .start = start,
			 .count = count}};

	if (fds)
		memcpy(arg.set.data, fds, count * sizeof(*fds));
	return result(ioctl(device, VFIO_DEVICE_SET_IRQS, &arg));
}
