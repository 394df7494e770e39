/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crosvm: the main process opens and sizes the device, a forked one runs it. For each area that is
 * to be mapped, the latter sends a duplicate of the device's descriptor to the former, which maps
 * it. BARs are read back from the device. MSIX_MAPPABLE adds the whole BAR to what is mapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm.h"

struct request {
	uint32_t bar;
	uint32_t area;
};

/* trap V6 */
static void send_area(const struct vmm *v, int sock, struct request request)
{
	int fd = fcntl(v->user.device, F_DUPFD_CLOEXEC, 0);

	vmm_send_fd(sock, fd, &request, sizeof(request));
	close(fd);
}

/* What a BAR's areas are: known before the fork. */
static void add_areas(struct vmm *v, unsigned int bar)
{
	const struct vfio_region_info *info = v->bars[bar].info;
	const void *sparse = vmm_region_cap(info, VFIO_REGION_INFO_CAP_SPARSE_MMAP);
	bool mappable = vmm_region_cap(info, VFIO_REGION_INFO_CAP_MSIX_MAPPABLE);

	if (!(info->flags & VFIO_REGION_INFO_FLAG_MMAP))
		return;
	if (sparse)
		vmm_add_sparse(v, bar, sparse);
	if (mappable)
		vmm_add_area(v, bar, 0, info->size);
	if (!(info->flags & VFIO_REGION_INFO_FLAG_CAPS))
		vmm_add_around(v, bar, true);
}

/* Sizes all BARs and gives them addresses of the guest's; regs[]: what the registers read then. */
static void place_bars(const struct vmm *v, uint32_t *regs)
{
	uint64_t next = 1ULL << 35;
	bool is_64;

	for (unsigned int bar = 0; bar < VMM_BARS; bar += 1 + is_64) {
		unsigned int at = PCI_BASE_ADDRESS_0 + 4 * bar;
		uint64_t size = vmm_size_by_config(v, bar, &is_64);

		if (!size)
			continue;
		next = (next + size - 1) & ~(size - 1);
		vmm_config_put(v, at, 4, (uint32_t)next);
		regs[bar] = (uint32_t)next | (vmm_config_get(v, at, 4) & 0xf);
		if (is_64) {
			regs[bar + 1] = (uint32_t)(next >> 32);
			vmm_config_put(v, at + 4, 4, regs[bar + 1]);
		}
		next += size;
	}
}

/* Wherever a guest may read, also in the padding: an error would be a panic. (trap V13) */
static void read_bar(const struct vmm *v, uint32_t bar)
{
	const struct vfio_region_info *info = v->bars[bar].info;
	uint32_t word;

	for (uint64_t at = 0; at < info->size; at += vmm_page() / 2)
		if (pread64(v->user.device, &word, 4, (off64_t)(info->offset + at)) != 4)
			vmm_stop("BAR%u+0x%" PRIx64 " can't be read: %s", bar, at, strerror(errno));
}

/* The process of the device. */
static void run_device(const struct vmm *v, int sock, const uint32_t *regs)
{
	vmm_config_put(v, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	for (uint32_t bar = 0; bar < VMM_BARS; bar++) {
		uint32_t reg = vmm_config_get(v, PCI_BASE_ADDRESS_0 + 4 * bar, 4);

		if (reg != regs[bar])
			vmm_stop("BAR%u reads 0x%x, not 0x%x", bar, reg, regs[bar]);
		read_bar(v, bar);
		for (uint32_t i = 0; i < v->bars[bar].count; i++)
			send_area(v, sock, (struct request){bar, i});
	}
	vmm_set_irqs(v);
}

static void map_area(struct vmm *v, int fd, struct request request)
{
	struct vmm_bar *b = &v->bars[request.bar];
	struct vmm_area *a = &b->areas[request.area];

	vmm_mapped(a, mmap64(NULL, a->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			     (off64_t)(b->info->offset + a->at)));
	close(fd);
}

void vmm_crosvm(struct vmm *v)
{
	uint32_t regs[VMM_BARS] = {0};
	struct request request;
	int socks[2], fd, status;

	vmm_open(v);
	vmm_get_regions(v);
	vmm_find_msix(v);
	place_bars(v, regs);
	for (unsigned int bar = 0; bar < VMM_BARS; bar++)
		add_areas(v, bar);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) < 0)
		vmm_stop("socketpair: %s", strerror(errno));

	pid_t device = fork();

	if (device == 0) {
		close(socks[0]);
		run_device(v, socks[1], regs);
		_exit(0);
	}
	close(socks[1]);
	while ((fd = vmm_receive_fd(socks[0], &request, sizeof(request))) >= 0)
		map_area(v, fd, request);
	if (waitpid(device, &status, 0) != device || status != 0)
		_exit(VMM_STOPPED);
}
