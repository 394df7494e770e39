/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel would find at an address of the program. */
#include "fake/vma.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "fake/file.h"
#include "fake/sys.h"

struct lines {
	int fd;
	size_t len; /* in buf */
	size_t at;  /* how much of that next_line() returned already */
	char buf[8192];
};

/* The next line, without its end; NULL after the last one. */
static char *next_line(struct lines *l)
{
	for (;;) {
		char *line = l->buf + l->at, *end = memchr(line, '\n', l->len - l->at);
		ssize_t n;

		if (end) {
			*end = 0;
			l->at = (size_t)(end + 1 - l->buf);
			return line;
		}
		l->len -= l->at;
		memmove(l->buf, line, l->len);
		l->at = 0;
		n = sys_read(l->fd, l->buf + l->len, sizeof(l->buf) - l->len);
		if (n <= 0)
			return NULL;
		l->len += (size_t)n;
	}
}

/* A mapping of the program. */
struct vma {
	uint64_t from, to;
	bool readable, writable, device;
};

static bool next_vma(struct lines *l, struct vma *ret)
{
	const char *line = next_line(l);
	unsigned long long from, to;
	char perms[8];

	if (!line || sscanf(line, "%llx-%llx %7s", &from, &to, perms) != 3)
		return false;
	*ret = (struct vma){
		.from = from,
		.to = to,
		.readable = perms[0] != '-',
		.writable = perms[1] != '-',
		.device = strstr(line, FAKE_NAME),
	};
	return true;
}

/* check_vma_flags(): device memory has no pages that could be pinned. */
static bool can_pin(const struct vma *v, bool write)
{
	return (write ? v->writable : v->readable) && !v->device;
}

static struct lines open_maps(void)
{
	return (struct lines){.fd = sys_open("/proc/self/maps", O_RDONLY | O_CLOEXEC, 0)};
}

bool vma_pinnable(uint64_t start, uint64_t size, bool write)
{
	struct lines l = open_maps();
	uint64_t at = start;
	struct vma v;
	bool ok = false;

	if (l.fd < 0)
		return true;
	while (next_vma(&l, &v)) {
		if (v.to <= at)
			continue;
		ok = v.from <= at && can_pin(&v, write);
		if (!ok || v.to - start >= size)
			break;
		/* More is wanted than this mapping has. */
		at = v.to;
		ok = false;
	}
	sys_close(l.fd);
	return ok;
}

bool vma_is_device(uint64_t address)
{
	struct lines l = open_maps();
	struct vma v;
	bool found = false;

	if (l.fd < 0)
		return false;
	while (next_vma(&l, &v) && v.from <= address && !found)
		found = address < v.to && v.device;
	sys_close(l.fd);
	return found;
}
