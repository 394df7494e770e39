/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/file.h"
#include "cli/run/run.h"
#include "core/policy/policy.h"

/* Adds the rules of `text` to `out`. */
static int add_rules(FILE *out, const char *text, const char *where)
{
	struct policy_error err;
	struct policy_rule rule;
	char line[1024];
	size_t pos = 0;

	if (!policy_check(text, &err)) {
		cli_error("run: %s", policy_error_text(&err, where, line, sizeof(line)));
		return RUN_FAILED;
	}
	while (policy_next(text, &pos, &rule))
		fprintf(out, "%s%.*s", ftell(out) > 0 ? ";" : "", (int)rule.text.len,
			rule.text.text);
	return 0;
}

static int add_file(FILE *out, const char *path)
{
	size_t len;
	/* "-" is a file here: standard input is the VMM's. */
	char *text = file_read(strcmp(path, "-") ? path : "./-", &len);
	int status = RUN_FAILED;

	if (!text)
		cli_error("run: %s: %s", path, strerror(errno));
	else if (strlen(text) != len)
		cli_error("run: %s: a byte 0 in it; it is not a text", path);
	else
		status = add_rules(out, text, path);
	free(text);
	return status;
}

/* What the user says, in the order in which it holds. */
static int add_all(FILE *out, const struct run_options *o)
{
	const char *variable = getenv("MSIXSHIM");
	const char *file = o->config ? o->config : getenv("MSIXSHIM_CONFIG");
	int status = 0;

	if (o->relocate)
		status = add_rules(out, o->relocate, "--relocate");
	if (!status && variable)
		status = add_rules(out, variable, "MSIXSHIM");
	if (!status && file && *file)
		status = add_file(out, file);
	return status;
}

int run_rules(const struct run_options *options, char **ret)
{
	size_t size;

	*ret = NULL;

	FILE *out = open_memstream(ret, &size);
	int status = out ? add_all(out, options) : RUN_FAILED;

	if (!out || fclose(out) == EOF) {
		cli_error("run: out of memory");
		return RUN_FAILED;
	}
	if (!status && size > POLICY_TEXT_MAX) {
		cli_error("run: the rules have %zu bytes in all; the shim takes %d", size,
			  POLICY_TEXT_MAX);
		return RUN_FAILED;
	}
	return status;
}
