/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/compose/compose.h"

#include <errno.h>
#include <linux/vfio.h>
#include <unistd.h>

#include "core/align.h"
#include "shim/compose/compose_map.h"
#include "shim/next.h"

/* Where the kernel can map a BAR by large pages, address and offset agree modulo their size. */
#define LARGE (UINT64_C(1) << 21)
#define HUGE  (UINT64_C(1) << 30)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* Below 2 GiB: only x86 has it. */
#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif

void compose_release(struct device *dev)
{
	const size_t len = dev->extension_len;
	void *extension = dev->vfio.extension;
	int saved = errno;

	/* noted first: what a child, forked in between, would end once more may be something else
	 */
	dev->vfio.extension = NULL;
	dev->extension_len = 0;
	if (len)
		next_munmap(extension, len);
	errno = saved;
}

int compose_prepare(struct device *dev, const struct plan *plan, const struct region_style *style,
		    bool wanted)
{
	if (!wanted || (plan->new_bar && !style->new_mmap))
		return 0;

	int saved = errno;
	size_t len = plan->bar.size - vfio_dev_real_pages(plan, style->page_size);
	void *p = next_mmap(NULL, len, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	errno = saved;
	if (p == MAP_FAILED)
		return -ENOMEM;
	madvise(p, len, MADV_DONTDUMP); /* as all of a device is */
	errno = saved;
	dev->vfio.extension = p;
	dev->extension_len = len;
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

/* Whether the kernel has nothing after the real pages of `fd`, as it is with the device. */
static bool is_device(const struct device *dev, int fd, uint64_t offset)
{
	const size_t page = dev->vfio.style.page_size;
	uint64_t end = offset - target_pos(dev, offset) + real_pages(dev);
	void *p = next_mmap(NULL, page, PROT_READ, MAP_SHARED, fd, (off_t)end);

	if (p == MAP_FAILED)
		return errno == EINVAL;
	next_munmap(p, page);
	return false;
}

/* Whether a mapping with these flags is one that vfio-pci may give. */
static bool is_shared(int flags)
{
	const int type = flags & MAP_TYPE;

	/*
	 * The other flags are in the LEGACY_MAP_MASK of do_mmap(), which also refuses bits that are
	 * no flag: those pass here.
	 */
	return type == MAP_SHARED ||
	       (type == MAP_SHARED_VALIDATE && !(flags & (MAP_FIXED_NOREPLACE | MAP_SYNC)));
}

bool compose_covers(const struct device *dev, const void *addr, size_t len, int flags, int fd,
		    uint64_t offset)
{
	const uint64_t in_page = dev->vfio.style.page_size - 1;

	if (!dev->vfio.extension || !(dev->vfio.target.flags & VFIO_REGION_INFO_FLAG_MMAP))
		return false;

	uint64_t pos = target_pos(dev, offset);

	/* the kernel refuses these by itself */
	if (!is_shared(flags) || offset & in_page ||
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
		next_munmap(p, head);
	next_munmap(p + head + len, align - head);
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

/* A second mapping of our memory, which no file backs. */
static bool map_extension(const struct device *dev, uint8_t *to, uint64_t from, size_t len,
			  int prot)
{
	void *memory = dev->vfio.extension + from;

	if (next_mremap(memory, 0, len, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED)
		return false;
	if (prot == (PROT_READ | PROT_WRITE) || mprotect(to, len, prot) == 0)
		return true;

	int error = errno;

	next_munmap(to, len);
	errno = error;
	return false;
}

void *compose_mmap(const struct device *dev, void *addr, size_t len, int prot, int flags, int fd,
		   uint64_t offset)
{
	const uint64_t page = dev->vfio.style.page_size;
	const uint64_t pos = target_pos(dev, offset), edge = real_pages(dev);
	const size_t whole = align_up(len, page);
	const size_t real = pos < edge ? edge - pos : 0;
	const size_t align = real >= HUGE ? HUGE : real >= LARGE ? LARGE : 1;

	if (flags & MAP_FIXED_NOREPLACE) /* as do_mmap() takes the two */
		flags &= ~MAP_FIXED;

	uint8_t *to = reserve(addr, whole, flags, align, pos);

	if (to == MAP_FAILED)
		return MAP_FAILED;

	bool has_real =
		real && next_mmap(to, real, prot, (flags & ~MAP_FIXED_NOREPLACE) | MAP_FIXED, fd,
				  (off_t)offset) != MAP_FAILED;

	if (has_real == (real > 0) &&
	    map_extension(dev, to + real, pos + real - edge, whole - real, prot)) {
		if (has_real)
			compose_map_add((uintptr_t)to, (uintptr_t)to + real, (uintptr_t)to + whole);
		return to;
	}

	int error = errno;

	/* a fixed place is not ours to take away, apart from what we put there */
	if (!(flags & MAP_FIXED))
		next_munmap(to, whole);
	else if (has_real)
		next_munmap(to, real);
	errno = error;
	return MAP_FAILED;
}

int compose_munmap(void *addr, size_t len)
{
	const uintptr_t from = (uintptr_t)addr, to = from + len;
	const uint64_t held = compose_map_hold(from, to);
	int rc = next_munmap(addr, len);

	if (rc == 0)
		compose_map_cut(held, from, to);
	else
		compose_map_release(held);
	return rc;
}

/* --- mremap over the edge --- */

/* Keeps others out of a place where nothing is. */
static bool claim(void *place, size_t len)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
	void *p = next_mmap(place, len, PROT_NONE, flags, -1, 0);

	if (p != place && p != MAP_FAILED) /* before Linux 4.17 the place is only a hint */
		next_munmap(p, len);
	return p == place;
}

/* Where something else has taken the old place meanwhile, the piece is lost. */
static void move_back(uint8_t *from, size_t len, int flags, uint8_t *to)
{
	if (!claim(to, len) || next_mremap(from, len, len, flags, to) == MAP_FAILED)
		next_munmap(from, len);
}

/*
 * The kernel has refused to move both parts as one, after it emptied the new place: that it does
 * for a mapping of its own, too. What came there since is another thread's, and the refusal stands.
 */
static void *move_parts(uint8_t *from, size_t real, size_t len, int flags, uint8_t *to)
{
	const size_t rest = len - real;

	if (!claim(to, len)) {
		errno = EFAULT;
		return MAP_FAILED;
	}

	const bool moved = next_mremap(from, real, real, flags, to) != MAP_FAILED;

	if (moved && next_mremap(from + real, rest, rest, flags, to + real) != MAP_FAILED)
		return to;

	int error = errno;

	if (moved)
		move_back(to, real, flags, from);
	else
		next_munmap(to, real);
	next_munmap(to + real, rest);
	errno = error;
	return MAP_FAILED;
}

/* What goes is one mapping: all of it with its edge, to a fixed place away from the old one. */
struct move {
	uint8_t *from, *to;
	size_t was, len; /* whole pages; `was` may be more */
	int flags;
};

static size_t whole_pages(size_t len)
{
	return align_up(len, (uint64_t)sysconf(_SC_PAGESIZE));
}

/* The edge that is in the way, or 0: then the kernel's answer is that for one mapping as well. */
static uintptr_t edge_of(uint64_t held, const struct move *m)
{
	const uintptr_t from = (uintptr_t)m->from, to = (uintptr_t)m->to;
	const bool apart = from + m->was <= to || to + m->len <= from;

	if (m->flags != (MREMAP_MAYMOVE | MREMAP_FIXED) || m->len > m->was || !apart)
		return 0;
	return compose_map_inside(held, from, from + m->len);
}

/* What is not kept goes last: what the kernel refuses has then changed nothing. */
static void *move_over(uintptr_t edge, const struct move *m)
{
	int before = errno;
	void *got = next_mremap(m->from, m->len, m->len, m->flags, m->to);

	if (got == MAP_FAILED && errno == EFAULT)
		got = move_parts(m->from, edge - (uintptr_t)m->from, m->len, m->flags, m->to);
	if (got == MAP_FAILED)
		return got;
	if (m->was > m->len)
		next_munmap(m->from + m->len, m->was - m->len);
	errno = before;
	return got;
}

void *compose_mremap(void *old, size_t old_len, size_t new_len, int flags, void *new_place)
{
	const struct move m = {old, new_place, whole_pages(old_len), whole_pages(new_len), flags};
	const uintptr_t from = (uintptr_t)old, to = (uintptr_t)new_place;
	const uint64_t held = compose_map_hold(from, from + m.was);
	const uint64_t replaced = flags & MREMAP_FIXED ? compose_map_hold(to, to + m.len) : 0;
	const uintptr_t edge = edge_of(held, &m);
	void *got =
		edge ? move_over(edge, &m) : next_mremap(old, old_len, new_len, flags, new_place);

	if (got == MAP_FAILED) {
		compose_map_release(held | replaced);
		return got;
	}
	compose_map_cut(replaced, to, to + m.len);
	if (got == old)
		compose_map_cut(held, from + m.len, from + m.was);
	else if (flags & MREMAP_DONTUNMAP)
		compose_map_release(held);
	else
		compose_map_move(held, from, from + m.was, from + m.len, (uintptr_t)got);
	return got;
}
