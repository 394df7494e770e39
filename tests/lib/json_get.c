/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_get FILE POINTER: prints what RFC 6901's POINTER ("/after/bars/0/size") names in the
 * JSON text of FILE. 1 if there is no such thing, 2 if the text is no JSON.
 */
#include <json-c/json.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct json_object *text, *value;

	if (argc != 3)
		return 2;
	text = json_object_from_file(argv[1]);
	if (!text) {
		fprintf(stderr, "%s\n", json_util_get_last_err());
		return 2;
	}

	int missing = json_pointer_get(text, argv[2], &value);

	if (!missing)
		puts(value ? json_object_get_string(value) : "null");
	json_object_put(text);
	return missing != 0;
}
