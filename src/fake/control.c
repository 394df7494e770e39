/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device's side: commands of a test, by function call or over a socket. */
#include "fake/control.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/le.h"
#include "fake/log.h"
#include "fake/pci/dev.h"
#include "fake/pci/irq/irq.h"
#include "fake/pci/mem.h"
#include "fake/share.h"
#include "fake/state.h"
#include "fake/sys.h"
#include "msixshim/fakevfio.h"

#define WORDS_MAX 6
#define LINE_SIZE 256

struct command {
	char *words[WORDS_MAX];
	int n;
	char *reply;
	size_t size;
};

static int answer(const struct command *c, const char *error)
{
	snprintf(c->reply, c->size, error ? "error %s" : "ok", error);
	return error ? -1 : 0;
}

static bool number(const char *text, uint64_t *ret)
{
	char *end;

	*ret = strtoull(text, &end, 0);
	return end != text && !*end;
}

static int cmd_fire(struct fake_dev *d, const struct command *c)
{
	static const char *const names[] = {"intx", "msi", "msix", "err", "req"};
	uint64_t n = 0;

	if (c->n > 3 && !number(c->words[3], &n))
		return answer(c, "expected a vector number");
	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(c->words[2], names[i]) == 0)
			return answer(c, n < FAKE_MSIX_MAX ? irq_fire(d, i, (uint32_t)n)
							   : "no such vector");
	}
	return answer(c, "expected msix, msi, intx, err or req");
}

struct place {
	bool config;
	unsigned int bar;
	uint64_t offset;
	uint64_t width;
};

static const char *parse_place(const struct fake_dev *d, const struct command *c, struct place *p)
{
	const char *where = c->words[2];
	uint64_t size = d->desc.cfg_size;

	p->config = strcmp(where, "config") == 0;
	if (!p->config) {
		if (strncmp(where, "bar", 3) != 0 || where[3] < '0' || where[3] > '5' || where[4])
			return "expected bar0 to bar5 or config";
		p->bar = (unsigned int)(where[3] - '0');
		size = dev_region_size(d, p->bar);
	}
	if (!number(c->words[3], &p->offset) || !number(c->words[4], &p->width) || !p->width ||
	    p->width > 8 || p->width & (p->width - 1))
		return "expected an offset and a width of 1, 2, 4 or 8";
	if (p->offset >= size || p->width > size - p->offset)
		return "out of bounds";
	return NULL;
}

static int cmd_peek(struct fake_dev *d, const struct command *c)
{
	uint8_t bytes[8] = {0};
	struct place p;
	const char *error = parse_place(d, c, &p);

	if (error)
		return answer(c, error);
	if (p.config && d->file.pid)
		memcpy(bytes, d->hw + p.offset, p.width);
	else if (p.config || dev_mem_read(d, p.bar, p.offset, bytes, p.width))
		return answer(c, "the device was never opened");
	snprintf(c->reply, c->size, "ok 0x%llx", (unsigned long long)le64_get(bytes));
	return 0;
}

static int cmd_poke(struct fake_dev *d, const struct command *c)
{
	uint8_t bytes[8];
	struct place p;
	const char *error = parse_place(d, c, &p);
	uint64_t value;

	if (error)
		return answer(c, error);
	if (c->n < 6 || !number(c->words[5], &value))
		return answer(c, "expected a value");
	le64_put(bytes, value);
	if (p.config && d->file.pid)
		memcpy(d->hw + p.offset, bytes, p.width);
	else if (p.config || dev_mem_write(d, p.bar, p.offset, bytes, p.width))
		return answer(c, "the device was never opened");
	return answer(c, NULL);
}

static int cmd_reset(struct fake_dev *d, const struct command *c)
{
	if (!d->open)
		return answer(c, "the device is not open");
	dev_lose_state(d);
	return answer(c, NULL);
}

static int cmd_state(struct fake_dev *d, const struct command *c)
{
	static const char *const names[] = {"none", "intx", "msi", "msix"};
	unsigned int connected = 0, pending = 0;

	for (unsigned int i = 0; i < FAKE_MSIX_MAX; i++) {
		connected += d->irqs.trigger[i].fd >= 0;
		pending += d->irqs.pending[i];
	}
	snprintf(c->reply, c->size,
		 "ok open=%d irq=%s vectors=%u connected=%u pending=%u memory=%d", d->open,
		 names[d->irqs.active + 1], d->irqs.vectors, connected, pending,
		 d->open && dev_memory_enabled(d));
	return 0;
}

