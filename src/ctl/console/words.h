/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the console and of mpd's files into words, and files into lines. */
#ifndef CTL_CONSOLE_WORDS_H
#define CTL_CONSOLE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define WORDS_MAX 128

struct words {
	char *text;		   /* that the words are in */
	char *word[WORDS_MAX + 1]; /* ends with NULL */
	int count;
	bool open_quote; /* the last one was not closed */
};

/*
 * Split at blanks. "..." is (part of) one word; in it \\, \", \n, \t, \r, \e, \xNN and \NNN (octal)
 * stand for characters. 0, or NULL if all is well; else what is wrong with the line (the words up
 * to there are in *ret). Free and wipe with words_clear().
 */
const char *words_split(const char *line, struct words *ret);
void words_clear(struct words *words);

/*
 * The next line that says something: no comment, not blank, and joined with the ones that a
 * backslash at the end ties to it; without newline. NULL: end (or an error: ferror). *number counts
 * lines; *ret_first is where this one began. malloc'ed; wipe and free with line_free().
 */
char *line_read(FILE *file, unsigned *number, unsigned *ret_first);
void line_free(char *line);
/* "NAME:" in the first column? The length of NAME; else 0. */
size_t line_is_label(const char *line);

#endif
