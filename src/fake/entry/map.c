/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exported functions that make and change mappings. */
#include "fake/entry/entry.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>

#include "fake/file.h"
#include "fake/log.h"
#include "fake/page.h"
#include "fake/pci/dev.h"
#include "fake/pci/rdwr.h"
#include "fake/state.h"
#include "fake/vma.h"

static int mmap_check(const struct fake_ref *ref, size_t len, int flags, off_t pos)
{
	/* do_mmap() refuses these itself, before it asks the driver */
	if ((flags & MAP_TYPE) == MAP_SHARED_VALIDATE && flags & (MAP_FIXED_NOREPLACE | MAP_SYNC))
		return 0;
	return ref->way == FAKE_UNBOUND ? -EINVAL : dev_mmap_check(ref->dev, len, flags, pos);
}

static void *fake_mmap(const struct fake_ref *ref, void *addr, size_t len, int prot, int flags,
		       int fd, off_t pos)
{
	void *ret = MAP_FAILED;
	int error = -ENODEV;

	if (ref->kind == FAKE_DEVICE) {
		fake_lock();
		error = mmap_check(ref, len, flags, pos);
		if (!error) {
			ret = NEXT(mmap)(addr, len, prot, flags, fd, pos);
			error = ret == MAP_FAILED ? -errno : 0;
		}
		log_result(error, "%s mmap bar%u+0x%llx 0x%zx prot=%d", ref->dev->name,
			   (unsigned int)((uint64_t)pos >> REGION_SHIFT),
			   (unsigned long long)((uint64_t)pos & REGION_MASK), len, prot);
		fake_unlock();
	}
	if (error)
		errno = -error;
	return ret;
}

EXPORT void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t pos)
{
	struct fake_ref ref = {.kind = FAKE_NONE};

	if (!(flags & MAP_ANONYMOUS) && fake_live())
		ref = fake_find(fd);
	if (ref.kind != FAKE_NONE)
		return fake_mmap(&ref, addr, len, prot, flags, fd, pos);
	return NEXT(mmap)(addr, len, prot, flags, fd, pos);
}

ALIAS(mmap, mmap64)

static bool is_device(const void *addr)
{
	return fake_live() && vma_is_device((uintptr_t)addr);
}

/* The arguments that mremap() refuses whatever is mapped there. */
static bool remap_is_wrong(uintptr_t from, size_t old_len, size_t new_len, int flags, uintptr_t to)
{
	if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED) || !new_len || from & page_mask())
		return true;
	if (!(flags & MREMAP_FIXED))
		return false;
	return !(flags & MREMAP_MAYMOVE) || to & page_mask() ||
	       (from + page_up(old_len) > to && to + page_up(new_len) > from);
}

/*
 * vma_to_resize(), check_prep_vma(): a mapping with VM_DONTEXPAND and VM_PFNMAP does not
 * grow, is not doubled (by an old length of 0), and is not copied by MREMAP_DONTUNMAP.
 */
EXPORT void *mremap(void *old, size_t old_len, size_t new_len, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	void *to = va_arg(ap, void *);
	va_end(ap);
	if (is_device(old)) {
		int error = 0;

		if (remap_is_wrong((uintptr_t)old, old_len, new_len, flags, (uintptr_t)to))
			error = EINVAL;
		else if (page_up(new_len) > page_up(old_len))
			error = EFAULT;
		if (error) {
			errno = error;
			return MAP_FAILED;
		}
	}
	return NEXT(mremap)(old, old_len, new_len, flags, to);
}

/*
 * madvise_vma_behavior(): there are no pages to drop or to fetch, it is not copied or dumped,
 * and it is not a file's.
 */
EXPORT int madvise(void *addr, size_t len, int advice)
{
	static const struct {
		int advice, error;
	} refused[] = {
		{MADV_DONTNEED, EINVAL},
		{MADV_FREE, EINVAL},
		{MADV_REMOVE, ENODEV},
		{MADV_DOFORK, EINVAL},
		{MADV_DODUMP, EINVAL},
		{MADV_COLD, EINVAL},
		{MADV_PAGEOUT, EINVAL},
		{22, EINVAL}, /* MADV_POPULATE_READ, which not all libcs have */
		{23, EINVAL}, /* MADV_POPULATE_WRITE */
		{24, EINVAL}, /* MADV_DONTNEED_LOCKED */
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (advice == refused[i].advice && len && is_device(addr)) {
			errno = refused[i].error;
			return -1;
		}
	}
	return NEXT(madvise)(addr, len, advice);
}

/* vfs_fsync_range(): VFIO's files have no fsync. */
EXPORT int msync(void *addr, size_t len, int flags)
{
	if (flags & MS_SYNC && len && is_device(addr)) {
		errno = EINVAL;
		return -1;
	}
	return NEXT(msync)(addr, len, flags);
}
