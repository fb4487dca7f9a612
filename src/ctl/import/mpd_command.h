/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands of mpd: which one is meant, and what those do that are not "set" (mpd_set.h): they make,
 * select and open links and bundles, and load entries.
 */
#ifndef CTL_IMPORT_MPD_COMMAND_H
#define CTL_IMPORT_MPD_COMMAND_H

#include "ctl/console/words.h"
#include "mpd.h"

/* Run a command; there is at least one word. What became of it the line is told. */
void mpd_command_run(struct mpd *mpd, struct import_line *line, const struct words *words);
/* Have the line show the command, as far as it may be shown, without running it. */
void mpd_command_show(struct import_line *line, const struct words *words);

#endif
