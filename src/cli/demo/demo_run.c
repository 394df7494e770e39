/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/demo/demo.h"
#include "cli/library.h"
#include "cli/names/names.h"
#include "qemu/qemu.h"

#define SHIM_PREFIX "msixshim: "
#define FAKE_PREFIX "fakevfio: "
#define SLOT	    4	     /* of the device, on bus 0 */
#define NOTE_PREFIX "note: " /* after FAKE_PREFIX: the device was made, and how */

uint64_t demo_direct(const struct demo_side *side)
{
	uint64_t bytes = 0;

	for (int i = 0; i < PCI_BARS; i++)
		bytes += guest_view_bytes(&side->views[i], GUEST_DIRECT);
	return bytes;
}

uint64_t demo_total(const struct demo_side *side)
{
	uint64_t bytes = 0;

	for (int i = 0; i < PCI_BARS; i++)
		if (guest_bar_mapped(&side->guest, i))
			bytes += side->guest.bars[i].size;
	return bytes;
}

static int fail(struct demo *demo, int err, const char *what)
{
	snprintf(demo->error, sizeof(demo->error), "%s", what);
	demo->error[strcspn(demo->error, "\n")] = '\0';
	return err;
}

/* A QEMU with the fake device in it, and the shim if there is a target. */
static int spawn(struct demo *demo, struct demo_side *side, const char *target)
{
	char device[256], rules[64], *preload = NULL, *fake = NULL;
	const char *env[] = {NULL, NULL, NULL, NULL, NULL};
	size_t len;

	qemu_vfio_device(demo->device.host, device, sizeof(device));
	len = strlen(device);
	snprintf(device + len, sizeof(device) - len, ",id=dut,addr=%d", SLOT);
	snprintf(rules, sizeof(rules), "MSIXSHIM=%s", target ? target : "");
	if (asprintf(&preload, "LD_PRELOAD=%s%s%s%s/" LIBRARY_FAKE, target ? demo->libdir : "",
		     target ? "/" LIBRARY_SHIM : "", target ? ":" : "", demo->libdir) < 0)
		preload = NULL;
	if (asprintf(&fake, "FAKEVFIO=%s", demo->device.description) < 0)
		fake = NULL;
	env[0] = preload;
	env[1] = fake;
	env[2] = target ? rules : NULL;
	env[3] = target ? "MSIXSHIM_LOG=info" : NULL;
	if (preload && fake)
		side->qemu = qemu_spawn(&(struct qemu_options){
			.path = demo->qemu,
			.machine = "q35",
			.env = env,
			.args = (const char *const[]){"-device", device, NULL},
		});
	free(preload);
	free(fake);
	return side->qemu ? 0 : fail(demo, -ENOMEM, "out of memory");
}

static bool starts(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/*
 * The lines with that prefix, without it, out of all that went to stderr; notes are left out.
 * NULL: no memory.
 */
static char *lines_of(const struct qemu *q, const char *prefix)
{
	char *all = qemu_stderr(q), *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		for (char *p = all; p && *p;) {
			size_t len = strcspn(p, "\n"), skip = strlen(prefix);

			if (starts(p, prefix) && !starts(p + skip, NOTE_PREFIX))
				fprintf(out, "%.*s\n", (int)(len - skip), p + skip);
			p += len + (p[len] == '\n');
		}
		fclose(out);
	}
	free(all);
	return text;
}

/* QEMU's own words, without the program's name and the -device option in front. */
static const char *reason_only(const char *message)
{
	static const char mark[] = "vfio-pci,";
	const char *p = strstr(message, mark);

	p = p ? strstr(p, ": ") : NULL;
	return p ? p + 2 : message;
}

/* QEMU ended at the start: it refuses the device, or there is no device to speak of. */
static int refused(struct demo *demo, struct demo_side *side)
{
	char *fake = lines_of(side->qemu, FAKE_PREFIX);
	int rc = fake && *fake ? fail(demo, -EINVAL, fake) : 0;

	free(fake);
	side->refused = true;
	side->message = strdup(reason_only(qemu_error(side->qemu)));
	side->log = lines_of(side->qemu, SHIM_PREFIX);
	if (!rc && !(side->message && side->log))
		rc = fail(demo, -ENOMEM, "out of memory");
	return rc;
}

/* 0, or -ENOENT for a program that could not be started at all, or what QEMU failed with. */
static int look(struct demo *demo, struct demo_side *side)
{
	char *output = NULL;
	int rc = qemu_ready(side->qemu);

	if (rc == -ECHILD && qemu_not_run(side->qemu)) {
		snprintf(demo->error, sizeof(demo->error),
			 "%s; install Debian's qemu-system-x86, or name a QEMU with --qemu",
			 qemu_error(side->qemu));
		return -ENOENT;
	}
	if (rc == -ECHILD && qemu_refused(side->qemu))
		return refused(demo, side);
	if (!rc)
		rc = guest_open(&side->guest, side->qemu, 0, SLOT << 3, true);
	if (!rc)
		rc = guest_map(&side->guest);
	if (!rc)
		rc = guest_read_cfg(&side->guest);
	if (!rc)
		rc = guest_views(&side->guest, side->views);
	if (rc < 0)
		return fail(demo, rc, qemu_error(side->qemu));
	rc = lspci_run(side->guest.cfg, side->guest.cfg_len, &output);
	if (rc == -ENOENT)
		return fail(demo, rc, "lspci not found: install pciutils");
	if (rc < 0)
		return fail(demo, rc, "lspci cannot read the guest's configuration space");
	side->lspci = lspci_capability(output, "MSI-X");
	free(output);
	side->log = lines_of(side->qemu, SHIM_PREFIX);
	return side->log ? 0 : fail(demo, -ENOMEM, "out of memory");
}

int demo_run(struct demo *demo)
{
	char target[8];

	snprintf(target, sizeof(target), "bar%d", demo->device.target);

	int rc = spawn(demo, &demo->without, NULL);

	if (!rc)
		rc = spawn(demo, &demo->with, target);
	if (!rc)
		rc = look(demo, &demo->without);
	if (!rc)
		rc = look(demo, &demo->with);
	if (!rc && demo->with.refused)
		rc = fail(demo, -EINVAL, *demo->with.log ? demo->with.log : demo->with.message);
	return rc;
}

static int end(struct demo *demo, struct demo_side *side)
{
	int rc = side->qemu && !side->refused ? qemu_quit(side->qemu) : 0;

	if (rc < 0 && !demo->error[0])
		fail(demo, rc, qemu_error(side->qemu));
	qemu_free(side->qemu);
	free(side->message);
	free(side->log);
	free(side->lspci);
	return rc;
}

int demo_end(struct demo *demo)
{
	int without = end(demo, &demo->without);
	int with = end(demo, &demo->with);

	return without ? without : with;
}
