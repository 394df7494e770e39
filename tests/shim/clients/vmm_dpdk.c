/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DPDK's PCI bus: asks again as long as the answer changes argsz, maps what can be mapped into a
 * reservation, and stops where that fails. There is no guest and no table to emulate. SPARSE_MMAP
 * counts since 23.07. A secondary process gets container and group from the primary one, and opens
 * the device by itself.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmm.h"

#define CALLS_MAX 8 /* where DPDK would call for ever */

/* trap V5 */
static struct vfio_region_info *region(const struct vmm *v, uint32_t index)
{
	uint32_t argsz_in, argsz_out = sizeof(struct vfio_region_info);
	struct vfio_region_info *info = NULL;
	int calls = 0;

	do {
		if (++calls > CALLS_MAX)
			vmm_stop("region %u: argsz never stays as it is", index);
		argsz_in = argsz_out;
		free(info);
		info = calloc(1, argsz_in);
		if (!info)
			vmm_stop("out of memory");
		*info = (struct vfio_region_info){.argsz = argsz_in, .index = index};
		if (ioctl(v->user.device, VFIO_DEVICE_GET_REGION_INFO, info) < 0)
			vmm_stop("region %u: %s", index, strerror(errno));
		argsz_out = info->argsz;
	} while (argsz_out != argsz_in);
	return info;
}

/* All areas of a BAR, over one reservation of its size. */
static void map_areas(const struct vmm *v, struct vmm_bar *b, unsigned int bar)
{
	uint8_t *place = mmap64(NULL, b->info->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (place == MAP_FAILED)
		vmm_stop("BAR%u: no room", bar);
	for (unsigned int i = 0; i < b->count; i++) {
		struct vmm_area *a = &b->areas[i];

		vmm_mapped(a, mmap64(place + a->at, a->size, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_FIXED, v->user.device,
				     (off64_t)(b->info->offset + a->at)));
		if (a->error)
			vmm_stop("BAR%u can't be mapped: %s", bar, strerror(a->error));
	}
}

static void map_bar(struct vmm *v, unsigned int bar, bool mappable, bool knows_sparse)
{
	struct vmm_bar *b = &v->bars[bar];
	uint32_t reg;

	b->info = region(v, bar);
	b->rest = "skip";
	reg = vmm_config_get(v, PCI_BASE_ADDRESS_0 + 4 * bar, 4);
	if ((reg & PCI_BASE_ADDRESS_SPACE_IO) || !(b->info->flags & VFIO_REGION_INFO_FLAG_MMAP) ||
	    !b->info->size)
		return;

	const void *sparse =
		knows_sparse ? vmm_region_cap(b->info, VFIO_REGION_INFO_CAP_SPARSE_MMAP) : NULL;

	if (sparse)
		vmm_add_sparse(v, bar, sparse);
	else if (bar == v->msix.table_bar && !mappable)
		vmm_add_around(v, bar, false);
	else
		vmm_add_area(v, bar, 0, b->info->size);
	map_areas(v, b, bar);
}

static void map_bars(struct vmm *v, bool knows_sparse)
{
	struct vfio_region_info *info = region(v, VFIO_PCI_CONFIG_REGION_INDEX);

	v->config = info->offset;
	free(info);
	vmm_find_msix(v);
	info = region(v, v->msix.table_bar);

	bool mappable = vmm_region_cap(info, VFIO_REGION_INFO_CAP_MSIX_MAPPABLE);

	free(info);
	for (unsigned int bar = 0; bar < VMM_BARS; bar++)
		map_bar(v, bar, mappable, knows_sparse);
}

/* What it tries first: the name with a token that virtual functions ask for. */
static void try_token(const struct vmm *v)
{
	struct user user;
	char name[80];

	snprintf(name, sizeof(name), "%s vf_token=2ab74924-c335-45f4-9b16-8569e5b08258", v->bdf);
	if (user_open(&user, v->group, name) == 0)
		vmm_stop("a token is taken");
}

static void probe(struct vmm *v, bool knows_sparse)
{
	try_token(v);
	vmm_open(v);
	map_bars(v, knows_sparse);
	vmm_config_put(v, PCI_COMMAND, 2, vmm_config_get(v, PCI_COMMAND, 2) | PCI_COMMAND_MASTER);
	vmm_reset(v);
	vmm_set_irqs(v);
}

void vmm_dpdk(struct vmm *v)
{
	probe(v, true);
}

void vmm_dpdk_22(struct vmm *v)
{
	probe(v, false);
}

/* The primary process, as far as a secondary one sees of it; it lives as long as that one. */
static void serve(struct vmm *v, int sock)
{
	char c = 0;

	probe(v, true);
	vmm_send_fd(sock, v->user.container, &c, 1);
	vmm_send_fd(sock, v->user.group, &c, 1);
	_exit(read(sock, &c, 1) != 0);
}

void vmm_dpdk_secondary(struct vmm *v)
{
	int socks[2];
	char c;

	/* the fake keeps one device for both only if it has been open before the fork */
	vmm_open(v);
	user_close(&v->user);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) < 0)
		vmm_stop("socketpair: %s", strerror(errno));
	if (fork() == 0) {
		close(socks[0]);
		serve(v, socks[1]);
	}
	close(socks[1]);
	v->user.container = vmm_receive_fd(socks[0], &c, 1);
	v->user.group = vmm_receive_fd(socks[0], &c, 1);
	if (v->user.group < 0)
		_exit(VMM_STOPPED);
	v->user.device = ioctl(v->user.group, VFIO_GROUP_GET_DEVICE_FD, v->bdf);
	if (v->user.device < 0)
		vmm_stop("no device: %s", strerror(errno));
	vmm_get_info(v);
	map_bars(v, true);
}
