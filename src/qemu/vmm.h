/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU with one VFIO device in slot 4, a fake one or a real one, with or without the shim.
 */
#ifndef MSIXSHIM_CLI_VMM_H
#define MSIXSHIM_CLI_VMM_H

#include <stdbool.h>
#include <stdint.h>

struct qemu;

/* Where vmm_spawn() puts the device, or the root port that it is behind: 00:04.0 */
#define VMM_DEVFN (4 << 3)

/* The two libraries. */
#define VMM_SHIM "libmsixshim.so"
#define VMM_FAKE "libfakevfio.so"

struct vmm {
	const char *qemu;	 /* binary, searched in PATH */
	const char *libdir;	 /* directory of libmsixshim.so and libfakevfio.so, absolute */
	const char *description; /* file of the fake device; NULL: one of this host */
	const char *host;	 /* its address */
	const char *target;	 /* for MSIXSHIM; NULL: without the shim */
	const char *options;	 /* appended to -device vfio-pci,...: ",NAME=VALUE"; NULL: none */
	const char *control;	 /* for FAKEVFIO_CONTROL; NULL: no control socket */
	const char *preload;	 /* a library that is preloaded before these two; NULL: none */
	bool q35;		 /* the machine: q35, or else pc */
	bool root_port;		 /* behind a port of PCI Express, as function 0; needs q35 */
	bool iommufd;		 /* by the device's own node, not by its group; QEMU 9 and later */
};

/* Starts such a QEMU; see qemu_spawn(). */
struct qemu *vmm_spawn(const struct vmm *vmm);

#endif
