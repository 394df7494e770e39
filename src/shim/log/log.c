/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/log/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/log/log_file.h"
#include "shim/log/log_write.h"

#define PREFIX "msixshim: "

static _Atomic int variable_read; /* a bool: see HACKING.md on atomics */
static _Atomic int wanted = LOG_REFUSALS;
static const char *misunderstood; /* the value, until that is reported */

void log_read_variable(void)
{
	static const char *const names[] = {"", "info", "debug", "trace"};
	const char *value = secure_getenv("MSIXSHIM_LOG");

	if (atomic_exchange(&variable_read, true) || !value || !*value)
		return;

	size_t len = strcspn(value, ":");

	for (int level = LOG_INFO; level <= LOG_TRACE; level++) {
		if (strlen(names[level]) != len || memcmp(names[level], value, len) != 0)
			continue;
		if (value[len] == ':' && !log_file_set(value + len + 1))
			break;
		atomic_store(&wanted, level);
		return;
	}
	misunderstood = value;
}

void log_after_fork(void)
{
	log_write_after_fork();
}

bool log_wants(enum log_level level)
{
	return atomic_load_explicit(&wanted, memory_order_relaxed) >= (int)level;
}

__attribute__((format(printf, 2, 0))) static size_t print_line(char line[LOG_LINE_MAX],
							       const char *format, va_list ap)
{
	size_t len = strlen(line);
	int n = vsnprintf(line + len, LOG_LINE_MAX - len, format, ap);

	if (n > 0)
		len += (size_t)n < LOG_LINE_MAX - len - 1 ? (size_t)n : LOG_LINE_MAX - len - 1;
	line[len++] = '\n';
	return len;
}

void log_start(void)
{
	log_read_variable();
	if (misunderstood) {
		log_refusal("MSIXSHIM_LOG=\"%s\" is not understood: use info, debug or trace, or "
			    "one of them with :FILE",
			    misunderstood);
		misunderstood = NULL;
	}
	log_file_keep();
}

const char *log_errno(int error)
{
#ifdef __GLIBC__ /* since 2.32 */
	const char *words = strerrordesc_np(error);

	return words ? words : "unknown error";
#else
	return strerror(error); /* musl's only looks it up */
#endif
}

__attribute__((format(printf, 2, 0))) static void say(enum log_level level, const char *format,
						      va_list ap)
{
	char line[LOG_LINE_MAX];

	if (!log_wants(level))
		return;
	strcpy(line, PREFIX);

	size_t len = print_line(line, format, ap);

	if (level == LOG_REFUSALS)
		log_file_refusal(line, len);
	else
		log_file_write(line, len);
}

void log_refusal(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(LOG_REFUSALS, format, ap);
	va_end(ap);
}

void log_info(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(LOG_INFO, format, ap);
	va_end(ap);
}

void log_debug(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(LOG_DEBUG, format, ap);
	va_end(ap);
}

void log_trace(const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list ap;

	snprintf(line, sizeof(line), PREFIX "[%ld] ", syscall(SYS_gettid));
	va_start(ap, format);

	size_t len = print_line(line, format, ap);

	va_end(ap);
	log_file_write(line, len);
}
