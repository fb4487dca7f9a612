/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Receive-only netlink streams: rtnetlink events, and dumps of L2TP session counters. */
#include "monitor.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/l2tp.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "route.h"

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

#define RECV_SIZE 32768 /* the kernel's largest dump message; smaller ones cost more calls */
#define RECV_MAX  64	/* datagrams in one go, so that a flood of events leaves time for others */
#define RCVBUF	  (4 << 20) /* for thousands of interfaces that come at once */

/* A netlink socket with at most one dump running on it. */
struct stream {
	struct mnl_socket *sock;
	uint32_t seq; /* of the dump that runs or ran last */
	bool dumping;
	bool interrupted; /* it changed meanwhile */
	uint8_t buf[RECV_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* 0 if the attribute is of another size. */
static uint32_t get_u32(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_U32) < 0 ? 0 : mnl_attr_get_u32(attr);
}

static int stream_open(struct stream *stream, int bus)
{
	int fd, size = RCVBUF;

	stream->sock = mnl_socket_open2(bus, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!stream->sock)
		return -errno;
	if (mnl_socket_bind(stream->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	fd = mnl_socket_get_fd(stream->sock);
	/* beyond net.core.rmem_max if we may; it works with less */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	/* numbers of an earlier run cannot be met: each socket is new */
	stream->seq = (uint32_t)time(NULL);
	return 0;
}

static void stream_close(struct stream *stream)
{
	if (stream->sock)
		mnl_socket_close(stream->sock);
}

static int stream_request(struct stream *stream, struct nlmsghdr *hdr)
{
	hdr->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	hdr->nlmsg_seq = ++stream->seq;
	if (mnl_socket_sendto(stream->sock, hdr, hdr->nlmsg_len) < 0)
		return -errno;
	stream->dumping = true;
	stream->interrupted = false;
	return 0;
}

/* One datagram. Its length, or -errno. */
static int stream_recv(struct stream *stream)
{
	ssize_t len;

	do
		len = mnl_socket_recvfrom(stream->sock, stream->buf, sizeof(stream->buf));
	while (len < 0 && errno == EINTR);
	return len < 0 ? -errno : (int)len;
}

/*
 * Messages that steer the dump: true if hdr was one. *ret_error then says how the dump ended, if it
 * did (stream->dumping false).
 */
static bool stream_control(struct stream *stream, const struct nlmsghdr *hdr, int *ret_error)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(hdr);
	bool ours = stream->dumping && hdr->nlmsg_seq == stream->seq;

	if (ours && hdr->nlmsg_flags & NLM_F_DUMP_INTR)
		stream->interrupted = true;
	if (hdr->nlmsg_type >= NLMSG_MIN_TYPE)
		return false;
	if (!ours)
		return true;
	if (hdr->nlmsg_type == NLMSG_DONE) {
		stream->dumping = false;
		/* a dump that failed halfway ends with its errno */
		if (mnl_nlmsg_get_payload_len(hdr) >= sizeof(int))
			*ret_error = *(const int *)mnl_nlmsg_get_payload(hdr);
		if (*ret_error >= 0)
			*ret_error = stream->interrupted ? -EINTR : 0;
	} else if (hdr->nlmsg_type == NLMSG_ERROR) {
		stream->dumping = false;
		*ret_error = mnl_nlmsg_get_payload_len(hdr) >= sizeof(*err) ? err->error : -EBADMSG;
	}
	return true;
}

/* --- rtnetlink --- */

enum dump { DUMP_NONE, DUMP_LINKS, DUMP_ADDRS };

struct monitor {
	struct stream stream;
	enum dump dump; /* what runs */
	bool again;	/* from the start when it ends */
};

static int dump_start(struct monitor *monitor, enum dump dump)
{
	uint8_t buf[256] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *hdr = mnl_nlmsg_put_header(buf);
	int r;

	/* strict checking wants the whole header of the type, all zero */
	if (dump == DUMP_LINKS) {
		hdr->nlmsg_type = RTM_GETLINK;
		mnl_nlmsg_put_extra_header(hdr, sizeof(struct ifinfomsg));
	} else {
		hdr->nlmsg_type = RTM_GETADDR;
		mnl_nlmsg_put_extra_header(hdr, sizeof(struct ifaddrmsg));
	}
	r = stream_request(&monitor->stream, hdr);
	monitor->dump = r < 0 ? DUMP_NONE : dump;
	return r;
}

/* Links, then addresses, as one socket runs one dump at a time. */
static int dump_next(struct monitor *monitor)
{
	if (monitor->again || monitor->stream.interrupted) {
		monitor->again = false;
		return dump_start(monitor, DUMP_LINKS);
	}
	if (monitor->dump == DUMP_LINKS)
		return dump_start(monitor, DUMP_ADDRS);
	monitor->dump = DUMP_NONE;
	return 0;
}

int monitor_new(struct monitor **ret)
{
	static const int groups[] = {
		RTNLGRP_LINK,
		RTNLGRP_IPV4_IFADDR,
		RTNLGRP_IPV6_IFADDR,
		RTNLGRP_IPV4_ROUTE,
		RTNLGRP_IPV6_ROUTE,
	};
	struct monitor *monitor;
	int r, one = 1;

	monitor = calloc(1, sizeof(*monitor));
	if (!monitor)
		return -ENOMEM;
	r = stream_open(&monitor->stream, NETLINK_ROUTE);
	if (r < 0)
		goto fail;
	mnl_socket_setsockopt(monitor->stream.sock, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		int group = groups[i];

		if (mnl_socket_setsockopt(monitor->stream.sock, NETLINK_ADD_MEMBERSHIP, &group,
			    sizeof(group)) < 0) {
			r = -errno;
			goto fail;
		}
	}
	/* after the subscription, so that nothing falls between the two */
	r = dump_start(monitor, DUMP_LINKS);
	if (r < 0)
		goto fail;
	*ret = monitor;
	return 0;
fail:
	monitor_free(monitor);
	return r;
}

void monitor_free(struct monitor *monitor)
{
	if (!monitor)
		return;
	stream_close(&monitor->stream);
	free(monitor);
}

int monitor_fd(const struct monitor *monitor)
{
	return mnl_socket_get_fd(monitor->stream.sock);
}

static bool parse_link(const struct nlmsghdr *hdr, struct monitor_event *event)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(hdr);
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(hdr) < sizeof(*info))
		return false;
	/* a bridge announces its ports so, and a port that leaves as RTM_DELLINK */
	if (info->ifi_family != AF_UNSPEC)
		return false;
	event->type = hdr->nlmsg_type == RTM_NEWLINK ? MONITOR_LINK : MONITOR_LINK_GONE;
	event->ifindex = info->ifi_index;
	event->up = info->ifi_flags & IFF_UP;
	mnl_attr_for_each (attr, hdr, sizeof(*info)) {
		if (mnl_attr_get_type(attr) == IFLA_IFNAME &&
			mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0 &&
			mnl_attr_get_payload_len(attr) <= sizeof(event->ifname))
			strcpy(event->ifname, mnl_attr_get_str(attr));
		else if (mnl_attr_get_type(attr) == IFLA_MTU)
			event->mtu = get_u32(attr);
	}
	return event->ifname[0] != '\0';
}

