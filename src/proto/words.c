/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "reason.h"

/* A name or a number; whole messages are cut. */
#define TEXT_MAX 200
#define HEX_MAX	 24

void words_init(struct words *w, char *buf, size_t size)
{
	*w = (struct words){ .buf = buf, .size = size, .cut = size == 0 };
	if (size)
		buf[0] = '\0';
}

/* The buffer is full of bytes: put the mark where a whole character ends. */
static void mark_cut(struct words *w)
{
	static const char mark[] = "...";
	size_t at = w->size < sizeof(mark) ? 0 : w->size - sizeof(mark);

	while (at > 0 && (w->buf[at] & 0xc0) == 0x80)
		at--;
	w->len = at;
	if (w->size >= sizeof(mark)) {
		memcpy(w->buf + at, mark, sizeof(mark));
		w->len += sizeof(mark) - 1;
	} else {
		w->buf[at] = '\0';
	}
	w->cut = true;
}

void words_add(struct words *w, const char *fmt, ...)
{
	size_t left = w->size - w->len;
	va_list args;
	int n;

	if (w->cut)
		return;
	va_start(args, fmt);
	n = vsnprintf(w->buf + w->len, left, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= left)
		mark_cut(w);
	else
		w->len += (size_t)n;
}

void words_add_text(struct words *w, struct l2tp_span text)
{
	char copy[TEXT_MAX], *quote = copy;

	l2tp_text_copy(copy, sizeof(copy), text);
	while ((quote = strchr(quote, '"')))
		*quote = '\'';
	words_add(w, "\"%s%s\"", copy, text_size(text) > sizeof(copy) ? "..." : "");
}

void words_add_octets(struct words *w, size_t count)
{
	words_add(w, "%zu octet%s", count, count == 1 ? "" : "s");
}

void words_add_hex(struct words *w, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len && i < HEX_MAX; i++)
		words_add(w, "%02x", data[i]);
	if (len > HEX_MAX)
		words_add(w, "... (%zu octets)", len);
}
