/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The routes the daemon sets itself. */
#include "route.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

/* Answers are one message or one acknowledgment, which may repeat the request. */
#define MSG_SIZE 4096

/*
 * IPv4 takes metric 0, which the kernel's own routes have. IPv6 reads 0 as "the default", 1024: 1
 * is before every route that does not set out to be the first.
 */
#define METRIC_FIRST_IN6 1
#define METRIC_LAST	 0xfffffffeu /* behind every other; the last value but one */

struct message {
	uint8_t buf[MSG_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *hdr;
	struct rtmsg *rtm;
};

static void message_init(struct message *msg, uint16_t type, uint16_t flags, int family)
{
	msg->hdr = mnl_nlmsg_put_header(msg->buf);
	msg->hdr->nlmsg_type = type;
	msg->hdr->nlmsg_flags = NLM_F_REQUEST | flags;
	msg->hdr->nlmsg_seq = 1;
	msg->rtm = mnl_nlmsg_put_extra_header(msg->hdr, sizeof(*msg->rtm));
	msg->rtm->rtm_family = (uint8_t)family;
}

static const void *addr_bytes(const struct l2tp_addr *addr, size_t *ret_len)
{
	if (addr->sa.sa_family == AF_INET) {
		*ret_len = sizeof(addr->in.sin_addr);
		return &addr->in.sin_addr;
	}
	*ret_len = sizeof(addr->in6.sin6_addr);
	return &addr->in6.sin6_addr;
}

static void put_addr(struct message *msg, uint16_t type, const struct l2tp_addr *addr)
{
	size_t len;
	const void *bytes = addr_bytes(addr, &len);

	mnl_attr_put(msg->hdr, type, len, bytes);
}

/* Send msg and read the one answer into it. 0, or the kernel's -errno; an acknowledgment is 0. */
static int transact(struct message *msg)
{
	struct mnl_socket *sock;
	const struct nlmsgerr *err;
	ssize_t len;
	int r;

	sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!sock)
		return -errno;
	r = -EBADMSG;
	if (mnl_socket_sendto(sock, msg->hdr, msg->hdr->nlmsg_len) < 0) {
		r = -errno;
		goto out;
	}
	/* rtnetlink answers inside the send: this does not wait */
	do
		len = mnl_socket_recvfrom(sock, msg->buf, sizeof(msg->buf));
	while (len < 0 && errno == EINTR);
	if (len < 0) {
		r = -errno;
		goto out;
	}
	msg->hdr = (struct nlmsghdr *)msg->buf;
	if (!mnl_nlmsg_ok(msg->hdr, (int)len) || msg->hdr->nlmsg_seq != 1)
		goto out;
	if (msg->hdr->nlmsg_type == NLMSG_ERROR) {
		err = mnl_nlmsg_get_payload(msg->hdr);
		if (mnl_nlmsg_get_payload_len(msg->hdr) >= sizeof(*err))
			r = err->error;
	} else {
		r = 0;
	}
out:
	mnl_socket_close(sock);
	return r;
}

/* --- how a host is reached --- */

/* A route with what pinning it needs besides. */
struct found_route {
	struct route route;
	uint8_t type; /* RTN_* */
};

static void read_addr(const void *bytes, size_t len, int family, struct l2tp_addr *ret)
{
	if (family == AF_INET && len == sizeof(ret->in.sin_addr)) {
		ret->in.sin_family = AF_INET;
		memcpy(&ret->in.sin_addr, bytes, len);
	} else if (family == AF_INET6 && len == sizeof(ret->in6.sin6_addr)) {
		ret->in6.sin6_family = AF_INET6;
		memcpy(&ret->in6.sin6_addr, bytes, len);
	}
}

static int parse_route(const struct nlmsghdr *hdr, struct found_route *found)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(hdr);
	const struct nlattr *attr;

	if (hdr->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(hdr) < sizeof(*rtm))
		return -EBADMSG;
	found->type = rtm->rtm_type;
	mnl_attr_for_each (attr, hdr, sizeof(*rtm)) {
		const void *data = mnl_attr_get_payload(attr);
		size_t len = mnl_attr_get_payload_len(attr);

		switch (mnl_attr_get_type(attr)) {
		case RTA_GATEWAY:
			read_addr(data, len, rtm->rtm_family, &found->route.gateway);
			break;
		case RTA_VIA: { /* a gateway of the other family */
			const struct rtvia *via = data;

			if (len > sizeof(*via))
				read_addr(via->rtvia_addr, len - sizeof(*via), via->rtvia_family,
					&found->route.gateway);
			break;
		}
		case RTA_PREFSRC:
			read_addr(data, len, rtm->rtm_family, &found->route.source);
			break;
		case RTA_OIF:
			if (len == sizeof(uint32_t))
				found->route.ifindex = (int)mnl_attr_get_u32(attr);
			break;
		}
	}
	return 0;
}

