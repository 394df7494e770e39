/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake's control socket: interrupts fired, registers looked at behind QEMU's back. */
#ifndef TESTS_VMM_CONTROL_H
#define TESTS_VMM_CONTROL_H

#include <stddef.h>

/* Connects to the socket at `path`. Returns an fd, or a negative errno. */
int control_connect(const char *path);

/*
 * Sends one line (printf style, without line feed) and waits for the answer, a
 * line cut to fit `reply`. 0 if it starts with "ok", -EREMOTEIO if not, another
 * negative errno if the socket failed or did not answer in time.
 */
int control_command(int fd, char *reply, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
