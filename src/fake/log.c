/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fake/pci/dev.h"
#include "fake/sys.h"
#include "fake/user.h"

#define LINE_MAX_LEN 512
#define DATA_MAX     16

/*
 * One write at the end of the file a line: whole lines even from several processes.
 * Opened for each, so that no fd of the fake's can be closed or reused under it.
 */
static void log_write(const char *line, size_t len)
{
	static int told; /* a bool: see HACKING.md on atomics */
	const char *path = getenv("FAKEVFIO_LOG");
	int fd = sys_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0) {
		if (!__atomic_exchange_n(&told, true, __ATOMIC_RELAXED))
			log_complain("fakevfio: %s: can't be written: %s", path, error_name(-fd));
		return;
	}
	sys_write(fd, line, len);
	sys_close(fd);
}

static bool log_wanted(void)
{
	const char *path = getenv("FAKEVFIO_LOG");

	return path && *path;
}

static void log_end(char *line, int len)
{
	if (len < 0)
		return;
	if (len > LINE_MAX_LEN - 2)
		len = LINE_MAX_LEN - 2;
	line[len] = '\n';
	log_write(line, (size_t)len + 1);
}

void log_line(const char *format, ...)
{
	char line[LINE_MAX_LEN];
	va_list ap;

	if (!log_wanted())
		return;
	va_start(ap, format);
	log_end(line, vsnprintf(line, sizeof(line), format, ap));
	va_end(ap);
}

void log_result(long result, const char *format, ...)
{
	char text[LINE_MAX_LEN - 40];
	va_list ap;

	if (!log_wanted())
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (result < 0)
		log_line("%s = -%s", text, error_name(-result));
	else
		log_line("%s = %ld", text, result);
}

void log_rdwr(const struct fake_dev *d, const char *verb, int64_t pos, size_t count,
	      const void *user, ssize_t result)
{
	static const char *const regions[] = {"bar0", "bar1", "bar2",	"bar3", "bar4",
					      "bar5", "rom",  "config", "vga"};
	unsigned int index = (unsigned int)((uint64_t)pos >> REGION_SHIFT);
	uint8_t bytes[DATA_MAX] = {0};
	char data[2 * DATA_MAX + 2] = "";

	if (!log_wanted())
		return;
	if (result > 0 && result <= DATA_MAX && !user_read(bytes, user, (size_t)result)) {
		data[0] = ' ';
		for (ssize_t i = 0; i < result; i++)
			sprintf(data + 1 + 2 * i, "%02x", bytes[i]);
	}

	const char *region = index < sizeof(regions) / sizeof(regions[0]) ? regions[index] : "none";
	uint64_t offset = (uint64_t)pos & REGION_MASK;

	if (result < 0)
		log_line("%s %s %s+0x%llx %zu = -%s", d->name, verb, region,
			 (unsigned long long)offset, count, error_name(-result));
	else
		log_line("%s %s %s+0x%llx %zu = %zd%s", d->name, verb, region,
			 (unsigned long long)offset, count, result, data);
}

void log_complain(const char *format, ...)
{
	char line[LINE_MAX_LEN];
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(line, sizeof(line) - 1, format, ap);
	va_end(ap);
	if (len < 0)
		return;
	if ((size_t)len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len] = '\n';
	sys_write(STDERR_FILENO, line, (size_t)len + 1);
}
