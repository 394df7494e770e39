/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/file.h"

/* Puts "ROOT/..." into buf. 0, or -ENAMETOOLONG. */
static int __attribute__((format(printf, 3, 0)))
make_path(const struct tree *t, char buf[PATH_MAX], const char *fmt, va_list ap)
{
	int len = snprintf(buf, PATH_MAX, "%s/", t->root);

	if (len >= 0 && len < PATH_MAX) {
		int more = vsnprintf(buf + len, PATH_MAX - (size_t)len, fmt, ap);

		if (more >= 0 && more < PATH_MAX - len)
			return 0;
	}
	return -ENAMETOOLONG;
}

/* The path of a function's own format and arguments, into `path`; `rc` says how it went. */
#define MAKE_PATH(t, fmt)                                                                          \
	char path[PATH_MAX];                                                                       \
	va_list ap;                                                                                \
	va_start(ap, fmt);                                                                         \
	int rc = make_path(t, path, fmt, ap);                                                      \
	va_end(ap)

static int check(const char *path, int mode)
{
	return cli_access(path, mode) < 0 ? -errno : 0;
}

int tree_exists(const struct tree *t, const char *fmt, ...)
{
	MAKE_PATH(t, fmt);

	return rc < 0 ? rc : check(path, F_OK);
}

int tree_may_use(const struct tree *t, const char *fmt, ...)
{
	MAKE_PATH(t, fmt);

	return rc < 0 ? rc : check(path, R_OK | W_OK);
}

/* Calls each(line, arg) for the lines of a file until one gives true. */
static int read_lines(const char *path, bool (*each)(char *line, void *arg), void *arg)
{
	/* not to wait for the other end of what is not a file */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), rc = -ENODATA;
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL;
	size_t size = 0;

	if (!in) {
		rc = -errno;
		if (fd >= 0)
			close(fd);
		return rc;
	}
	errno = 0;
	while (rc == -ENODATA && getline(&line, &size, in) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		if (each(line, arg))
			rc = 0;
	}
	if (rc < 0 && ferror(in) && errno)
		rc = -errno;
	free(line);
	fclose(in);
	return rc;
}

struct target {
	char *buf;
	size_t size;
};

static bool take_line(char *line, void *arg)
{
	const struct target *target = arg;

	snprintf(target->buf, target->size, "%s", line);
	return true;
}

int tree_line(const struct tree *t, char *buf, size_t size, const char *fmt, ...)
{
	struct target target = {buf, size};
	MAKE_PATH(t, fmt);

	return rc < 0 ? rc : read_lines(path, take_line, &target);
}

static bool has_word(char *line, void *arg)
{
	return strstr(line, arg) != NULL;
}

int tree_find(const struct tree *t, const char *word, const char *fmt, ...)
{
	char copy[TREE_NAME_SIZE];
	MAKE_PATH(t, fmt);

	snprintf(copy, sizeof(copy), "%s", word);
	return rc < 0 ? rc : read_lines(path, has_word, copy);
}

int tree_link(const struct tree *t, char *buf, size_t size, const char *fmt, ...)
{
	char target[PATH_MAX];
	MAKE_PATH(t, fmt);

	if (rc < 0)
		return rc;

	ssize_t len = readlink(path, target, sizeof(target) - 1);

	if (len < 0)
		return -errno;
	target[len] = '\0';
	snprintf(buf, size, "%s", file_name(target));
	return 0;
}

static int by_version(const void *a, const void *b)
{
	return strverscmp(a, b);
}

static int take_name(struct tree_names *names, const char *name)
{
	void *list = reallocarray(names->list, names->count + 1, TREE_NAME_SIZE);

	if (!list)
		return -ENOMEM;
	names->list = list;
	snprintf(names->list[names->count++], TREE_NAME_SIZE, "%s", name);
	return 0;
}

int tree_list(const struct tree *t, struct tree_names *ret, const char *fmt, ...)
{
	const struct dirent *entry;
	MAKE_PATH(t, fmt);

	*ret = (struct tree_names){.list = NULL};
	if (rc < 0)
		return rc;

	DIR *dir = opendir(path);

	if (!dir)
		return -errno;
	while (!rc && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			rc = take_name(ret, entry->d_name);
	}
	closedir(dir);
	if (rc < 0)
		tree_names_free(ret);
	else if (ret->count)
		qsort(ret->list, ret->count, TREE_NAME_SIZE, by_version);
	return rc;
}

void tree_names_free(struct tree_names *names)
{
	free(names->list);
	*names = (struct tree_names){.list = NULL};
}
