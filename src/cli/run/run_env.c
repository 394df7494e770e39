/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/device.h"
#include "cli/file.h"
#include "cli/library.h"
#include "cli/run/run.h"

/* Those of the devices in all files of --fake. */
struct addresses {
	struct pci_bdf *list;
	size_t count;
};

static int set(const char *name, const char *value)
{
	if (setenv(name, value, 1) == 0)
		return 0;
	cli_error("run: %s: %s", name, strerror(errno));
	return RUN_FAILED;
}

/* Whether an entry of LD_PRELOAD is that library, wherever it lies. */
static bool is_library(const char *entry, const char *library)
{
	return library && !strcmp(file_name(entry), file_name(library));
}

/*
 * The shim first, so that nothing stands between it and the VMM; the fake, which is the kernel,
 * last. What else is in the variable stays, but no second copy of ours.
 */
static int set_preload(const struct run_libraries *libraries)
{
	char *before = strdup(getenv("LD_PRELOAD") ?: ""), *text = NULL, *rest;
	size_t size;
	FILE *out = before ? open_memstream(&text, &size) : NULL;
	int status = RUN_FAILED;

	if (out) {
		fputs(libraries->shim, out);
		for (char *entry = strtok_r(before, " :", &rest); entry;
		     entry = strtok_r(NULL, " :", &rest))
			if (!is_library(entry, libraries->shim) &&
			    !is_library(entry, libraries->fake))
				fprintf(out, ":%s", entry);
		if (libraries->fake)
			fprintf(out, ":%s", libraries->fake);
	}
	if (out && fclose(out) == 0)
		status = set("LD_PRELOAD", text);
	else
		cli_error("run: out of memory");
	free(before);
	free(text);
	return status;
}

