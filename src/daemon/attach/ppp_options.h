/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which options a pppd gets. /etc/ppp/options is read by every pppd before ours, so everything that
 * matters is said explicitly here, but nothing that pppd would hold against the user's own lines:
to pppd "noccp", "noproxyarp", "nodefaultroute" and "refuse-eap" are for ever.
 */
#ifndef DAEMON_ATTACH_PPP_OPTIONS_H
#define DAEMON_ATTACH_PPP_OPTIONS_H

#include "daemon/call/call.h"
#include "linux/pppd_options.h"
#include "profile.h"

/* All options for the call's pppd into o (all zero at first). 0 or o->error. */
int ppp_options_build(
	struct pppd_options *o, const struct call *call, const struct config_ppp *ppp);

/* The plugins of a profile alone, in the order of ppp_options_build(). */
void ppp_options_plugins(
	struct pppd_options *o, const struct config *config, const struct config_ppp *ppp);
/* The MTU that fits the path of the call's tunnel now, L2TP's headers taken off. */
unsigned ppp_options_mtu(const struct call *call);

/* May we log in to the peer by this method ("auth")? */
bool ppp_options_allow_login(const struct config_ppp *ppp, const char *method);

#endif
