/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "qemu/qtest.h"

#define QEMU_NOT_RUN 127 /* exit status, as of a shell and of the dynamic linker */
#define MAX_ARGS     64
#define MAX_ENV	     512

static sigset_t mask_before; /* of the caller, while signals are held */
static bool held;

void qemu_hold_signals(void)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGPIPE, SIGTERM};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&set, ends[i]);
	held = sigprocmask(SIG_BLOCK, &set, &mask_before) == 0;
}

void qemu_let_signals(void)
{
	if (held)
		sigprocmask(SIG_SETMASK, &mask_before, NULL);
	held = false;
}

int qemu_fail(struct qemu *q, int err, const char *fmt, ...)
{
	va_list ap;

	if (q->failed)
		return q->failed;
	q->failed = err;
	va_start(ap, fmt);
	vsnprintf(q->error, sizeof(q->error), fmt, ap);
	va_end(ap);
	return err;
}

const char *qemu_error(const struct qemu *q)
{
	return q->error;
}

char *qemu_stderr(const struct qemu *q)
{
	struct stat st;

	if (q->capture < 0 || fstat(q->capture, &st) < 0)
		return strdup("");

	char *text = calloc(1, (size_t)st.st_size + 1);

	if (text && pread(q->capture, text, (size_t)st.st_size, 0) < 0)
		text[0] = '\0';
	return text;
}

/* The last line of `text` that is not empty, cut out in place. */
static char *last_line(char *text)
{
	size_t len = strlen(text);

	while (len && text[len - 1] == '\n')
		text[--len] = '\0';

	char *nl = strrchr(text, '\n');

	return nl ? nl + 1 : text;
}

/* Waits for the end of the child, and brings it about once the time limit is over. */
static void reap(struct qemu *q)
{
	if (!q->pid)
		return;

	struct pollfd fd = {.fd = (int)syscall(SYS_pidfd_open, q->pid, 0), .events = POLLIN};

	if (fd.fd < 0 || poll(&fd, 1, QEMU_TIMEOUT_MS) <= 0)
		kill(q->pid, SIGKILL);
	if (fd.fd >= 0)
		close(fd.fd);
	while (waitpid(q->pid, &q->status, 0) < 0 && errno == EINTR)
		;
	q->pid = 0;
}

int qemu_died(struct qemu *q)
{
	reap(q);

	char *text = qemu_stderr(q);
	const char *last = text ? last_line(text) : "";

	if (WIFSIGNALED(q->status))
		qemu_fail(q, -ECHILD, "QEMU was ended by signal %d (%s)%s%s", WTERMSIG(q->status),
			  strsignal(WTERMSIG(q->status)), *last ? ": " : "", last);
	else
		qemu_fail(q, -ECHILD, "%s", *last ? last : "QEMU ended without a message");
	free(text);
	return q->failed;
}

bool qemu_refused(const struct qemu *q)
{
	return q->failed == -ECHILD && WIFEXITED(q->status) && WEXITSTATUS(q->status) == 1;
}

bool qemu_not_run(const struct qemu *q)
{
	return q->failed == -ECHILD && WIFEXITED(q->status) &&
	       WEXITSTATUS(q->status) == QEMU_NOT_RUN;
}

/* A directory in the caller's TMPDIR. */
static int make_tempdir(struct qemu *q)
{
	const char *parent = getenv("TMPDIR");

	if (asprintf(&q->tempdir, "%s/msixshim-XXXXXX", parent && *parent ? parent : "/tmp") < 0) {
		q->tempdir = NULL;
		return qemu_fail(q, -ENOMEM, "out of memory");
	}
	if (mkdtemp(q->tempdir))
		return 0;

	int rc =
		qemu_fail(q, -errno, "cannot make a directory %s: %s", q->tempdir, strerror(errno));

	free(q->tempdir);
	q->tempdir = NULL;
	return rc;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	remove(path);
	return 0;
}

