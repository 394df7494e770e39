/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON as all commands print it: keys in the order in which they were put, sizes and offsets as
 * integers in bytes, ids as strings of hexadecimal digits.
 */
#ifndef MSIXSHIM_CLI_JSON_H
#define MSIXSHIM_CLI_JSON_H

#include <stdint.h>
#include <stdio.h>

struct json_object;

/* Put a member into object `o`: a number; a text, or null if it is NULL; `digits` digits. */
void json_put_int(struct json_object *o, const char *key, uint64_t value);
void json_put_text(struct json_object *o, const char *key, const char *text);
void json_put_hex(struct json_object *o, const char *key, uint32_t value, int digits);

/* Prints `o`, which is freed, and a line feed. 0, or -ENOMEM. */
int json_print(FILE *out, struct json_object *o);

#endif
