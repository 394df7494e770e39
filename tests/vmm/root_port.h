/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_VMM_ROOT_PORT_H
#define TESTS_VMM_ROOT_PORT_H

#include "qemu/guest.h"

/*
 * Opens the guest's function 0 on the bus of the root port at function `devfn` of bus 0, see
 * guest_open(). That becomes bus 1, and all three windows of the port are as wide as guest_map()
 * may need them. Source: PCI-to-PCI bridge 1.2, 3.2.5.
 */
int root_port_open(struct guest *guest, struct qemu *qemu, uint8_t devfn, bool ecam);

#endif
