/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To be preloaded between the shim and the fake: what VFIO_DEVICE_GET_PCI_HOT_RESET_INFO says on a
 * machine where a bus is not what a hot reset resets, as TOPOLOGY tells:
 *
 *   bridge  a bridge is reset, and so the next bus with the device's own
 *   slot    each slot can be reset by itself
 *
 * Unset, the fake answers.
 */
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/next_symbol.h"

int ioctl(int fd, unsigned long request, ...);

#define DEVICES_MAX 32

/* As many again, on the next bus. */
static void add_bus(struct vfio_pci_hot_reset_info *info)
{
	const uint32_t n = info->count;

	for (uint32_t i = 0; i < n && n + i < DEVICES_MAX; i++) {
		info->devices[n + i] = info->devices[i];
		info->devices[n + i].bus++;
		info->count++;
	}
}

/* The devices of the first slot alone. */
static void keep_slot(struct vfio_pci_hot_reset_info *info)
{
	const uint32_t n = info->count;

	info->count = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (info->devices[i].devfn >> 3 == 0)
			info->devices[info->count++] = info->devices[i];
	}
}

__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...)
{
	const char *topology = getenv("TOPOLOGY");
	va_list ap;

	va_start(ap, request);
	void *arg = va_arg(ap, void *);
	va_end(ap);

	int ret = NEXT(ioctl)(fd, request, arg);

	if (ret || !topology || (uint32_t)request != VFIO_DEVICE_GET_PCI_HOT_RESET_INFO)
		return ret;
	if (strcmp(topology, "bridge") == 0)
		add_bus(arg);
	else
		keep_slot(arg);
	return 0;
}
