/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the shim says: refusals, always, on standard error; with
 * MSIXSHIM_LOG=info[:FILE] also what it decided for each device, and all of it in FILE.
 *
 * A line is formatted on the stack and written with one write(2), so lines of
 * threads do not mix. errno is untouched. FILE is opened for each line and not
 * kept: a VMM that closes all its fds would put another file on the number.
 * A file that cannot be opened or written is reported once.
 *
 * Call only while a device is handed out: later a seccomp filter may stand.
 */
#ifndef SHIM_LOG_H
#define SHIM_LOG_H

/* Says why a device is refused. */
__attribute__((format(printf, 1, 2))) void log_refusal(const char *format, ...);

/* Says what was decided, if the user asked for it. */
__attribute__((format(printf, 1, 2))) void log_info(const char *format, ...);

#endif
