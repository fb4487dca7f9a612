/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "option_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool option_name_valid(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	size_t len = strlen(name);

	return len && len <= OPTION_NAME_MAX && strspn(name, allowed) == len;
}

int option_fail(char error[static OPTION_ERROR_LEN], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error, OPTION_ERROR_LEN, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

struct option_quoted option_quote(const char *text, size_t len)
{
	struct option_quoted quoted;
	size_t cut = len;

	if (cut > OPTION_QUOTE_MAX) {
		cut = OPTION_QUOTE_MAX;
		while (cut && ((unsigned char)text[cut] & 0xc0) == 0x80)
			cut--;
	}
	snprintf(quoted.text, sizeof(quoted.text), "'%.*s%s'", (int)cut, text,
		cut < len ? "..." : "");
	return quoted;
}

const char *option_word(const char **text, size_t *ret_len)
{
	const char *word = *text + strspn(*text, OPTION_BLANKS);

	*ret_len = strcspn(word, OPTION_BLANKS);
	*text = word + *ret_len;
	return *ret_len ? word : NULL;
}

bool option_digits(const char *text, size_t len, unsigned long max, unsigned long *ret)
{
	unsigned long value = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		value = value * 10 + (unsigned long)(text[i] - '0');
		if (value > max)
			return false;
	}
	*ret = value;
	return len > 0;
}

void option_free_text(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

int option_give_text(const char *text, char **ret)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}
