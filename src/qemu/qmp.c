/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qemu/qemu.h"

/* Receives more bytes after those in q->line, waiting for them. */
static int receive(struct qemu *q)
{
	if (q->line_size - q->line_len < 4096) {
		size_t size = q->line_size ? q->line_size * 2 : 16384;
		char *line = realloc(q->line, size);

		if (!line)
			return qemu_fail(q, -ENOMEM, "out of memory");
		q->line = line;
		q->line_size = size;
	}

	struct pollfd fd = {.fd = q->qmp, .events = POLLIN};
	int ready = poll(&fd, 1, QEMU_TIMEOUT_MS);

	if (ready == 0)
		return qemu_fail(q, -ETIMEDOUT, "QEMU did not answer within %d s",
				 QEMU_TIMEOUT_MS / 1000);

	ssize_t n = read(q->qmp, q->line + q->line_len, q->line_size - q->line_len - 1);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return qemu_died(q);
	q->line_len += (size_t)n;
	return 0;
}

int qemu_qmp_receive(struct qemu *q, struct json_object **ret)
{
	char *nl;

	while (!(nl = q->line ? memchr(q->line, '\n', q->line_len) : NULL)) {
		int rc = receive(q);

		if (rc < 0)
			return rc;
	}
	*nl = '\0';
	*ret = json_tokener_parse(q->line);
	q->line_len -= (size_t)(nl + 1 - q->line);
	memmove(q->line, nl + 1, q->line_len);
	return *ret ? 0 : qemu_fail(q, -EPROTO, "QEMU sent a line over QMP that is not JSON");
}

static int send_text(struct qemu *q, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = send(q->qmp, text, len, MSG_NOSIGNAL);

		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd fd = {.fd = q->qmp, .events = POLLOUT};

			if (poll(&fd, 1, QEMU_TIMEOUT_MS) == 0)
				return qemu_fail(q, -ETIMEDOUT, "QEMU takes no QMP commands");
		} else if (n < 0 && errno != EINTR) {
			return qemu_died(q);
		}
	}
	return 0;
}

int qemu_qmp_send(struct qemu *q, const char *name, struct json_object *arguments)
{
	struct json_object *command = q->failed ? NULL : json_object_new_object();

	if (!command) {
		json_object_put(arguments);
		return qemu_fail(q, -ENOMEM, "out of memory");
	}
	json_object_object_add(command, "execute", json_object_new_string(name));
	if (arguments)
		json_object_object_add(command, "arguments", arguments);

	int rc = send_text(q, json_object_to_json_string_ext(command, JSON_C_TO_STRING_PLAIN));

	json_object_put(command);
	return rc < 0 ? rc : send_text(q, "\n");
}

int qemu_qmp_answer(struct qemu *q, const char *name, struct json_object *message,
		    struct json_object **ret)
{
	struct json_object *part, *text;

	if (json_object_object_get_ex(message, "return", &part)) {
		if (ret)
			*ret = json_object_get(part);
		return 1;
	}
	if (!json_object_object_get_ex(message, "error", &part))
		return 0;
	json_object_object_get_ex(part, "desc", &text);
	return qemu_fail(q, -EPROTO, "QMP %s: %s", name, json_object_get_string(text));
}

int qemu_qmp(struct qemu *q, const char *name, struct json_object *arguments,
	     struct json_object **ret)
{
	struct json_object *message;
	int rc = qemu_qmp_send(q, name, arguments);

	while (!rc) {
		rc = qemu_qmp_receive(q, &message);
		if (rc < 0)
			break;
		rc = qemu_qmp_answer(q, name, message, ret);
		json_object_put(message);
	}
	return rc < 0 ? rc : 0;
}

int qemu_hmp(struct qemu *q, const char *line, char **ret)
{
	struct json_object *arguments = json_object_new_object(), *answer = NULL;

	if (!arguments)
		return qemu_fail(q, -ENOMEM, "out of memory");
	json_object_object_add(arguments, "command-line", json_object_new_string(line));

	int rc = qemu_qmp(q, "human-monitor-command", arguments, &answer);

	if (rc < 0)
		return rc;
	const char *text = json_object_get_string(answer);

	*ret = strdup(text ? text : "");
	json_object_put(answer);
	return *ret ? 0 : qemu_fail(q, -ENOMEM, "out of memory");
}

int qemu_ready(struct qemu *q)
{
	/* The greeting comes early; an answer comes only from the main loop, after all devices. */
	return qemu_qmp(q, "qmp_capabilities", NULL, NULL);
}
