/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which address the peer gets. */
#ifndef PPPD_PLUGIN_ADDRESS_H
#define PPPD_PLUGIN_ADDRESS_H

#include <stdint.h>

/* Option "l2tpd-ask-address". */
int address_ask_option(char **argv);
/* From now on pppd asks us whether an address is allowed. */
void address_guard(void);
/* Before IPCP starts: is there one that came with the peer's secret? */
void address_login_over(void);
/* Another user may log in, and gets another one. */
void address_restart(void);

#endif
