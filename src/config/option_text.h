/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What parsers of values share: words, digits, and messages that quote what was written.
 */
#ifndef CONFIG_OPTION_TEXT_H
#define CONFIG_OPTION_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define OPTION_BLANKS	 " \t"
#define OPTION_NAME_MAX	 63  /* length of names of links and profiles */
#define OPTION_ERROR_LEN 320 /* room for a message, with NUL */
#define OPTION_QUOTE_MAX 64

/* 1 to 63 characters of A-Z a-z 0-9 _ . - */
bool option_name_valid(const char *name);

/* Fills error. Always -EINVAL. */
int option_fail(char error[static OPTION_ERROR_LEN], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

struct option_quoted {
	char text[OPTION_QUOTE_MAX + 8];
};
/* 'text', cut at a character's border if it is long */
struct option_quoted option_quote(const char *text, size_t len);
#define OPTION_QUOTE(what) option_quote(what, strlen(what)).text

/* The word at *text, its length in *ret_len, and *text behind it; NULL at the end. */
const char *option_word(const char **text, size_t *ret_len);
/* Only digits; false also if it is beyond max. */
bool option_digits(const char *text, size_t len, unsigned long max, unsigned long *ret);

/* Wipes. NULL is allowed. */
void option_free_text(char *text);
/* 0 and a copy in *ret, or -ENOMEM. */
int option_give_text(const char *text, char **ret);

#endif
