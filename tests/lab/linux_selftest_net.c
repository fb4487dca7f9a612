/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Part of linux_selftest: the monitor of interfaces, addresses and routes, and pinned routes. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/monitor.h"
#include "linux/route.h"
#include "linux_selftest_net.h"
#include "selftest.h"

/* A written address. */
static struct l2tp_addr addr(const char *host, uint16_t port)
{
	struct l2tp_addr a = { 0 };

	if (l2tp_addr_parse(host, port, &a) < 0)
		abort();
	return a;
}

/* --- monitor --- */

struct seen {
	unsigned link, link_gone, addr, addr_gone, route, lost;
	bool up;
	unsigned mtu;
	struct l2tp_addr local, remote;
	const char *ifname; /* of interest */
	int ifindex;
};

static void on_event(void *user, const struct monitor_event *event)
{
	struct seen *seen = user;

	switch (event->type) {
	case MONITOR_LINK:
	case MONITOR_LINK_GONE:
		if (strcmp(event->ifname, seen->ifname) != 0)
			break;
		seen->ifindex = event->ifindex;
		seen->up = event->up;
		seen->mtu = event->mtu;
		seen->link += event->type == MONITOR_LINK;
		seen->link_gone += event->type == MONITOR_LINK_GONE;
		break;
	case MONITOR_ADDR:
	case MONITOR_ADDR_GONE:
		if (event->ifindex != seen->ifindex || event->local.sa.sa_family != AF_INET)
			break;
		seen->local = event->local;
		seen->remote = event->remote;
		seen->addr += event->type == MONITOR_ADDR;
		seen->addr_gone += event->type == MONITOR_ADDR_GONE;
		break;
	case MONITOR_ROUTE:
		seen->route++;
		break;
	case MONITOR_LOST:
		seen->lost++;
		break;
	}
}

static void monitor_all(struct monitor *monitor, struct seen *seen, int ms)
{
	while (readable(monitor_fd(monitor), ms)) {
		int r = monitor_process(monitor, on_event, seen);

		if (r < 0) {
			check_is(r, 0, "monitor");
			return;
		}
	}
}

static void test_monitor(void)
{
	struct l2tp_addr local = addr("10.1.1.1", 0), remote = addr("10.1.1.2", 0);
	struct seen seen = { .ifname = "mon0" };
	struct monitor *monitor;

	printf("# monitor\n");
	run("ip link add mon0 mtu 1432 type veth peer name mon1 && ip link set mon0 up && "
	    "ip link set mon1 up && ip addr add 10.1.1.1 peer 10.1.1.2/32 dev mon0");
	check_is(monitor_new(&monitor), 0, "monitor");
	monitor_all(monitor, &seen, 500);
	check(seen.link > 0 && seen.up && seen.mtu == 1432, "what is there: the link");
	check_is(seen.addr, 1, "its address");
	check(l2tp_addr_same_host(&seen.local, &local), "the local one");
	check(l2tp_addr_same_host(&seen.remote, &remote), "the remote one");

	run("ip route add 10.5.0.0/16 dev mon0");
	monitor_all(monitor, &seen, 500);
	check(seen.route > 0, "a route came");
	seen.route = 0;
	run("ip route add 10.6.0.0/16 dev mon0 table 77");
	monitor_all(monitor, &seen, 500);
	check_is(seen.route, 0, "another table is not looked at");
	run("ip addr del 10.1.1.1 peer 10.1.1.2/32 dev mon0 && ip link set mon0 down mtu 1400");
	monitor_all(monitor, &seen, 500);
	check_is(seen.addr_gone, 1, "an address went");
	check(!seen.up && seen.mtu == 1400, "a link changed");
	run("ip link add mon2 type bridge && ip link set mon0 master mon2 && "
	    "ip link set mon0 nomaster && ip link del mon2");
	monitor_all(monitor, &seen, 500);
	check_is(seen.link_gone, 0, "leaving a bridge is not going");
	run("ip link del mon0");
	monitor_all(monitor, &seen, 500);
	check_is(seen.link_gone, 1, "a link went");
	check_is(seen.lost, 0, "nothing was lost");
	monitor_free(monitor);
}

/* More events than the socket holds. */
static void test_monitor_lost(void)
{
	struct seen seen = { .ifname = "mon0" };
	struct monitor *monitor;

	run("ip link add mon0 type veth peer name mon1 && ip link set mon0 up");
	check_is(monitor_new(&monitor), 0, "monitor");
	monitor_all(monitor, &seen, 500);
	seen.link = 0;
	run("seq 12000 | awk '{ printf \"route add blackhole 10.%%d.%%d.%%d\\n\", "
	    "$1 / 65536 + 100, $1 / 256 %% 256, $1 %% 256 }' | ip -batch -");
	monitor_all(monitor, &seen, 1000);
	printf("# %u route events, lost %u times\n", seen.route, seen.lost);
	check(seen.lost > 0, "an overflow is told");
	check(seen.link > 0, "then what is there comes again");
	run("ip link del mon0 && ip route flush type blackhole");
	seen.link_gone = 0;
	monitor_all(monitor, &seen, 1000);
	check(seen.link_gone == 1 || seen.lost > 1, "and life goes on");
	monitor_free(monitor);
}

/* --- routes --- */