/* Whether the file `path` can be written or made; if not, says so. Nothing is made. */
static bool check_log_file(const char *value, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	const char *place = path;
	int failed = directory ? 0 : ENOMEM;
	struct stat st;

	if (!failed && cli_access(path, W_OK) < 0)
		failed = errno;
	else if (!failed && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		failed = EISDIR;
	if (failed == ENOENT) {
		place = directory;
		failed = cli_access(directory, W_OK | X_OK) < 0 ? errno : 0;
	}
	if (failed)
		cli_error("run: --log %s: %s: %s", value, place, strerror(failed));
	free(directory);
	return !failed;
}

/* Levels as the shim knows them. A file's path becomes absolute: VMMs change their directory. */
static int set_log(const char *value)
{
	static const char *const levels[] = {"info", "debug", "trace"};
	size_t len = strcspn(value, ":");
	const char *file = value[len] ? value + len + 1 : NULL;
	char directory[PATH_MAX] = "", *text;
	bool known = false;

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		known |= strlen(levels[i]) == len && !strncmp(value, levels[i], len);
	if (!known || (file && !*file)) {
		cli_error("run: --log %s: not info, debug or trace, or one of them with :FILE",
			  value);
		return RUN_FAILED;
	}
	if (!file)
		return set("MSIXSHIM_LOG", value);
	if (*file != '/' && !getcwd(directory, sizeof(directory))) {
		cli_error("run: --log %s: the current directory: %s", value, strerror(errno));
		return RUN_FAILED;
	}
	if (asprintf(&text, "%.*s:%s%s%s", (int)len, value, directory, *directory ? "/" : "",
		     file) < 0) {
		cli_error("run: out of memory");
		return RUN_FAILED;
	}

	int status = check_log_file(value, text + len + 1) ? set("MSIXSHIM_LOG", text) : RUN_FAILED;

	free(text);
	return status;
}

/* Adds the devices of `file` to `seen`, where no two may have one address. */
static int add_addresses(const char *file, const struct devices *devices, struct addresses *seen)
{
	char address[PCI_BDF_SIZE];
	struct pci_bdf *list =
		reallocarray(seen->list, seen->count + devices->count, sizeof(*list));

	if (!list) {
		cli_error("run: out of memory");
		return RUN_FAILED;
	}
	seen->list = list;
	for (size_t i = 0; i < devices->count; i++) {
		const struct pci_bdf *bdf = &devices->list[i].desc.bdf;

		for (size_t k = 0; k < seen->count; k++) {
			if (!pci_bdf_equal(&seen->list[k], bdf))
				continue;
			cli_error("run: --fake %s: %s is the address of a device that was given "
				  "before; change it in the file",
				  file, pci_bdf_print(bdf, address));
			return RUN_FAILED;
		}
		seen->list[seen->count++] = *bdf;
	}
	return 0;
}

/* The devices of a file; `at` is "" or "@ADDRESS", for one of them. */
static int find_fake(const char *path, const char *at, struct devices *ret, char *err, size_t size)
{
	struct pci_bdf bdf;

	if (!*at || !pci_bdf_parse(at + 1, strlen(at + 1), &bdf))
		return devices_of_file(path, ret, err, size);
	return devices_of_file_at(path, &bdf, ret, err, size);
}

/* Adds a file, or a device of one, to those of FAKEVFIO, if it holds devices. */
static int add_fake(FILE *out, const char *file, struct addresses *seen)
{
	size_t len = devices_path_len(file);
	char *name = strndup(file, len ? len : strlen(file));
	char err[512], *path = name ? realpath(name, NULL) : NULL;
	const char *at = len ? file + len : "";
	struct devices devices;
	int status = RUN_FAILED;

	if (!path) {
		cli_error("run: --fake %s: %s", file, strerror(errno));
	} else if (strchr(path, ':')) {
		cli_error("run: --fake %s: FAKEVFIO cannot name a path with a colon", path);
	} else if (find_fake(path, at, &devices, err, sizeof(err)) < 0) {
		cli_error("run: --fake %s", err);
	} else {
		status = add_addresses(file, &devices, seen);
		devices_free(&devices);
		fprintf(out, "%s%s%s", ftell(out) > 0 ? ":" : "", path, at);
	}
	free(name);
	free(path);
	return status;
}

static int set_fakes(const struct run_options *o)
{
	struct addresses seen = {NULL, 0};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int status = 0;

	for (size_t i = 0; out && !status && i < o->fake_count; i++)
		status = add_fake(out, o->fakes[i], &seen);
	if (!out || fclose(out) == EOF) {
		cli_error("run: out of memory");
		status = RUN_FAILED;
	}
	if (!status)
		status = set("FAKEVFIO", text);
	free(seen.list);
	free(text);
	return status;
}

/* All rules go into the variable: a VMM in another root directory can't read the file. */
static int set_rules(const struct run_options *o)
{
	char *rules;
	int status = run_rules(o, &rules);

	if (!status && *rules)
		status = set("MSIXSHIM", rules);
	if (!status)
		unsetenv("MSIXSHIM_CONFIG");
	free(rules);
	return status;
}

static int find_library(const char *dir, const char *name, char **ret)
{
	char err[512];

	if (library_find(dir, name, ret, err, sizeof(err)) == 0)
		return 0;
	cli_error("run: %s; " LIBRARY_HINT, err);
	return RUN_FAILED;
}

int run_env_set(const struct run_options *options, struct run_libraries *ret)
{
	*ret = (struct run_libraries){NULL, NULL};

	int status = set_rules(options);

	if (!status)
		status = find_library(options->libdir, LIBRARY_SHIM, &ret->shim);
	if (!status && options->fake_count)
		status = find_library(options->libdir, LIBRARY_FAKE, &ret->fake);
	if (!status && options->fake_count)
		status = set_fakes(options);
	if (!status && options->log)
		status = set_log(options->log);
	return status ? status : set_preload(ret);
}

void run_libraries_free(struct run_libraries *libraries)
{
	free(libraries->shim);
	free(libraries->fake);
}
