/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of calls: building ours, judging the peer's.
 */
#include "session_msg.h"

#include <string.h>

#include "admit.h"
#include "session_speed.h"
#include "tunnel.h"
#include "tunnel_send.h"

/* RFC 2661 6.13: no more than one WEN in this time */
#define ERRORS_INTERVAL (60 * USEC_PER_SEC)
/* So many calls of a tunnel may be young: requested, but their ICRP or OCRP not read yet. */
#define YOUNGEST 256u

int session_send_request(struct l2tp_core *core, struct session *s)
{
	struct l2tp_msg msg = {
		.type = s->outgoing ? L2TP_MSG_OCRQ : L2TP_MSG_ICRQ,
		.assigned_sid = s->sid,
		.call_serial = s->serial,
		.bearer_type = s->bearer_type,
		.framing_type = s->framing_type,
		.minimum_bps = s->minimum_bps,
		.maximum_bps = s->maximum_bps,
		.called_number = l2tp_span_of(s->called),
		.calling_number = l2tp_span_of(s->calling),
		.sub_address = l2tp_span_of(s->sub_address),
	};

	/* RFC 2661 6.6, 6.9 */
	l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_SESSION_ID);
	l2tp_msg_set(&msg, L2TP_AVP_CALL_SERIAL_NUMBER);
	if (s->bearer_type || s->outgoing)
		l2tp_msg_set(&msg, L2TP_AVP_BEARER_TYPE);
	if (s->called[0] || s->outgoing)
		l2tp_msg_set(&msg, L2TP_AVP_CALLED_NUMBER);
	if (s->sub_address[0])
		l2tp_msg_set(&msg, L2TP_AVP_SUB_ADDRESS);
	if (s->outgoing) {
		l2tp_msg_set(&msg, L2TP_AVP_MINIMUM_BPS);
		l2tp_msg_set(&msg, L2TP_AVP_MAXIMUM_BPS);
		l2tp_msg_set(&msg, L2TP_AVP_FRAMING_TYPE);
	} else {
		if (s->calling[0])
			l2tp_msg_set(&msg, L2TP_AVP_CALLING_NUMBER);
		session_extra_put_channel(s->extra, &msg);
		session_extra_put_line(s->extra, &msg);
		if (s->speed_updates)
			l2tp_msg_set(&msg, L2TP_AVP_CONNECT_SPEED_UPDATE_ENABLE);
	}
	return tunnel_send(core, s->tunnel, &msg, 0);
}

/* RFC 2661 6.7, 6.10 */
void session_send_reply(struct l2tp_core *core, struct session *s)
{
	struct l2tp_msg msg = {
		.type = s->outgoing ? L2TP_MSG_OCRP : L2TP_MSG_ICRP,
		.assigned_sid = s->sid,
	};

	l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_SESSION_ID);
	if (s->outgoing)
		session_extra_put_channel(s->extra, &msg);
	tunnel_send(core, s->tunnel, &msg, s->peer_sid);
}

/* RFC 2661 6.8, 6.11 */
void session_send_connected(struct l2tp_core *core, struct session *s)
{
	struct l2tp_msg msg = {
		.type = s->outgoing ? L2TP_MSG_OCCN : L2TP_MSG_ICCN,
		.tx_speed = s->tx_speed,
		.rx_speed = s->rx_speed,
		/* what was asked for may be either, what it became is one */
		.framing_type =
			s->framing_type & L2TP_FRAMING_SYNC ? L2TP_FRAMING_SYNC : s->framing_type,
	};

	l2tp_msg_set(&msg, L2TP_AVP_TX_CONNECT_SPEED);
	l2tp_msg_set(&msg, L2TP_AVP_FRAMING_TYPE);
	if (s->rx_speed)
		l2tp_msg_set(&msg, L2TP_AVP_RX_CONNECT_SPEED);
	if (s->require_seq)
		l2tp_msg_set(&msg, L2TP_AVP_SEQUENCING_REQUIRED);
	if (!s->outgoing)
		session_extra_put_connected(s->extra, &msg);
	tunnel_send(core, s->tunnel, &msg, s->peer_sid);
}

/* RFC 2661 6.14 */
void session_send_accm(struct l2tp_core *core, struct session *s, uint32_t send, uint32_t recv)
{
	struct l2tp_msg msg = { .type = L2TP_MSG_SLI, .accm_send = send, .accm_recv = recv };

	if (s->role != L2TP_ROLE_LNS || s->fsm.now != L2TP_SESSION_ESTABLISHED)
		return;
	l2tp_msg_set(&msg, L2TP_AVP_ACCM);
	tunnel_send(core, s->tunnel, &msg, s->peer_sid);
}

