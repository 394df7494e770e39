/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Eventfds that write registers: vfio_pci_rdwr.c. No write follows: the fake does not see that one
 * is signalled. */
#include "fake/pci/ioeventfd.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stddef.h>

#include "core/pci_cfg.h"
#include "desc/desc.h"
#include "fake/log.h"
#include "fake/pci/dev.h"
#include "fake/pci/irq/event.h"
#include "fake/user.h"

static bool is_eventfd_arg(int fd, int *error)
{
	struct fake_event e = {.fd = -1};

	if (!event_set(&e, fd, error))
		return false;
	event_clear(&e);
	return true;
}

static bool meets_table(const struct fake_dev *d, unsigned int bar, uint64_t pos, uint64_t count)
{
	uint64_t end = d->msix.table_offset + pci_msix_table_size(d->msix.vectors);

	return d->msix.pos && d->msix.table_bir == bar && pos < end &&
	       pos + count > d->msix.table_offset;
}

/* vfio_pci_ioeventfd() */
static long ioeventfd(struct fake_dev *d, const struct vfio_device_ioeventfd *io)
{
	uint32_t count = io->flags & VFIO_DEVICE_IOEVENTFD_SIZE_MASK;
	uint64_t bar = io->offset >> REGION_SHIFT, pos = io->offset & REGION_MASK;
	struct fake_ioeventfd *free = NULL;
	int error;

	if (io->flags & ~VFIO_DEVICE_IOEVENTFD_SIZE_MASK || !count || count & (count - 1))
		return -EINVAL;
	if (io->fd < -1 || bar >= PCI_BARS)
		return -EINVAL;
	if (pos + count > desc_bar_size(&d->desc, (unsigned int)bar) ||
	    meets_table(d, (unsigned int)bar, pos, count))
		return -EINVAL;
	if (d->desc.bars[bar].unassigned)
		return -ENODEV;
	for (unsigned int i = 0; i < FAKE_IOEVENTFDS; i++) {
		struct fake_ioeventfd *e = &d->ioeventfds[i];

		if (!e->used) {
			free = free ? free : e;
			continue;
		}
		if (e->pos != io->offset || e->count != count || e->data != io->data)
			continue;
		e->used = io->fd != -1;
		return e->used ? -EEXIST : 0;
	}
	if (io->fd < 0)
		return -ENODEV;
	if (!free)
		return -ENOSPC;
	if (!is_eventfd_arg(io->fd, &error))
		return error;
	*free = (struct fake_ioeventfd){io->offset, io->data, count, true};
	return 0;
}

long dev_ioeventfd(struct fake_dev *d, void *arg)
{
	struct vfio_device_ioeventfd io = {0};
	const size_t minsz = offsetof(struct vfio_device_ioeventfd, fd) + sizeof(io.fd);
	long ret;

	if (user_read(&io, arg, minsz))
		ret = -EFAULT;
	else if (io.argsz < minsz)
		ret = -EINVAL;
	else
		ret = ioeventfd(d, &io);
	log_result(ret, "%s IOEVENTFD offset=0x%llx flags=0x%x data=0x%llx", d->name,
		   (unsigned long long)io.offset, io.flags, (unsigned long long)io.data);
	return ret;
}
