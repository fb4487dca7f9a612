// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What arrives for the control connection: checked, judged, turned into events.
 */
#include "tunnel_input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session_msg.h"
#include "tunnel_send.h"
#include "tunnel_tie.h"

/* A name of the peer is kept for people; longer ones are cut. */
#define PEER_NAME_MAX 256

#define NO_SECRET     "tunnel authentication demanded, but no secret is set here"
#define REFLECTED     "our own Challenge came back"

static char *copy_name(struct l2tp_span name)
{
	size_t size = text_size(name) < PEER_NAME_MAX ? text_size(name) : PEER_NAME_MAX;
	char *copy = malloc(size);

	return copy ? l2tp_text_copy(copy, size, name) : NULL;
}

void tunnel_learn(struct tunnel *t, const struct l2tp_msg *msg)
{
	free(t->peer_hostname);
	free(t->peer_vendor);
	t->peer_hostname = copy_name(msg->host_name);
	t->peer_vendor = copy_name(msg->vendor_name);
	t->peer_framing_cap = msg->framing_cap;
	t->peer_bearer_cap = msg->bearer_cap;
	/* RFC 2661 4.4.3: without the AVP the window is 4 */
	xport_set_peer_window(&t->xport, l2tp_msg_has(msg, L2TP_AVP_RECEIVE_WINDOW_SIZE)
						 ? msg->receive_window
						 : L2TP_DEFAULT_RWS);
}

/*
 * RFC 2661 5.1.1: the peer must have answered our challenge if we sent one. As ours is a single
 * secret for both directions, nothing is computed for a peer before it has proved it.
 */
static bool check_response(
	const struct tunnel *t, const struct l2tp_msg *msg, struct l2tp_reason *why)
{
	struct l2tp_span challenge = { .data = t->challenge, .len = sizeof(t->challenge) };
	struct l2tp_secret secret = tunnel_secret(t);
	uint8_t expected[16];
	bool equal;

	if (!t->challenge_sent)
		return true;
	if (!l2tp_msg_has(msg, L2TP_AVP_CHALLENGE_RESPONSE)) {
		reason_tunnel(why, L2TP_WHO_LOCAL, L2TP_STOPCCN_NOT_AUTHORIZED, 0,
			"%s lacks a Challenge Response", l2tp_msg_name(msg->type));
		return false;
	}
	l2tp_challenge_response((enum l2tp_msg_type)msg->type, &secret, challenge, expected);
	equal = l2tp_equal_constant_time(expected, msg->challenge_response, sizeof(expected));
	explicit_bzero(expected, sizeof(expected));
	if (!equal)
		reason_tunnel(why, L2TP_WHO_LOCAL, L2TP_STOPCCN_NOT_AUTHORIZED, 0,
			"wrong Challenge Response, the secrets differ");
	return equal;
}

static bool is_own_challenge(const struct tunnel *t, const struct l2tp_msg *msg)
{
	return t->challenge_sent && msg->challenge.len == sizeof(t->challenge) &&
	       memcmp(msg->challenge.data, t->challenge, sizeof(t->challenge)) == 0;
}

/* Prepare the response that type is to carry. False: the challenge cannot or must not be answered.
 */
static bool check_challenge(struct tunnel *t, const struct l2tp_msg *msg, enum l2tp_msg_type reply,
	struct l2tp_reason *why)
{
	struct l2tp_secret secret = tunnel_secret(t);

	if (!l2tp_msg_has(msg, L2TP_AVP_CHALLENGE))
		return true;
	if (!t->secret) {
		reason_tunnel(why, L2TP_WHO_LOCAL, L2TP_STOPCCN_NOT_AUTHORIZED, 0, NO_SECRET);
		return false;
	}
	if (is_own_challenge(t, msg)) {
		reason_tunnel(why, L2TP_WHO_LOCAL, L2TP_STOPCCN_NOT_AUTHORIZED, 0, REFLECTED);
		return false;
	}
	l2tp_challenge_response(reply, &secret, msg->challenge, t->response);
	t->response_due = true;
	return true;
}

static enum tunnel_event judge_sccrp(
	struct tunnel *t, const struct l2tp_msg *msg, struct l2tp_reason *why)
{
	if (t->fsm.now != L2TP_TUNNEL_WAIT_CTL_REPLY)
		return TUNNEL_EV_SCCRP;
	if (!check_response(t, msg, why) || !check_challenge(t, msg, L2TP_MSG_SCCCN, why))
		return TUNNEL_EV_SCCRP_BAD;
	return TUNNEL_EV_SCCRP;
}

static enum tunnel_event judge_scccn(
	struct tunnel *t, const struct l2tp_msg *msg, struct l2tp_reason *why)
{
	/* RFC 2661 6.3 has no Challenge here; mpd repeats its own, which is not answered twice */
	if (t->fsm.now == L2TP_TUNNEL_WAIT_CTL_CONN && !check_response(t, msg, why))
		return TUNNEL_EV_SCCCN_BAD;
	return TUNNEL_EV_SCCCN;
}

