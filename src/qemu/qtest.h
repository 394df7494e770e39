/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest accesses through QEMU's qtest protocol, in batches.
 *
 * Accesses are queued and run together by qtest_run(), which sends ahead of the
 * answers: a hundred thousand reads take a second, not a minute. Several QEMUs
 * can run their queues at the same time. Source: QEMU's softmmu/qtest.c.
 */
#ifndef MSIXSHIM_QTEST_H
#define MSIXSHIM_QTEST_H

#include <stddef.h>
#include <stdint.h>

struct qemu;
struct qtest_queue;

/* The queue of a struct qemu, which owns it. NULL: no memory. */
struct qtest_queue *qtest_queue_new(void);
void qtest_queue_free(struct qtest_queue *queue);

/*
 * Queue one access. `width` is 1, 2, 4 or 8 bytes (ports: up to 4); values are
 * what a little-endian guest sees in a register. A read stores to *ret once
 * qtest_run() has returned 0. Errors come out of qtest_run().
 */
void qtest_read(struct qemu *q, uint64_t addr, unsigned int width, uint64_t *ret);
void qtest_write(struct qemu *q, uint64_t addr, unsigned int width, uint64_t value);
void qtest_in(struct qemu *q, uint16_t port, unsigned int width, uint64_t *ret);
void qtest_out(struct qemu *q, uint16_t port, unsigned int width, uint32_t value);

/*
 * Runs the queues of all `n` QEMUs at once; the queues are empty afterwards. The first error wins.
 */
int qtest_run(struct qemu *const *qs, size_t n);

#endif