/* RFC 2661 6.13 */
void session_send_errors(
	struct l2tp_core *core, struct session *s, const uint32_t call_errors[static 6])
{
	struct l2tp_msg msg = { .type = L2TP_MSG_WEN };

	if (s->role != L2TP_ROLE_LAC || s->fsm.now != L2TP_SESSION_ESTABLISHED ||
		core->now < s->errors_at)
		return;
	memcpy(msg.call_errors, call_errors, sizeof(msg.call_errors));
	l2tp_msg_set(&msg, L2TP_AVP_CALL_ERRORS);
	if (tunnel_send(core, s->tunnel, &msg, s->peer_sid) == 0)
		s->errors_at = core->now + ERRORS_INTERVAL;
}

void session_send_cdn(struct l2tp_core *core, struct tunnel *t, uint16_t sid, uint16_t peer_sid,
	const struct l2tp_reason *why)
{
	struct l2tp_msg msg = {
		.type = L2TP_MSG_CDN,
		.assigned_sid = sid,
		.result = why->result,
		.error = why->error,
		.result_text = l2tp_span_of(why->text),
		.cause_code = why->q931_cause,
		.cause_msg = why->q931_msg,
		.ppp_cause = why->ppp_cause,
		.ppp_cause_protocol = why->ppp_cause_protocol,
		.ppp_cause_direction = why->ppp_cause_direction,
	};

	l2tp_msg_set(&msg, L2TP_AVP_RESULT_CODE);
	/* RFC 2661 4.4.4: with session id 0 in the header it says which call is meant */
	l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_SESSION_ID);
	if (why->q931_cause)
		l2tp_msg_set(&msg, L2TP_AVP_CAUSE_CODE);
	if (why->ppp_cause)
		l2tp_msg_set(&msg, L2TP_AVP_PPP_DISCONNECT_CAUSE);
	tunnel_send(core, t, &msg, peer_sid);
}

/* The peer meant a call that we do not have, and do not want. */
static void turn_away(
	struct l2tp_core *core, struct tunnel *t, uint16_t peer_sid, const struct l2tp_reason *why)
{
	if (!peer_sid || !t->peer_tid || t->fsm.now == L2TP_TUNNEL_CLOSING)
		return;
	session_send_cdn(core, t, ids_spare(&core->sids, &core->env, core->now), peer_sid, why);
}

/* RFC 2661 7.4.2, 7.5.1: an ICRQ or OCRQ, is it acceptable? */
static bool judge_request(struct l2tp_core *core, struct tunnel *t, const struct l2tp_msg *msg,
	const struct l2tp_verdict *verdict, struct l2tp_reason *why)
{
	const char *name = l2tp_msg_name(msg->type), *refused;

	if (verdict->kind != L2TP_VERDICT_OK) {
		reason_verdict(why, verdict);
		return false;
	}
	if (t->fsm.now != L2TP_TUNNEL_ESTABLISHED) {
		reason_session(why, L2TP_WHO_LOCAL, L2TP_CDN_ERROR, L2TP_ERR_NO_CONNECTION,
			"%s before the tunnel is established", name);
		return false;
	}
	if (msg->hdr.sid) {
		reason_session(why, L2TP_WHO_LOCAL, L2TP_CDN_ERROR, L2TP_ERR_SESSION_ID,
			"%s to session %u", name, msg->hdr.sid);
		return false;
	}
	/* RFC 2661 4.4.3: what was not announced is rejected */
	if ((msg->framing_type & ~t->framing_cap) ||
		(msg->type == L2TP_MSG_OCRQ && (msg->bearer_type & ~t->bearer_cap))) {
		reason_session(why, L2TP_WHO_LOCAL, L2TP_CDN_NO_FACILITY_PERM, 0,
			"%s for a bearer or framing that was not announced", name);
		return false;
	}
	refused = admit_call(core, t);
	if (refused) {
		reason_session(why, L2TP_WHO_LOCAL, L2TP_CDN_NO_FACILITY_TEMP, 0, "%s", refused);
		return false;
	}
	return true;
}

