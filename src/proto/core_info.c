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
	case L2TP_DROP_WINDOW:
		return "outside the window";
	case L2TP_DROP_BAD_ACK:
		return "acknowledges too much";
	case L2TP_DROP_OLD_ACK:
		return "acknowledges the distant past";
	case L2TP_DROP_TIE:
		return "lost a tie";
	case L2TP_DROP_GUESSED:
		return "would end a tunnel whose ids are being guessed";
	case L2TP_DROP_LIMIT:
		return "limit reached";
	case L2TP_DROP_MEMORY:
		return "out of memory";
	}
	return "unknown";
}

const char *l2tp_limit_name(enum l2tp_limit limit)
{
	switch (limit) {
	case L2TP_LIMIT_TUNNELS:
		return "tunnels";
	case L2TP_LIMIT_HALF_OPEN:
		return "half-open";
	case L2TP_LIMIT_IDLE:
		return "idle";
	case L2TP_LIMIT_CLOSING:
		return "closing";
	case L2TP_LIMIT_CALLS:
		return "calls";
	}
	return "unknown";
}

const char *l2tp_scope_name(enum l2tp_scope scope)
{
	switch (scope) {
	case L2TP_SCOPE_ALL:
		return "all";
	case L2TP_SCOPE_NETWORK:
		return "network";
	case L2TP_SCOPE_SOURCE:
		return "source";
	case L2TP_SCOPE_TUNNEL:
		return "tunnel";
	}
	return "unknown";
}

const char *l2tp_rank_name(enum l2tp_rank rank)
{
	switch (rank) {
	case L2TP_RANK_CLOSING:
		return "closing";
	case L2TP_RANK_UNANSWERED:
		return "half-open, unanswered";
	case L2TP_RANK_ANSWERED:
		return "half-open, answered";
	case L2TP_RANK_IDLE:
		return "idle";
	}
	return "unknown";
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
		.hostname = t->identity->hostname,
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
	for (unsigned i = 0; i < L2TP_DEV_COUNT; i++)
		ret->deviations[i] = t->deviations[i];
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
		.speed_updates = s->speed_updates,
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
	       t->identity->secret_len == secret->len &&
	       l2tp_equal_constant_time(t->identity->secret, secret->data, secret->len);
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
	ret->half_open = core->sources.listed[SOURCE_HALF_OPEN];
	ret->closing = core->sources.listed[SOURCE_CLOSING];
}

unsigned l2tp_core_talkers(
	struct l2tp_core *core, usec_t now, struct l2tp_talker *ret, unsigned max)
{
	return talkers_read(&core->talkers, now, ret, max);
}
