/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linux_monitor.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "linux_rig.h"

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

/* 1: something was read, 0: nothing came, below 0: it cannot be read. */
static int monitor_read(struct monitor *monitor, struct seen *seen)
{
	int r;

	if (!readable(monitor_fd(monitor), 1000))
		return 0;
	r = monitor_process(monitor, on_event, seen);
	if (r < 0)
		check_is(r, 0, "the monitor reads");
	return r < 0 ? r : 1;
}

bool monitor_until(
	struct monitor *monitor, struct seen *seen, const unsigned *counter, unsigned count)
{
	long end = now_us() + WAIT_MS * 1000L;

	while (*counter < count && now_us() < end && monitor_read(monitor, seen) >= 0)
		;
	return *counter >= count;
}

/* All that happened before has been seen: events come in their order, and this is one more. */
static void monitor_sync(struct monitor *monitor, struct seen *seen)
{
	unsigned links = seen->link;
	static unsigned count;

	run("ip link set mon0 alias sync-%u", ++count);
	check(monitor_until(monitor, seen, &seen->link, links + 1), "the monitor is in step");
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
	monitor_until(monitor, &seen, &seen.addr, 1);
	monitor_sync(monitor, &seen);
	check(seen.link > 0 && seen.up && seen.mtu == 1432, "what is there: the link");
	check_is(seen.addr, 1, "its address");
	check(l2tp_addr_same_host(&seen.local, &local), "the local one");
	check(l2tp_addr_same_host(&seen.remote, &remote), "the remote one");

	run("ip route add 10.5.0.0/16 dev mon0");
	monitor_sync(monitor, &seen);
	check(seen.route > 0, "a route came");
	seen.route = 0;
	run("ip route add 10.6.0.0/16 dev mon0 table 77");
	monitor_sync(monitor, &seen);
	check_is(seen.route, 0, "another table is not looked at");
	run("ip addr del 10.1.1.1 peer 10.1.1.2/32 dev mon0 && ip link set mon0 down mtu 1400");
	monitor_sync(monitor, &seen);
	check_is(seen.addr_gone, 1, "an address went");
	check(!seen.up && seen.mtu == 1400, "a link changed");
	run("ip link add mon2 type bridge && ip link set mon0 master mon2 && "
	    "ip link set mon0 nomaster && ip link del mon2");
	monitor_sync(monitor, &seen);
	check_is(seen.link_gone, 0, "leaving a bridge is not going");
	run("ip link del mon0");
	check(monitor_until(monitor, &seen, &seen.link_gone, 1), "a link went");
	check_is(seen.link_gone, 1, "once");
	check_is(seen.lost, 0, "nothing was lost");
	monitor_free(monitor);
}

/* More events than the socket holds. */
static void test_monitor_lost(void)
{
	struct seen seen = { .ifname = "mon0" };
	struct monitor *monitor;
	long end;

	run("ip link add mon0 type veth peer name mon1 && ip link set mon0 up");
	check_is(monitor_new(&monitor), 0, "monitor");
	monitor_until(monitor, &seen, &seen.link, 1);
	monitor_sync(monitor, &seen);
	seen.link = 0;
	run("seq 12000 | awk '{ printf \"route add blackhole 10.%%d.%%d.%%d\\n\", "
	    "$1 / 65536 + 100, $1 / 256 %% 256, $1 %% 256 }' | ip -batch -");
	check(monitor_until(monitor, &seen, &seen.lost, 1), "an overflow is told");
	check(monitor_until(monitor, &seen, &seen.link, 1), "then what is there comes again");
	printf("# %u route events, lost %u times\n", seen.route, seen.lost);
	run("ip link del mon0 && ip route flush type blackhole");
	seen.link_gone = 0;
	seen.lost = 0;
	end = now_us() + WAIT_MS * 1000L;
	while (!seen.link_gone && !seen.lost && now_us() < end && monitor_read(monitor, &seen) >= 0)
		;
	check(seen.link_gone == 1 || seen.lost > 0, "and life goes on");
	monitor_free(monitor);
}

void selftest_monitor(void)
{
	test_monitor();
	test_monitor_lost();
}
