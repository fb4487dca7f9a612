/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links, addresses and routes as rtnetlink tells of them. */
#ifndef TESTS_LINUX_MONITOR_H
#define TESTS_LINUX_MONITOR_H

#include <stdbool.h>

#include <l2tp/types.h>

#include "linux/monitor.h"

struct seen {
	unsigned link, link_gone, addr, addr_gone, route, lost;
	bool up;
	unsigned mtu;
	struct l2tp_addr local, remote;
	const char *ifname; /* of interest */
	int ifindex;
};

/* Reads until a counter of seen is there; false: it took too long. */
bool monitor_until(
	struct monitor *monitor, struct seen *seen, const unsigned *counter, unsigned count);

/* In a network namespace of its own. */
void selftest_monitor(void);

#endif
