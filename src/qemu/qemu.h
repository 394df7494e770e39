/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An unmodified qemu-system-x86_64 as a child: its life, and QMP.
 *
 * The machine is stopped (-S) and no firmware runs in it: what a guest would do is done through
 * qtest (qtest.h). Both protocols run over socket pairs, and the child dies with its parent. It has
 * its own TMPDIR, as the fake leaves files there if it is killed; the directory is left only if
 * this process is killed, see qemu_hold_signals(). Every wait is a poll() that ends with an answer,
 * with the child's death or at the time limit; none is a sleep.
 *
 * Functions that can fail return 0 or a negative errno and leave one sentence
 * in qemu_error(). Once something has failed all further calls fail the same way.
 */
#ifndef MSIXSHIM_QEMU_H
#define MSIXSHIM_QEMU_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct json_object;
struct qtest_queue;

struct qemu_options {
	const char *path;	/* the binary, searched in PATH */
	const char *machine;	/* "pc" or "q35" */
	const char *const *env; /* NAME=VALUE, ends with NULL; on top of the caller's environment */
	const char *const *args; /* further arguments, ends with NULL */
};

struct qemu {
	pid_t pid; /* 0 once it has been reaped */
	int qmp;   /* our ends of the two socket pairs, non-blocking */
	int qtest;
	int capture;   /* memfd that is the child's stderr */
	int status;    /* of waitpid(), once pid is 0 */
	char *tempdir; /* its TMPDIR */
	int failed;    /* the negative errno of the first failure */
	char error[1024];
	char *line; /* QMP bytes received and not yet taken */
	size_t line_len, line_size;
	struct qtest_queue *queue;
};

/*
 * From here on a signal that asks this process to end (a break, a hangup, a reader that is
 * gone) waits for qemu_let_signals(), so that each qemu_free() can be reached. QEMU itself
 * gets those that are sent to it, as a break at the terminal is, and then no wait is long.
 */
void qemu_hold_signals(void);
void qemu_let_signals(void);

/*
 * Starts QEMU. The caller's LD_PRELOAD, MSIXSHIM*, FAKEVFIO* and TMPDIR are not
 * handed down. Does not wait: a program that can't be run shows in qemu_ready(), so
 * several can be started side by side. NULL only if memory is short; free with
 * qemu_free().
 */
struct qemu *qemu_spawn(const struct qemu_options *options);

/*
 * Waits until every device is realized and QMP answers. If QEMU ends instead:
 * -ECHILD, and qemu_error() is the last line of its stderr.
 */
int qemu_ready(struct qemu *q);

/*
 * Whether QEMU ended by itself with status 1, as it does when it cannot realize a
 * device: not by a signal, at the time limit, or because it could not be run.
 */
bool qemu_refused(const struct qemu *q);

/* Whether QEMU could not be started: there is none, or a library of it is missing. */
bool qemu_not_run(const struct qemu *q);

/* Asks QEMU to quit and reaps it. -ECHILD if it did not end with status 0. */
int qemu_quit(struct qemu *q);

/* Kills what still runs, removes its TMPDIR and frees everything. Accepts NULL. */
void qemu_free(struct qemu *q);

/* What failed first, without a line feed; "" if nothing did. Lives as long as `q`. */
const char *qemu_error(const struct qemu *q);

/*
 * All that QEMU and the libraries in it wrote to stderr so far. The caller frees it; NULL: no
 * memory.
 */
char *qemu_stderr(const struct qemu *q);

/*
 * Runs the QMP command `name` with `arguments` (NULL: none; the reference is
 * taken over). On success *ret, if ret is not NULL, is the answer's "return",
 * which the caller puts. Events are skipped. QMP's own errors: -EPROTO.
 */
int qemu_qmp(struct qemu *q, const char *name, struct json_object *arguments,
	     struct json_object **ret);

/*
 * The two halves of qemu_qmp(): sends the command; waits for the next message, an answer or an
 * event, which the caller puts.
 */
int qemu_qmp_send(struct qemu *q, const char *name, struct json_object *arguments);
int qemu_qmp_receive(struct qemu *q, struct json_object **ret);

/*
 * What a message is: 1 for the answer to `name`, with its "return" in *ret (NULL: not wanted), 0
 * for an event or the greeting, -EPROTO for an error.
 */
int qemu_qmp_answer(struct qemu *q, const char *name, struct json_object *message,
		    struct json_object **ret);

/*
 * Prints the value of -device for the device of VFIO at `host`: "vfio-pci,host=ADDRESS". Returns
 * buf.
 */
char *qemu_vfio_device(const char *host, char *buf, size_t size);

/* Runs a line of the human monitor; *ret is its output, which the caller frees. */
int qemu_hmp(struct qemu *q, const char *line, char **ret);

/* Records the first failure (printf style) and returns `err`, a negative errno. */
int qemu_fail(struct qemu *q, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * Records why a socket ended: reaps the child and takes the last line of its
 * stderr, or its signal, for the error. Returns -ECHILD.
 */
int qemu_died(struct qemu *q);

/* The time limit of a single answer, in milliseconds. */
#define QEMU_TIMEOUT_MS 60000

#endif