static int run(const struct command *c)
{
	static const struct {
		const char *name;
		int min_words;
		int (*run)(struct fake_dev *d, const struct command *c);
	} commands[] = {
		{"fire", 3, cmd_fire},	 {"peek", 5, cmd_peek},	  {"poke", 6, cmd_poke},
		{"reset", 2, cmd_reset}, {"state", 2, cmd_state},
	};

	for (size_t i = 0; c->n && i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct fake_dev *d;

		if (strcmp(c->words[0], commands[i].name) != 0)
			continue;
		if (c->n < commands[i].min_words)
			return answer(c, "too few words");
		d = fake_dev_named(c->words[1], strlen(c->words[1]));
		return d ? commands[i].run(d, c) : answer(c, "no such device");
	}
	return answer(c, "unknown command");
}

__attribute__((visibility("default"))) int fakevfio_control(const char *line, char *reply,
							    size_t size)
{
	char copy[LINE_SIZE], *save = NULL;
	struct command c = {.n = 0, .reply = reply, .size = size};
	int ret;

	if (!fake_state() || fake_broken())
		return answer(&c, "FAKEVFIO names no device");
	if (strlen(line) >= sizeof(copy))
		return answer(&c, "the line is too long");
	memcpy(copy, line, strlen(line) + 1);
	for (char *w = strtok_r(copy, " \t\r\n", &save); w && c.n < WORDS_MAX;
	     w = strtok_r(NULL, " \t\r\n", &save))
		c.words[c.n++] = w;
	fake_lock();
	ret = run(&c);
	fake_unlock();
	return ret;
}

/* One client: a line in, a line out, until it hangs up. */
static void serve(int fd)
{
	char line[LINE_SIZE + 2], reply[LINE_SIZE];
	size_t len = 0, n;

	while (sys_read(fd, line + len, 1) == 1) {
		if (line[len] != '\n') {
			/* Of a line that is too long, one byte too many is kept, which tells. */
			if (len < sizeof(line) - 2)
				len++;
			continue;
		}
		line[len] = 0;
		len = 0;
		fakevfio_control(line, reply, sizeof(reply));
		n = strlen(reply);
		reply[n] = '\n';
		if (send(fd, reply, n + 1, MSG_NOSIGNAL) < 0)
			break;
	}
	sys_close(fd);
}

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static pid_t owner;
static int listener = -1;

/* Whether accepting may work again later: when the program closes some of its files, say. */
static bool may_pass(int error)
{
	return error == EINTR || error == ECONNABORTED || error == EMFILE || error == ENFILE ||
	       error == ENOMEM || error == ENOBUFS;
}

static void *serve_all(void *arg)
{
	const struct timespec moment = {.tv_nsec = 10000000};
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0 || may_pass(errno)) {
		if (fd >= 0)
			serve(fd);
		else
			nanosleep(&moment, NULL);
	}
	return NULL;
}

static int listen_at(const char *path)
{
	int low = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	struct stat st;

	if (low < 0)
		return -1;
	fd = sys_dup_high(low);
	sys_close(low);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	/* A killed program may have left a socket there. Any other kind of file stays. */
	if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
	if (fd >= 0 && (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 8))) {
		sys_close(fd);
		fd = -1;
	}
	return fd;
}

/* Whether another process with the same state takes the commands already. */
static bool is_served(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ret;

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	ret = fd >= 0 && !connect(fd, (struct sockaddr *)&at, sizeof(at));
	if (fd >= 0)
		sys_close(fd);
	return ret;
}

static void start(void)
{
	const char *path = getenv("FAKEVFIO_CONTROL");
	sigset_t all, old;
	pthread_t thread;

	if (!path || !*path || (share_dir()[0] && is_served(path)))
		return;
	if (strlen(path) < sizeof(address.sun_path))
		listener = listen_at(path);
	if (listener < 0) {
		log_complain("fakevfio: %s: can't listen there", path);
		return;
	}
	owner = getpid();
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&thread, NULL, serve_all, NULL))
		log_complain("fakevfio: no thread for the control socket");
	else
		pthread_detach(thread);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void control_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int saved = errno;

	pthread_once(&once, start);
	errno = saved;
}

static void __attribute__((destructor)) remove_socket(void)
{
	if (owner && owner == getpid())
		unlink(address.sun_path);
}
