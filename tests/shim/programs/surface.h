/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_SHIM_SURFACE_H
#define TESTS_SHIM_SURFACE_H

/* Opens the device and prints its whole surface to standard output. 0, or 1 where that fails. */
int surface_show(const char *group, const char *name);

#endif
