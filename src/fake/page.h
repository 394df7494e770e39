/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of the host. Addresses and sizes are in bytes. */
#ifndef FAKE_PAGE_H
#define FAKE_PAGE_H

#include <stdint.h>
#include <unistd.h>

static inline uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* The bits of an address inside its page, ~PAGE_MASK of the kernel. */
static inline uint64_t page_mask(void)
{
	return page_size() - 1;
}

/* Where the page of an address starts. */
static inline uint64_t page_down(uint64_t address)
{
	return address & ~page_mask();
}

/* PAGE_ALIGN(): up to the start of a page. In the last page of all, 0. */
static inline uint64_t page_up(uint64_t address)
{
	return page_down(address + page_mask());
}

#endif
