/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments of an iommufd's ioctls, which start with their size: iommufd's main.c. */
#include "fake/iommufd/call.h"

#include <errno.h>

#include "fake/user.h"

long iommu_copy_args(struct iommu_call *call, size_t size)
{
	size_t known = call->user_size < size ? call->user_size : size;
	uint8_t rest[256];

	if (user_read(&call->args, call->user, known))
		return -EFAULT;
	for (size_t at = size; at < call->user_size; at += sizeof(rest)) {
		size_t n = call->user_size - at;

		if (n > sizeof(rest))
			n = sizeof(rest);
		if (user_read(rest, (uint8_t *)call->user + at, n))
			return -EFAULT;
		for (size_t k = 0; k < n; k++) {
			if (rest[k])
				return -E2BIG;
		}
	}
	return 0;
}

long iommu_respond(const struct iommu_call *call, size_t len)
{
	return user_write(call->user, &call->args, call->user_size < len ? call->user_size : len);
}
