/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpd's console, on a terminal or from a file:
 *
 *   console.c   runs a line: link, set, load, new; all else goes to the command table (main.c)
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

/* --- console.c --- */

/* Run a line. An exit code; not 0 after a message. */
int console_run_line(struct console *console, const char *line);
/* Make link the selected one; it exists. */
int console_select(struct console *console, const char *link);
/* "create link", which is mpd 5's, made link; make it the selected one. */
int console_made(struct console *console, const char *link);
/* Complain about "set" lines that nothing completed. 0 if there are none. */
int console_finish_set(struct console *console);
/* A terminal is there to ask. */
bool cli_terminal(void);

/* --- script.c --- */

/*
 * The entry called label of a file, or without label: "startup" and "default" as mpd, the only
 * entry, or all lines if there are no entries. path NULL: standard input. An exit code.
 */
int script_run(struct console *console, const char *path, const char *label);
/* An entry of the file that is being run. */
bool script_has_label(const struct console *console, const char *label);
int script_run_label(struct console *console, const char *label);
/* The same as script_run() for an entry that need not be there. */
int script_run_entry(struct console *console, const char *path, const char *label, bool *ret_found);

/* --- edit.c --- */

int edit_run(struct console *console);

/* --- complete.c --- */

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

/* --- foreign.c --- */

/*
 * What to use instead of a command of mpd's; NULL: it is none that is foreign here. ret_stop (may
 * be NULL): a script must not go on without it.
 */
const char *foreign_advice(char *const *words, bool *ret_stop);
/* An option of mpd's "set link enable|disable" that is PPP's. */
bool foreign_link_flag(const char *word);

#endif
