/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core_priv.h"

#include <string.h>

#include "session.h"
#include "tunnel.h"

/* Nobody sends these by mistake often, but who guesses what a tunnel expects, or is a tunnel to. */
static bool is_strange(enum l2tp_drop why)
{
	switch (why) {
	case L2TP_DROP_NO_TUNNEL:
	case L2TP_DROP_WRONG_PEER:
	case L2TP_DROP_WINDOW:
	case L2TP_DROP_BAD_ACK:
	case L2TP_DROP_OLD_ACK:
		return true;
	case L2TP_DROP_MALFORMED:
	case L2TP_DROP_NOT_SCCRQ:
	case L2TP_DROP_TIE:
	case L2TP_DROP_GUESSED:
	case L2TP_DROP_LIMIT:
	case L2TP_DROP_MEMORY:
		break;
	}
	return false;
}

void core_drop(struct l2tp_core *core, enum l2tp_drop why, const struct l2tp_addr *peer)
{
	core->stats.drops[why]++;
	talkers_note(&core->talkers, core->now, peer);
	if (is_strange(why))
		source_strange(core, peer);
}

void core_effect_about(struct l2tp_effect *effect, const struct tunnel *t, const struct session *s)
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
	struct effect_node *node = NULL;

	if (limbo_is_empty(&core->limbo))
		node = effects_try(&core->effects, type, extra);
	if (node)
		core_effect_about(&node->effect, t, s);
	return node;
}

void core_trace(struct l2tp_core *core, const struct tunnel *t, const struct session *s,
	const struct fsm_result *step)
{
	struct effect_node *node = effects_try(&core->effects, L2TP_EFFECT_TRACE, 0);

	if (!node)
		return;
	core_effect_about(&node->effect, t, s);
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
		core_effect_about(&node->effect, t, NULL);
	node->effect.path = *path;
	memcpy(node->bytes, data, len);
	node->effect.send.data = node->bytes;
	node->effect.send.len = len;
	node->effect.send.msg_type = type;
	node->effect.send.reply = !t || !t->initiator;
	node->effect.send.retransmit = retransmit;
}

static uint64_t hash_host(const struct l2tp_core *core, const struct l2tp_addr *addr)
{
	uint64_t word[2] = { addr->sa.sa_family, 0 };

	if (addr->sa.sa_family == AF_INET)
		memcpy(&word[1], &addr->in.sin_addr, sizeof(addr->in.sin_addr));
	else if (addr->sa.sa_family == AF_INET6)
		memcpy(word, &addr->in6.sin6_addr, sizeof(word));
	return core_hash(core_hash(core->seed + word[0]) ^ word[1]);
}

uint16_t *core_by_peer(struct l2tp_core *core, const struct l2tp_addr *peer, uint16_t peer_tid)
{
	uint64_t rest = (uint64_t)l2tp_addr_port(peer) << 16 | peer_tid;

	return &core->by_peer[core_hash(hash_host(core, peer) ^ rest) % CORE_PEER_BUCKETS];
}

uint16_t *core_by_port(struct l2tp_core *core, const struct l2tp_addr *peer)
{
	uint64_t hash = core_hash(hash_host(core, peer) ^ l2tp_addr_port(peer));

	return &core->by_port[hash % CORE_PEER_BUCKETS];
}

struct tunnel_list *core_unanswered(struct l2tp_core *core, const struct l2tp_addr *peer)
{
	return &core->unanswered[hash_host(core, peer) % CORE_UNANSWERED_BUCKETS];
}
