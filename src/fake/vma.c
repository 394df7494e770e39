/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel would find where it is told to pin the program's memory. */
#include <stdio.h>
#include <string.h>

#include "fake.h"
#include "sys.h"

struct lines {
	int fd;
	size_t len; /* in buf */
	size_t at;  /* what was handed out already */
	char buf[8192];
};

/* The next line, without its end; NULL behind the last one. */
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

/* check_vma_flags(): device memory has no pages that could be pinned. */
static bool can_pin(const char *line, const char *perms, bool write)
{
	return perms[write ? 1 : 0] != '-' && !strstr(line, FAKE_NAME);
}

bool vma_pinnable(uint64_t start, uint64_t size, bool write)
{
	struct lines l = {.fd = sys_open("/proc/self/maps", O_RDONLY | O_CLOEXEC, 0)};
	uint64_t at = start;
	bool ok = false;
	char *line;

	if (l.fd < 0)
		return true;
	while ((line = next_line(&l))) {
		unsigned long long from, to;
		char perms[8];

		if (sscanf(line, "%llx-%llx %7s", &from, &to, perms) != 3 || to <= at)
			continue;
		ok = from <= at && can_pin(line, perms, write);
		if (!ok || to - start >= size)
			break;
		/* More is wanted than this mapping has. */
		at = to;
		ok = false;
	}
	sys_close(l.fd);
	return ok;
}