static void read_addr(const struct nlattr *attr, int family, int ifindex, struct l2tp_addr *ret)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (family == AF_INET && len == sizeof(ret->in.sin_addr)) {
		ret->in.sin_family = AF_INET;
		memcpy(&ret->in.sin_addr, mnl_attr_get_payload(attr), len);
	} else if (family == AF_INET6 && len == sizeof(ret->in6.sin6_addr)) {
		ret->in6.sin6_family = AF_INET6;
		memcpy(&ret->in6.sin6_addr, mnl_attr_get_payload(attr), len);
		if (IN6_IS_ADDR_LINKLOCAL(&ret->in6.sin6_addr))
			ret->in6.sin6_scope_id = (uint32_t)ifindex;
	}
}

/*
 * IPv4 has both attributes always, equal if there is no peer; IPv6 has IFA_LOCAL only with a peer
 * (inet_fill_ifaddr, inet6_fill_ifaddr).
 */
static bool parse_addr(const struct nlmsghdr *hdr, struct monitor_event *event)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(hdr);
	struct l2tp_addr local = { 0 }, address = { 0 };
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(hdr) < sizeof(*info))
		return false;
	event->type = hdr->nlmsg_type == RTM_NEWADDR ? MONITOR_ADDR : MONITOR_ADDR_GONE;
	event->ifindex = (int)info->ifa_index;
	mnl_attr_for_each (attr, hdr, sizeof(*info)) {
		if (mnl_attr_get_type(attr) == IFA_LOCAL)
			read_addr(attr, info->ifa_family, event->ifindex, &local);
		else if (mnl_attr_get_type(attr) == IFA_ADDRESS)
			read_addr(attr, info->ifa_family, event->ifindex, &address);
	}
	if (local.sa.sa_family == AF_UNSPEC) {
		event->local = address;
	} else {
		event->local = local;
		if (!l2tp_addr_same_host(&local, &address))
			event->remote = address;
	}
	return event->local.sa.sa_family != AF_UNSPEC;
}

