/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VFIO_DEVICE_SET_IRQS: vfio_set_irqs_validate_and_prepare(), vfio_pci_set_irqs_ioctl(). */
#include "fake/pci/irq/irq_set.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/le.h"
#include "core/pci_cfg.h"
#include "fake/log.h"
#include "fake/pci/dev.h"
#include "fake/pci/irq/event.h"
#include "fake/pci/irq/irq.h"
#include "fake/user.h"

#define MINSZ offsetof(struct vfio_irq_set, data)

struct set {
	const uint8_t *bools;
	const int32_t *fds;
	struct vfio_irq_set hdr; /* last: its data follow it */
};

static bool data_is(const struct set *s, uint32_t type)
{
	return s->hdr.flags & type;
}

static void hw_enable(struct fake_dev *d, uint32_t index, bool on)
{
	bool msix = index == VFIO_PCI_MSIX_IRQ_INDEX;
	uint16_t pos =
		pci_cfg_find_cap(d->hw, PCI_CFG_SIZE, msix ? PCI_CAP_ID_MSIX : PCI_CAP_ID_MSI);
	uint16_t bit = msix ? PCI_MSIX_FLAGS_ENABLE : PCI_MSI_FLAGS_ENABLE, flags;

	if (!pos)
		return;
	flags = le16_get(d->hw + pos + PCI_MSI_FLAGS);
	le16_put(d->hw + pos + PCI_MSI_FLAGS, on ? flags | bit : flags & ~bit);
}

static void msi_disable(struct fake_dev *d, uint32_t index)
{
	irq_disconnect_all(d);
	memset(d->irqs.pending, 0, sizeof(d->irqs.pending));
	hw_enable(d, index, false);
	if (index == VFIO_PCI_MSIX_IRQ_INDEX)
		irq_restore_table(d);
}

/* vfio_msi_enable() */
static long msi_enable(struct fake_dev *d, uint32_t index, uint32_t nvec)
{
	uint32_t can = d->desc.msix_available;

	if (!nvec)
		return -ERANGE;
	if (!dev_in_d0(d))
		return -EINVAL;
	if (index == VFIO_PCI_MSIX_IRQ_INDEX && can && can < nvec)
		return can;
	d->irqs.active = (int)index;
	d->irqs.vectors = nvec;
	if (index == VFIO_PCI_MSI_IRQ_INDEX) {
		for (d->irqs.msi_qmax = 0; 1U << d->irqs.msi_qmax < nvec;)
			d->irqs.msi_qmax++;
	}
	hw_enable(d, index, true);
	return 0;
}

/* vfio_msi_set_vector_signal() */
static long msi_set_vector(struct fake_dev *d, uint32_t index, uint32_t i, int32_t fd)
{
	bool msix = index == VFIO_PCI_MSIX_IRQ_INDEX;
	int error = 0;

	event_clear(&d->irqs.trigger[i]);
	if (msix)
		irq_put_entry(d, i, true);
	if (fd < 0)
		return 0;
	if (i >= d->irqs.vectors) {
		if (!msix || d->desc.msix_noresize)
			return -EINVAL;
		d->irqs.vectors = i + 1;
	}
	if (!event_set(&d->irqs.trigger[i], fd, &error))
		return error;
	if (msix)
		irq_put_entry(d, i, false);
	if (msix && d->irqs.pending[i]) {
		irq_set_pending(d, i, false);
		event_signal(&d->irqs.trigger[i]);
	}
	return 0;
}

/* vfio_msi_set_block(): after a failure those that were looked at are disconnected, no others. */
static long msi_set_block(struct fake_dev *d, const struct set *s)
{
	uint32_t done = 0;
	long ret = 0;

	for (; !ret && done < s->hdr.count; done++)
		ret = msi_set_vector(d, s->hdr.index, s->hdr.start + done, s->fds[done]);
	for (uint32_t i = 0; ret && i < done; i++)
		msi_set_vector(d, s->hdr.index, s->hdr.start + i, -1);
	return ret;
}

