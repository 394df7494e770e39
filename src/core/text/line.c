/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/text/line.h"

#include <string.h>

void line_start(struct line *l, char *buf, size_t size)
{
	*l = (struct line){buf, size, 0};
	if (size)
		buf[0] = '\0';
}

static void put(struct line *l, char c)
{
	if (l->len + 1 >= l->size)
		return;
	l->buf[l->len++] = c >= ' ' && c <= '~' ? c : '?';
	l->buf[l->len] = '\0';
}

void line_bytes(struct line *l, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put(l, text[i]);
}

void line_text(struct line *l, const char *text)
{
	line_bytes(l, text, strlen(text));
}

void line_decimal(struct line *l, uint64_t n)
{
	uint64_t unit = 1;

	while (n / unit > 9)
		unit *= 10;
	for (; unit; unit /= 10)
		put(l, (char)('0' + n / unit % 10));
}

void line_hex(struct line *l, uint64_t n, unsigned int digits)
{
	while (digits < 16 && n >> 4 * digits)
		digits++;
	while (digits--)
		put(l, "0123456789abcdef"[n >> 4 * digits & 15]);
}
