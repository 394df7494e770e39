/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the fake share: a device of edge.desc, opened as any VFIO user would. */
#ifndef MSIXSHIM_TESTS_VFIO_USER_H
#define MSIXSHIM_TESTS_VFIO_USER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdbool.h>
#include <sys/types.h>

#include "user.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define AT(region, offset) ((off_t)((uint64_t)(region) << 40 | (offset)))
#define CONFIG(offset)	   AT(VFIO_PCI_CONFIG_REGION_INDEX, offset)

/* An address where nothing is; not a constant, so that no compiler warns of it. */
extern void *nowhere;

/* Opens the device `bdf` of IOMMU group `group`; fails the test if it can't. */
struct user vfio_user_open(const char *group, const char *bdf);

/* One more device of another group in the same container. */
void user_add_group(const struct user *u, const char *group, const char *bdf, int *group_fd,
		    int *device_fd);

/* What a call returned, or -errno. */
long result(long ret);

/* A command to the device's side, which must succeed; returns the value that it answered. */
uint64_t control(const char *line);

/* Little-endian register of `width` bytes in configuration space. */
uint32_t config_get(int device, unsigned int offset, unsigned int width);
void config_put(int device, unsigned int offset, unsigned int width, uint32_t value);

/* SET_IRQS with `count` eventfds (or NULL): returns as result(). */
long set_irqs(int device, uint32_t flags, uint32_t index, uint32_t start, uint32_t count,
	      const int32_t *fds);

#endif