/* A message that belongs to no session of ours. */
static void stranger(struct l2tp_core *core, struct tunnel *t, const struct l2tp_msg *msg,
	const struct l2tp_verdict *verdict)
{
	struct l2tp_reason why;

	switch (msg->type) {
	case L2TP_MSG_ICRQ:
	case L2TP_MSG_OCRQ:
		if (!judge_request(core, t, msg, verdict, &why)) {
			turn_away(core, t, msg->assigned_sid, &why);
		} else if (!session_offer(core, t, msg)) {
			reason_session(&why, L2TP_WHO_LOCAL, L2TP_CDN_NO_FACILITY_TEMP, 0,
				"out of session ids or memory");
			turn_away(core, t, msg->assigned_sid, &why);
		}
		break;
	case L2TP_MSG_ICRP:
	case L2TP_MSG_OCRP:
		/*
		 * RFC 2661 7.4.2, 7.5.1. It answers a call that we gave up before we knew the
		 * peer's id for it; peers that cannot read a CDN to session 0 understand this one.
		 */
		reason_session(&why, L2TP_WHO_LOCAL, L2TP_CDN_ERROR, L2TP_ERR_SESSION_ID,
			"%s to session %u, which is over", l2tp_msg_name(msg->type), msg->hdr.sid);
		if (admit_answer(core, t))
			turn_away(core, t, msg->assigned_sid, &why);
		break;
	}
	/* the rest was overtaken by the end of its call: acknowledged, that is all */
}

static bool judge_connected(
	const struct session *s, const struct l2tp_msg *msg, struct l2tp_reason *why)
{
	uint32_t cap = s->tunnel->framing_cap;

	/* some peers send 0 or more bits than there are; one we know is enough */
	if (!msg->framing_type || (msg->framing_type & cap))
		return true;
	reason_session(why, L2TP_WHO_LOCAL, L2TP_CDN_NO_FRAMING, 0, "framing type %u not supported",
		msg->framing_type);
	return false;
}

/* The event that a decoded message is to its session. */
static enum session_event judge(const struct session *s, const struct l2tp_msg *msg,
	const struct l2tp_verdict *verdict, struct l2tp_reason *why)
{
	bool ok = verdict->kind == L2TP_VERDICT_OK;

	reason_verdict(why, verdict);
	switch (msg->type) {
	case L2TP_MSG_CDN:
		reason_peer(why, msg);
		return SESSION_EV_CDN;
	case L2TP_MSG_ICRQ:
		return SESSION_EV_ICRQ;
	case L2TP_MSG_OCRQ:
		return SESSION_EV_OCRQ;
	case L2TP_MSG_ICRP:
		return ok ? SESSION_EV_ICRP : SESSION_EV_ICRP_BAD;
	case L2TP_MSG_OCRP:
		return ok ? SESSION_EV_OCRP : SESSION_EV_OCRP_BAD;
	case L2TP_MSG_ICCN:
		return ok && judge_connected(s, msg, why) ? SESSION_EV_ICCN : SESSION_EV_ICCN_BAD;
	case L2TP_MSG_OCCN:
		if (!ok || !judge_connected(s, msg, why))
			return SESSION_EV_OCCN_BAD;
		return s->owes == SESSION_OWES_KERNEL ? SESSION_EV_OCCN_EARLY : SESSION_EV_OCCN;
	}
	if (!ok)
		return SESSION_EV_BAD;
	return msg->type == L2TP_MSG_WEN ? SESSION_EV_WEN : SESSION_EV_SLI;
}

static struct session *find(
	const struct l2tp_core *core, const struct tunnel *t, const struct l2tp_msg *msg)
{
	struct session *s = ids_get(&core->sids, msg->hdr.sid);
	unsigned looked = 0;

	if (s && s->tunnel == t)
		return s;
	if (msg->type != L2TP_MSG_CDN || msg->hdr.sid || !msg->assigned_sid)
		return NULL;
	/* RFC 2661 4.4.4: a CDN of a peer that has not seen our id names its own; so the call is
	 * young */
	TAILQ_FOREACH_REVERSE(s, &t->sessions, session_list, link)
	{
		if (s->peer_sid == msg->assigned_sid)
			return s;
		if (++looked == YOUNGEST)
			break;
	}
	return NULL;
}

void session_input(struct l2tp_core *core, struct tunnel *t, const struct l2tp_msg *msg,
	const struct l2tp_verdict *verdict)
{
	struct l2tp_reason why;
	struct session *s;

	/* RFC 5515 4: not about one session, but about those that they name */
	if (msg->type == L2TP_MSG_CSUN || msg->type == L2TP_MSG_CSURQ) {
		session_speed_input(core, t, msg);
		return;
	}
	s = find(core, t, msg);
	if (!s) {
		stranger(core, t, msg, verdict);
		return;
	}
	session_step(core, s, judge(s, msg, verdict, &why), msg, &why);
}