static int lookup(const struct l2tp_addr *dst, struct found_route *ret)
{
	struct found_route found = { .route.dst = *dst };
	struct message msg;
	int family = dst->sa.sa_family, r;

	if (family != AF_INET && family != AF_INET6)
		return -EAFNOSUPPORT;
	message_init(&msg, RTM_GETROUTE, 0, family);
	msg.rtm->rtm_dst_len = family == AF_INET ? 32 : 128;
	put_addr(&msg, RTA_DST, dst);
	if (family == AF_INET6 && dst->in6.sin6_scope_id)
		mnl_attr_put_u32(msg.hdr, RTA_OIF, dst->in6.sin6_scope_id);
	r = transact(&msg);
	if (r == 0)
		r = parse_route(msg.hdr, &found);
	if (r == 0)
		*ret = found;
	return r;
}

int route_lookup(const struct l2tp_addr *dst, struct route *ret)
{
	struct found_route found;
	int r = lookup(dst, &found);

	if (r == 0)
		*ret = found.route;
	return r;
}

/* --- host routes --- */

static void put_gateway(struct message *msg, const struct route *route)
{
	uint8_t buf[sizeof(struct rtvia) + sizeof(struct in6_addr)];
	struct rtvia *via = (struct rtvia *)buf;
	const void *bytes;
	size_t len;

	if (route->gateway.sa.sa_family == AF_UNSPEC)
		return;
	if (route->gateway.sa.sa_family == route->dst.sa.sa_family) {
		put_addr(msg, RTA_GATEWAY, &route->gateway);
		return;
	}
	bytes = addr_bytes(&route->gateway, &len);
	via->rtvia_family = route->gateway.sa.sa_family;
	memcpy(via->rtvia_addr, bytes, len);
	mnl_attr_put(msg->hdr, RTA_VIA, sizeof(*via) + len, buf);
}

/* The part by which the kernel tells our route from others, for both adding and removing. */
static void message_init_host(
	struct message *msg, uint16_t type, uint16_t flags, const struct route *route)
{
	int family = route->dst.sa.sa_family;

	message_init(msg, type, NLM_F_ACK | flags, family);
	msg->rtm->rtm_dst_len = family == AF_INET ? 32 : 128;
	msg->rtm->rtm_table = RT_TABLE_MAIN;
	msg->rtm->rtm_protocol = ROUTE_PROTOCOL;
	msg->rtm->rtm_type = RTN_UNICAST;
	msg->rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	if (route->gateway.sa.sa_family == AF_UNSPEC && family == AF_INET)
		msg->rtm->rtm_scope = RT_SCOPE_LINK;
	put_addr(msg, RTA_DST, &route->dst);
	put_gateway(msg, route);
	mnl_attr_put_u32(msg->hdr, RTA_OIF, (uint32_t)route->ifindex);
	if (family == AF_INET6)
		mnl_attr_put_u32(msg->hdr, RTA_PRIORITY, METRIC_FIRST_IN6);
}

int route_pin_to(const struct route *route)
{
	struct message msg;

	message_init_host(&msg, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
	/*
	 * The table has said that the gateway is there, though perhaps by a flag of the route that
	 * was found ("onlink", common on rented servers), which a look-up does not show.
	 */
	if (route->gateway.sa.sa_family != AF_UNSPEC)
		msg.rtm->rtm_flags = RTNH_F_ONLINK;
	/*
	 * The found route may name a source address. Without it here an unbound socket could send
	 * from another address after pinning than before, and the peer would not know it.
	 */
	if (route->source.sa.sa_family != AF_UNSPEC)
		put_addr(&msg, RTA_PREFSRC, &route->source);
	return transact(&msg);
}

int route_pin(const struct l2tp_addr *dst, struct route *ret_route)
{
	struct found_route found;
	int r;

	r = lookup(dst, &found);
	if (r < 0)
		return r;
	if (found.type != RTN_UNICAST || found.route.ifindex == (int)if_nametoindex("lo"))
		return -EADDRNOTAVAIL;
	r = route_pin_to(&found.route);
	if (r == 0)
		*ret_route = found.route;
	return r;
}

int route_unpin(const struct route *route)
{
	struct message msg;

	message_init_host(&msg, RTM_DELROUTE, 0, route);
	return transact(&msg);
}

static void message_init_block(
	struct message *msg, uint16_t type, uint16_t flags, const struct l2tp_addr *dst)
{
	int family = dst->sa.sa_family;

	message_init(msg, type, NLM_F_ACK | flags, family);
	msg->rtm->rtm_dst_len = family == AF_INET ? 32 : 128;
	msg->rtm->rtm_table = RT_TABLE_MAIN;
	msg->rtm->rtm_protocol = ROUTE_PROTOCOL;
	msg->rtm->rtm_type = RTN_UNREACHABLE;
	msg->rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	put_addr(msg, RTA_DST, dst);
	mnl_attr_put_u32(msg->hdr, RTA_PRIORITY, METRIC_LAST);
}

int route_block(const struct l2tp_addr *dst)
{
	struct message msg;

	if (dst->sa.sa_family != AF_INET && dst->sa.sa_family != AF_INET6)
		return -EAFNOSUPPORT;
	message_init_block(&msg, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, dst);
	return transact(&msg);
}

int route_unblock(const struct l2tp_addr *dst)
{
	struct message msg;

	if (dst->sa.sa_family != AF_INET && dst->sa.sa_family != AF_INET6)
		return -EAFNOSUPPORT;
	message_init_block(&msg, RTM_DELROUTE, 0, dst);
	return transact(&msg);
}

struct flush {
	uint8_t *routes; /* messages to remove them, one behind the other */
	size_t len, size;
};

static int collect(const struct nlmsghdr *hdr, void *user)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(hdr);
	size_t len = NLMSG_ALIGN(hdr->nlmsg_len);
	struct flush *flush = user;
	struct nlmsghdr *copy;

	if (hdr->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(hdr) < sizeof(*rtm) ||
		rtm->rtm_protocol != ROUTE_PROTOCOL ||
		rtm->rtm_dst_len != (rtm->rtm_family == AF_INET ? 32 : 128) || len > MSG_SIZE)
		return MNL_CB_OK;
	if (flush->len + len > flush->size) {
		size_t size = 2 * flush->size + MSG_SIZE;
		uint8_t *routes = realloc(flush->routes, size);

		if (!routes)
			return MNL_CB_ERROR;
		flush->routes = routes;
		flush->size = size;
	}
	copy = memcpy(flush->routes + flush->len, hdr, hdr->nlmsg_len);
	copy->nlmsg_type = RTM_DELROUTE;
	copy->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	copy->nlmsg_seq = 1;
	flush->len += len;
	return MNL_CB_OK;
}

