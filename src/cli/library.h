/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two libraries that are preloaded, and what the fake can be given.
 */
#ifndef MSIXSHIM_CLI_LIBRARY_H
#define MSIXSHIM_CLI_LIBRARY_H

struct desc;

/* Their names. */
#define LIBRARY_SHIM "libmsixshim.so"
#define LIBRARY_FAKE "libfakevfio.so"

/* What to do about one that is not found, of a command with that option. */
#define LIBRARY_HINT "install it, or name its directory with --libdir"

/*
 * The absolute path of library `name` in directory `dir`, if it can be read and LD_PRELOAD can name
 * it; the caller frees *ret. On failure -EINVAL, and one sentence in `err`.
 */
int library_find(const char *dir, const char *name, char **ret, char *err, unsigned int err_size);

/*
 * Resolves directory `dir` and checks that both libraries can be preloaded from
 * there. *ret is the absolute path, which the caller frees. On failure -EINVAL, and
 * one sentence in `err`.
 */
int library_find_both(const char *dir, char **ret, char *err, unsigned int err_size);

/*
 * Reads the one device that `what` names, which is FILE or FILE@ADDRESS, which the fake can be
 * given: *ret is the device, *path a copy of `what`, which the caller frees. On failure a negative
 * errno, and one sentence in `err`.
 */
int library_find_device(const char *what, char **path, struct desc *ret, char *err,
			unsigned int err_size);

#endif
