/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *keep_or_end(void *p)
{
	if (!p) {
		fputs("l2tpctl: out of memory\n", stderr);
		exit(1);
	}
	return p;
}

void *keep_alloc(size_t size)
{
	return keep_or_end(calloc(1, size));
}

void *keep_grow(void *array, size_t len, size_t size)
{
	char *more = keep_or_end(reallocarray(array, len + 1, size));

	memset(more + len * size, 0, size);
	return more;
}

char *keep_bytes(const char *text, size_t len)
{
	char *copy = keep_alloc(len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *keep_text(const char *text)
{
	return text ? keep_bytes(text, strlen(text)) : NULL;
}

void keep_wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

bool keep_has(const char *const *list, size_t len, const char *text)
{
	for (size_t i = 0; i < len; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}

void keep_replace(char **to, const char *text)
{
	char *copy = keep_text(text);

	keep_wipe(*to);
	*to = copy;
}
