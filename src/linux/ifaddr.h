/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and numbers of this machine's interfaces. Errors are -errno. */
#ifndef LINUX_IFADDR_H
#define LINUX_IFADDR_H

#include <l2tp/types.h>

/*
 * The first address of family on the interface (no link-local one), port 0. -EADDRNOTAVAIL: there
 * is no such interface; -EAFNOSUPPORT: it has no address of that family.
 */
int ifaddr_find(const char *ifname, int family, struct l2tp_addr *ret);
/* if_nametoindex(3); 0: no such interface. */
int ifaddr_index(const char *ifname);

#endif
