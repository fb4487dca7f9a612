/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "open" on a terminal: what the daemon is doing is shown in one line, until it is done. */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

#include "cli.h"

/* stderr is a terminal, and people read what is written to stdout. */
bool progress_wanted(const struct cli *cli);
/*
 * As cli_call(CTL_OPEN), with the progress of link on stderr meanwhile. params is stolen. 0 and
 * *ret (clear it), or an exit code with its reason on stderr.
 */
int progress_open(struct cli *cli, const char *link, json_t *params, struct ctl_reply *ret);

#endif
