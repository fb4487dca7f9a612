/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of the control connection, and the way of all messages to the wire.
 */
#include "tunnel_send.h"

#include <errno.h>
#include <string.h>

#include "admit.h"

/* Octets of a StopCCN without a text: header, Message Type, Assigned Tunnel ID, Result Code */
#define STOPCCN_BARE (L2TP_CTRL_HDR_LEN + 8 + 8 + 10)

int tunnel_send(struct l2tp_core *core, struct tunnel *t, struct l2tp_msg *msg, uint16_t sid)
{
	struct l2tp_encode opts = { .secret = tunnel_secret(t), .hide = t->hide };
	uint8_t buf[MESSAGE_MAX];
	int len;

	if (core->limits.send_queue && t->xport.octets > core->limits.send_queue &&
		msg->type != L2TP_MSG_STOPCCN) {
		t->overflowed = true;
		return -ENOBUFS;
	}
	msg->hdr.tid = t->peer_tid;
	msg->hdr.sid = sid;
	if (opts.hide)
		core->env.random(core->env.user, opts.random_vector, sizeof(opts.random_vector));
	len = l2tp_msg_encode(msg, &opts, buf, sizeof(buf));
	if (len < 0)
		return len;
	len = xport_push(&t->xport, msg->type, buf, (size_t)len);
	if (len == 0)
		tunnel_transmit(core, t);
	return len;
}

/* False: the peer's address is not proven yet, and len more octets to it would be too many. */
static bool may_send(struct l2tp_core *core, struct tunnel *t, size_t len)
{
	unsigned most = AMPLIFICATION_MAX;

	if (t->proven)
		return true;
	if (t->unproven_tx && admit_is_crowded(core))
		most = AMPLIFICATION_CROWDED;
	if (t->unproven_tx + len > (uint64_t)most * t->unproven_rx) {
		core->stats.held_back++;
		return false;
	}
	t->unproven_tx += (uint32_t)len;
	return true;
}

void tunnel_transmit(struct l2tp_core *core, struct tunnel *t)
{
	struct xport_msg *msg;

	while ((msg = xport_next(&t->xport, core->now))) {
		/* a message made before the peer's SCCRP was read did not know */
		l2tp_header_set_tid(msg->data, t->peer_tid);
		/* the peer's own repetitions will make room for ours */
		if (!may_send(core, t, msg->len))
			continue;
		t->tx_messages++;
		if (msg->sent > 1) {
			t->retransmits++;
			core->stats.retransmits++;
		}
		core_send(core, t, &t->path, msg->type, msg->data, msg->len, msg->sent > 1);
	}
}

void tunnel_send_zlb(struct l2tp_core *core, struct tunnel *t)
{
	struct l2tp_msg msg = { .type = L2TP_MSG_ZLB };
	uint8_t buf[L2TP_CTRL_HDR_LEN];
	int len;

	xport_acked(&t->xport);
	/* nobody at the other end could tell whom it is for */
	if (!t->peer_tid || !may_send(core, t, sizeof(buf)))
		return;
	msg.hdr.tid = t->peer_tid;
	/* RFC 2661 5.8: takes no number, but shows the one that is next */
	msg.hdr.ns = t->xport.high;
	msg.hdr.nr = t->xport.nr;
	len = l2tp_msg_encode(&msg, NULL, buf, sizeof(buf));
	if (len < 0)
		return;
	t->tx_messages++;
	core_send(core, t, &t->path, L2TP_MSG_ZLB, buf, (size_t)len, false);
}

/* RFC 2661 6.1, 6.2: what we tell about ourselves. */
static void introduce(struct l2tp_core *core, struct tunnel *t, struct l2tp_msg *msg)
{
	msg->protocol_version = L2TP_PROTOCOL_VERSION;
	l2tp_msg_set(msg, L2TP_AVP_PROTOCOL_VERSION);
	msg->framing_cap = t->framing_cap;
	l2tp_msg_set(msg, L2TP_AVP_FRAMING_CAP);
	msg->bearer_cap = t->bearer_cap;
	l2tp_msg_set(msg, L2TP_AVP_BEARER_CAP);
	msg->host_name = l2tp_span_of(t->identity->hostname);
	l2tp_msg_set(msg, L2TP_AVP_HOST_NAME);
	msg->assigned_tid = t->tid;
	l2tp_msg_set(msg, L2TP_AVP_ASSIGNED_TUNNEL_ID);
	msg->receive_window = t->receive_window;
	l2tp_msg_set(msg, L2TP_AVP_RECEIVE_WINDOW_SIZE);
	if (t->firmware) {
		msg->firmware_revision = t->firmware;
		l2tp_msg_set(msg, L2TP_AVP_FIRMWARE_REVISION);
	}
	if (t->identity->vendor && t->identity->vendor[0]) {
		msg->vendor_name = l2tp_span_of(t->identity->vendor);
		l2tp_msg_set(msg, L2TP_AVP_VENDOR_NAME);
	}
	if (t->identity->secret) {
		challenge_make(core, t->challenge);
		t->challenge_sent = true;
		msg->challenge =
			(struct l2tp_span){ .data = t->challenge, .len = sizeof(t->challenge) };
		l2tp_msg_set(msg, L2TP_AVP_CHALLENGE);
	}
}

