/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the core shares between its parts, and what it tells people about itself.
 */
#include <stdlib.h>
#include <string.h>

#include <l2tp/describe.h>

#include "session.h"
#include "tunnel.h"

/* Below this, the next session of a tunnel is searched in its list, else in the table of all ids.
 */
#define WALK_LIST_MAX 256

const char *l2tp_drop_name(enum l2tp_drop drop)
{
	switch (drop) {
	case L2TP_DROP_MALFORMED:
		return "malformed";
	case L2TP_DROP_NO_TUNNEL:
		return "unknown tunnel";
	case L2TP_DROP_WRONG_PEER:
		return "wrong peer";
	case L2TP_DROP_NOT_SCCRQ:
		return "not an SCCRQ";
	case L2TP_DROP_LIMIT:
		return "limit reached";
	case L2TP_DROP_WINDOW:
		return "outside the window";
	case L2TP_DROP_BAD_ACK:
		return "acknowledges too much";
	case L2TP_DROP_TIE:
		return "lost a tie";
	}
	return "unknown";
}

void core_drop(struct l2tp_core *core, enum l2tp_drop why)
{
	core->stats.drops[why]++;
}

static void about(struct l2tp_effect *effect, const struct tunnel *t, const struct session *s)
{
	effect->tid = t->tid;
	effect->tunnel_cookie = t->cookie;
	effect->path = t->path;
	if (s) {
		effect->sid = s->sid;
		effect->session_cookie = s->cookie;
	}
}

struct effect_node *core_effect(struct l2tp_core *core, enum l2tp_effect_type type,
	const struct tunnel *t, const struct session *s, size_t extra)
{
	struct effect_node *node = effects_add(&core->effects, type, extra);

	about(&node->effect, t, s);
	return node;
}

void core_trace(struct l2tp_core *core, const struct tunnel *t, const struct session *s,
	const struct fsm_result *step)
{
	struct effect_node *node = effects_try(&core->effects, L2TP_EFFECT_TRACE, 0);

	if (!node)
		return;
	about(&node->effect, t, s);
	node->effect.trace.from = step->from;
	node->effect.trace.event = step->event;
	node->effect.trace.to = step->to;
}

void core_send(struct l2tp_core *core, const struct tunnel *t, const struct l2tp_path *path,
	uint16_t type, const uint8_t *data, size_t len, bool retransmit)
{
	/* without memory it is lost, as the network loses some: it will be sent again */
	struct effect_node *node = effects_try(&core->effects, L2TP_EFFECT_SEND, len);

	core->stats.tx_messages++;
	if (!node)
		return;
	if (t)
		about(&node->effect, t, NULL);
	node->effect.path = *path;
	memcpy(node->bytes, data, len);
	node->effect.send.data = node->bytes;
	node->effect.send.len = len;
	node->effect.send.msg_type = type;
	node->effect.send.reply = !t || !t->initiator;
	node->effect.send.retransmit = retransmit;
}

/* Finalizer of splitmix64: every bit of the input moves every bit of the output. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

struct tunnel_list *core_peer_bucket(
	struct l2tp_core *core, const struct l2tp_addr *peer, uint16_t peer_tid)
{
	uint64_t key = (uint64_t)l2tp_addr_hash(peer) << 16 | peer_tid;

	return &core->by_peer[mix(key + core->seed) % CORE_PEER_BUCKETS];
}

uint16_t *core_half_open(struct l2tp_core *core, const struct l2tp_addr *source)
{
	uint64_t network = 0;

	/* one IPv4 /24 or IPv6 /56: what a single customer can have many addresses of */
	if (source->sa.sa_family == AF_INET)
		memcpy(&network, &source->in.sin_addr, 3);
	else if (source->sa.sa_family == AF_INET6)
		memcpy(&network, &source->in6.sin6_addr, 7);
	return &core->half_open[mix(mix(network) + core->seed) % CORE_SOURCE_BUCKETS];
}

static const char *or_empty(const char *str)
{
	return str ? str : "";
}