/* vfio_pci_set_msi_trigger() */
static long msi_trigger(struct fake_dev *d, const struct set *s)
{
	bool active = d->irqs.active == (int)s->hdr.index;
	long ret;

	if (active && !s->hdr.count && data_is(s, VFIO_IRQ_SET_DATA_NONE)) {
		msi_disable(d, s->hdr.index);
		return 0;
	}
	if (!active && d->irqs.active >= 0)
		return -EINVAL;
	if (data_is(s, VFIO_IRQ_SET_DATA_EVENTFD)) {
		if (active)
			return msi_set_block(d, s);
		ret = msi_enable(d, s->hdr.index, s->hdr.start + s->hdr.count);
		if (ret)
			return ret;
		ret = msi_set_block(d, s);
		if (ret)
			msi_disable(d, s->hdr.index);
		return ret;
	}
	if (!active)
		return -EINVAL;
	for (uint32_t i = 0; i < s->hdr.count; i++) {
		if (data_is(s, VFIO_IRQ_SET_DATA_NONE) || s->bools[i])
			event_signal(&d->irqs.trigger[s->hdr.start + i]);
	}
	return 0;
}

static bool asked(const struct set *s)
{
	return data_is(s, VFIO_IRQ_SET_DATA_NONE) ||
	       (data_is(s, VFIO_IRQ_SET_DATA_BOOL) && s->bools[0]);
}

/* vfio_pci_set_intx_trigger() */
static long intx_trigger(struct fake_dev *d, const struct set *s)
{
	bool active = d->irqs.active == VFIO_PCI_INTX_IRQ_INDEX;
	int error = 0;

	if (active && !s->hdr.count && data_is(s, VFIO_IRQ_SET_DATA_NONE)) {
		irq_disconnect_all(d);
		return 0;
	}
	if ((!active && d->irqs.active >= 0) || s->hdr.start || s->hdr.count != 1)
		return -EINVAL;
	if (data_is(s, VFIO_IRQ_SET_DATA_EVENTFD)) {
		/* Without an eventfd INTx is the active index all the same. */
		if (s->fds[0] < 0)
			event_clear(&d->irqs.trigger[0]);
		else if (!event_set(&d->irqs.trigger[0], s->fds[0], &error))
			return error;
		d->irqs.active = VFIO_PCI_INTX_IRQ_INDEX;
		return 0;
	}
	if (!active)
		return -EINVAL;
	if (asked(s))
		event_signal(&d->irqs.trigger[0]);
	return 0;
}

static void intx_unmask(struct fake_dev *d)
{
	d->irqs.intx_masked = false;
	if (!d->irqs.pending[0])
		return;
	d->irqs.pending[0] = 0;
	irq_fire(d, VFIO_PCI_INTX_IRQ_INDEX, 0);
}

/* vfio_pci_set_intx_mask(), vfio_pci_set_intx_unmask() */
static long intx_mask(struct fake_dev *d, const struct set *s, bool mask)
{
	int error = 0;

	if (d->irqs.active != VFIO_PCI_INTX_IRQ_INDEX || s->hdr.start || s->hdr.count != 1)
		return -EINVAL;
	if (data_is(s, VFIO_IRQ_SET_DATA_EVENTFD)) {
		if (mask)
			return -ENOTTY;
		event_clear(&d->irqs.unmask);
		if (s->fds[0] < 0 || event_set(&d->irqs.unmask, s->fds[0], &error))
			return 0;
		return error;
	}
	if (asked(s) && mask)
		d->irqs.intx_masked = true;
	else if (asked(s))
		intx_unmask(d);
	return 0;
}

