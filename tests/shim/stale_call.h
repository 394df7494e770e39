/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls that a stale slot could be taken for a device by, and what each one comes to. */
#ifndef TESTS_SHIM_STALE_CALL_H
#define TESTS_SHIM_STALE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call {
	const char *name;
	unsigned long request; /* of an ioctl */
	uint64_t offset;       /* of anything else */
	bool is_ioctl;
	long (*run)(int fd, const struct call *c, bool raw, uint8_t *buf);
};

/* What a program sees of a call. */
struct outcome {
	long result; /* a count, or -errno; of a mapping 0 */
	uint8_t bytes[64];
};

/* All calls, at all offsets. */
extern const struct call *stale_calls;
extern size_t stale_calls_count;

/* Fills the two. To be called first. */
void stale_calls_make(void);

/* Makes the call, by libc, or `raw` by a system call, which nothing can stand in the way of. */
void stale_call_run(const struct call *c, int fd, bool raw, struct outcome *ret);

#endif
