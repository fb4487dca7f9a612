/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The routes the daemon sets itself, through rtnetlink (libmnl). They carry protocol number
 * ROUTE_PROTOCOL, so that "ip route show proto 151" lists them. Errors are -errno.
 */
#ifndef LINUX_ROUTE_H
#define LINUX_ROUTE_H

#include <l2tp/types.h>

#define ROUTE_PROTOCOL 151

/* A route to one host, as the kernel would choose it now. */
struct route {
	struct l2tp_addr dst;	  /* port ignored */
	struct l2tp_addr gateway; /* AF_UNSPEC: on link */
	int ifindex;
	struct l2tp_addr source; /* the address to send from; AF_UNSPEC: not said */
};

/* How dst is reached now (RTM_GETROUTE). -ENETUNREACH, -EHOSTUNREACH. */
int route_lookup(const struct l2tp_addr *dst, struct route *ret);

/*
 * Pin dst to the way it is reached now, with a host route of metric 0 that is there before any PPP
 * address is: neither a default route through the tunnel nor a PPP peer address equal to dst can
 * then lead the tunnel into itself. -EEXIST: somebody has such a host route already; that is as
 * good and must not be removed by us. Destinations on loopback or local to this machine need none:
 * -EADDRNOTAVAIL.
 */
int route_pin(const struct l2tp_addr *dst, struct route *ret_route);
/* The same for a way that is known. */
int route_pin_to(const struct route *route);
/* Removes exactly that route; -ESRCH: gone already. */
int route_unpin(const struct route *route);

/*
 * Make dst unreachable where no better host route is (type unreachable, last metric). Set beside a
 * pinned route it takes over when the kernel drops that with its interface: a default route through
 * the tunnel would then lead the tunnel into itself. -EEXIST: is set already.
 */
int route_block(const struct l2tp_addr *dst);
int route_unblock(const struct l2tp_addr *dst);

/*
 * Remove every host route of protocol ROUTE_PROTOCOL: left by a daemon that was killed. Number of
 * routes removed, or -errno.
 */
int route_flush(void);

/*
 * Default route through an interface, in front of existing ones of the same metric (NLM_F_CREATE
 * without EXCL and APPEND); the kernel removes it with the interface, and the old one rules again.
 * family: AF_INET or AF_INET6.
 */
int route_default_add(int ifindex, int family);
/* Route to net/width through an interface, or 0 if there is one; it goes with the interface. */
int route_add(int ifindex, const struct l2tp_addr *net, unsigned width);

#endif
