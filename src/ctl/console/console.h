/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpd's console, on a terminal or from a file:
 *
 *   console.c   runs a line: link, set, load, new; all else goes to the command table (commands.c)
 *   script.c    files with and without labels
 *   edit.c      the terminal: prompt, history, TAB, ?
 *   complete.c  which words may come next, and what they mean
 *   foreign.c   mpd's commands that have no meaning here, and what to use instead
 */
#ifndef CTL_CONSOLE_CONSOLE_H
#define CTL_CONSOLE_CONSOLE_H

#include <jansson.h>
#include <stdbool.h>

#include "ctl/cli.h"

struct console {
	struct cli *cli;
	char *link; /* selected; NULL: none */
	bool quit;
	bool edit;    /* on a terminal: words are completed */
	json_t *made; /* names of links that "create link" made, as keys; NULL: none */

	/* a script: */
	const char *file;	     /* as messages call it; NULL: a terminal */
	const char *path;	     /* NULL: standard input */
	const char *label;	     /* entry that is run; NULL: none */
	const struct script *script; /* with its entries; NULL: it has none */
	unsigned line;
	unsigned depth; /* of load and new */
	/* "set" lines that are good, but do not go together yet, and why */
	json_t *pending, *pending_lines; /* their words, their numbers in the file */
	char *pending_why;
	unsigned pending_line;
};

/* Run a line. An exit code; not 0 after a message. */
int console_run_line(struct console *console, const char *line);
/* Make link the selected one; it exists. */
int console_select(struct console *console, const char *link);
/* "create link", which is mpd 5's, made link; make it the selected one. */
int console_made(struct console *console, const char *link);
/* Complain about "set" lines that nothing completed. 0 if there are none. */
int console_finish_set(struct console *console);

#endif
