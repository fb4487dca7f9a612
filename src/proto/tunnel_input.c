/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What arrives for a control connection that exists: checked, judged, turned into events.
 */
#include "tunnel_input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session_msg.h"
#include "tunnel_send.h"
#include "tunnel_tie.h"
#include "admit.h"
#include "session.h"
#include "tunnel_accept.h"
#include "tunnel_probe.h"

/* A name of the peer is kept for people; longer ones are cut. */
#define PEER_NAME_MAX 256

/* A longer datagram is not looked at twice. */
#define PEEK_MAX 2048

static size_t name_size(struct l2tp_span name)
{
	return text_size(name) < PEER_NAME_MAX ? text_size(name) : PEER_NAME_MAX;
}

void tunnel_learn(struct tunnel *t, const struct l2tp_msg *msg)
{
	size_t host = name_size(msg->host_name), vendor = name_size(msg->vendor_name);

	free(t->peer_hostname);
	t->peer_hostname = malloc(host + vendor);
	t->peer_vendor = NULL;
	if (t->peer_hostname) {
		l2tp_text_copy(t->peer_hostname, host, msg->host_name);
		t->peer_vendor = l2tp_text_copy(t->peer_hostname + host, vendor, msg->vendor_name);
	}
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

bool tunnel_check_challenge(const struct l2tp_core *core, struct tunnel *t,
	const struct l2tp_msg *msg, enum l2tp_msg_type reply, struct l2tp_reason *why)
{
	struct l2tp_secret secret = tunnel_secret(t);

	if (!l2tp_msg_has(msg, L2TP_AVP_CHALLENGE))
		return true;
	if (!secret.data) {
		reason_tunnel(
			why, L2TP_WHO_LOCAL, L2TP_STOPCCN_NOT_AUTHORIZED, 0, TUNNEL_NO_SECRET);
		return false;
	}
	if (challenge_is_ours(core, msg->challenge)) {
		reason_tunnel(
			why, L2TP_WHO_LOCAL, L2TP_STOPCCN_NOT_AUTHORIZED, 0, TUNNEL_REFLECTED);
		return false;
	}
	l2tp_challenge_response(reply, &secret, msg->challenge, t->response);
	t->response_due = true;
	return true;
}

static enum tunnel_event judge_sccrp(const struct l2tp_core *core, struct tunnel *t,
	const struct l2tp_msg *msg, struct l2tp_reason *why)
{
	if (t->fsm.now != L2TP_TUNNEL_WAIT_CTL_REPLY)
		return TUNNEL_EV_SCCRP;
	if (!check_response(t, msg, why) ||
		!tunnel_check_challenge(core, t, msg, L2TP_MSG_SCCCN, why))
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
static enum tunnel_event judge(const struct l2tp_core *core, struct tunnel *t,
	const struct l2tp_msg *msg, const struct l2tp_verdict *verdict, struct l2tp_reason *why)
{
	bool ok = verdict->kind == L2TP_VERDICT_OK;

	reason_verdict(why, verdict);
	switch (msg->type) {
	case L2TP_MSG_STOPCCN:
		return TUNNEL_EV_STOPCCN;
	case L2TP_MSG_SCCRQ:
		return TUNNEL_EV_SCCRQ;
	case L2TP_MSG_SCCRP:
		return ok ? judge_sccrp(core, t, msg, why) : TUNNEL_EV_SCCRP_BAD;
	case L2TP_MSG_SCCCN:
		return ok ? judge_scccn(t, msg, why) : TUNNEL_EV_SCCCN_BAD;
	case L2TP_MSG_HELLO:
		return ok ? TUNNEL_EV_HELLO : TUNNEL_EV_BAD;
	}
	return TUNNEL_EV_BAD;
}

static bool is_session_message(uint16_t type)
{
	return type >= L2TP_MSG_OCRQ && type <= L2TP_MSG_CSURQ;
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

void tunnel_count_deviations(struct tunnel *t, const struct l2tp_msg *msg)
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
	tunnel_count_deviations(t, &msg);
	switch (verdict.kind) {
	case L2TP_VERDICT_DROP:
		core_drop(core, L2TP_DROP_MALFORMED, &path->peer);
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
	tunnel_step(core, t, judge(core, t, &msg, &verdict, &why), &msg, &why);
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

/* A message of an established tunnel that would end it. */
static bool is_fatal(const struct tunnel *t, const uint8_t *buf, size_t len)
{
	struct l2tp_secret secret = tunnel_secret(t);
	struct l2tp_verdict verdict;
	uint8_t copy[PEEK_MAX];
	struct l2tp_msg msg;

	if (len > sizeof(copy))
		return true;
	memcpy(copy, buf, len);
	l2tp_msg_decode(copy, len, &secret, &msg, &verdict);
	if (verdict.kind == L2TP_VERDICT_CLEAR_TUNNEL)
		return true;
	if (verdict.kind == L2TP_VERDICT_DROP || verdict.kind == L2TP_VERDICT_IGNORE)
		return false;
	return msg.type != L2TP_MSG_HELLO && msg.type != L2TP_MSG_ZLB &&
	       !is_session_message(msg.type);
}

/*
 * Who is not on the path has to guess our tunnel id to end a tunnel in its peer's name, and his
 * other guesses are seen. As long as there are many, the peer is asked instead of believed.
 */
static bool is_doubtful(
	const struct l2tp_core *core, const struct tunnel *t, const uint8_t *buf, size_t len)
{
	return t->fsm.now == L2TP_TUNNEL_ESTABLISHED && source_is_guessed(core, t) &&
	       is_fatal(t, buf, len);
}

static void heard(struct l2tp_core *core, struct tunnel *t, size_t len)
{
	t->heard_at = core->now;
	/* our SCCRP is acknowledged, in a tunnel whose id only its reader knows */
	if (!t->proven && t->xport.una != 0) {
		t->proven = true;
		admit_rank(core, t);
	}
	if (!t->xport.probes)
		t->asked = t->silent = false;
	t->unproven_rx += (uint32_t)len;
	t->rx_messages++;
	core->stats.rx_messages++;
}

void tunnel_input(struct l2tp_core *core, struct tunnel *t, const struct l2tp_path *path,
	uint8_t *buf, size_t len, const struct l2tp_header *hdr)
{
	if (!is_peer(t, &path->peer)) {
		core_drop(core, L2TP_DROP_WRONG_PEER, &path->peer);
		return;
	}
	if (is_doubtful(core, t, buf, len)) {
		core_drop(core, L2TP_DROP_GUESSED, &path->peer);
		tunnel_probe(core, t);
		tunnel_settle(core, t);
		return;
	}
	switch (xport_receive(&t->xport, core->now, hdr->ns, hdr->nr, hdr->payload_len == 0)) {
	case XPORT_RX_ZLB:
		heard(core, t, len);
		break;
	case XPORT_RX_DELIVER:
		heard(core, t, len);
		deliver_in_order(core, t, path, buf, len);
		break;
	case XPORT_RX_EARLY:
		heard(core, t, len);
		xport_store(&t->xport, hdr->ns, path, buf, len);
		break;
	case XPORT_RX_DUPLICATE:
		heard(core, t, len);
		t->duplicates++;
		core->stats.duplicates++;
		break;
	case XPORT_RX_WINDOW:
		core_drop(core, L2TP_DROP_WINDOW, &path->peer);
		return;
	case XPORT_RX_BAD_ACK:
		core_drop(core, L2TP_DROP_BAD_ACK, &path->peer);
		return;
	case XPORT_RX_OLD_ACK:
		core_drop(core, L2TP_DROP_OLD_ACK, &path->peer);
		return;
	}
	tunnel_settle(core, t);
}
