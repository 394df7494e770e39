/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/library.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/device.h"

int library_find(const char *dir, const char *name, char **ret, char *err, unsigned int err_size)
{
	char *real = realpath(dir, NULL), *path = NULL;
	const char *reason = NULL;

	if (real && asprintf(&path, "%s/%s", real, name) >= 0 && cli_access(path, R_OK) == 0) {
		if (!strpbrk(path, " :\t\n\v\f\r")) {
			free(real);
			*ret = path;
			return 0;
		}
		reason = "LD_PRELOAD cannot name a path with a space or a colon";
	}
	snprintf(err, err_size, "%s/%s: %s", real ? real : dir, name,
		 reason ? reason : strerror(errno));
	free(real);
	free(path);
	return -EINVAL;
}

int library_find_both(const char *dir, char **ret, char *err, unsigned int err_size)
{
	char *path;
	int rc = library_find(dir, LIBRARY_FAKE, &path, err, err_size);

	if (rc < 0)
		return rc;
	free(path);
	rc = library_find(dir, LIBRARY_SHIM, &path, err, err_size);
	if (rc < 0)
		return rc;
	*strrchr(path, '/') = '\0';
	*ret = path;
	return 0;
}

int library_find_device(const char *what, char **path, struct desc *ret, char *err,
			unsigned int err_size)
{
	size_t len = devices_path_len(what);
	struct devices devices;
	int rc;

	if ((*what && !len) || memchr(what, ':', len)) {
		snprintf(err, err_size, "%s: %s", what,
			 len ? "FAKEVFIO cannot name a path with a colon"
			     : "an address, not a file; msixshim convert makes a file of it");
		return -EINVAL;
	}
	rc = devices_find(what, &devices, err, err_size);
	if (rc < 0)
		return rc;
	if (device_lacks_bars(&devices, 0)) {
		snprintf(err, err_size, "%s: no BAR is known of it; lspci tells them with -vv",
			 what);
		devices_free(&devices);
		return -EINVAL;
	}
	*ret = devices.list[0].desc;
	devices_free(&devices);
	*path = strdup(what);
	if (*path)
		return 0;
	snprintf(err, err_size, "%s: %s", what, strerror(ENOMEM));
	return -ENOMEM;
}
