/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "open" and "close".
 * argv are the words after the command's own; their number was checked. An exit code.
 */
#ifndef CTL_CMD_OPEN_H
#define CTL_CMD_OPEN_H

#include "cli.h"

int cmd_open(struct cli *cli, char **argv);
int cmd_close(struct cli *cli, char **argv);

#endif