static bool parse_route(const struct nlmsghdr *hdr, struct monitor_event *event)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(hdr);
	uint32_t table;
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(hdr) < sizeof(*info))
		return false;
	/* our own: nobody needs to be told, but of a default route that others removed */
	if (info->rtm_protocol == ROUTE_PROTOCOL &&
		(hdr->nlmsg_type != RTM_DELROUTE || info->rtm_dst_len > 0))
		return false;
	table = info->rtm_table;
	mnl_attr_for_each (attr, hdr, sizeof(*info)) {
		if (mnl_attr_get_type(attr) == RTA_TABLE)
			table = get_u32(attr);
		else if (mnl_attr_get_type(attr) == RTA_OIF)
			event->ifindex = (int)get_u32(attr);
	}
	event->type = MONITOR_ROUTE;
	return table == RT_TABLE_MAIN && !(info->rtm_flags & RTM_F_CLONED);
}

static bool parse_event(const struct nlmsghdr *hdr, struct monitor_event *event)
{
	switch (hdr->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return parse_link(hdr, event);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return parse_addr(hdr, event);
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return parse_route(hdr, event);
	}
	return false;
}

static int monitor_datagram(struct monitor *monitor, int len,
	void (*cb)(void *user, const struct monitor_event *event), void *user)
{
	const struct nlmsghdr *hdr = (const struct nlmsghdr *)monitor->stream.buf;
	int error = 0, r = 0;

	for (; mnl_nlmsg_ok(hdr, len); hdr = mnl_nlmsg_next(hdr, &len)) {
		struct monitor_event event = { 0 };
		bool dumping = monitor->stream.dumping;

		if (stream_control(&monitor->stream, hdr, &error)) {
			if (dumping && !monitor->stream.dumping)
				r = error < 0 && error != -EINTR ? error : dump_next(monitor);
		} else if (parse_event(hdr, &event)) {
			cb(user, &event);
		}
	}
	return r;
}

/* The dump that runs may have passed what we missed: it ends first, then comes another. */
static int monitor_lost(struct monitor *monitor,
	void (*cb)(void *user, const struct monitor_event *event), void *user)
{
	const struct monitor_event event = { .type = MONITOR_LOST };
	int r = 0;

	if (monitor->stream.dumping)
		monitor->again = true;
	else
		r = dump_start(monitor, DUMP_LINKS);
	cb(user, &event);
	return r;
}

