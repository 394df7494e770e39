/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads, writes and mmaps: what the kernel answered, completed. stale.h says what it proves. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "vfio/stale.h"

/*
 * What the kernel transfers at most in one call (MAX_RW_COUNT, a multiple of any page size here).
 */
#define RW_MAX ((uint64_t)INT_MAX & ~0xffffULL)

/* A place in the caller's buffers. */
struct cursor {
	const struct iovec *iov;
	int left; /* elements, this one included */
	size_t skip;
};

static void cursor_skip(struct cursor *c, size_t n)
{
	c->skip += n;
	while (c->left > 0 && c->skip >= c->iov->iov_len) {
		c->skip -= c->iov->iov_len;
		c->iov++;
		c->left--;
	}
}

static struct cursor cursor_at(const struct vfio_xfer *x, size_t done)
{
	struct cursor c = {.iov = x->iov, .left = x->iovcnt};

	cursor_skip(&c, done);
	return c;
}

/* The rest of the current buffer, at most `max` bytes of it. */
static size_t cursor_chunk(const struct cursor *c, uint64_t max, uint8_t **ret)
{
	size_t len = c->iov->iov_len - c->skip;

	*ret = c->iov->iov_base; /* NULL is right for no bytes */
	if (c->skip)
		*ret += c->skip;
	return len < max ? len : (size_t)max;
}

/* Bytes that the call asks for; -1 where the kernel refuses the vector itself. */
static int64_t xfer_size(const struct vfio_xfer *x)
{
	uint64_t sum = 0;

	if (x->iovcnt < 0 || x->iovcnt > IOV_MAX)
		return -1;
	for (int i = 0; i < x->iovcnt; i++) {
		if (x->iov[i].iov_len > SSIZE_MAX - sum)
			return -1;
		sum += x->iov[i].iov_len;
	}
	return (int64_t)(sum < RW_MAX ? sum : RW_MAX);
}

/* A read that the VMM did not ask for, in the form of its call. */
static ssize_t kernel_read(const struct vfio_dev *dev, const struct vfio_xfer *x, uint64_t offset,
			   uint8_t *buf, size_t len)
{
	struct iovec iov = {buf, len};

	return x->vector ? dev->ops->preadv(x->fd, &iov, 1, offset)
			 : dev->ops->pread(x->fd, buf, len, offset);
}

/* What the kernel says to a read of one byte at `offset` of the fd. */
static ssize_t kernel_answer(const struct vfio_dev *dev, const struct vfio_xfer *x, uint64_t offset)
{
	uint8_t byte;

	return kernel_read(dev, x, offset, &byte, 1);
}

/* Where the hardware has what is at `pos` of the target's PBA, as an offset of the fd. */
static uint64_t pba_at(const struct vfio_dev *dev, uint64_t pos)
{
	return dev->region[dev->plan.hw.pba_bir].offset + dev->plan.hw.pba_offset +
	       (pos - dev->plan.pba.start);
}

/* Where a program that mapped `pos` of the target finds it; NULL if it can't. */
static uint8_t *extension_at(const struct vfio_dev *dev, uint64_t pos)
{
	uint64_t edge = vfio_dev_real_pages(&dev->plan, dev->style.page_size);

	return dev->extension && pos >= edge ? dev->extension + (pos - edge) : NULL;
}

static ssize_t zone_read(struct vfio_dev *dev, const struct vfio_xfer *x, enum plan_zone zone,
			 uint64_t pos, uint8_t *buf, size_t len)
{
	const uint8_t *mapped = extension_at(dev, pos);

	if (zone == ZONE_PBA && dev->plan.pba_sound && !mapped)
		return kernel_read(dev, x, pba_at(dev, pos), buf, len);
	if (!dev->ops->writable(buf, len))
		return -EFAULT;
	if (zone == ZONE_TABLE) {
		pthread_mutex_lock(&dev->lock);
		msix_table_read(&dev->table, pos - dev->plan.table.start, buf, len);
		pthread_mutex_unlock(&dev->lock);
	} else if (mapped) {
		memcpy(buf, mapped, len);
	} else {
		memset(buf, 0, len);
	}
	return (ssize_t)len;
}

static ssize_t zone_write(struct vfio_dev *dev, enum plan_zone zone, uint64_t pos,
			  const uint8_t *buf, size_t len)
{
	uint8_t *mapped = extension_at(dev, pos);

	if (zone != ZONE_TABLE && !mapped)
		return (ssize_t)len;
	if (!dev->ops->readable(buf, len))
		return -EFAULT;
	if (zone != ZONE_TABLE) {
		memcpy(mapped, buf, len);
		return (ssize_t)len;
	}
	pthread_mutex_lock(&dev->lock);
	msix_table_write(&dev->table, pos - dev->plan.table.start, buf, len);
	pthread_mutex_unlock(&dev->lock);
	return (ssize_t)len;
}

/* An error ends the call. A vector form still counts the buffers that were completed before. */
static ssize_t done_before_error(const struct vfio_xfer *x, size_t done, ssize_t error)
{
	size_t whole = 0;

	for (int i = 0; i < x->iovcnt && x->iov[i].iov_len <= done - whole; i++)
		whole += x->iov[i].iov_len;
	return whole ? (ssize_t)whole : error;
}

/* A zone may go on past the real pages, but what reads see from there on is other memory. */
static uint64_t zone_end(const struct vfio_dev *dev, uint64_t end, uint64_t pos)
{
	uint64_t edge = vfio_dev_real_pages(&dev->plan, dev->style.page_size);

	return pos < edge && edge < end ? edge : end;
}

