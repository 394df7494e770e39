/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /sys, /proc and /dev, of this machine or below another directory. Paths are made with printf
 * formats: tree_line(t, buf, size, "sys/module/%s/parameters/x", name).
 */
#ifndef MSIXSHIM_CLI_TREE_H
#define MSIXSHIM_CLI_TREE_H

#include <stdbool.h>
#include <stddef.h>

#define TREE_FORMAT(at) __attribute__((format(printf, at, (at) + 1)))

#define TREE_NAME_SIZE 256

struct tree {
	const char *root; /* what comes before "/sys": "" for this machine */
};

/* Sorted as people count: group 9 before group 10. */
struct tree_names {
	char (*list)[TREE_NAME_SIZE];
	size_t count;
};

/* 0 if the path is there, or a negative errno. */
int tree_exists(const struct tree *t, const char *fmt, ...) TREE_FORMAT(2);

/* 0 if this user may read and write it, as cli_access() says, or a negative errno. */
int tree_may_use(const struct tree *t, const char *fmt, ...) TREE_FORMAT(2);

/* The first line of a file, without its end; cut to what fits. 0 or a negative errno. */
int tree_line(const struct tree *t, char *buf, size_t size, const char *fmt, ...) TREE_FORMAT(4);

/* Whether a line of the file contains `word`. 0, -ENODATA if none does, or a negative errno. */
int tree_find(const struct tree *t, const char *word, const char *fmt, ...) TREE_FORMAT(3);

/* The last part of where a link leads. 0 or a negative errno. */
int tree_link(const struct tree *t, char *buf, size_t size, const char *fmt, ...) TREE_FORMAT(4);

/* The names in a directory, less those with a dot in front. 0 or a negative errno. */
int tree_list(const struct tree *t, struct tree_names *ret, const char *fmt, ...) TREE_FORMAT(3);

/* Frees the list; it is empty afterwards. */
void tree_names_free(struct tree_names *names);

#endif
