/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "msixshim/desc.h"
#include "qemu.h"

#define SHIM "libmsixshim.so"
#define FAKE "libfakevfio.so"

#define MAX_DEVICES 32 /* in a file, as the fake has it */

/* Up to this many strings, all of them printed into one block. */
#define MAX_STRINGS 8

struct strings {
	const char *list[MAX_STRINGS];
	char *allocated[MAX_STRINGS];
	size_t count;
	bool no_memory;
};

static void add(struct strings *s, const char *fmt, const char *a, const char *b)
{
	char *text;

	if (asprintf(&text, fmt, a, b) < 0) {
		s->no_memory = true;
		return;
	}
	s->allocated[s->count] = text;
	s->list[s->count++] = text;
}

static void release(struct strings *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->allocated[i]);
}

struct qemu *vmm_spawn(const struct vmm *vmm)
{
	struct strings env = {0}, args = {0};
	struct qemu *q = NULL;

	if (vmm->target) {
		add(&env, "LD_PRELOAD=%s/" SHIM ":%s/" FAKE, vmm->libdir, vmm->libdir);
		add(&env, "MSIXSHIM=%s%s", vmm->target, "");
		add(&env, "MSIXSHIM_LOG=%s%s", "info", "");
	} else {
		add(&env, "LD_PRELOAD=%s/%s", vmm->libdir, FAKE);
	}
	add(&env, "FAKEVFIO=%s%s", vmm->description, "");
	if (vmm->control)
		add(&env, "FAKEVFIO_CONTROL=%s%s", vmm->control, "");
	add(&args, "%s%s", "-device", "");
	add(&args, "vfio-pci,host=%s,id=dut,addr=4%s", vmm->host, vmm->options ? vmm->options : "");
	if (!env.no_memory && !args.no_memory)
		q = qemu_spawn(&(struct qemu_options){
			.path = vmm->qemu,
			.machine = vmm->q35 ? "q35" : "pc",
			.env = env.list,
			.args = args.list,
		});
	release(&env);
	release(&args);
	return q;
}

static int check_library(const char *dir, const char *name, char *err, unsigned int err_size)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (access(path, R_OK) == 0)
		return 0;

	int rc = -errno;

	snprintf(err, err_size, "%s: %s", path, strerror(-rc));
	return rc;
}

int vmm_find_libraries(const char *dir, char **ret, char *err, unsigned int err_size)
{
	char *path = realpath(dir, NULL);

	if (!path) {
		int rc = -errno;

		snprintf(err, err_size, "%s: %s", dir, strerror(-rc));
		return rc;
	}

	int rc = check_library(path, SHIM, err, err_size);

	if (!rc)
		rc = check_library(path, FAKE, err, err_size);
	if (!rc && strpbrk(path, " :")) {
		rc = -EINVAL;
		snprintf(err, err_size, "%s: LD_PRELOAD cannot name a path with a space or a colon",
			 path);
	}
	if (rc < 0)
		free(path);
	else
		*ret = path;
	return rc;
}

/* The whole of a file, which the caller frees. NULL with errno set. */
static char *read_file(const char *path, size_t *len)
{
	char *text = NULL, part[4096];
	FILE *in = fopen(path, "r"), *out = in ? open_memstream(&text, len) : NULL;
	int failed = errno;
	size_t n;

	if (!out) {
		if (in)
			fclose(in);
		errno = failed;
		return NULL;
	}
	while ((n = fread(part, 1, sizeof(part), in)))
		fwrite(part, 1, n, out);
	failed = ferror(in) ? errno : 0;
	fclose(in);
	if (fclose(out) == EOF && !failed)
		failed = ENOMEM;
	if (!failed)
		return text;
	free(text);
	errno = failed;
	return NULL;
}

static bool parse(const char *text, size_t len, struct desc *devs, size_t *count,
		  struct desc_error *error)
{
	struct desc_notes notes = {.max = 0};

	return desc_is_lspci(text, len)
		       ? desc_parse_lspci(text, len, devs, MAX_DEVICES, count, &notes, error)
		       : desc_parse(text, len, devs, MAX_DEVICES, count, error);
}

int vmm_find_device(const char *path, char host[VMM_HOST_SIZE], char *err, unsigned int err_size)
{
	struct desc *devs = calloc(MAX_DEVICES, sizeof(*devs));
	struct desc_error error;
	size_t len, count;
	int rc = -EINVAL;
	char *text = devs ? read_file(path, &len) : NULL;

	if (!text) {
		rc = -errno;
		snprintf(err, err_size, "%s: %s", path, strerror(errno));
	} else if (strchr(path, ':')) {
		snprintf(err, err_size, "%s: FAKEVFIO cannot name a path with a colon", path);
	} else if (!parse(text, len, devs, &count, &error)) {
		snprintf(err, err_size, "%s:%u:%u: %s", path, error.line, error.column,
			 error.reason);
	} else if (count > 1) {
		snprintf(err, err_size, "%s: %zu devices; leave one of them in the file", path,
			 count);
	} else {
		const struct desc_bdf *bdf = &devs[0].bdf;

		rc = 0;
		snprintf(host, VMM_HOST_SIZE, "%04x:%02x:%02x.%x", bdf->segment, bdf->bus,
			 bdf->slot, bdf->function);
	}
	free(text);
	free(devs);
	return rc;
}
