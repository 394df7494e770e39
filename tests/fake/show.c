/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show cat FILE... | show readlink FILE: as the tools of these names, which are of the machine's
 * C library: that of the fake may be another one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int failed(const char *path)
{
	fprintf(stderr, "show: %s: %s\n", path, strerror(errno));
	return 1;
}

static int cat(const char *path)
{
	char buf[4096];
	ssize_t n;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return failed(path);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	close(fd);
	return n < 0 ? failed(path) : 0;
}

static int show_link(const char *path)
{
	char target[4096];
	ssize_t n = readlink(path, target, sizeof(target));

	if (n < 0)
		return failed(path);
	printf("%.*s\n", (int)n, target);
	return 0;
}

int main(int argc, char **argv)
{
	int rc = argc > 2 ? 0 : 2;

	for (int i = 2; i < argc; i++)
		rc |= strcmp(argv[1], "cat") == 0 ? cat(argv[i]) : show_link(argv[i]);
	return rc;
}
