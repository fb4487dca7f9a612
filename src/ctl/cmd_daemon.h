/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "reload" and "check": what concerns the daemon as a whole.
 * argv are the words after the command's own; their number was checked. An exit code.
 */
#ifndef CTL_CMD_DAEMON_H
#define CTL_CMD_DAEMON_H

#include "cli.h"

/* "save" */
int cmd_save(struct cli *cli, char **argv);
int cmd_reload(struct cli *cli, char **argv);
int cmd_check(struct cli *cli, char **argv);

#endif
