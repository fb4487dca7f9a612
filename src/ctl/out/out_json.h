/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results for programs: one array of objects a command, on one line; monitor: one object a line.
 * The fields are the daemon's, nothing is added, left out or renamed.
 */
#ifndef CTL_OUT_OUT_JSON_H
#define CTL_OUT_OUT_JSON_H

#include "ctl/cli.h"

extern const struct cli_out out_json;

/* Flags for json_dumpf() to stdout. */
size_t out_json_flags(void);

#endif