/* RFC 2661 5.1.1: our answer to the peer's challenge. */
static void respond(const struct tunnel *t, struct l2tp_msg *msg)
{
	if (!t->response_due)
		return;
	memcpy(msg->challenge_response, t->response, sizeof(msg->challenge_response));
	l2tp_msg_set(msg, L2TP_AVP_CHALLENGE_RESPONSE);
}

int tunnel_send_sccrq(struct l2tp_core *core, struct tunnel *t)
{
	struct l2tp_msg msg = { .type = L2TP_MSG_SCCRQ };

	introduce(core, t, &msg);
	if (t->has_tie) {
		core->env.random(core->env.user, &t->tie_breaker, sizeof(t->tie_breaker));
		msg.tie_breaker = t->tie_breaker;
		l2tp_msg_set(&msg, L2TP_AVP_TIE_BREAKER);
	}
	return tunnel_send(core, t, &msg, 0);
}

void tunnel_send_sccrp(struct l2tp_core *core, struct tunnel *t)
{
	struct l2tp_msg msg = { .type = L2TP_MSG_SCCRP };

	introduce(core, t, &msg);
	respond(t, &msg);
	tunnel_send(core, t, &msg, 0);
}

void tunnel_send_scccn(struct l2tp_core *core, struct tunnel *t)
{
	struct l2tp_msg msg = { .type = L2TP_MSG_SCCCN };

	respond(t, &msg);
	tunnel_send(core, t, &msg, 0);
}

int tunnel_send_hello(struct l2tp_core *core, struct tunnel *t)
{
	struct l2tp_msg msg = { .type = L2TP_MSG_HELLO };

	t->data_heard = false;
	return tunnel_send(core, t, &msg, 0);
}

static void stopccn(struct l2tp_msg *msg, uint16_t tid, const struct l2tp_reason *why)
{
	*msg = (struct l2tp_msg){ .type = L2TP_MSG_STOPCCN };
	msg->assigned_tid = tid;
	l2tp_msg_set(msg, L2TP_AVP_ASSIGNED_TUNNEL_ID);
	msg->result = why->stopccn && why->result ? why->result : L2TP_STOPCCN_CLEAR;
	msg->error = why->stopccn ? why->error : 0;
	msg->result_text = l2tp_span_of(why->text);
	l2tp_msg_set(msg, L2TP_AVP_RESULT_CODE);
}

void tunnel_send_stopccn(struct l2tp_core *core, struct tunnel *t, const struct l2tp_reason *why)
{
	struct l2tp_msg msg;

	stopccn(&msg, t->tid, why);
	tunnel_send(core, t, &msg, 0);
}

void tunnel_refuse(struct l2tp_core *core, const struct l2tp_path *path, size_t len,
	uint16_t peer_tid, const struct l2tp_reason *why)
{
	struct l2tp_reason brief = *why;
	struct l2tp_msg msg;
	uint8_t buf[512];
	size_t room;
	int size;

	/*
	 * RFC 2661 4.4.3: an Assigned Tunnel ID is not 0. The peer acknowledges to this one, which
	 * nobody has; it sends its SCCRQ again if our answer is lost, and gets it again.
	 */
	room = AMPLIFICATION_MAX * len;
	room = room > STOPCCN_BARE ? room - STOPCCN_BARE : 0;
	if (room < sizeof(brief.text))
		brief.text[room] = '\0';
	stopccn(&msg, ids_spare(&core->tids, &core->env, core->now), &brief);
	msg.hdr.tid = peer_tid;
	msg.hdr.nr = 1;
	size = l2tp_msg_encode(&msg, NULL, buf, sizeof(buf));
	if (size > 0)
		core_send(core, NULL, path, L2TP_MSG_STOPCCN, buf, (size_t)size, false);
}
