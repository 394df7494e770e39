/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_VMM_QMP_UNTIL_H
#define TESTS_VMM_QMP_UNTIL_H

struct json_object;
struct qemu;

/*
 * Runs a command as qemu_qmp() does, and waits for `event`, which may come before the answer as
 * well as after it.
 */
int qmp_until(struct qemu *q, const char *name, struct json_object *arguments, const char *event);

#endif
