/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "link NAME set ..." and "create link": options at run time.
 * argv are the words after the command's own; their number was checked. An exit code.
 */
#ifndef CTL_CMD_CONFIG_H
#define CTL_CMD_CONFIG_H

#include "cli.h"

int cmd_link(struct cli *cli, char **argv);
int cmd_create_link(struct cli *cli, char **argv);

#endif
