/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nf_tables over netlink, as much of it as one table needs. In the words of nft(8):
 *
 *	table inet l2tpd-PID {
 *		flags owner
 *		set encrypted4 { type ipv4_addr . mark }
 *		chain out {
 *			type filter hook output priority 0; policy accept;
 *			meta nfproto ipv4 meta l4proto udp @th,64,16 0x0002
 *				@th,128,16 != 0x00fd @th,128,16 < 0x8000
 *				ip daddr . @th,80,32 @encrypted4 drop
 *			...
 *
 * and the same for frames with sequence numbers (flags 0x0802), which are 4 octets longer, and for
 * IPv6. Flags are all that the kernel ever sends (l2tp_core.c, l2tp_build_l2tpv2_header()), FF 03
 * is always in front of the PPP protocol number. RFC 2661 3.1, RFC 3078 3.1.
 */
#include "clear_guard.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHAIN "out"

/* Octets from the beginning of the UDP header */
#define AT_FLAGS	 8
#define AT_IDS		 10
#define AT_PROTOCOL	 16 /* FF 03 is before it */
#define AT_PROTOCOL_SEQ	 20
#define FLAGS_PLAIN	 0x0002
#define FLAGS_SEQ	 0x0802
#define PROTOCOL_MPPE	 0x00fd
#define PROTOCOL_CONTROL 0x8000 /* and above: no packets of a network */

/* What nft(8) calls the types of the keys: src/include/datatype.h, TYPE_* */
#define NFT_TYPE_BITS 6
#define NFT_TYPE_IP4  7
#define NFT_TYPE_IP6  8
#define NFT_TYPE_MARK 19

#define BATCH_SIZE    8192

struct family {
	uint8_t nfproto;
	const char *set;
	uint32_t addr_type, addr_len, daddr_at;
};

static const struct family families[] = {
	{ NFPROTO_IPV4, "encrypted4", NFT_TYPE_IP4, 4, 16 },
	{ NFPROTO_IPV6, "encrypted6", NFT_TYPE_IP6, 16, 24 },
};

struct clear_guard {
	struct mnl_socket *sock; /* owns the table */
	char table[24];
	uint32_t seq;
};

struct batch {
	const char *table;
	uint8_t buf[BATCH_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	size_t len;
	uint32_t seq; /* of the last message */
	struct nlmsghdr *hdr;
};

/* --- messages --- */

static void begin_message(struct batch *batch, uint16_t type, uint16_t flags, uint16_t res_id)
{
	struct nfgenmsg *gen;

	batch->hdr = mnl_nlmsg_put_header(batch->buf + batch->len);
	batch->hdr->nlmsg_type = type;
	batch->hdr->nlmsg_flags = NLM_F_REQUEST | flags;
	batch->hdr->nlmsg_seq = ++batch->seq;
	gen = mnl_nlmsg_put_extra_header(batch->hdr, sizeof(*gen));
	gen->nfgen_family = NFPROTO_INET;
	gen->version = NFNETLINK_V0;
	gen->res_id = htons(res_id);
}

static void end_message(struct batch *batch)
{
	batch->len += NLMSG_ALIGN(batch->hdr->nlmsg_len);
}

static void begin_table_message(struct batch *batch, uint16_t message, uint16_t flags)
{
	begin_message(batch, NFNL_SUBSYS_NFTABLES << 8 | message, flags, 0);
}

static void begin_batch(struct clear_guard *guard, struct batch *batch)
{
	batch->table = guard->table;
	batch->len = 0;
	batch->seq = guard->seq;
	begin_message(batch, NFNL_MSG_BATCH_BEGIN, 0, NFNL_SUBSYS_NFTABLES);
	end_message(batch);
}

static void put_u32(struct batch *batch, uint16_t type, uint32_t value)
{
	mnl_attr_put_u32(batch->hdr, type, htonl(value));
}

static void put_text(struct batch *batch, uint16_t type, const char *text)
{
	mnl_attr_put_strz(batch->hdr, type, text);
}

/*
 * 1: the message last is acknowledged; 0: not yet; else the error of a message after first. What is
 * before that is left from a batch that has failed.
 */
static int read_answer(const uint8_t *buf, size_t len, uint32_t first, uint32_t last)
{
	const struct nlmsghdr *hdr = (const struct nlmsghdr *)buf;
	const struct nlmsgerr *err;
	int left = (int)len, done = 0;

	for (; mnl_nlmsg_ok(hdr, left); hdr = mnl_nlmsg_next(hdr, &left)) {
		if (hdr->nlmsg_type != NLMSG_ERROR || hdr->nlmsg_seq <= first)
			continue;
		err = mnl_nlmsg_get_payload(hdr);
		if (err->error)
			return err->error;
		done = done || hdr->nlmsg_seq == last;
	}
	return done;
}

/* The last message before the end of the batch is the one that is acknowledged. */
static int commit(struct clear_guard *guard, struct batch *batch)
{
	uint8_t buf[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
	const uint32_t first = guard->seq, last = batch->seq;
	ssize_t len;
	int r = 0;

	batch->hdr->nlmsg_flags |= NLM_F_ACK;
	begin_message(batch, NFNL_MSG_BATCH_END, 0, NFNL_SUBSYS_NFTABLES);
	end_message(batch);
	guard->seq = batch->seq;
	if (mnl_socket_sendto(guard->sock, batch->buf, batch->len) < 0)
		return -errno;
	/* all of it happened inside the send: this does not wait */
	while (r == 0) {
		len = mnl_socket_recvfrom(guard->sock, buf, sizeof(buf));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		r = read_answer(buf, (size_t)len, first, last);
	}
	return r < 0 ? r : 0;
}

/* --- expressions of a rule --- */

struct expression {
	struct nlattr *elem, *data;
};

static struct expression begin_expression(struct batch *batch, const char *name)
{
	struct expression e;

	e.elem = mnl_attr_nest_start(batch->hdr, NFTA_LIST_ELEM);
	put_text(batch, NFTA_EXPR_NAME, name);
	e.data = mnl_attr_nest_start(batch->hdr, NFTA_EXPR_DATA);
	return e;
}

static void end_expression(struct batch *batch, const struct expression *e)
{
	mnl_attr_nest_end(batch->hdr, e->data);
	mnl_attr_nest_end(batch->hdr, e->elem);
}

static void load_payload(
	struct batch *batch, uint32_t reg, uint32_t base, uint32_t offset, uint32_t len)
{
	struct expression e = begin_expression(batch, "payload");

	put_u32(batch, NFTA_PAYLOAD_DREG, reg);
	put_u32(batch, NFTA_PAYLOAD_BASE, base);
	put_u32(batch, NFTA_PAYLOAD_OFFSET, offset);
	put_u32(batch, NFTA_PAYLOAD_LEN, len);
	end_expression(batch, &e);
}

static void compare(struct batch *batch, uint32_t op, const void *value, size_t len)
{
	struct expression e = begin_expression(batch, "cmp");
	struct nlattr *data;

	put_u32(batch, NFTA_CMP_SREG, NFT_REG_1);
	put_u32(batch, NFTA_CMP_OP, op);
	data = mnl_attr_nest_start(batch->hdr, NFTA_CMP_DATA);
	mnl_attr_put(batch->hdr, NFTA_DATA_VALUE, len, value);
	mnl_attr_nest_end(batch->hdr, data);
	end_expression(batch, &e);
}

static void compare_meta(struct batch *batch, uint32_t key, uint8_t value)
{
	struct expression e = begin_expression(batch, "meta");

	put_u32(batch, NFTA_META_DREG, NFT_REG_1);
	put_u32(batch, NFTA_META_KEY, key);
	end_expression(batch, &e);
	compare(batch, NFT_CMP_EQ, &value, sizeof(value));
}

static void compare_u16(struct batch *batch, uint32_t op, uint16_t value)
{
	value = htons(value);
	compare(batch, op, &value, sizeof(value));
}

/* Of the address and the two ids, one behind the other in the registers. */
static void look_up(struct batch *batch, const struct family *family)
{
	struct expression e;

	load_payload(batch, NFT_REG32_00, NFT_PAYLOAD_NETWORK_HEADER, family->daddr_at,
		family->addr_len);
	load_payload(batch, NFT_REG32_00 + family->addr_len / 4, NFT_PAYLOAD_TRANSPORT_HEADER,
		AT_IDS, 4);
	e = begin_expression(batch, "lookup");
	put_text(batch, NFTA_LOOKUP_SET, family->set);
	put_u32(batch, NFTA_LOOKUP_SREG, NFT_REG32_00);
	end_expression(batch, &e);
}

static void count_and_drop(struct batch *batch)
{
	struct expression e = begin_expression(batch, "counter");
	struct nlattr *data, *verdict;

	end_expression(batch, &e);
	e = begin_expression(batch, "immediate");
	put_u32(batch, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = mnl_attr_nest_start(batch->hdr, NFTA_IMMEDIATE_DATA);
	verdict = mnl_attr_nest_start(batch->hdr, NFTA_DATA_VERDICT);
	put_u32(batch, NFTA_VERDICT_CODE, NF_DROP);
	mnl_attr_nest_end(batch->hdr, verdict);
	mnl_attr_nest_end(batch->hdr, data);
	end_expression(batch, &e);
}

/* --- the table --- */

static void add_table(struct batch *batch)
{
	begin_table_message(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
	put_text(batch, NFTA_TABLE_NAME, batch->table);
	put_u32(batch, NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER);
	end_message(batch);
}

static void add_set(struct batch *batch, const struct family *family)
{
	begin_table_message(batch, NFT_MSG_NEWSET, NLM_F_CREATE);
	put_text(batch, NFTA_SET_TABLE, batch->table);
	put_text(batch, NFTA_SET_NAME, family->set);
	put_u32(batch, NFTA_SET_ID, family->nfproto);
	put_u32(batch, NFTA_SET_KEY_TYPE, family->addr_type << NFT_TYPE_BITS | NFT_TYPE_MARK);
	put_u32(batch, NFTA_SET_KEY_LEN, family->addr_len + 4);
	put_u32(batch, NFTA_SET_FLAGS, 0);
	end_message(batch);
}

static void add_chain(struct batch *batch)
{
	struct nlattr *hook;

	begin_table_message(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	put_text(batch, NFTA_CHAIN_TABLE, batch->table);
	put_text(batch, NFTA_CHAIN_NAME, CHAIN);
	put_text(batch, NFTA_CHAIN_TYPE, "filter");
	put_u32(batch, NFTA_CHAIN_POLICY, NF_ACCEPT);
	hook = mnl_attr_nest_start(batch->hdr, NFTA_CHAIN_HOOK);
	put_u32(batch, NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT);
	put_u32(batch, NFTA_HOOK_PRIORITY, 0);
	mnl_attr_nest_end(batch->hdr, hook);
	end_message(batch);
}

static void add_rule(
	struct batch *batch, const struct family *family, uint16_t flags, uint32_t protocol_at)
{
	struct nlattr *list;

	begin_table_message(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	put_text(batch, NFTA_RULE_TABLE, batch->table);
	put_text(batch, NFTA_RULE_CHAIN, CHAIN);
	list = mnl_attr_nest_start(batch->hdr, NFTA_RULE_EXPRESSIONS);
	compare_meta(batch, NFT_META_NFPROTO, family->nfproto);
	compare_meta(batch, NFT_META_L4PROTO, IPPROTO_UDP);
	load_payload(batch, NFT_REG_1, NFT_PAYLOAD_TRANSPORT_HEADER, AT_FLAGS, 2);
	compare_u16(batch, NFT_CMP_EQ, flags);
	load_payload(batch, NFT_REG_1, NFT_PAYLOAD_TRANSPORT_HEADER, protocol_at, 2);
	compare_u16(batch, NFT_CMP_NEQ, PROTOCOL_MPPE);
	compare_u16(batch, NFT_CMP_LT, PROTOCOL_CONTROL);
	look_up(batch, family);
	count_and_drop(batch);
	mnl_attr_nest_end(batch->hdr, list);
	end_message(batch);
}

static int make_table(struct clear_guard *guard)
{
	const size_t n = sizeof(families) / sizeof(families[0]);
	struct batch batch;

	begin_batch(guard, &batch);
	add_table(&batch);
	for (size_t i = 0; i < n; i++)
		add_set(&batch, &families[i]);
	add_chain(&batch);
	for (size_t i = 0; i < n; i++) {
		add_rule(&batch, &families[i], FLAGS_PLAIN, AT_PROTOCOL);
		add_rule(&batch, &families[i], FLAGS_SEQ, AT_PROTOCOL_SEQ);
	}
	return commit(guard, &batch);
}

int clear_guard_new(struct clear_guard **ret)
{
	struct clear_guard *guard = calloc(1, sizeof(*guard));
	int r;

	if (!guard)
		return -ENOMEM;
	/* several daemons may live here */
	snprintf(guard->table, sizeof(guard->table), "l2tpd-%d", getpid());
	guard->sock = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!guard->sock || mnl_socket_bind(guard->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		r = -errno;
	else
		r = make_table(guard);
	if (r < 0) {
		clear_guard_free(guard);
		return r;
	}
	*ret = guard;
	return 0;
}

void clear_guard_free(struct clear_guard *guard)
{
	if (!guard)
		return;
	if (guard->sock)
		mnl_socket_close(guard->sock);
	free(guard);
}

/* --- sessions --- */

static int change(struct clear_guard *guard, uint16_t message, uint16_t flags,
	const struct l2tp_addr *peer, uint16_t peer_tid, uint16_t peer_sid)
{
	const struct family *family = &families[peer->sa.sa_family == AF_INET6];
	const uint16_t ids[] = { htons(peer_tid), htons(peer_sid) };
	struct nlattr *list, *elem, *key;
	struct batch batch;
	uint8_t value[20];

	if (peer->sa.sa_family == AF_INET6)
		memcpy(value, &peer->in6.sin6_addr, family->addr_len);
	else
		memcpy(value, &peer->in.sin_addr, family->addr_len);
	memcpy(value + family->addr_len, ids, sizeof(ids));
	begin_batch(guard, &batch);
	begin_table_message(&batch, message, flags);
	put_text(&batch, NFTA_SET_ELEM_LIST_TABLE, batch.table);
	put_text(&batch, NFTA_SET_ELEM_LIST_SET, family->set);
	list = mnl_attr_nest_start(batch.hdr, NFTA_SET_ELEM_LIST_ELEMENTS);
	elem = mnl_attr_nest_start(batch.hdr, NFTA_LIST_ELEM);
	key = mnl_attr_nest_start(batch.hdr, NFTA_SET_ELEM_KEY);
	mnl_attr_put(batch.hdr, NFTA_DATA_VALUE, family->addr_len + sizeof(ids), value);
	mnl_attr_nest_end(batch.hdr, key);
	mnl_attr_nest_end(batch.hdr, elem);
	mnl_attr_nest_end(batch.hdr, list);
	end_message(&batch);
	return commit(guard, &batch);
}

int clear_guard_add(struct clear_guard *guard, const struct l2tp_addr *peer, uint16_t peer_tid,
	uint16_t peer_sid)
{
	return change(guard, NFT_MSG_NEWSETELEM, NLM_F_CREATE, peer, peer_tid, peer_sid);
}

int clear_guard_remove(struct clear_guard *guard, const struct l2tp_addr *peer, uint16_t peer_tid,
	uint16_t peer_sid)
{
	int r = change(guard, NFT_MSG_DELSETELEM, 0, peer, peer_tid, peer_sid);

	return r == -ENOENT ? 0 : r;
}
