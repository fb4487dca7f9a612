/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route_table.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#define RECV_SIZE 32768

struct entry {
	struct route route;
	uint8_t dst_len, protocol, type;
	uint32_t metric;
};

struct route_table {
	struct entry *entries;
	size_t len, size;
};

static void read_address(const struct nlattr *attr, int family, struct l2tp_addr *ret)
{
	const void *bytes = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);

	if (family == AF_INET && len == sizeof(ret->in.sin_addr)) {
		ret->in.sin_family = AF_INET;
		memcpy(&ret->in.sin_addr, bytes, len);
	} else if (family == AF_INET6 && len == sizeof(ret->in6.sin6_addr)) {
		ret->in6.sin6_family = AF_INET6;
		memcpy(&ret->in6.sin6_addr, bytes, len);
	}
}

static void read_via(const struct nlattr *attr, struct l2tp_addr *ret)
{
	const struct rtvia *via = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);

	if (len >= sizeof(*via) + sizeof(struct in6_addr) && via->rtvia_family == AF_INET6) {
		ret->in6.sin6_family = AF_INET6;
		memcpy(&ret->in6.sin6_addr, via->rtvia_addr, sizeof(struct in6_addr));
	}
}

/* The first of several ways is as good as any. */
static void read_multipath(const struct nlattr *attr, int family, struct entry *entry)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(attr);
	int len = mnl_attr_get_payload_len(attr);
	const struct nlattr *inner;

	if (len < (int)sizeof(*hop) || hop->rtnh_len > len || hop->rtnh_len < sizeof(*hop))
		return;
	entry->route.ifindex = hop->rtnh_ifindex;
	len = hop->rtnh_len - (int)sizeof(*hop);
	for (inner = (const struct nlattr *)RTNH_DATA(hop); len > 0 && mnl_attr_ok(inner, len);
		inner = mnl_attr_next(inner)) {
		if (mnl_attr_get_type(inner) == RTA_GATEWAY)
			read_address(inner, family, &entry->route.gateway);
		len -= MNL_ALIGN(inner->nla_len);
	}
}

static void read_attributes(
	const struct nlmsghdr *hdr, int family, struct entry *entry, uint32_t *table)
{
	const struct nlattr *attr;

	mnl_attr_for_each (attr, hdr, sizeof(struct rtmsg)) {
		switch (mnl_attr_get_type(attr)) {
		case RTA_DST:
			read_address(attr, family, &entry->route.dst);
			break;
		case RTA_GATEWAY:
			read_address(attr, family, &entry->route.gateway);
			break;
		case RTA_VIA:
			read_via(attr, &entry->route.gateway);
			break;
		case RTA_PREFSRC:
			read_address(attr, family, &entry->route.source);
			break;
		case RTA_OIF:
			entry->route.ifindex = (int)mnl_attr_get_u32(attr);
			break;
		case RTA_PRIORITY:
			entry->metric = mnl_attr_get_u32(attr);
			break;
		case RTA_TABLE:
			*table = mnl_attr_get_u32(attr);
			break;
		case RTA_MULTIPATH:
			read_multipath(attr, family, entry);
			break;
		}
	}
}

static struct entry *next_entry(struct route_table *table)
{
	if (table->len == table->size) {
		size_t size = 2 * table->size + 64;
		struct entry *entries = reallocarray(table->entries, size, sizeof(*entries));

		if (!entries)
			return NULL;
		table->entries = entries;
		table->size = size;
	}
	memset(&table->entries[table->len], 0, sizeof(*table->entries));
	return &table->entries[table->len];
}

static int take_route(const struct nlmsghdr *hdr, void *user)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(hdr);
	struct route_table *table = user;
	struct entry *entry;
	uint32_t in_table;

	if (hdr->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(hdr) < sizeof(*rtm) ||
		rtm->rtm_flags & RTM_F_CLONED)
		return MNL_CB_OK;
	entry = next_entry(table);
	if (!entry)
		return MNL_CB_ERROR;
	in_table = rtm->rtm_table;
	entry->dst_len = rtm->rtm_dst_len;
	entry->protocol = rtm->rtm_protocol;
	entry->type = rtm->rtm_type;
	entry->route.dst.sa.sa_family = rtm->rtm_family;
	read_attributes(hdr, rtm->rtm_family, entry, &in_table);
	if (in_table == RT_TABLE_MAIN)
		table->len++;
	return MNL_CB_OK;
}

