/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than lspci prints of all that a host can have: what never ends is noticed. */
#define LARGEST ((size_t)64 << 20)

/* Copies the rest of `in`. 0, or an errno. */
static int copy(FILE *in, FILE *out)
{
	char part[4096];
	size_t n, total = 0;

	errno = 0;
	while ((n = fread(part, 1, sizeof(part), in))) {
		total += n;
		if (total > LARGEST)
			return EFBIG;
		fwrite(part, 1, n, out);
	}
	if (!ferror(in))
		return 0;
	return errno ? errno : EIO;
}

char *file_read(const char *path, size_t *len)
{
	FILE *in = strcmp(path, "-") ? fopen(path, "r") : stdin;
	char *text = NULL;
	FILE *out = in ? open_memstream(&text, len) : NULL;
	int failed = out ? copy(in, out) : errno;

	if (in && in != stdin)
		fclose(in);
	if (out && fclose(out) == EOF && !failed)
		failed = ENOMEM;
	if (!failed)
		return text;
	free(text);
	errno = failed;
	return NULL;
}

const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
