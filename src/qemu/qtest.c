/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/qtest.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qemu/qemu.h"

#define MAX_COMMAND 64 /* bytes of the longest command */
#define MAX_QEMUS   4

struct qtest_queue {
	char *out; /* commands, [sent, len) of them still to be sent */
	size_t sent, len, size;
	uint64_t **answers; /* where each command's value goes (NULL: it has none) */
	size_t answered, commands, answers_size;
	char in[65536]; /* answers, the last one perhaps not complete */
	size_t in_len;
	bool no_memory;
};

struct qtest_queue *qtest_queue_new(void)
{
	return calloc(1, sizeof(struct qtest_queue));
}

void qtest_queue_free(struct qtest_queue *queue)
{
	if (!queue)
		return;
	free(queue->out);
	free(queue->answers);
	free(queue);
}

static bool reserve(struct qtest_queue *queue)
{
	if (queue->size - queue->len < MAX_COMMAND) {
		size_t size = queue->size ? queue->size * 2 : 65536;
		char *out = realloc(queue->out, size);

		if (!out)
			return false;
		queue->out = out;
		queue->size = size;
	}
	if (queue->commands == queue->answers_size) {
		size_t n = queue->answers_size ? queue->answers_size * 2 : 4096;
		uint64_t **answers = realloc(queue->answers, n * sizeof(*answers));

		if (!answers)
			return false;
		queue->answers = answers;
		queue->answers_size = n;
	}
	return true;
}

static char *put_hex(char *p, uint64_t value)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 60;

	*p++ = ' ';
	*p++ = '0';
	*p++ = 'x';
	while (shift && !(value >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*p++ = digits[value >> shift & 0xf];
	return p;
}

/* "read" and 'l' are the command "readl". By hand: printf() would take half of the time. */
static void queue_command(struct qemu *q, const char *verb, unsigned int width,
			  const uint64_t *args, size_t n, uint64_t *ret)
{
	static const char suffix[] = {[1] = 'b', [2] = 'w', [4] = 'l', [8] = 'q'};
	struct qtest_queue *queue = q->queue;

	if (!reserve(queue)) {
		queue->no_memory = true;
		return;
	}

	char *p = stpcpy(queue->out + queue->len, verb);

	*p++ = suffix[width];
	for (size_t i = 0; i < n; i++)
		p = put_hex(p, args[i]);
	*p++ = '\n';
	queue->len = (size_t)(p - queue->out);
	queue->answers[queue->commands++] = ret;
}

void qtest_read(struct qemu *q, uint64_t addr, unsigned int width, uint64_t *ret)
{
	queue_command(q, "read", width, &addr, 1, ret);
}

void qtest_write(struct qemu *q, uint64_t addr, unsigned int width, uint64_t value)
{
	queue_command(q, "write", width, (const uint64_t[]){addr, value}, 2, NULL);
}

void qtest_in(struct qemu *q, uint16_t port, unsigned int width, uint64_t *ret)
{
	queue_command(q, "in", width, (const uint64_t[]){port}, 1, ret);
}

void qtest_out(struct qemu *q, uint16_t port, unsigned int width, uint32_t value)
{
	queue_command(q, "out", width, (const uint64_t[]){port, value}, 2, NULL);
}

static int send_some(struct qemu *q)
{
	struct qtest_queue *queue = q->queue;
	ssize_t n = send(q->qtest, queue->out + queue->sent, queue->len - queue->sent,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : qemu_died(q);
	queue->sent += (size_t)n;
	return 0;
}

/* One line, ended by a NUL: "OK", "OK 0x...", or something else that is an error. */
static int take_answer(struct qemu *q, const char *line)
{
	struct qtest_queue *queue = q->queue;

	if (strncmp(line, "OK", 2) != 0 || queue->answered == queue->commands)
		return qemu_fail(q, -EPROTO, "qtest answered '%s'", line);

	uint64_t *ret = queue->answers[queue->answered++];

	if (ret)
		*ret = strtoull(line + 2, NULL, 16);
	return 0;
}

static int receive_some(struct qemu *q)
{
	struct qtest_queue *queue = q->queue;
	ssize_t n = read(q->qtest, queue->in + queue->in_len, sizeof(queue->in) - queue->in_len);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return qemu_died(q);
	queue->in_len += (size_t)n;

	char *line = queue->in, *end = queue->in + queue->in_len, *nl;

	while ((nl = memchr(line, '\n', (size_t)(end - line)))) {
		*nl = '\0';
		int rc = take_answer(q, line);

		if (rc < 0)
			return rc;
		line = nl + 1;
	}
	queue->in_len = (size_t)(end - line);
	memmove(queue->in, line, queue->in_len);
	return 0;
}

static bool busy(const struct qemu *q)
{
	return q->queue->answered < q->queue->commands;
}

/* One poll() over the QEMUs that are not done. Returns 1 once all are. */
static int run_round(struct qemu *const *qs, size_t n)
{
	struct pollfd fds[MAX_QEMUS];
	bool all_done = true;

	for (size_t i = 0; i < n; i++) {
		const struct qtest_queue *queue = qs[i]->queue;

		fds[i] = (struct pollfd){.fd = busy(qs[i]) ? qs[i]->qtest : -1, .events = POLLIN};
		if (queue->sent < queue->len)
			fds[i].events |= POLLOUT;
		all_done &= !busy(qs[i]);
	}
	if (all_done)
		return 1;

	int ready = poll(fds, n, QEMU_TIMEOUT_MS);

	for (size_t i = 0; i < n; i++) {
		int rc = 0;

		if (ready == 0 && busy(qs[i]))
			rc = qemu_fail(qs[i], -ETIMEDOUT, "QEMU did not answer within %d s",
				       QEMU_TIMEOUT_MS / 1000);
		if (!rc && ready > 0 && fds[i].revents & POLLOUT)
			rc = send_some(qs[i]);
		if (!rc && ready > 0 && fds[i].revents & (POLLIN | POLLHUP | POLLERR))
			rc = receive_some(qs[i]);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int qtest_run(struct qemu *const *qs, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		rc = qs[i]->failed;
		if (!rc && qs[i]->queue->no_memory)
			rc = qemu_fail(qs[i], -ENOMEM, "out of memory");
	}
	while (!rc)
		rc = run_round(qs, n);
	for (size_t i = 0; i < n; i++) {
		struct qtest_queue *queue = qs[i]->queue;

		queue->sent = queue->len = queue->answered = queue->commands = 0;
	}
	return rc < 0 ? rc : 0;
}