static int dump_family(int family, struct route_table *table)
{
	uint8_t buf[RECV_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct mnl_socket *sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct nlmsghdr *hdr = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm;
	ssize_t len;
	int r = 1;

	if (!sock)
		return -errno;
	hdr->nlmsg_type = RTM_GETROUTE;
	hdr->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	hdr->nlmsg_seq = 1;
	rtm = mnl_nlmsg_put_extra_header(hdr, sizeof(*rtm));
	rtm->rtm_family = (uint8_t)family;
	if (mnl_socket_sendto(sock, hdr, hdr->nlmsg_len) < 0)
		r = -errno;
	while (r > 0) {
		len = mnl_socket_recvfrom(sock, buf, sizeof(buf));
		if (len > 0)
			r = mnl_cb_run(buf, (size_t)len, 1, 0, take_route, table);
		if ((len < 0 && errno != EINTR) || r < 0)
			r = -errno;
	}
	mnl_socket_close(sock);
	return r;
}

int route_table_read(struct route_table **ret)
{
	struct route_table *table = calloc(1, sizeof(*table));
	int r;

	if (!table)
		return -ENOMEM;
	r = dump_family(AF_INET, table);
	if (r == 0)
		r = dump_family(AF_INET6, table);
	/* a kernel without IPv6 */
	if (r == -EAFNOSUPPORT || r == -EOPNOTSUPP)
		r = 0;
	if (r < 0) {
		route_table_free(table);
		return r;
	}
	*ret = table;
	return 0;
}

void route_table_free(struct route_table *table)
{
	if (!table)
		return;
	free(table->entries);
	free(table);
}

static bool covers(const struct entry *entry, const struct l2tp_addr *dst)
{
	if (entry->route.dst.sa.sa_family != dst->sa.sa_family)
		return false;
	return entry->dst_len == 0 || l2tp_addr_in_prefix(dst, &entry->route.dst, entry->dst_len);
}

static bool is_better(const struct entry *entry, const struct entry *best)
{
	if (!best || entry->dst_len != best->dst_len)
		return !best || entry->dst_len > best->dst_len;
	return entry->metric < best->metric;
}

int route_table_best(const struct route_table *table, const struct l2tp_addr *dst,
	bool (*skip)(void *user, int ifindex), void *user, struct route *ret)
{
	const struct entry *best = NULL;

	for (size_t i = 0; i < table->len; i++) {
		const struct entry *entry = &table->entries[i];

		if (entry->type != RTN_UNICAST || entry->protocol == ROUTE_PROTOCOL ||
			!covers(entry, dst) || !is_better(entry, best) ||
			skip(user, entry->route.ifindex))
			continue;
		best = entry;
	}
	if (!best)
		return -ENETUNREACH;
	*ret = best->route;
	ret->dst = *dst;
	return 0;
}

bool route_table_has_pin(const struct route_table *table, const struct l2tp_addr *dst)
{
	for (size_t i = 0; i < table->len; i++) {
		const struct entry *entry = &table->entries[i];

		if (entry->protocol == ROUTE_PROTOCOL && entry->type == RTN_UNICAST &&
			entry->dst_len > 0 && l2tp_addr_same_host(&entry->route.dst, dst))
			return true;
	}
	return false;
}

bool route_table_has_default(const struct route_table *table, int ifindex, int family)
{
	for (size_t i = 0; i < table->len; i++) {
		const struct entry *entry = &table->entries[i];

		if (entry->protocol == ROUTE_PROTOCOL && entry->dst_len == 0 &&
			entry->route.ifindex == ifindex && entry->route.dst.sa.sa_family == family)
			return true;
	}
	return false;
}
