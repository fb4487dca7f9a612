/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of pppd's files (options, chap-secrets) as getword() of pppd's options.c takes them: blanks
 * separate, "..." and '...' hold them, backslashes are C's (\s is a blank, and one at the end of a
 * line joins it with the next), '#' begins a comment. One rule differs: a quote must end on its
 * line. pppd reads on, so that one apostrophe hides the lines that follow.
 */
#ifndef BASE_PPPD_WORDS_H
#define BASE_PPPD_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define PPPD_WORD_MAX 1023 /* pppd's MAXWORDLEN less the NUL */

/* Begin with text in p and end, all else zero. Holds secrets: wipe it. */
struct pppd_words {
	const char *p, *end; /* what is left; p is at the newline when a line is over */
	unsigned line;	     /* counted up at joined lines; who goes over a newline counts it */
	const char *bad;     /* what is wrong with the line; stays */
	size_t len;
	char word[PPPD_WORD_MAX + 1];
};

/* The next word of the line into word. False: the line, or all of it, is over. */
bool pppd_words_next(struct pppd_words *words);

#endif
