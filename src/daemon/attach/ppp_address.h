/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peer's IPv4 address: given when it has logged in, and no two peers have the same. */
#ifndef DAEMON_ATTACH_PPP_ADDRESS_H
#define DAEMON_ATTACH_PPP_ADDRESS_H

#include <l2tpd/plugin.h>

#include "ppp.h"

/* Is it for us to say which one the peer has? Not where we are the client of a server. */
bool ppp_address_is_ours(const struct call *call, const struct config_ppp *profile);
/* PLUGIN_ASK_ADDRESS: answers it. */
void ppp_address_asked(struct ppp *ppp, const struct plugin_msg *question);
/*
 * PPP has this one (host byte order): the lease follows. False: another call has it, and this one
 * is being ended.
 */
bool ppp_address_up(struct ppp *ppp, uint32_t address);

#endif
