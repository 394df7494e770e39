/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libfakevfio.so offers to a test in the same process. Find the function with
 * dlsym(RTLD_DEFAULT, "fakevfio_control"), so that the program runs without it too.
 */
#ifndef MSIXSHIM_FAKEVFIO_H
#define MSIXSHIM_FAKEVFIO_H

#include <stddef.h>
#include <stdint.h>

/*
 * Runs one command of the control socket (fakevfio(5) lists them) and puts
 * its answer, without a line end and cut to size, into reply. Returns 0 for an answer
 * that starts with "ok", -1 for one that starts with "error". Thread-safe.
 */
int fakevfio_control(const char *line, char *reply, size_t size);
typedef int fakevfio_control_fn(const char *line, char *reply, size_t size);

/*
 * The byte that a BAR holds at first, where the fake fills it: the first 1 MiB and
 * the last 64 KiB, but not the MSI-X structures. Neither 0 nor 0xff, so that neither
 * memory that nobody filled nor the hole over the table passes for it.
 */
static inline uint8_t fakevfio_pattern(unsigned int bar, uint64_t offset)
{
	return (uint8_t)((offset * 37 + (offset >> 8) * 101 + (offset >> 16) * 59 + bar * 17) %
				 253 +
			 1);
}

#endif