/* vfio_pci_set_ctx_trigger_single() */
static long single_trigger(struct fake_event *e, const struct set *s)
{
	int error = 0;

	if (s->hdr.start || s->hdr.count > 1)
		return -EINVAL;
	if (data_is(s, VFIO_IRQ_SET_DATA_NONE)) {
		if (e->fd < 0)
			return -EINVAL;
		if (s->hdr.count)
			event_signal(e);
		else
			event_clear(e);
		return 0;
	}
	if (!s->hdr.count)
		return -EINVAL;
	if (data_is(s, VFIO_IRQ_SET_DATA_BOOL)) {
		if (s->bools[0])
			event_signal(e);
		return 0;
	}
	if (s->fds[0] < 0) {
		if (s->fds[0] == -1)
			event_clear(e);
		return 0;
	}
	return event_set(e, s->fds[0], &error) ? 0 : error;
}

static long dispatch(struct fake_dev *d, const struct set *s)
{
	uint32_t action = s->hdr.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	bool trigger = action == VFIO_IRQ_SET_ACTION_TRIGGER;

	switch (s->hdr.index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		if (trigger)
			return intx_trigger(d, s);
		if (action == VFIO_IRQ_SET_ACTION_MASK || action == VFIO_IRQ_SET_ACTION_UNMASK)
			return intx_mask(d, s, action == VFIO_IRQ_SET_ACTION_MASK);
		return -ENOTTY;
	case VFIO_PCI_MSI_IRQ_INDEX:
	case VFIO_PCI_MSIX_IRQ_INDEX:
		return trigger ? msi_trigger(d, s) : -ENOTTY;
	case VFIO_PCI_ERR_IRQ_INDEX:
		return trigger ? single_trigger(&d->irqs.err, s) : -ENOTTY;
	default:
		return trigger ? single_trigger(&d->irqs.req, s) : -ENOTTY;
	}
}

/* Bytes of data after the header, or -EINVAL. */
static long prepare(const struct fake_dev *d, const struct vfio_irq_set *h)
{
	uint32_t num;
	size_t size;

	if (h->argsz < MINSZ || h->index >= VFIO_PCI_NUM_IRQS ||
	    h->count >= UINT32_MAX - h->start ||
	    h->flags & ~(uint32_t)(VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK))
		return -EINVAL;
	num = irq_count(d, h->index);
	if (h->start >= num || h->start + h->count > num)
		return -EINVAL;
	switch (h->flags & VFIO_IRQ_SET_DATA_TYPE_MASK) {
	case VFIO_IRQ_SET_DATA_NONE:
		size = 0;
		break;
	case VFIO_IRQ_SET_DATA_BOOL:
		size = sizeof(uint8_t);
		break;
	case VFIO_IRQ_SET_DATA_EVENTFD:
		size = sizeof(int32_t);
		break;
	default:
		return -EINVAL;
	}
	if (h->argsz - MINSZ < h->count * size)
		return -EINVAL;
	return (long)(h->count * size);
}

static long run(struct fake_dev *d, void *arg, struct vfio_irq_set *hdr)
{
	long size, ret;
	void *data;

	if (user_read(hdr, arg, MINSZ))
		return -EFAULT;
	size = prepare(d, hdr);
	if (size < 0)
		return size;
	/* With room for one fd even if no data are given. */
	data = calloc(1, (size_t)size + sizeof(int32_t));
	if (!data)
		return -ENOMEM;
	if (user_read(data, (uint8_t *)arg + MINSZ, (size_t)size)) {
		free(data);
		return -EFAULT;
	}

	struct set s = {.hdr = *hdr, .bools = data, .fds = data};

	ret = dispatch(d, &s);
	free(data);
	return ret;
}

long irq_set(struct fake_dev *d, void *arg)
{
	struct vfio_irq_set hdr = {0};
	long ret = run(d, arg, &hdr);

	log_result(ret, "%s SET_IRQS index=%u flags=0x%x start=%u count=%u", d->name, hdr.index,
		   hdr.flags, hdr.start, hdr.count);
	return ret;
}