static int dump_routes(int family, struct flush *flush)
{
	uint8_t buf[32768];
	struct mnl_socket *sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct message msg;
	ssize_t len = 0;
	int r = 1;

	if (!sock)
		return -errno;
	message_init(&msg, RTM_GETROUTE, NLM_F_DUMP, family);
	if (mnl_socket_sendto(sock, msg.hdr, msg.hdr->nlmsg_len) < 0)
		r = -errno;
	while (r > 0) {
		len = mnl_socket_recvfrom(sock, buf, sizeof(buf));
		if (len > 0)
			r = mnl_cb_run(buf, (size_t)len, 1, 0, collect, flush);
		if ((len < 0 && errno != EINTR) || r < 0)
			r = -errno;
	}
	mnl_socket_close(sock);
	return r;
}

int route_flush(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct flush flush = { 0 };
	int r = 0, removed = 0;

	for (size_t i = 0; i < 2 && r == 0; i++)
		r = dump_routes(families[i], &flush);
	for (size_t at = 0; at < flush.len;) {
		const struct nlmsghdr *hdr = (const struct nlmsghdr *)(flush.routes + at);
		struct message msg;

		memcpy(msg.buf, hdr, hdr->nlmsg_len);
		msg.hdr = (struct nlmsghdr *)msg.buf;
		at += NLMSG_ALIGN(hdr->nlmsg_len);
		if (transact(&msg) == 0)
			removed++;
	}
	free(flush.routes);
	return r < 0 ? r : removed;
}

/* --- default route --- */

int route_default_add(int ifindex, int family)
{
	struct message msg;

	if (family != AF_INET && family != AF_INET6)
		return -EAFNOSUPPORT;
	message_init(&msg, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE, family);
	msg.rtm->rtm_table = RT_TABLE_MAIN;
	msg.rtm->rtm_protocol = ROUTE_PROTOCOL;
	msg.rtm->rtm_type = RTN_UNICAST;
	msg.rtm->rtm_scope = family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	mnl_attr_put_u32(msg.hdr, RTA_OIF, (uint32_t)ifindex);
	/* IPv6 has no "in front": a route goes behind those of its metric (fib6_add_rt2node) */
	if (family == AF_INET6)
		mnl_attr_put_u32(msg.hdr, RTA_PRIORITY, METRIC_FIRST_IN6);
	return transact(&msg);
}

/* --- routes to networks --- */

int route_add(int ifindex, const struct l2tp_addr *net, unsigned width)
{
	int family = net->sa.sa_family;
	struct message msg;
	int r;

	message_init(&msg, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, family);
	msg.rtm->rtm_dst_len = (unsigned char)width;
	msg.rtm->rtm_table = RT_TABLE_MAIN;
	msg.rtm->rtm_protocol = ROUTE_PROTOCOL;
	msg.rtm->rtm_type = RTN_UNICAST;
	msg.rtm->rtm_scope = family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	if (family == AF_INET)
		mnl_attr_put_u32(msg.hdr, RTA_DST, net->in.sin_addr.s_addr);
	else
		mnl_attr_put(msg.hdr, RTA_DST, sizeof(net->in6.sin6_addr), &net->in6.sin6_addr);
	mnl_attr_put_u32(msg.hdr, RTA_OIF, (uint32_t)ifindex);
	r = transact(&msg);
	return r == -EEXIST ? 0 : r;
}
