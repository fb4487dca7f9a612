/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS	   " \t\n\r" /* what mpd's isspace() is */
#define LABEL_ENDS " \t\f:"

/*
 * A number as it stands behind a backslash. mpd takes all digits there are, and of the number its
 * lowest octet.
 */
static int read_octet(const char **p, unsigned base)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	unsigned value = 0;

	while (**p && (digit = memchr(digits, tolower((unsigned char)**p), base))) {
		value = (value * base + (unsigned)(digit - digits)) & 0xff;
		(*p)++;
	}
	return (int)value;
}

/*
 * The character that *p, behind a backslash, stands for; *p is behind it then. 0: it would end the
 * word. As mpd's Escape(): a backslash before any other character only goes away.
 */
static int read_escape(const char **p)
{
	static const char names[] = "tnrs", values[] = "\t\n\r ";
	const char *name;

	if (**p >= '0' && **p <= '7')
		return read_octet(p, 8);
	if (*(*p)++ == 'x')
		return read_octet(p, 16);
	name = strchr(names, (*p)[-1]);
	return name ? values[name - names] : (unsigned char)(*p)[-1];
}

/* The same, to *to; false: the word would end there. */
static bool take_escape(const char **p, char **to)
{
	int c = read_escape(p);

	*(*to)++ = (char)c;
	return c != 0;
}

/* From behind the quote to the next one, or to the end of the line if there is none. */
static bool quoted_word(const char **p, char **to, bool *open_quote)
{
	bool good = true;

	while (good && **p && **p != '"') {
		if (**p == '\\' && (*p)[1]) {
			(*p)++;
			good = take_escape(p, to);
		} else {
			*(*to)++ = *(*p)++;
		}
	}
	*open_quote = !**p;
	*p += **p == '"';
	return good;
}

/* Up to a blank; a quote in it is a character like others. */
static bool plain_word(const char **p, char **to)
{
	bool good = true;

	while (good && **p && !strchr(BLANKS, **p)) {
		if (**p != '\\') {
			*(*to)++ = *(*p)++;
			continue;
		}
		(*p)++;
		if (**p && !strchr(BLANKS, **p))
			good = take_escape(p, to);
	}
	return good;
}

const char *words_split(const char *line, struct words *ret)
{
	const char *p = line;
	bool good = true;
	char *to;

	memset(ret, 0, sizeof(*ret));
	/* no word is longer than what it is written as; "a"b has a NUL more than blanks */
	to = ret->text = malloc(2 * strlen(line) + 2);
	if (!to)
		return "out of memory";
	while (good) {
		p += strspn(p, BLANKS);
		if (!*p)
			return NULL;
		if (ret->count == WORDS_MAX)
			return "too many words";
		ret->word[ret->count++] = to;
		if (*p == '"') {
			p++;
			good = quoted_word(&p, &to, &ret->open_quote);
		} else {
			good = plain_word(&p, &to);
		}
		*to++ = '\0';
	}
	return "a backslash with the number 0 (or \\x without digits) would end the word: leave "
	       "out what "
	       "is behind it";
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
	static const char mark[] = "\xef\xbb\xbf"; /* byte order mark */
	char *line = NULL;
	size_t size = 0;
	ssize_t len = getline(&line, &size, file);

	if (len < 0) {
		free(line);
		return NULL;
	}
	if ((*number)++ == 0 && strncmp(line, mark, strlen(mark)) == 0) {
		len -= (ssize_t)strlen(mark);
		memmove(line, line + strlen(mark), (size_t)len + 1);
	}
	while (len && strchr(BLANKS, line[len - 1]))
		line[--len] = '\0';
	return line;
}

static bool says_nothing(const char *line)
{
	line += strspn(line, BLANKS);
	return !*line || *line == '#';
}

/* The next line that is neither empty nor a comment. */
static char *telling_line(FILE *file, unsigned *number)
{
	char *line;

	while ((line = physical_line(file, number)) && says_nothing(line))
		line_free(line);
	return line;
}

char *line_read(FILE *file, unsigned *number, unsigned *ret_first)
{
	char *line = telling_line(file, number), *more, *joined;
	size_t len;

	*ret_first = *number;
	while (line && (len = strlen(line)) && line[len - 1] == '\\') {
		line[len - 1] = ' ';
		more = telling_line(file, number);
		if (!more)
			break;
		joined = NULL;
		if (asprintf(&joined, "%s%s", line, more) < 0)
			joined = NULL;
		line_free(line);
		line_free(more);
		line = joined;
	}
	return line;
}

size_t line_is_label(const char *line)
{
	size_t len = strcspn(line, LABEL_ENDS);
	const char *behind = line + len + strspn(line + len, " \t\f");

	return *behind == ':' ? len : 0;
}
