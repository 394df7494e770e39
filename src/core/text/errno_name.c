/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/text/errno_name.h"

#include <errno.h>
#include <stddef.h>

/* What VFIO, iommufd and the calls on their files can answer. */
static const struct {
	int error;
	const char *name;
} names[] = {
#define NAME(e)                                                                                    \
	{                                                                                          \
		e, #e                                                                              \
	}
	NAME(E2BIG),  NAME(EACCES), NAME(EADDRINUSE), NAME(EAGAIN),	NAME(EBADF),
	NAME(EBADFD), NAME(EBUSY),  NAME(EEXIST),     NAME(EFAULT),	NAME(EINTR),
	NAME(EINVAL), NAME(EIO),    NAME(EMFILE),     NAME(EMSGSIZE),	NAME(ENAMETOOLONG),
	NAME(ENFILE), NAME(ENODEV), NAME(ENOENT),     NAME(ENOMEM),	NAME(ENOSPC),
	NAME(ENOSYS), NAME(ENOTTY), NAME(ENXIO),      NAME(EOPNOTSUPP), NAME(EOVERFLOW),
	NAME(EPERM),  NAME(ERANGE), NAME(ESPIPE),     NAME(ETIMEDOUT),
#undef NAME
};

const char *errno_name(int error)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].error == error)
			return names[i].name;
	}
	return NULL;
}
