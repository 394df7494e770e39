/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "next.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool info_wanted;
static const char *log_path; /* NULL: standard error alone */

static void read_wish(void)
{
	static const char info[] = "info";
	const size_t len = sizeof(info) - 1;
	const char *wish = secure_getenv("MSIXSHIM_LOG");

	if (!wish || !*wish)
		return;
	if (strncmp(wish, info, len) != 0 || (wish[len] != '\0' && wish[len] != ':')) {
		dprintf(STDERR_FILENO,
			"msixshim: MSIXSHIM_LOG=\"%s\" is not understood: use info or info:FILE\n",
			wish);
		return;
	}
	info_wanted = true;
	if (wish[len] == ':')
		log_path = wish + len + 1;
}

static bool write_file(const char *line, size_t len)
{
	int fd = next_open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return false;

	ssize_t n = write(fd, line, len);
	int saved = errno;

	next_close(fd);
	errno = n < 0 ? saved : ENOSPC;
	return n == (ssize_t)len;
}

static void report_file(void)
{
	static atomic_flag reported = ATOMIC_FLAG_INIT;
	int error = errno;

	if (!atomic_flag_test_and_set(&reported))
		dprintf(STDERR_FILENO, "msixshim: cannot write the log %s: %s\n", log_path,
			strerror(error));
}

__attribute__((format(printf, 2, 0))) static void emit(bool refusal, const char *format, va_list ap)
{
	char line[512] = "msixshim: ";
	size_t len = strlen(line);
	int saved = errno;
	int n = vsnprintf(line + len, sizeof(line) - len, format, ap);

	if (n > 0)
		len += (size_t)n < sizeof(line) - len - 1 ? (size_t)n : sizeof(line) - len - 1;
	line[len++] = '\n';
	if (log_path && !write_file(line, len))
		report_file();
	if (refusal || !log_path)
		(void)!write(STDERR_FILENO, line, len); /* nowhere is left to complain */
	errno = saved;
}

void log_refusal(const char *format, ...)
{
	va_list ap;

	pthread_once(&once, read_wish);
	va_start(ap, format);
	emit(true, format, ap);
	va_end(ap);
}

void log_info(const char *format, ...)
{
	va_list ap;

	pthread_once(&once, read_wish);
	if (!info_wanted)
		return;
	va_start(ap, format);
	emit(false, format, ap);
	va_end(ap);
}
