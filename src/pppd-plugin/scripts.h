/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd's scripts are left out. */
#ifndef PPPD_PLUGIN_SCRIPTS_H
#define PPPD_PLUGIN_SCRIPTS_H

/* Option "l2tpd-no-scripts". */
int scripts_none_option(char **argv);
/* In a child that pppd has just made: does not return if it is for a script that is left out. */
void scripts_forked(void);

#endif
