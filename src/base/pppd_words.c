/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pppd_words.h"

#include <ctype.h>
#include <string.h>

static void add_char(struct pppd_words *s, char c)
{
	if (!c)
		s->bad = "a NUL byte";
	else if (s->len == PPPD_WORD_MAX)
		s->bad = "a word is too long";
	else
		s->word[s->len++] = c;
}

static int hex_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* s->p is behind a backslash: C's escapes, \s for a blank, and a newline is ignored. */
static void scan_escape(struct pppd_words *s)
{
	static const char letters[] = "abfnrst", values[] = "\a\b\f\n\r \t";
	const char *letter;
	int value = 0, i;
	char c;

	if (s->p == s->end) {
		s->bad = "ends in a backslash";
		return;
	}
	c = *s->p++;
	letter = c ? strchr(letters, c) : NULL;
	if (c == '\n') {
		s->line++;
	} else if (letter) {
		add_char(s, values[letter - letters]);
	} else if (c >= '0' && c <= '7') {
		s->p--;
		for (i = 0; i < 3 && s->p < s->end && *s->p >= '0' && *s->p <= '7'; i++)
			value = value * 8 + (*s->p++ - '0');
		add_char(s, (char)value);
	} else if (c == 'x') {
		for (i = 0; i < 2 && s->p < s->end && isxdigit((unsigned char)*s->p); i++)
			value = value * 16 + hex_value(*s->p++);
		add_char(s, (char)value);
	} else {
		add_char(s, c);
	}
}

/* Blanks and comments. False: the line or the file ends here. */
static bool skip_to_word(struct pppd_words *s)
{
	while (s->p < s->end && *s->p != '\n') {
		if (*s->p == '#') {
			const char *newline = memchr(s->p, '\n', (size_t)(s->end - s->p));

			s->p = newline ? newline : s->end;
		} else if (*s->p == '\\' && s->p + 1 < s->end && s->p[1] == '\n') {
			s->p += 2;
			s->line++;
		} else if (isspace((unsigned char)*s->p)) {
			s->p++;
		} else {
			return true;
		}
	}
	return false;
}

bool pppd_words_next(struct pppd_words *s)
{
	char quoted = 0;

	s->len = 0;
	if (!skip_to_word(s))
		return false;
	while (s->p < s->end) {
		char c = *s->p;

		if (c == '\n' || (!quoted && (isspace((unsigned char)c) || c == '#')))
			break;
		s->p++;
		if (c == '\\')
			scan_escape(s);
		else if (quoted && c == quoted)
			quoted = 0;
		else if (!quoted && (c == '"' || c == '\''))
			quoted = c;
		else
			add_char(s, c);
	}
	if (quoted)
		s->bad = "a quote is not closed";
	s->word[s->len] = '\0';
	return true;
}
