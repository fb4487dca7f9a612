/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel_accept.h"

#include <errno.h>
#include <string.h>

#include "admit.h"
#include "tunnel.h"
#include "tunnel_input.h"
#include "tunnel_probe.h"
#include "tunnel_send.h"
#include "tunnel_tie.h"

/* An SCCRQ that is the same as that of a tunnel which ended so short ago was held up on its way. */
#define COME_AGAIN (2 * USEC_PER_SEC)
/* Tunnels of the same address and port that are asked because of one SCCRQ. */
#define ASK_MAX 8u
/* Who answered a probe is believed to be there for so long. */
#define TWIN_TRUST (10 * USEC_PER_SEC)

/*
 * The AVPs as they arrived, in words: a retransmission is the same, a new attempt is not. Nobody
 * but the peer itself is served worse if two requests of it hash alike.
 */
static uint64_t request_hash(const uint8_t *buf, size_t len)
{
	struct l2tp_header hdr;
	uint64_t hash = 0, word;

	if (l2tp_header_parse(buf, len, &hdr) < 0)
		return 0;
	buf += hdr.payload_off;
	for (size_t i = 0; i < hdr.payload_len; i += sizeof(word)) {
		size_t left = hdr.payload_len - i;

		word = 0;
		memcpy(&word, buf + i, left < sizeof(word) ? left : sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return hash ^ hdr.payload_len;
}

static bool is_of(const struct tunnel *t, const struct l2tp_addr *peer, uint16_t peer_tid)
{
	return t->peer_tid == peer_tid && l2tp_addr_equal(&t->path.peer, peer);
}

/*
 * RFC 2661 5.8: SCCRQ has tunnel id 0, so its retransmission is known by source and Assigned Tunnel
 * ID. This finds the half-open tunnel that was made from it; there is one at most.
 */
static struct tunnel *find_half_open(
	struct l2tp_core *core, const struct l2tp_addr *peer, uint16_t peer_tid)
{
	uint16_t head = *core_by_peer(core, peer, peer_tid);
	struct tunnel *t = ring_first(&core->tids, head);

	for (; t; t = ring_next(&core->tids, head, t, TUNNEL_PEER_LINK))
		if (t->fsm.now == L2TP_TUNNEL_WAIT_CTL_CONN && is_of(t, peer, peer_tid))
			return t;
	return NULL;
}

static void repeated(struct l2tp_core *core, struct tunnel *t, size_t len)
{
	t->unproven_rx += (uint32_t)len;
	t->duplicates++;
	core->stats.duplicates++;
	t->rx_messages++;
	core->stats.rx_messages++;
	xport_resend(&t->xport);
	t->xport.ack_due = t->xport.ack_now = true;
	tunnel_settle(core, t);
}

/* Too late to be a retransmission that the network held up. */
static bool is_late(const struct l2tp_core *core, const struct tunnel *t)
{
	usec_t age = core->now - t->fsm.since;

	/* one who says goodbye and comes again at once has to say it twice */
	if (t->fsm.now == L2TP_TUNNEL_CLOSING)
		return age >= COME_AGAIN;
	return age >= xport_cycle(&t->xport.params);
}

/*
 * The peer names an id that it gave to a tunnel before: it has forgotten that one, or the request
 * was held up by the network, or forged. Where the tunnel is established the peer is asked. True:
 * the very same request, and soon after the first: taken for a retransmission. If the peer does
 * not answer, its next retransmission finds no tunnel.
 */
static bool is_retransmission(
	struct l2tp_core *core, const struct l2tp_addr *peer, uint16_t peer_tid, uint64_t hash)
{
	uint16_t head = *core_by_peer(core, peer, peer_tid);
	struct tunnel *t = ring_first(&core->tids, head);
	bool found = false;

	for (; t; t = ring_next(&core->tids, head, t, TUNNEL_PEER_LINK)) {
		if (!is_of(t, peer, peer_tid))
			continue;
		if (!t->initiator && t->request_hash == hash && !is_late(core, t)) {
			t->duplicates++;
			core->stats.duplicates++;
			found = true;
		} else if (t->fsm.now == L2TP_TUNNEL_CLOSING) {
			/* its StopCCN would go to the peer's new tunnel */
			xport_purge(&t->xport);
		}
		tunnel_probe(core, t);
		tunnel_settle(core, t);
	}
	return found;
}

/*
 * A request from the address and port of tunnels with other ids: two may live side by side, but it
 * may as well come from a peer that started anew. A few of them are asked, in turns.
 */
static void ask_others(struct l2tp_core *core, const struct l2tp_addr *peer)
{
	uint16_t *head = core_by_port(core, peer);
	struct tunnel *t = ring_first(&core->tids, *head);

	for (unsigned i = 0; t && i < ASK_MAX; i++) {
		if (l2tp_addr_equal(&t->path.peer, peer)) {
			tunnel_probe(core, t);
			tunnel_settle(core, t);
		}
		*head = t->port_link.next;
		t = ring_first(&core->tids, *head);
	}
}

static bool answered(const struct l2tp_core *core, const struct tunnel *t)
{
	return t->probed_at && !t->asked && core->now - t->probed_at < TWIN_TRUST;
}

enum l2tp_twin tunnel_twin(
	struct l2tp_core *core, const struct l2tp_path *path, uint16_t except, uint16_t except_peer)
{
	uint16_t head = *core_by_port(core, &path->peer);
	struct tunnel *t = ring_first(&core->tids, head);
	enum l2tp_twin twin = L2TP_TWIN_NONE;

	for (; t; t = ring_next(&core->tids, head, t, TUNNEL_PORT_LINK)) {
		if (t->fsm.now != L2TP_TUNNEL_ESTABLISHED || t->tid == except ||
			t->peer_tid == except_peer ||
			!l2tp_addr_equal(&t->path.peer, &path->peer) ||
			!l2tp_addr_equal(&t->path.local, &path->local))
			continue;
		if (answered(core, t))
			return L2TP_TWIN_LIVES;
		twin = L2TP_TWIN_ASKED;
		tunnel_probe(core, t);
		tunnel_settle(core, t);
	}
	return twin;
}

static struct tunnel *find_older(struct l2tp_core *core, const struct tunnel *t)
{
	uint16_t head = *core_by_peer(core, &t->path.peer, t->peer_tid);
	struct tunnel *it = ring_first(&core->tids, head);

	for (; it; it = ring_next(&core->tids, head, it, TUNNEL_PEER_LINK))
		if (it != t && is_of(it, &t->path.peer, t->peer_tid) &&
			(t->authenticated || !it->authenticated))
			return it;
	return NULL;
}

void tunnel_supersede(struct l2tp_core *core, struct tunnel *t)
{
	struct l2tp_reason why;
	struct tunnel *old;

	while ((old = find_older(core, t))) {
		bool closing = old->fsm.now == L2TP_TUNNEL_CLOSING;

		reason_tunnel(&why, L2TP_WHO_TIMEOUT, 0, 0,
			"the peer has started anew: it gave the id of this tunnel to another one");
		tunnel_step(core, old, closing ? TUNNEL_EV_CYCLE_OVER : TUNNEL_EV_LOST, NULL, &why);
	}
}

/* Everything about an SCCRQ that can be judged before there is a tunnel: refusing costs nothing. */
static bool judge_sccrq(const struct l2tp_core *core, const struct l2tp_msg *msg,
	const struct l2tp_verdict *verdict, const struct l2tp_tunnel_params *params,
	struct l2tp_reason *why)
{
	if (verdict->kind != L2TP_VERDICT_OK) {
		reason_verdict(why, verdict);
		return false;
	}
	if (l2tp_msg_has(msg, L2TP_AVP_CHALLENGE) && !params->secret.data) {
		reason_tunnel(
			why, L2TP_WHO_LOCAL, L2TP_STOPCCN_NOT_AUTHORIZED, 0, TUNNEL_NO_SECRET);
		return false;
	}
	if (challenge_is_ours(core, msg->challenge)) {
		reason_tunnel(
			why, L2TP_WHO_LOCAL, L2TP_STOPCCN_NOT_AUTHORIZED, 0, TUNNEL_REFLECTED);
		return false;
	}
	return true;
}

/* 0, -EAGAIN if it shall be said again, -ENOSPC if nobody gives way, or as tunnel_new(). */
static int make_tunnel(struct l2tp_core *core, const struct l2tp_path *path,
	const struct l2tp_tunnel_params *params, struct tunnel **ret)
{
	struct source *source = source_get(core, &path->peer);

	if (!source)
		return -ENOMEM;
	switch (admit_tunnel(core, source)) {
	case ADMIT_YES:
		return tunnel_new(core, path, source, params, false, ret);
	case ADMIT_LATER:
		source_put(core, source);
		core_drop(core, L2TP_DROP_LIMIT, &path->peer);
		return -EAGAIN;
	case ADMIT_NO:
		break;
	}
	source_put(core, source);
	core->stats.refused_tunnels++;
	talkers_note(&core->talkers, core->now, &path->peer);
	return -ENOSPC;
}

static void open_by_peer(struct l2tp_core *core, const struct l2tp_path *path,
	const struct l2tp_msg *msg, const struct l2tp_tunnel_params *params, uint64_t hash,
	size_t len)
{
	struct l2tp_reason why;
	struct tunnel *t;
	int r = make_tunnel(core, path, params, &t);

	if (r == -EAGAIN)
		return;
	if (r < 0) {
		reason_tunnel(&why, L2TP_WHO_LOCAL, L2TP_STOPCCN_ERROR, L2TP_ERR_RESOURCES, "%s",
			r == -ENOMEM ? "out of memory" : "too many tunnels");
		tunnel_refuse(core, path, len, msg->assigned_tid, &why);
		return;
	}
	tunnel_check_challenge(core, t, msg, L2TP_MSG_SCCRP, &why);
	t->request_hash = hash;
	t->unproven_rx = (uint32_t)len;
	t->has_tie = l2tp_msg_has(msg, L2TP_AVP_TIE_BREAKER);
	t->tie_breaker = msg->tie_breaker;
	t->rx_messages++;
	core->stats.rx_messages++;
	tunnel_count_deviations(t, msg);
	tunnel_learn(t, msg);
	tunnel_set_peer(core, t, &path->peer, msg->assigned_tid);
	xport_adopt(&t->xport);
	tunnel_step(core, t, TUNNEL_EV_SCCRQ, msg, NULL);
	tunnel_settle(core, t);
}

/* False: it was refused, or is to be said again. */
static bool twin_admits(struct l2tp_core *core, const struct l2tp_path *path,
	const struct l2tp_msg *msg, size_t len)
{
	struct l2tp_reason why;

	switch (tunnel_twin(core, path, 0, msg->assigned_tid)) {
	case L2TP_TWIN_NONE:
		return true;
	case L2TP_TWIN_ASKED:
		core_drop(core, L2TP_DROP_LIMIT, &path->peer);
		return false;
	case L2TP_TWIN_LIVES:
		break;
	}
	core->stats.refused_tunnels++;
	reason_tunnel(&why, L2TP_WHO_LOCAL, L2TP_STOPCCN_ERROR, L2TP_ERR_RESOURCES,
		"another tunnel between these ports is alive: use another port");
	tunnel_refuse(core, path, len, msg->assigned_tid, &why);
	return false;
}

void tunnel_accept(struct l2tp_core *core, const struct l2tp_path *path, uint8_t *buf, size_t len,
	const struct l2tp_tunnel_params *params)
{
	uint64_t hash = request_hash(buf, len);
	struct l2tp_verdict verdict;
	struct l2tp_reason why;
	struct l2tp_msg msg;
	struct tunnel *t;

	l2tp_msg_decode(buf, len, &params->secret, &msg, &verdict);
	if (verdict.kind == L2TP_VERDICT_DROP || msg.type != L2TP_MSG_SCCRQ) {
		core_drop(core, L2TP_DROP_NOT_SCCRQ, &path->peer);
		return;
	}
	t = find_half_open(core, &path->peer, msg.assigned_tid);
	if (t) {
		repeated(core, t, len);
		return;
	}
	if (is_retransmission(core, &path->peer, msg.assigned_tid, hash))
		return;
	ask_others(core, &path->peer);
	if (!judge_sccrq(core, &msg, &verdict, params, &why)) {
		tunnel_refuse(core, path, len, msg.assigned_tid, &why);
		return;
	}
	if (params->alone && !twin_admits(core, path, &msg, len))
		return;
	if (!tunnel_tie_admits(core, path, &msg, params)) {
		core_drop(core, L2TP_DROP_TIE, &path->peer);
		return;
	}
	open_by_peer(core, path, &msg, params, hash, len);
}
