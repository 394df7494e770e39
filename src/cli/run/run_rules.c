/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/file.h"
#include "cli/run/run.h"
#include "core/policy/policy.h"

/* VMMs that the shim can't tell from others, and that need an option in each rule. */
static const struct special {
	const char *command, *option;
	unsigned int set; /* the bit of policy_rule.options_set */
	const char *why;
} specials[] = {
	{"crosvm", "caps=sparse", POLICY_SET_CAPS,
	 "it gives up MSI-X where the kernel says that the table can be mapped"},
	{"kvmtool", "share=bar", POLICY_SET_SHARE, "it traps all of the BAR that holds the table"},
	{"lkvm", "share=bar", POLICY_SET_SHARE, "it traps all of the BAR that holds the table"},
};

static const struct special *find_special(const char *path)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++)
		if (!strcmp(file_name(path), specials[i].command))
			return &specials[i];
	return NULL;
}

/* Adds the rules of `text` to `out`, each with the option that it may lack. */
static int add_rules(FILE *out, const char *text, const char *where, const struct special *special)
{
	struct policy_error err;
	struct policy_rule rule;
	char line[1024];
	size_t pos = 0;

	if (!policy_check(text, &err)) {
		cli_error("run: %s", policy_error_text(&err, where, line, sizeof(line)));
		return RUN_FAILED;
	}
	while (policy_next(text, &pos, &rule)) {
		fprintf(out, "%s%.*s", ftell(out) > 0 ? ";" : "", (int)rule.text.len,
			rule.text.text);
		if (special && !(rule.options_set & special->set))
			fprintf(out, ",%s", special->option);
	}
	return 0;
}

static int add_file(FILE *out, const char *path, const struct special *special)
{
	size_t len;
	/* "-" is a file here: standard input is the VMM's. */
	char *text = file_read(strcmp(path, "-") ? path : "./-", &len);
	int status = RUN_FAILED;

	if (!text)
		cli_error("run: %s: %s", path, strerror(errno));
	else if (strlen(text) != len)
		cli_error("run: %s: a byte 0 in it; it is no text", path);
	else
		status = add_rules(out, text, path, special);
	free(text);
	return status;
}

/* What the user says, in the order in which it holds. */
static int add_all(FILE *out, const struct run_options *o, const struct special *special)
{
	const char *variable = getenv("MSIXSHIM");
	const char *file = o->config ? o->config : getenv("MSIXSHIM_CONFIG");
	int status = 0;

	if (o->relocate)
		status = add_rules(out, o->relocate, "--relocate", special);
	if (!status && variable)
		status = add_rules(out, variable, "MSIXSHIM", special);
	if (!status && file && *file)
		status = add_file(out, file, special);
	return status;
}

int run_rules(const struct run_options *options, const char *path, char **ret)
{
	const struct special *special = find_special(path);
	size_t size;

	*ret = NULL;

	FILE *out = open_memstream(ret, &size);
	int status = out ? add_all(out, options, special) : RUN_FAILED;

	if (out && special)
		fprintf(out, "%s*=" POLICY_DEFAULT ",%s", ftell(out) > 0 ? ";" : "",
			special->option);
	if (!out || fclose(out) == EOF) {
		cli_error("run: out of memory");
		return RUN_FAILED;
	}
	if (!status && size > POLICY_TEXT_MAX) {
		cli_error("run: the rules have %zu bytes in all; the shim takes %d", size,
			  POLICY_TEXT_MAX);
		return RUN_FAILED;
	}
	if (!status && special)
		cli_error("run: note: %s gets %s, as %s; the rules are: %s", special->command,
			  special->option, special->why, *ret);
	return status;
}