int monitor_process(struct monitor *monitor,
	void (*cb)(void *user, const struct monitor_event *event), void *user)
{
	int i, r;

	for (i = 0; i < RECV_MAX; i++) {
		r = stream_recv(&monitor->stream);
		if (r == -EAGAIN)
			return 0;
		if (r == -ENOBUFS)
			r = monitor_lost(monitor, cb, user);
		else if (r >= 0)
			r = monitor_datagram(monitor, r, cb, user);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --- session counters --- */

struct stats_stream {
	struct stream stream;
	int family;
};

int stats_new(int family, struct stats_stream **ret)
{
	struct stats_stream *stats;
	int r;

	stats = calloc(1, sizeof(*stats));
	if (!stats)
		return -ENOMEM;
	stats->family = family;
	r = stream_open(&stats->stream, NETLINK_GENERIC);
	if (r < 0) {
		stats_free(stats);
		return r;
	}
	*ret = stats;
	return 0;
}

void stats_free(struct stats_stream *stats)
{
	if (!stats)
		return;
	stream_close(&stats->stream);
	free(stats);
}

int stats_fd(const struct stats_stream *stats)
{
	return mnl_socket_get_fd(stats->stream.sock);
}

int stats_request(struct stats_stream *stats)
{
	uint8_t buf[64] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *hdr = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	if (stats->stream.dumping)
		return -EBUSY;
	hdr->nlmsg_type = (uint16_t)stats->family;
	genl = mnl_nlmsg_put_extra_header(hdr, sizeof(*genl));
	genl->cmd = L2TP_CMD_SESSION_GET;
	genl->version = L2TP_GENL_VERSION;
	return stream_request(&stats->stream, hdr);
}

static void parse_counters(const struct nlattr *nest, struct session_stats *session)
{
	uint64_t *const counters[L2TP_ATTR_STATS_MAX + 1] = {
		[L2TP_ATTR_TX_PACKETS] = &session->tx_packets,
		[L2TP_ATTR_TX_BYTES] = &session->tx_bytes,
		[L2TP_ATTR_TX_ERRORS] = &session->tx_errors,
		[L2TP_ATTR_RX_PACKETS] = &session->rx_packets,
		[L2TP_ATTR_RX_BYTES] = &session->rx_bytes,
		[L2TP_ATTR_RX_ERRORS] = &session->rx_errors,
		[L2TP_ATTR_RX_SEQ_DISCARDS] = &session->rx_seq_discards,
		[L2TP_ATTR_RX_OOS_PACKETS] = &session->rx_oos_packets,
	};
	const struct nlattr *attr;
	uint16_t type;

	mnl_attr_for_each_nested (attr, nest) {
		type = mnl_attr_get_type(attr);
		if (type <= L2TP_ATTR_STATS_MAX && counters[type] &&
			mnl_attr_get_payload_len(attr) == sizeof(uint64_t))
			*counters[type] = mnl_attr_get_u64(attr);
	}
}

static bool parse_flag(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_U8) == 0 && mnl_attr_get_u8(attr) != 0;
}

/* False if it is not a session of L2TPv2: an id is too large or missing. */
static bool parse_session(const struct nlmsghdr *hdr, struct session_stats *session)
{
	uint32_t tid = 0, sid = 0;
	const struct nlattr *attr;

	mnl_attr_for_each (attr, hdr, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case L2TP_ATTR_CONN_ID:
			tid = get_u32(attr);
			break;
		case L2TP_ATTR_SESSION_ID:
			sid = get_u32(attr);
			break;
		case L2TP_ATTR_SEND_SEQ:
			session->send_seq = parse_flag(attr);
			break;
		case L2TP_ATTR_RECV_SEQ:
			session->recv_seq = parse_flag(attr);
			break;
		case L2TP_ATTR_LNS_MODE:
			session->lns_mode = parse_flag(attr);
			break;
		case L2TP_ATTR_STATS:
			parse_counters(attr, session);
			break;
		}
	}
	session->tid = (uint16_t)tid;
	session->sid = (uint16_t)sid;
	return tid > 0 && tid <= UINT16_MAX && sid > 0 && sid <= UINT16_MAX;
}

static int stats_datagram(struct stats_stream *stats, int len,
	void (*cb)(void *user, const struct session_stats *session), void *user)
{
	const struct nlmsghdr *hdr = (const struct nlmsghdr *)stats->stream.buf;
	int error = 0;

	for (; mnl_nlmsg_ok(hdr, len); hdr = mnl_nlmsg_next(hdr, &len)) {
		struct session_stats session = { 0 };

		if (stream_control(&stats->stream, hdr, &error))
			continue;
		if (hdr->nlmsg_type == stats->family && hdr->nlmsg_seq == stats->stream.seq &&
			parse_session(hdr, &session))
			cb(user, &session);
	}
	return error;
}

int stats_process(struct stats_stream *stats,
	void (*cb)(void *user, const struct session_stats *session), void *user, bool *ret_done)
{
	int r = 0;

	*ret_done = false;
	while (stats->stream.dumping) {
		r = stream_recv(&stats->stream);
		if (r == -EAGAIN)
			return 0;
		if (r < 0)
			stats->stream.dumping = false;
		else
			r = stats_datagram(stats, r, cb, user);
	}
	*ret_done = true;
	return r;
}
