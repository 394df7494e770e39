/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kvmtool GROUP ADDRESS: what kvmtool does to VFIO up to a running guest, and then as an NVMe
 * driver in it: starts the controller, has it identify itself, gets the interrupt. Prints what came
 * of that; status 0 if all of it worked, VMM_STOPPED otherwise.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/shim/clients/vmm.h"

/* Registers in BAR0, and what is in them. */
#define CC		0x14
#define CC_ENABLE	(4 << 20 | 6 << 16 | 1) /* entries of 16 and of 64 bytes */
#define CSTS		0x1c
#define CSTS_READY	1
#define AQA		0x24
#define ASQ		0x28
#define ACQ		0x30
#define SUBMISSION_TAIL 0x1000

#define IDENTIFY	    6
#define IDENTIFY_CONTROLLER 1

#define ENTRIES	 2
#define TURNS	 1000	 /* reads until a controller that is not ready never will be */
#define PATIENCE 60000	 /* milliseconds: an interrupt that has not come never will */
#define MEMORY	 0x10000 /* the guest's address of struct memory */

/* The guest's memory, a page each; little-endian, as the machine is. */
struct memory {
	union {
		uint32_t command[ENTRIES][16];
		uint8_t page[4096];
	} submission;
	union {
		uint32_t answer[ENTRIES][4];
		uint8_t page[4096];
	} completion;
	uint8_t identity[4096];
};

static int admin_event = -1;

static void keep_event(const struct vmm *v, const int *events)
{
	(void)v;
	admin_event = events[0];
}

/* The register as the guest reaches it; NULL: by nothing but kvmtool's own table. */
static volatile uint32_t *reach(const struct vmm *v, uint64_t at)
{
	const struct vmm_bar *b = &v->bars[0];

	return b->count && !b->areas[0].error ? (volatile uint32_t *)(b->areas[0].p + at) : NULL;
}

static void set_register(const struct vmm *v, uint64_t at, uint32_t value)
{
	if (reach(v, at))
		*reach(v, at) = value;
}

/* kvmtool shows the table at offset 0 of its BAR, all entries masked, and behind it nothing. */
static uint32_t get_register(const struct vmm *v, uint64_t at)
{
	if (reach(v, at))
		return *reach(v, at);
	return at < vmm_table_size(v) && at % PCI_MSIX_ENTRY_SIZE == PCI_MSIX_ENTRY_VECTOR_CTRL
		       ? PCI_MSIX_ENTRY_CTRL_MASKBIT
		       : 0;
}

static void await_ready(const struct vmm *v, uint32_t ready)
{
	for (int i = 0; (get_register(v, CSTS) & CSTS_READY) != ready; i++)
		if (i == TURNS)
			vmm_stop("the controller does not become %s", ready ? "ready" : "idle");
}

static struct memory *map_memory(const struct vmm *v)
{
	struct memory *m =
		mmap(NULL, sizeof(*m), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct vfio_iommu_type1_dma_map map = {.argsz = sizeof(map),
					       .flags = VFIO_DMA_MAP_FLAG_READ |
							VFIO_DMA_MAP_FLAG_WRITE,
					       .vaddr = (uintptr_t)m,
					       .iova = MEMORY,
					       .size = sizeof(*m)};

	if (m == MAP_FAILED || ioctl(v->user.container, VFIO_IOMMU_MAP_DMA, &map) < 0)
		vmm_stop("the guest's memory: %s", strerror(errno));
	return m;
}

static void start_controller(const struct vmm *v)
{
	set_register(v, CC, 0);
	await_ready(v, 0);
	set_register(v, AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
	set_register(v, ASQ, MEMORY + offsetof(struct memory, submission));
	set_register(v, ASQ + 4, 0);
	set_register(v, ACQ, MEMORY + offsetof(struct memory, completion));
	set_register(v, ACQ + 4, 0);
	set_register(v, CC, CC_ENABLE);
	await_ready(v, CSTS_READY);
}

static void identify(const struct vmm *v, struct memory *m)
{
	struct pollfd event = {.fd = admin_event, .events = POLLIN};
	uint32_t *command = m->submission.command[0];
	const uint32_t *answer = m->completion.answer[0];
	uint64_t count = 0;

	command[0] = IDENTIFY;
	command[6] = MEMORY + offsetof(struct memory, identity);
	command[10] = IDENTIFY_CONTROLLER;
	set_register(v, SUBMISSION_TAIL, 1);
	if (poll(&event, 1, PATIENCE) != 1 || read(admin_event, &count, sizeof(count)) < 0)
		vmm_stop("no interrupt");
	if (answer[3] != 1U << 16) /* the phase, and neither an error nor another command's id */
		vmm_stop("the answer is %08x", answer[3]);
	printf("controller ready; model %.14s; interrupts %d\n", m->identity + 24, (int)count);
}

int main(int argc, char **argv)
{
	static struct vmm v;

	if (argc != 3)
		return 2;
	v.group = argv[1];
	v.bdf = argv[2];
	v.fire = keep_event;
	vmm_kvmtool(&v);
	for (unsigned int bar = 0; bar < VMM_BARS; bar++)
		if (v.bars[bar].info && v.bars[bar].info->size)
			printf("BAR%u %s; ", bar, v.bars[bar].count ? "mapped" : v.bars[bar].rest);

	struct memory *m = map_memory(&v);

	start_controller(&v);
	identify(&v, m);
	user_close(&v.user);
	return 0;
}
