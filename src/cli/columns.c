/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/columns.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int columns_open(struct columns *c)
{
	*c = (struct columns){0};
	for (int i = 0; i < 2; i++)
		c->side[i] = open_memstream(&c->text[i], &c->size[i]);
	if (c->side[0] && c->side[1])
		return 0;
	for (int i = 0; i < 2; i++) {
		if (c->side[i])
			fclose(c->side[i]);
		free(c->text[i]);
	}
	return -ENOMEM;
}

/*
 * The length of the next piece of `text` that fits into `width`: up to a line
 * feed, else to the last space, else cut. *skip is what separates it from the rest.
 */
static int piece(const char *text, int width, int *skip)
{
	int len = (int)strcspn(text, "\n");

	*skip = text[len] == '\n';
	if (len <= width)
		return len;
	*skip = 0;
	for (int i = width; i > width / 2; i--) {
		if (text[i] == ' ') {
			*skip = 1;
			return i;
		}
	}
	return width;
}

/* The same for text that is not a column: words stay whole, so that paths can be copied. */
static int words(const char *text, int width, int *skip)
{
	int len = (int)strcspn(text, "\n"), end;

	*skip = text[len] != '\0';
	if (len <= width)
		return len;
	for (end = width; end > 0 && text[end] != ' '; end--)
		;
	if (end == 0)
		end = (int)strcspn(text, " \n");
	*skip = text[end] != '\0';
	return end;
}

/* Prints the pieces that cut() makes of the text. */
static void print_pieces(FILE *out, const char *label, const char *text, int width, int indent,
			 int (*cut)(const char *text, int width, int *skip))
{
	while (*text) {
		int skip, len = cut(text, width, &skip);

		fprintf(out, "%-*s%.*s\n", indent, label, len, text);
		text += len + skip;
		label = "";
	}
}

void text_field(FILE *out, const char *label, const char *text, int width, int indent)
{
	print_pieces(out, label, text, width, indent, words);
}

void text_wrap(FILE *out, const char *text, int width, int indent)
{
	print_pieces(out, "", text, width, indent, piece);
}

void columns_print(struct columns *c)
{
	fclose(c->side[0]);
	fclose(c->side[1]);

	const char *left = c->text[0], *right = c->text[1];

	while (*left || *right) {
		int left_skip, right_skip;
		int left_len = piece(left, COLUMN_WIDTH, &left_skip);
		int right_len = piece(right, COLUMN_WIDTH, &right_skip);

		printf("  %.*s", left_len, left);
		if (right_len)
			printf("%*s  %.*s", COLUMN_WIDTH - left_len, "", right_len, right);
		putchar('\n');
		left += left_len + left_skip;
		right += right_len + right_skip;
	}
	free(c->text[0]);
	free(c->text[1]);
}
