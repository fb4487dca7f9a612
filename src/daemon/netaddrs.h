/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of this machine by interface, kept as rtnetlink tells (kernel/netwatch.c): asked
 * for every datagram that asks for a tunnel, so nothing is read then.
 */
#ifndef DAEMON_NETADDRS_H
#define DAEMON_NETADDRS_H

#include "daemon.h"

/* Without memory an address stays unknown (logged). ifname may be NULL: not known. */
void netaddrs_add(struct daemon *d, int ifindex, const char *ifname, const struct l2tp_addr *addr);
void netaddrs_remove(struct daemon *d, int ifindex, const struct l2tp_addr *addr);
/* The interface has this name from now on. */
void netaddrs_rename(struct daemon *d, int ifindex, const char *ifname);
void netaddrs_drop_interface(struct daemon *d, int ifindex);
/* All are forgotten. */
void netaddrs_clear(struct daemon *d);

/*
 * The first address of family on the interface, no link-local one; port 0. 0, -EADDRNOTAVAIL: no
 * interface of that name has an address; -EAFNOSUPPORT: none of that family.
 */
int netaddrs_find(const struct daemon *d, const char *ifname, int family, struct l2tp_addr *ret);
/* Some interface has this address; the port is ignored. */
bool netaddrs_has(const struct daemon *d, const struct l2tp_addr *addr);

#endif