static void remove_tempdir(struct qemu *q)
{
	if (q->tempdir)
		nftw(q->tempdir, remove_entry, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	free(q->tempdir);
}

static bool env_is(const char *entry, const char *name, size_t len)
{
	return !strncmp(entry, name, len) && entry[len] == '=';
}

/* Whether a variable of the caller's must not reach QEMU: ours, or overridden in `env`. */
static bool env_dropped(const char *entry, const char *const *env)
{
	if (env_is(entry, "LD_PRELOAD", strlen("LD_PRELOAD")) || !strncmp(entry, "MSIXSHIM", 8) ||
	    !strncmp(entry, "FAKEVFIO", 8) || env_is(entry, "TMPDIR", strlen("TMPDIR")))
		return true;
	for (; env && *env; env++)
		if (env_is(entry, *env, strcspn(*env, "=")))
			return true;
	return false;
}

/* Fills out[0, MAX_ENV): `tmpdir`, which is a whole entry, those of `env`, and the caller's. */
static void build_env(const char **out, const char *tmpdir, const char *const *env)
{
	size_t n = 0;

	out[n++] = tmpdir;
	for (const char *const *e = env; e && *e && n < MAX_ENV - 1; e++)
		out[n++] = *e;
	for (char **e = environ; *e && n < MAX_ENV - 1; e++)
		if (!env_dropped(*e, env))
			out[n++] = *e;
	out[n] = NULL;
}

/* Fills argv[0, MAX_ARGS). qmp and qtest are the values of their -chardev options. */
static void build_args(const char **argv, const struct qemu_options *o, const char *qmp,
		       const char *qtest)
{
	const char *const ours[] = {
		"-nodefaults",
		"-no-user-config",
		"-display",
		"none",
		"-accel",
		"tcg",
		"-m",
		"64",
		"-machine",
		o->machine,
		"-S",
		"-chardev",
		qmp,
		"-mon",
		"chardev=qmp,mode=control",
		"-chardev",
		qtest,
		"-object",
		"qtest,id=qtest0,chardev=qtest,log=none",
	};
	size_t n = 0;

	argv[n++] = o->path;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		argv[n++] = ours[i];
	for (size_t i = 0; o->args && o->args[i] && n < MAX_ARGS - 1; i++)
		argv[n++] = o->args[i];
	argv[n] = NULL;
}

/* In the child: never returns. */
static void exec_qemu(const struct qemu *q, const struct qemu_options *o, int qmp, int qtest,
		      pid_t parent)
{
	char qmp_arg[64], qtest_arg[64], tmpdir[PATH_MAX + sizeof("TMPDIR=")];
	const char *env[MAX_ENV], *argv[MAX_ARGS];
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it died before the line above */
		_exit(QEMU_NOT_RUN);
	snprintf(qmp_arg, sizeof(qmp_arg), "socket,id=qmp,fd=%d", qmp);
	snprintf(qtest_arg, sizeof(qtest_arg), "socket,id=qtest,fd=%d", qtest);
	build_args(argv, o, qmp_arg, qtest_arg);
	snprintf(tmpdir, sizeof(tmpdir), "TMPDIR=%s", q->tempdir);
	build_env(env, tmpdir, o->env);
	fcntl(qmp, F_SETFD, 0);
	fcntl(qtest, F_SETFD, 0);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(q->capture, STDERR_FILENO);
	qemu_let_signals();
	execvpe(o->path, (char *const *)argv, (char *const *)env);
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", o->path, strerror(errno));
	_exit(QEMU_NOT_RUN);
}

/* A socket pair whose first end is ours. The buffer holds a long run of short answers. */
static int channel(int fds[2])
{
	int size = 1 << 20;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return fcntl(fds[0], F_SETFL, O_NONBLOCK);
}

static void spawn(struct qemu *q, const struct qemu_options *options)
{
	int qmp[2] = {-1, -1}, qtest[2] = {-1, -1};
	pid_t self = getpid();

	q->capture = memfd_create("qemu-stderr", MFD_CLOEXEC);
	if (q->capture < 0 || channel(qmp) < 0 || channel(qtest) < 0) {
		qemu_fail(q, -errno, "cannot set up QEMU's sockets: %s", strerror(errno));
	} else if (make_tempdir(q) == 0) {
		fcntl(q->capture, F_SETFL, O_APPEND);
		q->pid = fork();
		if (q->pid == 0)
			exec_qemu(q, options, qmp[1], qtest[1], self);
		if (q->pid < 0) {
			q->pid = 0;
			qemu_fail(q, -errno, "cannot start a process: %s", strerror(errno));
		}
	}
	q->qmp = qmp[0];
	q->qtest = qtest[0];
	if (qmp[1] >= 0)
		close(qmp[1]);
	if (qtest[1] >= 0)
		close(qtest[1]);
}

struct qemu *qemu_spawn(const struct qemu_options *options)
{
	struct qemu *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->queue = qtest_queue_new();
	if (!q->queue) {
		free(q);
		return NULL;
	}
	spawn(q, options);
	return q;
}

char *qemu_vfio_device(const char *host, char *buf, size_t size)
{
	/* host= takes segments of 16 bits alone */
	bool wide = strcspn(host, ":") > 4;

	snprintf(buf, size, "vfio-pci,%s%s",
		 wide ? "sysfsdev=/sys/bus/pci/devices/" : "host=", host);
	return buf;
}

int qemu_quit(struct qemu *q)
{
	if (q->failed)
		return q->failed;
	/* The answer can get lost: QEMU does not wait until it has been sent. */
	qemu_qmp(q, "quit", NULL, NULL);
	reap(q);
	if (!WIFEXITED(q->status) || WEXITSTATUS(q->status))
		return qemu_died(q);
	q->failed = 0;
	q->error[0] = '\0';
	return 0;
}

void qemu_free(struct qemu *q)
{
	if (!q)
		return;
	if (q->pid)
		kill(q->pid, SIGKILL);
	reap(q);
	if (q->qmp >= 0)
		close(q->qmp);
	if (q->qtest >= 0)
		close(q->qtest);
	if (q->capture >= 0)
		close(q->capture);
	remove_tempdir(q);
	qtest_queue_free(q->queue);
	free(q->line);
	free(q);
}
