/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Narrower screens are treated as so wide. */
#define WIDTH_MIN 40

size_t screen_width(void)
{
	const char *columns = getenv("COLUMNS");
	unsigned long width = columns ? strtoul(columns, NULL, 10) : 0;
	struct winsize size;

	if (!width && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	return !width ? 0 : width < WIDTH_MIN ? WIDTH_MIN : width > 10000 ? 0 : width;
}

size_t screen_columns(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

void screen_wrap(const char *text, size_t at, size_t indent)
{
	size_t width = screen_width();
	const char *blank = "";

	while (*text) {
		size_t len = strcspn(text, " ");
		char *word = strndup(text, len);
		size_t columns = word ? screen_columns(word) : len;

		free(word);
		if (width && *blank && at + 1 + columns > width) {
			printf("\n%*s", (int)indent, "");
			at = indent;
			blank = "";
		}
		printf("%s%.*s", blank, (int)len, text);
		at += strlen(blank) + columns;
		blank = " ";
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}
