/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and numbers of this machine's interfaces. Errors are -errno. */
#ifndef LINUX_IFADDR_H
#define LINUX_IFADDR_H

#include <stdbool.h>

#include <l2tp/types.h>

/* Every IPv4 and IPv6 address of every interface, port 0. 0 or -errno. */
int ifaddr_read(
	void (*cb)(void *user, int ifindex, const char *ifname, const struct l2tp_addr *addr),
	void *user);
/* if_indextoname(3) into ret (16 bytes); false: no such interface. */
bool ifaddr_name(int ifindex, char *ret);
/* Set the MTU of an interface. */
int ifaddr_set_mtu(const char *ifname, unsigned mtu);
/* if_nametoindex(3); 0: no such interface. */
int ifaddr_index(const char *ifname);

#endif
