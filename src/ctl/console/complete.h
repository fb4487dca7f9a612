/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which words may come next.
 */
#ifndef CTL_CONSOLE_COMPLETE_H
#define CTL_CONSOLE_COMPLETE_H

#include "console.h"

struct candidate {
	char *word; /* NULL: nothing to insert */
	char *help;
};
struct candidates {
	struct candidate *list;
	size_t count;
};
/* What may stand behind words. Asks the daemon for names and options; silent if it is not there. */
void complete_gather(struct console *console, char **words, int count, struct candidates *ret);
/* Only those that begin with word; case does not matter. */
void complete_filter(struct candidates *candidates, const char *word);
void complete_clear(struct candidates *candidates);
/* As a list with what they mean. */
void complete_print(const struct candidates *candidates);

#endif
