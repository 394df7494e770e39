/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "qemu.h"

/* Up to this many strings, all of them printed into one block. */
#define MAX_STRINGS 8

struct strings {
	const char *list[MAX_STRINGS];
	char *allocated[MAX_STRINGS];
	size_t count;
	bool no_memory;
};

static __attribute__((format(printf, 2, 3))) void add(struct strings *s, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);

	int len = vasprintf(&text, fmt, ap);

	va_end(ap);
	if (len < 0) {
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

	add(&env, "LD_PRELOAD=%s:%s%s:%s%s", vmm->preload ? vmm->preload : "",
	    vmm->target ? vmm->libdir : "", vmm->target ? "/" VMM_SHIM : "",
	    vmm->description ? vmm->libdir : "", vmm->description ? "/" VMM_FAKE : "");
	if (vmm->target) {
		add(&env, "MSIXSHIM=%s", vmm->target);
		add(&env, "MSIXSHIM_LOG=info");
	}
	if (vmm->description)
		add(&env, "FAKEVFIO=%s", vmm->description);
	if (vmm->control)
		add(&env, "FAKEVFIO_CONTROL=%s", vmm->control);
	if (vmm->iommufd) {
		add(&args, "-object");
		add(&args, "iommufd,id=iommufd0");
	}
	if (vmm->root_port) {
		add(&args, "-device");
		add(&args, "pcie-root-port,id=port0,chassis=1,addr=4");
	}
	add(&args, "-device");
	add(&args, "vfio-pci,host=%s,id=dut,%s%s%s", vmm->host,
	    vmm->root_port ? "bus=port0,addr=0" : "addr=4", vmm->iommufd ? ",iommufd=iommufd0" : "",
	    vmm->options ? vmm->options : "");
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

int vmm_find_library(const char *dir, const char *name, char **ret, char *err,
		     unsigned int err_size)
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

int vmm_find_libraries(const char *dir, char **ret, char *err, unsigned int err_size)
{
	char *path;
	int rc = vmm_find_library(dir, VMM_FAKE, &path, err, err_size);

	if (rc < 0)
		return rc;
	free(path);
	rc = vmm_find_library(dir, VMM_SHIM, &path, err, err_size);
	if (rc < 0)
		return rc;
	*strrchr(path, '/') = '\0';
	*ret = path;
	return 0;
}

int vmm_find_device(const char *what, char **path, struct desc *ret, char *err,
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
	*ret = devices.list[0].desc;
	devices_free(&devices);
	*path = strndup(what, len);
	if (*path)
		return 0;
	snprintf(err, err_size, "%s: %s", what, strerror(ENOMEM));
	return -ENOMEM;
}
