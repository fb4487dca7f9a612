/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netaddrs.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/log.h"
#include "linux/ifaddr.h"

struct netaddr {
	TAILQ_ENTRY(netaddr) entry;
	struct l2tp_addr addr;
};

struct netdev {
	UT_hash_handle hh; /* by ifindex */
	UT_hash_handle by_name;
	int ifindex;
	char name[IFNAMSIZ];
	TAILQ_HEAD(, netaddr) addrs;
};

struct netdevs {
	struct netdev *by_index, *by_name;
};

static struct netdev *netdev_find(const struct daemon *d, int ifindex)
{
	struct netdev *dev = NULL;

	if (d->netdevs)
		HASH_FIND_INT(d->netdevs->by_index, &ifindex, dev);
	return dev;
}

static void netdev_set_name(struct daemon *d, struct netdev *dev, const char *name)
{
	if (dev->by_name.tbl)
		HASH_DELETE(by_name, d->netdevs->by_name, dev);
	dev->by_name.tbl = NULL;
	snprintf(dev->name, sizeof(dev->name), "%s", name);
	if (*dev->name)
		HASH_ADD_KEYPTR(by_name, d->netdevs->by_name, dev->name, strlen(dev->name), dev);
}

static struct netdev *netdev_new(struct daemon *d, int ifindex, const char *ifname)
{
	char name[IFNAMSIZ] = "";
	struct netdev *dev;

	if (!d->netdevs)
		d->netdevs = calloc(1, sizeof(*d->netdevs));
	dev = d->netdevs ? calloc(1, sizeof(*dev)) : NULL;
	if (!dev)
		return NULL;
	dev->ifindex = ifindex;
	TAILQ_INIT(&dev->addrs);
	HASH_ADD_INT(d->netdevs->by_index, ifindex, dev);
	if (!dev->hh.tbl) {
		free(dev);
		return NULL;
	}
	if (!ifname && ifaddr_name(ifindex, name))
		ifname = name;
	netdev_set_name(d, dev, ifname ? ifname : "");
	return dev;
}

static struct netaddr *netaddr_find(const struct netdev *dev, const struct l2tp_addr *addr)
{
	struct netaddr *a;

	TAILQ_FOREACH (a, &dev->addrs, entry)
		if (l2tp_addr_same_host(&a->addr, addr))
			return a;
	return NULL;
}

void netaddrs_add(struct daemon *d, int ifindex, const char *ifname, const struct l2tp_addr *addr)
{
	struct netdev *dev = netdev_find(d, ifindex);
	struct netaddr *a;

	if (!dev)
		dev = netdev_new(d, ifindex, ifname);
	if (dev && netaddr_find(dev, addr))
		return;
	a = dev ? calloc(1, sizeof(*a)) : NULL;
	if (!a) {
		log_error("out of memory: an address of interface %d is not known", ifindex);
		return;
	}
	a->addr = *addr;
	l2tp_addr_set_port(&a->addr, 0);
	TAILQ_INSERT_TAIL(&dev->addrs, a, entry);
}

void netaddrs_remove(struct daemon *d, int ifindex, const struct l2tp_addr *addr)
{
	struct netdev *dev = netdev_find(d, ifindex);
	struct netaddr *a = dev ? netaddr_find(dev, addr) : NULL;

	if (!a)
		return;
	TAILQ_REMOVE(&dev->addrs, a, entry);
	free(a);
}

void netaddrs_rename(struct daemon *d, int ifindex, const char *ifname)
{
	struct netdev *dev = netdev_find(d, ifindex);

	if (dev && strcmp(dev->name, ifname) != 0)
		netdev_set_name(d, dev, ifname);
}

void netaddrs_drop_interface(struct daemon *d, int ifindex)
{
	struct netdev *dev = netdev_find(d, ifindex);
	struct netaddr *a;

	if (!dev)
		return;
	while ((a = TAILQ_FIRST(&dev->addrs))) {
		TAILQ_REMOVE(&dev->addrs, a, entry);
		free(a);
	}
	netdev_set_name(d, dev, "");
	HASH_DEL(d->netdevs->by_index, dev);
	free(dev);
}

void netaddrs_clear(struct daemon *d)
{
	struct netdev *dev, *tmp;

	if (!d->netdevs)
		return;
	HASH_ITER (hh, d->netdevs->by_index, dev, tmp)
		netaddrs_drop_interface(d, dev->ifindex);
	free(d->netdevs);
	d->netdevs = NULL;
}

int netaddrs_find(const struct daemon *d, const char *ifname, int family, struct l2tp_addr *ret)
{
	struct netdev *dev = NULL;
	struct netaddr *a;

	if (d->netdevs)
		HASH_FIND(by_name, d->netdevs->by_name, ifname, strlen(ifname), dev);
	if (!dev || TAILQ_EMPTY(&dev->addrs))
		return -EADDRNOTAVAIL;
	TAILQ_FOREACH (a, &dev->addrs, entry) {
		if (a->addr.sa.sa_family != family ||
			(family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&a->addr.in6.sin6_addr)))
			continue;
		*ret = a->addr;
		return 0;
	}
	return -EAFNOSUPPORT;
}

bool netaddrs_has(const struct daemon *d, const struct l2tp_addr *addr)
{
	struct netdev *dev, *tmp;

	if (!d->netdevs)
		return false;
	HASH_ITER (hh, d->netdevs->by_index, dev, tmp)
		if (netaddr_find(dev, addr))
			return true;
	return false;
}