static bool leads_to(const char *dst, const char *dev, const char *gateway)
{
	struct l2tp_addr to = addr(dst, 1701), via = { 0 };
	struct route route;
	int r = route_lookup(&to, &route);

	if (gateway)
		via = addr(gateway, 0);
	return r == 0 && route.ifindex == (int)if_nametoindex(dev) &&
	       l2tp_addr_same_host(&route.gateway, &via);
}

/* The peer is behind a gateway; PPP gives a default route and the peer's own address. */
static void test_pin(const char *peer, const char *gateway, const char *ppp_local, int family)
{
	struct l2tp_addr dst = addr(peer, 1701);
	struct route pin = { 0 }, again;
	int width = family == AF_INET ? 32 : 128;

	printf("# pinning %s\n", peer);
	check(leads_to(peer, "up0", gateway), "the peer is behind the gateway");
	check_is(route_pin(&dst, &pin), 0, "pinned");
	run("ip -%c route show proto 151", family == AF_INET ? '4' : '6');
	check_is(route_pin(&dst, &again), -EEXIST, "once");
	check_is(route_default_add((int)if_nametoindex("ppp9"), family), 0, "default by PPP");
	check(leads_to(family == AF_INET ? "198.51.100.1" : "2001:db8:99::1", "ppp9", NULL),
		"the world is behind PPP");
	check(leads_to(peer, "up0", gateway), "the peer is not");
	run("ip addr add %s peer %s/%d dev ppp9", ppp_local, peer, width);
	check(leads_to(peer, "up0", gateway), "nor by its PPP address");
	run("ip addr del %s peer %s/%d dev ppp9", ppp_local, peer, width);
	check_is(route_unpin(&pin), 0, "unpinned");
	check_is(route_unpin(&pin), -ESRCH, "once");
	check(leads_to(peer, "ppp9", NULL), "now it would loop");
	run("ip link set ppp9 down");
	check(leads_to(peer, "up0", gateway), "the old default rules again");
	run("ip link set ppp9 up");
}

/* What the lookup does not tell: the source address, and gateways that are not on link. */
static void test_pin_details(void)
{
	struct l2tp_addr dst = addr("192.0.2.9", 0);
	struct route pin;

	run("ip addr add 10.2.0.77/24 dev up0 && "
	    "ip route add 192.0.2.0/24 via 10.2.0.254 src 10.2.0.77");
	check_is(route_pin(&dst, &pin), 0, "pinned with a source address");
	run("ip route get 192.0.2.9 | grep -q 'src 10.2.0.77'");
	check_is(route_unpin(&pin), 0, "unpinned");

	run("ip route replace 192.0.2.0/24 via 172.31.1.1 dev up0 onlink");
	check_is(route_pin(&dst, &pin), 0, "pinned by a gateway that is not on link");
	check(leads_to("192.0.2.9", "up0", "172.31.1.1"), "and found");
	check_is(route_unpin(&pin), 0, "unpinned");

	run("ip route replace 192.0.2.0/24 via inet6 fe80::5 dev up0");
	check_is(route_pin(&dst, &pin), 0, "pinned by a gateway of the other family");
	run("ip route get 192.0.2.9 | grep -q 'via inet6 fe80::5'");
	check_is(route_unpin(&pin), 0, "unpinned");
	run("ip route del 192.0.2.0/24");

	dst = addr("10.2.0.9", 0);
	check_is(route_pin(&dst, &pin), 0, "pinned on link");
	check_is(route_unpin(&pin), 0, "unpinned");
	dst = addr("10.2.0.1", 0);
	check_is(route_pin(&dst, &pin), -EADDRNOTAVAIL, "our own address needs none");
	dst = addr("2001:db8:2::1", 0);
	check_is(route_pin(&dst, &pin), -EADDRNOTAVAIL, "our own IPv6 address needs none");
	run("ip route add unreachable 203.0.113.1");
	dst = addr("203.0.113.1", 0);
	check_is(route_pin(&dst, &pin), -EHOSTUNREACH, "unreachable");
	run("ip route del default && ip -6 route del default");
	dst = addr("192.0.2.1", 0);
	check_is(route_pin(&dst, &pin), -ENETUNREACH, "no route");
	dst = addr("2001:db8:8::1", 0);
	check_is(route_pin(&dst, &pin), -ENETUNREACH, "no IPv6 route");
}

static void test_routes(void)
{
	run("ip link set lo up && ip link add up0 type veth peer name up1 && ip link set up0 up && "
	    "ip link set up1 up && ip addr add 10.2.0.1/24 dev up0 && "
	    "ip addr add 2001:db8:2::1/64 dev up0 nodad && ip addr add fe80::9/64 dev up0 nodad && "
	    "ip link add ppp9 type veth peer name ppp8 && ip link set ppp8 up && "
	    /* without any address IPv4 takes a device's routes away */
	    "ip link set ppp9 up && ip addr add 10.9.9.9/32 dev ppp9");
	run("ip route add default via 10.2.0.254 && "
	    "ip -6 route add default via 2001:db8:2::fe metric 1024");
	test_pin("192.0.2.1", "10.2.0.254", "10.9.9.1", AF_INET);
	test_pin("2001:db8:8::1", "2001:db8:2::fe", "2001:db8:9::1", AF_INET6);
	test_pin_details();
	run("ip link del up0 && ip link del ppp9");
}

void selftest_network(void)
{
	test_monitor();
	test_monitor_lost();
	test_routes();
}
