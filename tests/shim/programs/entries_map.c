/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbols that change mappings. */
#include "entries.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KEPT  4711 /* an errno that no call sets */
#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

static uint8_t *map(int fd, uint64_t at, size_t len)
{
	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)at);
}

static bool is_mapped(uint8_t *p)
{
	unsigned char in_memory;

	return mincore(p, 1, &in_memory) == 0;
}

/* A place that is in use. */
static uint8_t *place(size_t len)
{
	return mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* --- munmap --- */

/* Whether `p` and the byte behind the first `first` of `len` end together, and nothing else fails.
 */
static const char *unmap_by(const struct call *c, uint8_t *p, size_t second, size_t len)
{
	CHECK(p != MAP_FAILED && is_mapped(p + second));
	CHECK(c->symbol.munmap(p, 0) == -1 && errno == EINVAL);
	CHECK(c->symbol.munmap(p + 1, len) == -1 && errno == EINVAL);
	CHECK(is_mapped(p) && is_mapped(p + second));
	errno = KEPT;
	CHECK(c->symbol.munmap(p, len) == 0 && errno == KEPT);
	CHECK(!is_mapped(p) && !is_mapped(p + second));
	return NULL;
}

static const char *unmaps_files(const struct call *c, struct subject *s)
{
	return unmap_by(c, map(s->files[0], TABLE, sizeof(A_FILE)), 0, sizeof(A_FILE));
}

static const char *unmaps_the_device(const struct call *c, struct subject *s)
{
	const char *failed = unmap_by(c, map(s->user.device, BAR1, PHYS), PHYS / 2, PHYS);

	CHECK(entries_table(s->user.device) == 0);
	return failed;
}

/* Nothing is kept of those that ended, however many: the next one is still moved as one. */
static const char *unmaps_both(const struct call *c, struct subject *s)
{
	const char *failed = NULL;
	uint8_t *p, *to = place(PHYS);

	for (int i = 0; i < 100 && !failed; i++)
		failed = unmap_by(c, map(s->user.device, BAR1, SIZE), PHYS, SIZE);
	if (failed)
		return failed;
	p = map(s->user.device, BAR1 + PHYS / 2, PHYS);
	CHECK(p != MAP_FAILED && mremap(p, PHYS, PHYS, FIXED, to) == to);
	return unmap_by(c, to, PHYS / 2, PHYS);
}

const struct entries_family entries_unmap = {
	.of_file = {"unmaps as libc does", unmaps_files},
	.of_device = {{"unmaps the hardware", unmaps_the_device}},
	.composed = {"`map=compose`: both parts", unmaps_both},
};

/* --- mremap --- */

static const char *remaps_files(const struct call *c, struct subject *s)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *p = map(s->files[0], TABLE, page), *to = place(page);

	errno = KEPT;
	CHECK(p != MAP_FAILED && c->symbol.mremap(p, page, page, FIXED, to) == to);
	CHECK(errno == KEPT && !is_mapped(p) && memcmp(to, A_FILE, sizeof(A_FILE)) == 0);
	p = c->symbol.mremap(to, page, 4 * page, MREMAP_MAYMOVE);
	CHECK(p != MAP_FAILED && memcmp(p, A_FILE, sizeof(A_FILE)) == 0);
	munmap(p, 4 * page);
	return NULL;
}

static const char *remap_by(const struct call *c, uint8_t *p, size_t len, size_t mark)
{
	uint8_t *to = place(len);

	CHECK(p != MAP_FAILED && to != MAP_FAILED);
	p[mark] = 0x5a;
	CHECK(c->symbol.mremap(p, len, 2 * len, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT);
	CHECK(c->symbol.mremap(p, len, len, MREMAP_FIXED, to) == MAP_FAILED && errno == EINVAL);
	errno = KEPT;
	CHECK(c->symbol.mremap(p, len, len, FIXED, to) == to && errno == KEPT);
	CHECK(!is_mapped(p) && !is_mapped(p + mark) && is_mapped(to) && to[mark] == 0x5a);
	munmap(to, len);
	return NULL;
}

static const char *remaps_the_device(const struct call *c, struct subject *s)
{
	return remap_by(c, map(s->user.device, BAR1, PHYS), PHYS, 0x100);
}

static const char *remaps_both(const struct call *c, struct subject *s)
{
	const char *failed = remap_by(c, map(s->user.device, BAR1, SIZE), SIZE, PHYS);

	CHECK(entries_table(s->user.device) == 0x5a);
	return failed;
}

const struct entries_family entries_remap = {
	.of_file = {"moves and grows as libc does", remaps_files},
	.of_device = {{"moves the hardware, which can't grow", remaps_the_device}},
	.composed = {"`map=compose`: both parts as one", remaps_both},
};
