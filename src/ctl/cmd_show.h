/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "show ...": what there is.
 * argv are the words after the command's own; their number was checked. An exit code.
 */
#ifndef CTL_CMD_SHOW_H
#define CTL_CMD_SHOW_H

#include "cli.h"

int cmd_show_links(struct cli *cli, char **argv);
int cmd_show_link(struct cli *cli, char **argv);
int cmd_show_tunnels(struct cli *cli, char **argv);
int cmd_show_forwards(struct cli *cli, char **argv);
int cmd_show_pppoe(struct cli *cli, char **argv);
int cmd_show_sessions(struct cli *cli, char **argv);
int cmd_show_session(struct cli *cli, char **argv);
int cmd_show_version(struct cli *cli, char **argv);
int cmd_show_counters(struct cli *cli, char **argv);
int cmd_show_config(struct cli *cli, char **argv);

#endif
