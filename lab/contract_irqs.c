/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts: what SET_IRQS takes, refuses and leaves behind. */
#include "contract.h"

#include <linux/pci_regs.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NONE	VFIO_IRQ_SET_DATA_NONE
#define BOOL	VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD VFIO_IRQ_SET_DATA_EVENTFD
#define MASK	VFIO_IRQ_SET_ACTION_MASK
#define UNMASK	VFIO_IRQ_SET_ACTION_UNMASK
#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER

/* What stands in the argument behind its head. */
enum data { EVENTS, NO_FDS, BAD_FD, NO_EVENTFD, ONES, ZEROS };

static int events[4];

static void set(const struct contract *c, uint32_t argsz, uint32_t flags, uint32_t index,
		uint32_t start, uint32_t count, enum data data)
{
	union {
		struct vfio_irq_set head;
		uint8_t bytes[sizeof(struct vfio_irq_set) + 64];
	} arg;
	uint64_t fired[4] = {0};
	uint16_t control = 0;

	memset(&arg, data == ONES ? 1 : 0, sizeof(arg));
	arg.head = (struct vfio_irq_set){argsz, flags, index, start, count};
	for (uint32_t i = 0; i < 4 && data < ONES; i++) {
		const int32_t fd = data == EVENTS   ? events[i]
				   : data == NO_FDS ? -1
				   : data == BAD_FD ? 9999
						    : 1;

		memcpy(arg.head.data + i * sizeof(fd), &fd, sizeof(fd));
	}

	const char *rc = contract_result(ioctl(c->u.device, VFIO_DEVICE_SET_IRQS, &arg));

	for (int i = 0; i < 4; i++) {
		if (read(events[i], &fired[i], sizeof(fired[i])) < 0)
			fired[i] = 0;
	}
	if (c->msix)
		pread(c->u.device, &control, 2,
		      contract_pos(VFIO_PCI_CONFIG_REGION_INDEX, c->msix + PCI_MSIX_FLAGS));
	contract_say("SET_IRQS argsz %u, flags 0x%x, index %u, %u+%u, data %d: %s; fired %d%d%d%d, "
		     "control %04x",
		     argsz, flags, index, start, count, (int)data, rc, (int)fired[0], (int)fired[1],
		     (int)fired[2], (int)fired[3], control);
}

/* The checks that come before any interrupt is touched. */
static void refusals(const struct contract *c)
{
	static const uint32_t flags[] = {
		0,
		NONE,
		BOOL,
		EVENTFD,
		MASK,
		UNMASK,
		TRIGGER,
		NONE | MASK | UNMASK,
		NONE | MASK | TRIGGER,
		NONE | BOOL | TRIGGER,
		EVENTFD | BOOL | TRIGGER,
		0x40 | NONE | TRIGGER,
		~0U,
	};
	static const uint32_t argsz[] = {0, 19, 20, 21, 24, 27, 28};

	for (uint32_t index = 0; index < 7; index++) {
		for (size_t i = 0; i < COUNT(flags); i++)
			set(c, 84, flags[i], index, 0, 1, NO_FDS);
		for (size_t i = 0; i < COUNT(argsz); i++)
			set(c, argsz[i], EVENTFD | TRIGGER, index, 0, 2, NO_FDS);
		set(c, 84, NONE | TRIGGER, index, 5000, 0, NO_FDS);
		set(c, 84, NONE | TRIGGER, index, 0, 5000, NO_FDS);
		set(c, 84, NONE | TRIGGER, index, ~0U, 1, NO_FDS);
		set(c, 84, NONE | TRIGGER, index, 1, ~0U, NO_FDS);
		set(c, 84, NONE | TRIGGER, index, 0, ~0U, NO_FDS);
	}
	contract_say("SET_IRQS NULL: %s",
		     contract_result(ioctl(c->u.device, VFIO_DEVICE_SET_IRQS, NULL)));
}

/* One kind's life: on, changed, fired by hand, masked, off. */
static void life(const struct contract *c, uint32_t index)
{
	const struct {
		uint32_t flags, start, count;
		enum data data;
	} steps[] = {
		{NONE | TRIGGER, 0, 0, NO_FDS},	       {NONE | TRIGGER, 0, 1, NO_FDS},
		{EVENTFD | TRIGGER, 0, 0, EVENTS},     {EVENTFD | TRIGGER, 0, 1, BAD_FD},
		{EVENTFD | TRIGGER, 0, 1, NO_EVENTFD}, {EVENTFD | TRIGGER, 0, 1, EVENTS},
		{NONE | TRIGGER, 0, 1, NO_FDS},	       {BOOL | TRIGGER, 0, 1, ONES},
		{BOOL | TRIGGER, 0, 1, ZEROS},	       {NONE | MASK, 0, 1, NO_FDS},
		{NONE | TRIGGER, 0, 1, NO_FDS},	       {NONE | UNMASK, 0, 1, NO_FDS},
		{EVENTFD | UNMASK, 0, 1, EVENTS},      {EVENTFD | MASK, 0, 1, EVENTS},
		{EVENTFD | TRIGGER, 0, 3, EVENTS},     {EVENTFD | TRIGGER, 1, 2, EVENTS},
		{NONE | TRIGGER, 0, 3, NO_FDS},	       {EVENTFD | TRIGGER, 0, 1, NO_FDS},
		{NONE | TRIGGER, 0, 2, NO_FDS},	       {EVENTFD | TRIGGER, 0, 2, BAD_FD},
		{NONE | TRIGGER, 0, 2, NO_FDS},	       {NONE | TRIGGER, 1, 0, NO_FDS},
		{NONE | TRIGGER, 0, 0, NO_FDS},	       {EVENTFD | TRIGGER, 0, 4, EVENTS},
		{NONE | TRIGGER, 2, 2, NO_FDS},	       {EVENTFD | TRIGGER, 3, 1, NO_FDS},
		{NONE | TRIGGER, 2, 2, NO_FDS},	       {NONE | TRIGGER, 0, 0, NO_FDS},
		{NONE | TRIGGER, 0, 0, NO_FDS},
	};

	for (size_t i = 0; i < COUNT(steps); i++)
		set(c, 84, steps[i].flags, index, steps[i].start, steps[i].count, steps[i].data);
}

void contract_irqs(struct contract *c)
{
	for (int i = 0; i < 4; i++)
		events[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	refusals(c);
	contract_reopen(c);
	for (uint32_t index = 0; index < VFIO_PCI_NUM_IRQS; index++) {
		life(c, index);
		contract_reopen(c);
	}
	/* one kind at a time */
	set(c, 84, EVENTFD | TRIGGER, VFIO_PCI_MSIX_IRQ_INDEX, 0, 1, EVENTS);
	set(c, 84, EVENTFD | TRIGGER, VFIO_PCI_MSI_IRQ_INDEX, 0, 1, EVENTS);
	set(c, 84, EVENTFD | TRIGGER, VFIO_PCI_INTX_IRQ_INDEX, 0, 1, EVENTS);
	set(c, 84, NONE | TRIGGER, VFIO_PCI_MSI_IRQ_INDEX, 0, 0, NO_FDS);
	for (int i = 0; i < 4; i++)
		close(events[i]);
	contract_reopen(c);
}
