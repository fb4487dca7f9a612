/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "monitor": events as they happen.
 * argv are the words after the command's own; their number was checked. An exit code.
 */
#ifndef CTL_CMD_MONITOR_H
#define CTL_CMD_MONITOR_H

#include "cli.h"

int cmd_monitor(struct cli *cli, char **argv);

#endif
