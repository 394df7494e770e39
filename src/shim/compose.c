/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compose.h"

#include <errno.h>
#include <linux/vfio.h>

#include "next.h"

/* Where the kernel can map a BAR by large pages, address and offset agree modulo their size. */
#define LARGE (UINT64_C(1) << 21)
#define HUGE  (UINT64_C(1) << 30)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* Below 2 GiB: only x86 has it. */
#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif

int compose_prepare(struct device *dev, const struct plan *plan, uint64_t page_size, bool wanted)
{
	int saved = errno;

	if (dev->behind_len)
		munmap(dev->vfio.behind, dev->behind_len);
	dev->vfio.behind = NULL;
	dev->behind_len = 0;
	errno = saved;
	if (!wanted || plan->new_bar)
		return 0;

	size_t len = plan->bar.size - vfio_dev_real_pages(plan, page_size);
	void *p = next_mmap(NULL, len, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	errno = saved;
	if (p == MAP_FAILED)
		return -ENOMEM;
	dev->vfio.behind = p;
	dev->behind_len = len;
	return 0;
}

/* `offset` of the device's fd, as one of the target. */
static uint64_t target_pos(const struct device *dev, uint64_t offset)
{
	return offset - dev->vfio.region[dev->vfio.plan.target].offset;
}

static uint64_t real_pages(const struct device *dev)
{
	return vfio_dev_real_pages(&dev->vfio.plan, dev->vfio.style.page_size);
}

/* Whether the kernel has nothing behind the real pages of `fd`, as it is with the device. */
static bool is_device(const struct device *dev, int fd, uint64_t offset)
{
	const size_t page = dev->vfio.style.page_size;
	uint64_t end = offset - target_pos(dev, offset) + real_pages(dev);
	void *p = next_mmap(NULL, page, PROT_READ, MAP_SHARED, fd, (off_t)end);

	if (p == MAP_FAILED)
		return errno == EINVAL;
	munmap(p, page);
	return false;
}

bool compose_covers(const struct device *dev, const void *addr, size_t len, int flags, int fd,
		    uint64_t offset)
{
	const uint64_t in_page = dev->vfio.style.page_size - 1;
	const bool is_shared =
		(flags & MAP_TYPE) == MAP_SHARED || (flags & MAP_TYPE) == MAP_SHARED_VALIDATE;

	if (!dev->vfio.behind || !(dev->vfio.target.flags & VFIO_REGION_INFO_FLAG_MMAP))
		return false;

	uint64_t pos = target_pos(dev, offset);

	/* the kernel refuses these by itself */
	if (!is_shared || offset & in_page ||
	    (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) && (uintptr_t)addr & in_page))
		return false;
	return len > 0 && pos < dev->vfio.plan.bar.size && len <= dev->vfio.plan.bar.size - pos &&
	       pos + len > real_pages(dev) && is_device(dev, fd, offset);
}

/* A place for `len` bytes whose address is `phase` modulo `align`. */
static uint8_t *reserve_aligned(size_t len, size_t align, size_t phase)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	uint8_t *p = next_mmap(NULL, len + align, PROT_NONE, flags, -1, 0);

	if (p == MAP_FAILED)
		return MAP_FAILED;

	size_t head = (phase - (uintptr_t)p) & (align - 1);

	if (head)
		munmap(p, head);
	munmap(p + head + len, align - head);
	return p + head;
}

static uint8_t *reserve(void *addr, size_t len, int flags, size_t align, size_t phase)
{
	const int where = flags & (MAP_FIXED_NOREPLACE | MAP_32BIT);

	if (flags & MAP_FIXED) /* what is there gives way to each part */
		return addr;
	if (align > 1 && !addr && !where)
		return reserve_aligned(len, align, phase);
	return next_mmap(addr, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | where,
			 -1, 0);
}

/* A second mapping of our memory, which no file stands behind. */
static bool map_behind(const struct device *dev, uint8_t *to, uint64_t from, size_t len, int prot)
{
	void *memory = dev->vfio.behind + from;

	if (mremap(memory, 0, len, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED)
		return false;
	if (prot == (PROT_READ | PROT_WRITE) || mprotect(to, len, prot) == 0)
		return true;

	int error = errno;

	munmap(to, len);
	errno = error;
	return false;
}

void *compose_mmap(const struct device *dev, void *addr, size_t len, int prot, int flags, int fd,
		   uint64_t offset)
{
	const uint64_t page = dev->vfio.style.page_size;
	const uint64_t pos = target_pos(dev, offset), edge = real_pages(dev);
	const size_t whole = (len + page - 1) & ~(page - 1);
	const size_t real = pos < edge ? edge - pos : 0;
	const size_t align = real >= HUGE ? HUGE : real >= LARGE ? LARGE : 1;

	uint8_t *to = reserve(addr, whole, flags, align, pos);

	if (to == MAP_FAILED)
		return MAP_FAILED;

	bool has_real =
		real && next_mmap(to, real, prot, (flags & ~MAP_FIXED_NOREPLACE) | MAP_FIXED, fd,
				  (off_t)offset) != MAP_FAILED;

	if (has_real == (real > 0) &&
	    map_behind(dev, to + real, pos + real - edge, whole - real, prot))
		return to;

	int error = errno;

	/* a fixed place is not ours to take away, apart from what we put there */
	if (!(flags & MAP_FIXED))
		munmap(to, whole);
	else if (has_real)
		munmap(to, real);
	errno = error;
	return MAP_FAILED;
}
