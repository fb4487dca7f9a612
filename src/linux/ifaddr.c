/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ifaddr.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

static int take_address(const struct ifaddrs *ifa, int family, struct l2tp_addr *ret)
{
	struct l2tp_addr addr = { 0 };

	if (!ifa->ifa_addr || ifa->ifa_addr->sa_family != family)
		return -EAFNOSUPPORT;
	memcpy(&addr, ifa->ifa_addr, family == AF_INET ? sizeof(addr.in) : sizeof(addr.in6));
	if (family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&addr.in6.sin6_addr))
		return -EAFNOSUPPORT;
	*ret = addr;
	return 0;
}

int ifaddr_find(const char *ifname, int family, struct l2tp_addr *ret)
{
	struct ifaddrs *list, *ifa;
	int r = -EADDRNOTAVAIL;

	if (getifaddrs(&list) < 0)
		return -errno;
	for (ifa = list; ifa && r < 0; ifa = ifa->ifa_next)
		if (strcmp(ifa->ifa_name, ifname) == 0)
			r = take_address(ifa, family, ret);
	freeifaddrs(list);
	return r;
}

int ifaddr_index(const char *ifname)
{
	return (int)if_nametoindex(ifname);
}
