/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QEMU of one side of a case: the device in slot DIFF_SLOT or behind a root port there, the
 * fake's or one of this host's, with or without the shim.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/library.h"
#include "core/policy/policy.h"
#include "diff.h"
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

static void add_env(struct strings *env, const struct diff_case *c, int s, const char *control)
{
	bool shim = s == SHIM, fake = c->description;

	add(env, "LD_PRELOAD=%s:%s%s:%s%s", c->preload ? c->preload : "", shim ? c->libdir : "",
	    shim ? "/" LIBRARY_SHIM : "", fake ? c->libdir : "", fake ? "/" LIBRARY_FAKE : "");
	if (shim) {
		add(env, "MSIXSHIM=%s", policy_target_name(c->asked));
		add(env, "MSIXSHIM_LOG=info");
	}
	if (fake) {
		add(env, "FAKEVFIO=%s", c->description);
		add(env, "FAKEVFIO_CONTROL=%s", control);
	}
}

static void add_args(struct strings *args, const struct diff_case *c, int s, const char *relocation)
{
	char device[256];

	if (c->way.iommufd) {
		add(args, "-object");
		add(args, "iommufd,id=iommufd0");
	}
	if (c->way.root_port) {
		add(args, "-device");
		add(args, "pcie-root-port,id=port0,chassis=1,addr=%d", DIFF_SLOT);
	}
	add(args, "-device");
	add(args, "%s,id=dut,%s%d%s%s%s%s", qemu_vfio_device(c->host[s], device, sizeof(device)),
	    c->way.root_port ? "bus=port0,addr=" : "addr=", c->way.root_port ? 0 : DIFF_SLOT,
	    c->way.iommufd ? ",iommufd=iommufd0" : "", s == NATIVE ? ",x-msix-relocation=" : "",
	    s == NATIVE ? relocation : "", c->way.no_mmap ? ",x-no-mmap=on" : "");
}

struct qemu *diff_spawn(const struct diff_case *c, int s, const char *relocation,
			const char *control)
{
	struct strings env = {0}, args = {0};
	struct qemu *q = NULL;

	add_env(&env, c, s, control);
	add_args(&args, c, s, relocation);
	if (!env.no_memory && !args.no_memory)
		q = qemu_spawn(&(struct qemu_options){
			.path = c->qemu,
			.machine = diff_has_ecam(c) ? "q35" : "pc",
			.env = env.list,
			.args = args.list,
		});
	release(&env);
	release(&args);
	return q;
}
