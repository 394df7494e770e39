/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `msixshim demo`: an unmodified QEMU without and with the shim, side by side.
 */
#ifndef MSIXSHIM_CLI_DEMO_H
#define MSIXSHIM_CLI_DEMO_H

#include <stdbool.h>
#include <stdint.h>

#include "qemu/guest.h"

/* What a QEMU made of the device. */
struct demo_side {
	struct qemu *qemu;
	bool refused;  /* QEMU did not start; nothing but `message` counts then */
	char *message; /* why, as QEMU says */
	char *log;     /* the shim's lines */
	char *lspci;   /* the MSI-X capability as lspci prints it; NULL: none */
	struct guest guest;
	struct guest_view views[PCI_BARS];
};

/* What QEMU must make of the device without the shim. */
enum demo_expectation { DEMO_EITHER, DEMO_ACCEPTS, DEMO_REFUSES };

struct demo_device {
	const char *description; /* file */
	const char *host;	 /* the device's address in it */
	int target;		 /* 0..5 */
	char why[256];		 /* why this one; "" where it was asked for */
	enum demo_expectation without_shim;
};

struct demo {
	const char *qemu;
	const char *libdir;
	struct demo_device device;
	struct demo_side without, with;
	char error[1024]; /* the first claim that is not so, or what failed */
};

/* Runs both QEMUs and fills both sides. 0, or a negative errno and demo->error. */
int demo_run(struct demo *demo);

/* Prints what demo_run() found to stdout. */
void demo_show(const struct demo *demo);

/* Verifies all that demo_show() shows. 0, or -EINVAL and the first untruth in demo->error. */
int demo_check(struct demo *demo);

/* Ends both QEMUs and frees what demo_run() filled. 0, or a negative errno and demo->error. */
int demo_end(struct demo *demo);

/* Bytes of all BARs that are mapped into the guest, and bytes of all memory BARs. */
uint64_t demo_direct(const struct demo_side *side);
uint64_t demo_total(const struct demo_side *side);

/* The subcommand: parses its arguments, argv[0] being "demo". Returns the exit status. */
int demo_main(int argc, char **argv);

#endif
