/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of the trace, and the words in it: errno, flags, places of a device.
 */
#ifndef SHIM_TRACE_TEXT_H
#define SHIM_TRACE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vfio/dev.h"

struct trace_line {
	size_t len;
	char text[1024]; /* terminated; what has no room is dropped */
};

/* A name of some flags; one that has others in it stands before them. */
struct trace_flag {
	uint32_t bits;
	const char *name;
};

__attribute__((format(printf, 2, 3))) void trace_add(struct trace_line *line, const char *format,
						     ...);

/* "A|B" for the flags that have names, the rest in hexadecimal; "0" for none. */
void trace_add_flags(struct trace_line *line, uint32_t flags, const struct trace_flag *names,
		     size_t n);

/* " = 4", or " = -1 EINVAL" for -EINVAL. */
void trace_add_result(struct trace_line *line, int64_t result);

/* "9<0000:01:00.0>" */
void trace_add_fd(struct trace_line *line, int fd, const char *name);

/* A region's name: "bar2", "rom", "config", "vga", "region9". */
void trace_add_region(struct trace_line *line, uint32_t index);

/* What stands at `offset` of the device's fd: "config+0x10 BAR0", "bar2+0x14 table[1].address". */
void trace_add_place(struct trace_line *line, const struct vfio_dev *dev, uint64_t offset);

/* A number of 1, 2, 4 or 8 bytes, or the first bytes of what is longer. */
void trace_add_data(struct trace_line *line, const uint8_t *data, size_t len);

#endif
