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
	bool open_quote; /* the last one was not closed: it goes to the end of the line */
};

/*
 * Words exactly as mpd splits them (ParseLine() and Escape() of its util.c). A word that begins
 * with " goes to the next ", or to the end of the line, and the next word begins right behind:
 * "ab"cd is two. Any other word goes to the next blank; a " in it is a character: ab"cd is one. In
 * both a backslash makes t, n, r, s (a blank), octal digits and x with hexadecimal digits a
 * character, and goes away before all others. NULL if all is well; else what is wrong with the line
 * (the words up to there are in *ret): mpd would cut a word at a NUL. Free and wipe with
 * words_clear().
 */
const char *words_split(const char *line, struct words *ret);
void words_clear(struct words *words);

/*
 * The next line that says something: no comment, not blank, without blanks at its end, and joined
 * with the next such one if a backslash at the end ties it to it. NULL: end (or an error: ferror).
 * *number counts lines; *ret_first is where this one began. malloc'ed; wipe and free with
 * line_free().
 */
char *line_read(FILE *file, unsigned *number, unsigned *ret_first);
void line_free(char *line);
/*
 * Is it a label, that is "NAME:", "NAME :" or either with anything behind it in the first column?
 * The length of NAME; else 0.
 */
size_t line_is_label(const char *line);

#endif
