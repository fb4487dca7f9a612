/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of commands, with labels as mpd has them or without.
 */
#ifndef CTL_CONSOLE_SCRIPT_H
#define CTL_CONSOLE_SCRIPT_H

#include "console.h"

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

#endif
