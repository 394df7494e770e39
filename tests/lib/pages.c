/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"

#include <string.h>
#include <sys/mman.h>

#define BAR1 (1ULL << 40)
#define MARK 0xff0 /* of a page: no register, and nothing of the table */

off_t pages_offset(uint64_t at)
{
	return (off_t)(BAR1 + at);
}

static uint8_t mark(uint64_t page)
{
	return (uint8_t)(0x40 + page);
}

uint8_t *pages_map(uint64_t at)
{
	uint8_t *p = mmap(NULL, PAGES * PAGE, RW, MAP_SHARED, user.device, pages_offset(at));

	assert_ptr_not_equal(p, MAP_FAILED);
	for (uint64_t i = 0; i < PAGES; i++)
		p[i * PAGE + MARK] = mark(i);
	return p;
}

uint8_t *pages_other(void)
{
	uint8_t *p = mmap(NULL, PAGES * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	memset(p, 0xaa, PAGES * PAGE);
	return p;
}

bool page_is_mapped(const uint8_t *p)
{
	unsigned char in_memory;

	return mincore((void *)p, PAGE, &in_memory) == 0;
}

bool pages_are(const uint8_t *p, uint64_t first, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		if (!page_is_mapped(p + i * PAGE) || p[i * PAGE + MARK] != mark(first + i))
			return false;
	}
	return true;
}

bool pages_are_free(const uint8_t *p, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		if (page_is_mapped(p + i * PAGE))
			return false;
	}
	return true;
}
