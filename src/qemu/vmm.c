/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/vmm.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu/qemu.h"

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
	/* QEMU's host= takes segments of 16 bits alone */
	add(&args, "vfio-pci,%s%s,id=dut,%s%s%s",
	    strcspn(vmm->host, ":") > 4 ? "sysfsdev=/sys/bus/pci/devices/" : "host=", vmm->host,
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