/* The event that a decoded message of the tunnel part is. */
static enum tunnel_event judge(struct tunnel *t, const struct l2tp_msg *msg,
	const struct l2tp_verdict *verdict, struct l2tp_reason *why)
{
	bool ok = verdict->kind == L2TP_VERDICT_OK;

	reason_verdict(why, verdict);
	switch (msg->type) {
	case L2TP_MSG_STOPCCN:
		return TUNNEL_EV_STOPCCN;
	case L2TP_MSG_SCCRQ:
		return TUNNEL_EV_SCCRQ;
	case L2TP_MSG_SCCRP:
		return ok ? judge_sccrp(t, msg, why) : TUNNEL_EV_SCCRP_BAD;
	case L2TP_MSG_SCCCN:
		return ok ? judge_scccn(t, msg, why) : TUNNEL_EV_SCCCN_BAD;
	case L2TP_MSG_HELLO:
		return ok ? TUNNEL_EV_HELLO : TUNNEL_EV_BAD;
	}
	return TUNNEL_EV_BAD;
}

static bool is_session_message(uint16_t type)
{
	return type >= L2TP_MSG_OCRQ && type <= L2TP_MSG_SLI;
}

/*
 * RFC 2661 8.1: the responder may answer from another port, and keeps it. So the port is open until
 * its first message comes.
 */
static bool port_is_open(const struct tunnel *t)
{
	return t->initiator && !t->peer_tid;
}

/* Ids are 16 bits: whoever guesses one must not reach the tunnel without the address as well. */
static bool is_peer(const struct tunnel *t, const struct l2tp_addr *peer)
{
	return port_is_open(t) ? l2tp_addr_same_host(&t->path.peer, peer)
			       : l2tp_addr_equal(&t->path.peer, peer);
}

static void count_deviations(struct tunnel *t, const struct l2tp_msg *msg)
{
	for (unsigned i = 0; msg->deviations && i < L2TP_DEV_COUNT; i++)
		t->deviations[i] += msg->deviations >> i & 1;
}

/* One message, in order. */
static void deliver(struct l2tp_core *core, struct tunnel *t, const struct l2tp_path *path,
	uint8_t *buf, size_t len)
{
	struct l2tp_secret secret = tunnel_secret(t);
	struct l2tp_verdict verdict;
	struct l2tp_reason why;
	struct l2tp_msg msg;

	l2tp_msg_decode(buf, len, &secret, &msg, &verdict);
	count_deviations(t, &msg);
	switch (verdict.kind) {
	case L2TP_VERDICT_DROP:
		core_drop(core, L2TP_DROP_MALFORMED);
		return;
	case L2TP_VERDICT_IGNORE:
		return;
	case L2TP_VERDICT_OK:
	case L2TP_VERDICT_CLEAR_SESSION:
	case L2TP_VERDICT_CLEAR_TUNNEL:
		break;
	}
	/* an unknown type clears the tunnel whatever its number (RFC 2661 4.4.1) */
	if (verdict.kind != L2TP_VERDICT_CLEAR_TUNNEL && is_session_message(msg.type)) {
		session_input(core, t, &msg, &verdict);
		return;
	}
	if (port_is_open(t))
		t->path.peer = path->peer;
	tunnel_step(core, t, judge(t, &msg, &verdict, &why), &msg, &why);
}

static void deliver_in_order(struct l2tp_core *core, struct tunnel *t, const struct l2tp_path *path,
	uint8_t *buf, size_t len)
{
	struct xport_early *early;

	deliver(core, t, path, buf, len);
	while ((early = xport_take(&t->xport))) {
		deliver(core, t, &early->path, early->data, early->len);
		free(early);
	}
}

void tunnel_input(struct l2tp_core *core, struct tunnel *t, const struct l2tp_path *path,
	uint8_t *buf, size_t len, const struct l2tp_header *hdr)
{
	enum xport_rx rx;

	if (!is_peer(t, &path->peer)) {
		core_drop(core, L2TP_DROP_WRONG_PEER);
		return;
	}
	rx = xport_receive(&t->xport, core->now, hdr->ns, hdr->nr, hdr->payload_len == 0);
	if (rx == XPORT_RX_BAD_ACK) {
		core_drop(core, L2TP_DROP_BAD_ACK);
		return;
	}
	t->heard_at = core->now;
	/* our SCCRP is acknowledged, in a tunnel whose id only its reader knows */
	t->proven |= t->xport.una != 0;
	t->unproven_rx += (uint32_t)len;
	t->rx_messages++;
	core->stats.rx_messages++;
	switch (rx) {
	case XPORT_RX_BAD_ACK:
	case XPORT_RX_ZLB:
		break;
	case XPORT_RX_DELIVER:
		deliver_in_order(core, t, path, buf, len);
		break;
	case XPORT_RX_EARLY:
		xport_store(&t->xport, hdr->ns, path, buf, len);
		break;
	case XPORT_RX_DUPLICATE:
		t->duplicates++;
		core->stats.duplicates++;
		break;
	case XPORT_RX_WINDOW:
		core_drop(core, L2TP_DROP_WINDOW);
		break;
	}
	tunnel_settle(core, t);
}

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