bool l2tp_core_tunnel_info(const struct l2tp_core *core, uint16_t tid, struct l2tp_tunnel_info *ret)
{
	const struct tunnel *t = ids_get(&core->tids, tid);

	if (!t)
		return false;
	*ret = (struct l2tp_tunnel_info){
		.tid = t->tid,
		.peer_tid = t->peer_tid,
		.path = t->path,
		.state = (enum l2tp_tunnel_state)t->fsm.now,
		.initiator = t->initiator,
		.authenticated = t->authenticated,
		.hostname = t->hostname,
		.peer_hostname = or_empty(t->peer_hostname),
		.peer_vendor = or_empty(t->peer_vendor),
		.sessions = t->session_count,
		.rtt = t->xport.rtt,
		.rx_messages = t->rx_messages,
		.tx_messages = t->tx_messages,
		.retransmits = t->retransmits,
		.duplicates = t->duplicates,
		.cwnd = t->xport.cwnd,
		.peer_window = t->xport.peer_window,
		.unacked = xport_unacked(&t->xport),
		.queued = t->xport.queued - xport_unacked(&t->xport),
		.since = t->fsm.since,
		.cookie = t->cookie,
	};
	memcpy(ret->deviations, t->deviations, sizeof(ret->deviations));
	return true;
}

bool l2tp_core_session_info(
	const struct l2tp_core *core, uint16_t tid, uint16_t sid, struct l2tp_session_info *ret)
{
	const struct session *s = ids_get(&core->sids, sid);

	if (!s || s->tunnel->tid != tid)
		return false;
	*ret = (struct l2tp_session_info){
		.tid = tid,
		.sid = sid,
		.peer_sid = s->peer_sid,
		.role = s->role,
		.outgoing = s->outgoing,
		.state = (enum l2tp_session_state)s->fsm.now,
		.calling = s->calling,
		.called = s->called,
		.sub_address = s->sub_address,
		.serial = s->serial,
		.tx_speed = s->tx_speed,
		.rx_speed = s->rx_speed,
		.framing_type = s->framing_type,
		.bearer_type = s->bearer_type,
		.minimum_bps = s->minimum_bps,
		.maximum_bps = s->maximum_bps,
		.send_seq = s->send_seq,
		.require_seq = s->require_seq,
		.since = s->fsm.since,
		.cookie = s->cookie,
	};
	session_extra_info(s->extra, ret);
	return true;
}

bool l2tp_core_peer_knows(
	const struct l2tp_core *core, uint16_t tid, const struct l2tp_secret *secret)
{
	const struct tunnel *t = ids_get(&core->tids, tid);

	return t && t->authenticated && t->fsm.now == L2TP_TUNNEL_ESTABLISHED &&
	       t->secret_len == secret->len &&
	       l2tp_equal_constant_time(t->secret, secret->data, secret->len);
}

uint16_t l2tp_core_next_tunnel(const struct l2tp_core *core, uint16_t tid)
{
	return ids_next(&core->tids, tid);
}

uint16_t l2tp_core_next_session(const struct l2tp_core *core, uint16_t tid, uint16_t sid)
{
	const struct tunnel *t = ids_get(&core->tids, tid);
	const struct session *s;
	uint16_t next = 0;

	if (!t)
		return 0;
	if (t->session_count < WALK_LIST_MAX) {
		TAILQ_FOREACH (s, &t->sessions, link)
			if (s->sid > sid && (!next || s->sid < next))
				next = s->sid;
		return next;
	}
	while ((sid = ids_next(&core->sids, sid))) {
		s = ids_get(&core->sids, sid);
		if (s->tunnel == t)
			return sid;
	}
	return 0;
}

size_t l2tp_core_describe(const struct l2tp_core *core, uint16_t tid, const uint8_t *buf,
	size_t len, char *out, size_t size)
{
	const struct tunnel *t = ids_get(&core->tids, tid);
	struct l2tp_secret secret = { 0 };

	if (t)
		secret = tunnel_secret(t);
	return l2tp_describe(buf, len, &secret, out, size);
}

void l2tp_core_stats(const struct l2tp_core *core, struct l2tp_core_stats *ret)
{
	*ret = core->stats;
}
