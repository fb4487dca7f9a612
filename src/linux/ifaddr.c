/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ifaddr.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int ifaddr_read(
	void (*cb)(void *user, int ifindex, const char *ifname, const struct l2tp_addr *addr),
	void *user)
{
	struct ifaddrs *list, *ifa;

	if (getifaddrs(&list) < 0)
		return -errno;
	for (ifa = list; ifa; ifa = ifa->ifa_next) {
		struct l2tp_addr addr = { 0 };
		int family = ifa->ifa_addr ? ifa->ifa_addr->sa_family : AF_UNSPEC;

		if (family == AF_INET)
			memcpy(&addr.in, ifa->ifa_addr, sizeof(addr.in));
		else if (family == AF_INET6)
			memcpy(&addr.in6, ifa->ifa_addr, sizeof(addr.in6));
		else
			continue;
		cb(user, (int)if_nametoindex(ifa->ifa_name), ifa->ifa_name, &addr);
	}
	freeifaddrs(list);
	return 0;
}

bool ifaddr_name(int ifindex, char *ret)
{
	return if_indextoname((unsigned)ifindex, ret) != NULL;
}

int ifaddr_index(const char *ifname)
{
	return (int)if_nametoindex(ifname);
}

int ifaddr_set_mtu(const char *ifname, unsigned mtu)
{
	struct ifreq ifr = { .ifr_mtu = (int)mtu };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -errno;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	r = ioctl(fd, SIOCSIFMTU, &ifr) < 0 ? -errno : 0;
	close(fd);
	return r;
}
