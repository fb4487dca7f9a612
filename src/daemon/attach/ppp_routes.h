/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a call that is up needs of the machine: its routes, and an MTU that fits the path. */
#ifndef DAEMON_ATTACH_PPP_ROUTES_H
#define DAEMON_ATTACH_PPP_ROUTES_H

#include "ppp.h"

/* The profile's default route, if it wants one; family: AF_INET, AF_INET6. */
void ppp_routes_default(struct call *call, int family);
/* Those of the link to networks behind the peer, if the call is the one. */
void ppp_routes_nets(const struct call *call, int family);
/* Others removed it: it comes back, once. */
void ppp_routes_restore(struct call *call);
/* The path's MTU may have changed. */
void ppp_routes_follow_mtu(struct call *call);

#endif
