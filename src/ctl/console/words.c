/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r"

/* The character that *p, behind a backslash, stands for; *p is behind it then. -1: none. */
static int escape(const char **p)
{
	static const char names[] = "nrte\\\"", values[] = "\n\r\t\033\\\"";
	const char *found = **p ? strchr(names, **p) : NULL;
	int c = 0, n;

	if (found) {
		(*p)++;
		return values[found - names];
	}
	if (**p == 'x' && isxdigit((unsigned char)(*p)[1])) {
		(*p)++;
		for (n = 0; n < 2 && isxdigit((unsigned char)**p); n++, (*p)++)
			c = c * 16 + (isdigit((unsigned char)**p)
						     ? **p - '0'
						     : tolower((unsigned char)**p) - 'a' + 10);
		return c ? c : -1;
	}
	for (n = 0; n < 3 && **p >= '0' && **p <= '7'; n++, (*p)++)
		c = c * 8 + (**p - '0');
	return c && c < 256 ? c : -1;
}

/* One word from *p to *to, both moved on. NULL, or what is wrong. */
static const char *one_word(const char **p, char **to, bool *open_quote)
{
	while (**p && !strchr(BLANKS, **p)) {
		if (**p != '"') {
			*(*to)++ = *(*p)++;
			continue;
		}
		for ((*p)++; **p != '"'; (*to)++) {
			int c;

			if (!**p) {
				*open_quote = true;
				return "a quote is not closed";
			}
			if (**p != '\\') {
				**to = *(*p)++;
				continue;
			}
			(*p)++;
			c = escape(p);
			if (c < 0)
				return "a backslash in quotes stands before one of "
				       "n r t e \\ \" xNN NNN";
			**to = (char)c;
		}
		(*p)++;
	}
	return NULL;
}

const char *words_split(const char *line, struct words *ret)
{
	const char *p = line, *problem = NULL;
	char *to;

	memset(ret, 0, sizeof(*ret));
	/* no word is longer than what it is written as; each has a NUL where a blank was */
	to = ret->text = malloc(strlen(line) + 2);
	if (!to)
		return "out of memory";
	while (!problem) {
		p += strspn(p, BLANKS);
		if (!*p)
			break;
		if (ret->count == WORDS_MAX)
			return "too many words";
		ret->word[ret->count++] = to;
		problem = one_word(&p, &to, &ret->open_quote);
		*to++ = '\0';
	}
	return problem;
}

void words_clear(struct words *words)
{
	if (words->text) {
		char *end = words->count ? words->word[words->count - 1] : words->text;

		explicit_bzero(
			words->text, words->count ? (size_t)(end - words->text) + strlen(end) : 0);
	}
	free(words->text);
	memset(words, 0, sizeof(*words));
}

/* --- lines --- */

void line_free(char *line)
{
	if (line)
		explicit_bzero(line, strlen(line));
	free(line);
}

/* One line as it stands in the file, without its end; NULL: there is none. */
static char *physical_line(FILE *file, unsigned *number)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len = getline(&line, &size, file);

	if (len < 0) {
		free(line);
		return NULL;
	}
	(*number)++;
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		line[--len] = '\0';
	return line;
}

static bool says_nothing(const char *line)
{
	line += strspn(line, BLANKS);
	return !*line || *line == '#';
}

char *line_read(FILE *file, unsigned *number, unsigned *ret_first)
{
	char *line, *more, *joined;
	size_t len;

	do {
		line = physical_line(file, number);
		if (!line)
			return NULL;
		if (says_nothing(line)) {
			line_free(line);
			line = NULL;
		}
	} while (!line);
	*ret_first = *number;
	while ((len = strlen(line)) && line[len - 1] == '\\') {
		line[len - 1] = '\0';
		more = physical_line(file, number);
		if (!more)
			break;
		joined = NULL;
		if (asprintf(&joined, "%s %s", line, more) < 0)
			joined = NULL;
		line_free(line);
		line_free(more);
		line = joined;
		if (!line)
			return NULL;
	}
	return line;
}

size_t line_is_label(const char *line)
{
	size_t len = strcspn(line, ": \t");

	return len && line[len] == ':' && !line[len + 1 + strspn(line + len + 1, BLANKS)] ? len : 0;
}