/*
 * RFC 2661 5.8: SCCRQ has tunnel id 0, so its retransmission is known by source and Assigned Tunnel
 * ID. A peer that restarted may use the same numbers again: once the tunnel was established, only
 * the very same request is a duplicate.
 */
static struct tunnel *find_duplicate(
	struct l2tp_core *core, const struct l2tp_addr *peer, uint16_t peer_tid, uint64_t hash)
{
	struct tunnel *t;

	LIST_FOREACH (t, core_peer_bucket(core, peer, peer_tid), peer_link) {
		if (t->initiator || t->peer_tid != peer_tid ||
			!l2tp_addr_equal(&t->path.peer, peer))
			continue;
		if (t->fsm.now == L2TP_TUNNEL_WAIT_CTL_CONN || t->request_hash == hash)
			return t;
	}
	return NULL;
}

static void duplicate(struct l2tp_core *core, struct tunnel *t, size_t len)
{
	t->unproven_rx += (uint32_t)len;
	t->duplicates++;
	core->stats.duplicates++;
	t->rx_messages++;
	core->stats.rx_messages++;
	if (t->fsm.now == L2TP_TUNNEL_WAIT_CTL_CONN)
		xport_resend(&t->xport);
	t->xport.ack_due = t->xport.ack_now = true;
	tunnel_settle(core, t);
}

/*
 * A peer without the secret could open a tunnel to us just to have the challenge answered that we
 * sent it in ours.
 */
static bool is_reflected(const struct l2tp_core *core, const struct l2tp_msg *msg)
{
	const struct tunnel *t;

	if (msg->challenge.len != CHALLENGE_LEN)
		return false;
	LIST_FOREACH (t, &core->unanswered, unanswered_link)
		if (is_own_challenge(t, msg))
			return true;
	return false;
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
		reason_tunnel(why, L2TP_WHO_LOCAL, L2TP_STOPCCN_NOT_AUTHORIZED, 0, NO_SECRET);
		return false;
	}
	if (is_reflected(core, msg)) {
		reason_tunnel(why, L2TP_WHO_LOCAL, L2TP_STOPCCN_NOT_AUTHORIZED, 0, REFLECTED);
		return false;
	}
	return true;
}

static bool too_many_half_open(struct l2tp_core *core, const struct l2tp_addr *source)
{
	return core->stats.half_open >= core->limits.max_half_open ||
	       *core_half_open(core, source) >= core->limits.max_half_open_per_source;
}

static void open_by_peer(struct l2tp_core *core, const struct l2tp_path *path,
	const struct l2tp_msg *msg, const struct l2tp_tunnel_params *params, uint64_t hash,
	size_t len)
{
	struct l2tp_reason why;
	struct tunnel *t;

	if (tunnel_new(core, path, params, false, &t) < 0) {
		reason_tunnel(&why, L2TP_WHO_LOCAL, L2TP_STOPCCN_ERROR, L2TP_ERR_RESOURCES,
			"too many tunnels");
		tunnel_refuse(core, path, len, msg->assigned_tid, &why);
		return;
	}
	check_challenge(t, msg, L2TP_MSG_SCCRP, &why);
	t->request_hash = hash;
	t->unproven_rx = (uint32_t)len;
	t->has_tie = l2tp_msg_has(msg, L2TP_AVP_TIE_BREAKER);
	t->tie_breaker = msg->tie_breaker;
	t->rx_messages++;
	core->stats.rx_messages++;
	count_deviations(t, msg);
	tunnel_learn(t, msg);
	tunnel_set_peer(core, t, &path->peer, msg->assigned_tid);
	xport_adopt(&t->xport);
	tunnel_step(core, t, TUNNEL_EV_SCCRQ, msg, NULL);
	tunnel_settle(core, t);
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
		core_drop(core, L2TP_DROP_NOT_SCCRQ);
		return;
	}
	t = find_duplicate(core, &path->peer, msg.assigned_tid, hash);
	if (t) {
		duplicate(core, t, len);
		return;
	}
	if (!judge_sccrq(core, &msg, &verdict, params, &why)) {
		tunnel_refuse(core, path, len, msg.assigned_tid, &why);
		return;
	}
	if (!tunnel_tie_admits(core, path, &msg, params)) {
		core_drop(core, L2TP_DROP_TIE);
		return;
	}
	if (too_many_half_open(core, &path->peer)) {
		core_drop(core, L2TP_DROP_LIMIT);
		return;
	}
	open_by_peer(core, path, &msg, params, hash, len);
}
