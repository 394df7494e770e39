/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shim/rules.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/plan.h"
#include "shim/log/log.h"
#include "shim/next.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char variable[RULES_TEXT_MAX + 1], file[RULES_TEXT_MAX + 1];
static char config[PATH_MAX];	      /* the path in MSIXSHIM_CONFIG */
static char error[LOG_LINE_MAX - 64]; /* "": all is well */
static const struct vmm_traits *program;

static const struct source {
	const char *name;
	const char *text;
} sources[] = {{"MSIXSHIM", variable}, {"MSIXSHIM_CONFIG", file}};

/* What is wrong with the rules; the first thing counts. */
__attribute__((format(printf, 1, 2))) static void fail(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(error, sizeof(error), format, ap);
	va_end(ap);
}

static void check(const char *text, const char *where)
{
	struct policy_error err;

	if (!error[0] && !policy_check(text, &err))
		policy_error_text(&err, where, error, sizeof(error));
}

/* All of an open file, into `file`. The number of bytes, or -1 with errno. */
static ssize_t read_all(int fd)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, file + len, sizeof(file) - len);
		if (n > 0)
			len += (size_t)n;
	} while (len < sizeof(file) && (n > 0 || (n < 0 && errno == EINTR)));
	return n < 0 ? -1 : (ssize_t)len;
}

static void load_open_file(const char *path, int fd)
{
	struct stat st;
	ssize_t len;

	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		fail("MSIXSHIM_CONFIG=%s: not a regular file", path);
	else if ((len = read_all(fd)) < 0)
		fail("MSIXSHIM_CONFIG=%s: %s", path, log_errno(errno));
	else if (len > RULES_TEXT_MAX)
		fail("MSIXSHIM_CONFIG=%s: larger than %d bytes", path, RULES_TEXT_MAX);
	else if (memchr(file, '\0', (size_t)len))
		fail("MSIXSHIM_CONFIG=%s: not a text: it has a byte of 0", path);
	else
		check(file, path);
}

static void load_file(const char *path)
{
	/* a pipe is refused, not waited for */
	int fd = next_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		fail("MSIXSHIM_CONFIG=%s: %s", path, log_errno(errno));
		return;
	}
	load_open_file(path, fd);
	next_close(fd);
}

/* One readlink, which each VMM's filter lets pass, and only in a process that has a device. */
static void find_program(void)
{
	char path[4096]; /* the kernel gives no longer one */
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	program = vmm_by_program((struct word){path, n > 0 ? (size_t)n : 0});
}

/* Copies the variable `name`. False if it does not fit. */
static bool copy_variable(const char *name, char *buf, size_t size)
{
	const char *value = secure_getenv(name);
	size_t len = value ? strlen(value) : 0;

	if (len >= size)
		return false;
	if (value)
		memcpy(buf, value, len + 1);
	return true;
}

/*
 * Once, and before the program's main(): a program may clear its environment, or write a title
 * over it, before it opens a device.
 */
__attribute__((constructor)) static void read_variables(void)
{
	static _Atomic int done; /* a bool: see HACKING.md on atomics */

	if (atomic_exchange(&done, true))
		return;
	if (!copy_variable("MSIXSHIM", variable, sizeof(variable)))
		fail("MSIXSHIM: longer than %d bytes; put the rules into a file, and name it in "
		     "MSIXSHIM_CONFIG",
		     RULES_TEXT_MAX);
	else if (!copy_variable("MSIXSHIM_CONFIG", config, sizeof(config)))
		fail("MSIXSHIM_CONFIG: longer than %zu bytes", sizeof(config) - 1);
}

static void load(void)
{
	int saved = errno;

	read_variables();
	check(variable, "MSIXSHIM");
	if (config[0] && !error[0])
		load_file(config);
	find_program();
	errno = saved;
}

const struct vmm_traits *rules_program(void)
{
	return program;
}

int rules_load(void)
{
	pthread_once(&once, load);
	if (!error[0])
		return 0;
	log_refusal("%s", error);
	return -EINVAL;
}

/* The next rule of both texts. */
static bool next_rule(size_t *source, size_t *pos, struct policy_rule *ret)
{
	while (*source < sizeof(sources) / sizeof(sources[0])) {
		if (policy_next(sources[*source].text, pos, ret))
			return true;
		(*source)++;
		*pos = 0;
	}
	return false;
}

static struct rules_match match_of(const struct policy_rule *rule, const struct source *source)
{
	return (struct rules_match){
		.settings = rule->settings, .text = rule->text, .where = source->name};
}

static bool is_for_all(const struct policy_rule *rule)
{
	return rule->selector.len == 0 ||
	       (rule->selector.len == 1 && rule->selector.text[0] == '*');
}

bool rules_leave_all(struct rules_match *ret)
{
	size_t source = 0, pos = 0;
	struct policy_rule rule;

	if (!next_rule(&source, &pos, &rule) || !is_for_all(&rule) ||
	    rule.settings.target != PLAN_OFF)
		return false;
	*ret = match_of(&rule, &sources[source]);
	return true;
}

enum rules_demand rules_demand_of(const struct policy_settings *settings)
{
	switch (settings->target) {
	case PLAN_OFF:
		return RULES_OFF;
	case PLAN_AUTO:
		return RULES_AUTO;
	default:
		return RULES_TARGET;
	}
}

enum rules_demand rules_demand(const struct pci_bdf *address)
{
	enum rules_demand most = RULES_OFF;
	size_t source = 0, pos = 0;
	struct policy_rule rule;
	struct pci_bdf selected;

	while (next_rule(&source, &pos, &rule)) {
		const bool by_address =
			address && pci_bdf_parse(rule.selector.text, rule.selector.len, &selected);

		if (by_address && !pci_bdf_equal(&selected, address))
			continue;
		if (rules_demand_of(&rule.settings) > most)
			most = rules_demand_of(&rule.settings);
		if (by_address || is_for_all(&rule)) /* what follows does not hold for it */
			return most;
	}
	return most > RULES_AUTO ? most : RULES_AUTO;
}

bool rules_find(const struct policy_device *dev, struct rules_match *ret)
{
	struct policy_rule rule;

	*ret = (struct rules_match){.settings = {.target = PLAN_AUTO}};
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		enum policy_match match = policy_find(sources[i].text, dev, &rule);

		if (match == POLICY_NO_MATCH)
			continue;
		*ret = match_of(&rule, &sources[i]);
		return match == POLICY_MATCH;
	}
	return true;
}
