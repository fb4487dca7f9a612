/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "console": lines from a terminal, a file or standard input.
 * argv are the words after the command's own; their number was checked. An exit code.
 */
#ifndef CTL_CMD_CONSOLE_H
#define CTL_CMD_CONSOLE_H

#include "cli.h"

int cmd_console(struct cli *cli, char **argv);

#endif
