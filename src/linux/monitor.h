/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Receive-only netlink streams, through libmnl: rtnetlink (interfaces, addresses and routes come
 * and go) and L2TP session statistics (genl dumps). Nothing here waits for events, but asking for
 * and reading a statistics dump takes genl_mutex: on kernels before 6.12 that can be a worker's 12
 * ms. Errors are -errno.
 */
#ifndef LINUX_MONITOR_H
#define LINUX_MONITOR_H

#include <l2tp/types.h>

enum monitor_event_type {
	MONITOR_LINK,	   /* ifindex, ifname, up, mtu: exists or changed */
	MONITOR_LINK_GONE, /* ifindex, ifname */
	MONITOR_ADDR,	   /* ifindex, local, remote (remote is AF_UNSPEC if not point-to-point) */
	MONITOR_ADDR_GONE,
	MONITOR_ROUTE, /* ifindex, 0 if it has none: some route of the main table came, changed or
			* went; of those of route.h only a default route that went */
	MONITOR_LOST,  /* the kernel dropped events (ENOBUFS): a new dump was asked for */
};

struct monitor_event {
	enum monitor_event_type type;
	int ifindex;
	char ifname[16];
	bool up;
	unsigned mtu;
	struct l2tp_addr local, remote; /* ports are 0 */
};

struct monitor;

/* Subscribes, and asks for a dump of what is there: that comes as events too. */
int monitor_new(struct monitor **ret);
void monitor_free(struct monitor *monitor);
int monitor_fd(const struct monitor *monitor);
/* Reads what there is and calls cb for each; cb must not free the monitor. 0 or -errno. */
int monitor_process(struct monitor *monitor,
	void (*cb)(void *user, const struct monitor_event *event), void *user);

/* Counters of one kernel session (L2TP_ATTR_STATS); bytes include the L2TP header. */
struct session_stats {
	uint16_t tid, sid;
	uint64_t tx_packets, tx_bytes, tx_errors;
	uint64_t rx_packets, rx_bytes, rx_errors;
	uint64_t rx_seq_discards, rx_oos_packets;
	bool send_seq, recv_seq,
		lns_mode; /* as the kernel has them now: a LAC's follow the peer's */
};

struct stats_stream;

/* family: l2tp_genl_family() */
int stats_new(int family, struct stats_stream **ret);
void stats_free(struct stats_stream *stats);
int stats_fd(const struct stats_stream *stats);
/* Ask for all sessions of this network namespace; -EBUSY while a dump runs. */
int stats_request(struct stats_stream *stats);
/*
 * Reads what there is, calls cb per session (sessions of other programs too); *ret_done when the
 * dump is over. 0 or -errno (the dump is over then too; -EINTR: it changed meanwhile, values still
 * hold).
 */
int stats_process(struct stats_stream *stats,
	void (*cb)(void *user, const struct session_stats *session), void *user, bool *ret_done);

#endif
