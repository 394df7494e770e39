/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qmp_until.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "qemu/qemu.h"

static bool is_event(struct json_object *message, const char *event)
{
	struct json_object *name;

	return json_object_object_get_ex(message, "event", &name) &&
	       !strcmp(json_object_get_string(name), event);
}

int qmp_until(struct qemu *q, const char *name, struct json_object *arguments, const char *event)
{
	int rc = qemu_qmp_send(q, name, arguments);
	bool answered = false, came = false;

	while (!rc && !(answered && came)) {
		struct json_object *message;

		rc = qemu_qmp_receive(q, &message);
		if (rc < 0)
			break;
		came |= is_event(message, event);
		rc = qemu_qmp_answer(q, name, message, NULL);
		json_object_put(message);
		if (rc > 0) {
			answered = true;
			rc = 0;
		}
	}
	return rc;
}