/* The bytes of the call from `done` on, at `pos` of the target, by emulation. */
static ssize_t emulate(struct vfio_dev *dev, const struct vfio_xfer *x, uint64_t pos, size_t done,
		       size_t size)
{
	struct cursor c = cursor_at(x, done);

	while (done < size && pos < dev->plan.bar.size) {
		struct extent zone_extent;
		enum plan_zone zone = plan_zone_at(&dev->plan, pos, &zone_extent);
		uint64_t max = zone_end(dev, zone_extent.end, pos) - pos;
		uint8_t *buf;
		size_t len = cursor_chunk(&c, max < size - done ? max : size - done, &buf);
		ssize_t n = x->write ? zone_write(dev, zone, pos, buf, len)
				     : zone_read(dev, x, zone, pos, buf, len);

		if (n < 0)
			return done_before_error(x, done, n);
		done += (size_t)n;
		pos += (uint64_t)n;
		if ((size_t)n < len)
			break;
		cursor_skip(&c, len);
	}
	return (ssize_t)done;
}

/* A call that starts `room` bytes before the end of what the hardware has. */
static ssize_t straddle_done(struct vfio_dev *dev, const struct vfio_xfer *x, uint64_t room,
			     ssize_t result, struct vfio_effect *effect)
{
	if (result <= 0 || (uint64_t)result < room)
		return result;
	effect->stale = stale_count((uint64_t)result, room);

	int64_t size = xfer_size(x);

	if (effect->stale || size <= result)
		return result;

	/* cut short by the end of a BAR, or of a file that got the number? */
	enum stale stale = stale_past_end(kernel_answer(dev, x, x->offset + room));

	effect->stale = stale == STALE_YES;
	return stale == STALE_NO
		       ? emulate(dev, x, dev->plan.phys_size, (size_t)result, (size_t)size)
		       : result;
}

/* A call that starts at `pos` of the target, at or past the end of what the hardware has. */
static ssize_t added_done(struct vfio_dev *dev, const struct vfio_xfer *x, uint64_t pos,
			  ssize_t result, struct vfio_effect *effect)
{
	int64_t size = result == 0 || result == -EINVAL ? xfer_size(x) : 1;

	if (size <= 0) /* no bytes, or a refused vector: any file answers so */
		return result;

	enum stale stale = stale_past_end(result);

	effect->stale = stale == STALE_YES;
	return stale == STALE_NO ? emulate(dev, x, pos, 0, (size_t)size) : result;
}

/* Whether the view has anything to edit or note in `len` bytes at `pos` of configuration space. */
static bool config_concerns(const struct vfio_dev *dev, const struct vfio_xfer *x, uint64_t pos,
			    size_t len)
{
	return x->write ? cfg_view_notes(&dev->cfg, pos, len) : cfg_view_edits(&dev->cfg, pos, len);
}

/* The first `result` bytes of the call were transferred at `pos` of the configuration space. */
static void config_edit(struct vfio_dev *dev, const struct vfio_xfer *x, uint64_t pos,
			size_t result)
{
	struct cursor c = cursor_at(x, 0);
	bool reset = false;

	pthread_mutex_lock(&dev->lock);
	while (result > 0 && c.left > 0) {
		uint8_t *buf;
		size_t len = cursor_chunk(&c, result, &buf);

		if (x->write)
			reset |= cfg_view_write(&dev->cfg, pos, buf, len);
		else
			cfg_view_read(&dev->cfg, pos, buf, len);
		pos += len;
		result -= len;
		cursor_skip(&c, len);
	}
	pthread_mutex_unlock(&dev->lock);
	if (reset)
		vfio_dev_reset(dev);
}

/* A call at `pos` of the configuration space, or of a huge file that got the number. */
static void config_done(struct vfio_dev *dev, const struct vfio_xfer *x, uint64_t pos,
			ssize_t result, struct vfio_effect *effect)
{
	if (result <= 0)
		return;
	effect->stale = stale_count((uint64_t)result, dev->config_size - pos);
	if (effect->stale || !config_concerns(dev, x, pos, (size_t)result))
		return;

	if (dev->past_config < 0) { /* else its answer there would tell nothing */
		uint64_t end = dev->config_offset + dev->config_size;

		effect->stale = stale_past_config(kernel_answer(dev, x, end), dev->past_config);
	}
	if (!effect->stale)
		config_edit(dev, x, pos, (size_t)result);
}

ssize_t vfio_dev_complete(struct vfio_dev *dev, const struct vfio_xfer *x, ssize_t result,
			  struct vfio_effect *effect)
{
	const struct plan *plan = &dev->plan;

	if (plan->target == PLAN_OFF)
		return result;

	/* both wrap to huge numbers where the call starts before the region */
	uint64_t config_pos = x->offset - dev->config_offset;
	uint64_t target_pos = x->offset - dev->region[plan->target].offset;

	if (config_pos < dev->config_size) {
		config_done(dev, x, config_pos, result, effect);
		return result;
	}
	if (target_pos >= plan->bar.size)
		return result;
	return target_pos < plan->phys_size
		       ? straddle_done(dev, x, plan->phys_size - target_pos, result, effect)
		       : added_done(dev, x, target_pos, result, effect);
}

void vfio_dev_mmap_done(const struct vfio_dev *dev, uint64_t offset, uint64_t len,
			struct vfio_effect *effect)
{
	effect->stale = dev->plan.target != PLAN_OFF && stale_mmap(dev, offset, len);
}
