/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `msixshim doctor`: whether this machine can pass devices through with the shim. Each check
 * looks at one thing, opens no device and changes nothing, and says one line.
 */
#ifndef MSIXSHIM_CLI_DOCTOR_H
#define MSIXSHIM_CLI_DOCTOR_H

#include "cli/tree.h"

enum doctor_status {
	DOCTOR_OK,
	DOCTOR_WARNING, /* it may stand in the way */
	DOCTOR_PROBLEM, /* it does */
	DOCTOR_UNKNOWN, /* could not be found out; the line says why */
	DOCTOR_STATUSES,
};

struct doctor_finding {
	enum doctor_status status;
	const char *subject; /* static: "iommu", "vmm", ... */
	char *text;
	char *way_out; /* NULL: none is needed */
};

struct doctor {
	struct tree tree;
	const char *libdir; /* where the library should be */
	char *library;	    /* its path, once it was found; else NULL */
	struct doctor_finding *findings;
	size_t count;
};

/* Adds a finding: one line (printf style), no full stop. Memory that is short ends the program. */
void doctor_say(struct doctor *d, enum doctor_status status, const char *subject, const char *fmt,
		...) __attribute__((format(printf, 4, 5)));

/* Gives the last finding its way out. */
void doctor_way_out(struct doctor *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The checks, in the order of the report. */
void doctor_kernel(struct doctor *d); /* version, page size, vfio-pci, interfaces */
void doctor_iommu(struct doctor *d);
void doctor_devices(struct doctor *d);	/* those bound to vfio-pci */
void doctor_library(struct doctor *d);	/* sets d->library */
void doctor_vmms(struct doctor *d);	/* after doctor_library() */
void doctor_security(struct doctor *d); /* after doctor_library() */
void doctor_memlock(struct doctor *d);

/* The command; see cli.h for what it returns. */
int doctor_main(int argc, char **argv);

#endif
