/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen: how wide it is, and text that is broken between words to fit. */
#ifndef CTL_OUT_SCREEN_H
#define CTL_OUT_SCREEN_H

#include <stddef.h>

/*
 * Columns of stdout: what COLUMNS says, or else the terminal; 0: as many as one likes, as stdout is
 * no terminal.
 */
size_t screen_width(void);
/* Columns that text takes: characters, not bytes. Wide ones are rare enough in names of hosts. */
size_t screen_columns(const char *text);
/*
 * Write text to stdout, broken at blanks: the cursor stands in column at, further lines begin in
 * column indent. A newline ends it. A word that is too long stays whole. text is harmless.
 */
void screen_wrap(const char *text, size_t at, size_t indent);

#endif
