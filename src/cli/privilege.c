/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/privilege.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/xattr.h>

int privilege_of_file(const char *path, enum privilege *ret)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	*ret = PRIVILEGE_NONE;
	if (st.st_mode & S_ISUID)
		*ret = PRIVILEGE_SETUID;
	else if (st.st_mode & S_ISGID && st.st_mode & S_IXGRP)
		*ret = PRIVILEGE_SETGID;
	else if (getxattr(path, "security.capability", NULL, 0) > 0)
		*ret = PRIVILEGE_CAPABILITIES;
	return 0;
}
