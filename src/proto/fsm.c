/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm.h"

#include <assert.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */

/*
 * RFC 2661 7.2.1. "idle" as a next state of the RFC is closing here: 5.7 wants the transport to live on
 * for a full retransmission cycle.
 */
#define S(state) (1u << L2TP_TUNNEL_##state)
#define E(event) (UINT32_C(1) << TUNNEL_EV_##event)
#define WAITING	 (S(WAIT_CTL_REPLY) | S(WAIT_CTL_CONN))
#define LIVE	 (WAITING | S(ESTABLISHED))

static const struct fsm_row tunnel_rows[] = {
	{ S(IDLE), E(OPEN), TUNNEL_ACT_SEND_SCCRQ, L2TP_TUNNEL_WAIT_CTL_REPLY },
	{ S(IDLE), E(SCCRQ), TUNNEL_ACT_SEND_SCCRP, L2TP_TUNNEL_WAIT_CTL_CONN },

	{ S(WAIT_CTL_REPLY), E(SCCRP), TUNNEL_ACT_SEND_SCCCN, L2TP_TUNNEL_ESTABLISHED },
	{ S(WAIT_CTL_REPLY), E(SCCRP_BAD), TUNNEL_ACT_STOP, L2TP_TUNNEL_CLOSING },
	/* the peer's SCCRQ has its own tunnel; nothing is queued again, as the calls move there */
	{ S(WAIT_CTL_REPLY), E(TIE_LOST), TUNNEL_ACT_DISCARD, L2TP_TUNNEL_IDLE },

	{ S(WAIT_CTL_CONN), E(SCCCN), TUNNEL_ACT_OPENED, L2TP_TUNNEL_ESTABLISHED },
	{ S(WAIT_CTL_CONN), E(SCCCN_BAD), TUNNEL_ACT_STOP, L2TP_TUNNEL_CLOSING },

	{ WAITING, E(SETUP_TIMEOUT), TUNNEL_ACT_STOP, L2TP_TUNNEL_CLOSING },

	{ LIVE, E(HELLO), TUNNEL_ACT_NONE, FSM_SAME },
	{ LIVE, E(STOPCCN), TUNNEL_ACT_STOPPED, L2TP_TUNNEL_CLOSING },
	{ LIVE, E(CLOSE) | E(BAD), TUNNEL_ACT_STOP, L2TP_TUNNEL_CLOSING },
	{ LIVE, E(VIOLATION), TUNNEL_ACT_STOP_FSM, L2TP_TUNNEL_CLOSING },
	{ LIVE, E(LOST), TUNNEL_ACT_LOST, L2TP_TUNNEL_IDLE },
	{ LIVE, E(GIVE_WAY), TUNNEL_ACT_GIVE_WAY, L2TP_TUNNEL_IDLE },

	/* RFC 2661 5.7: whatever comes is acknowledged, and that is all */
	{ S(CLOSING), E(SCCRP) | E(SCCRP_BAD), TUNNEL_ACT_LEARN_PEER, FSM_SAME },
	{ S(CLOSING), E(SCCRQ) | E(SCCCN) | E(SCCCN_BAD) | E(STOPCCN) | E(HELLO) | E(BAD),
		TUNNEL_ACT_NONE, FSM_SAME },
	{ S(CLOSING), E(CYCLE_OVER), TUNNEL_ACT_GONE, L2TP_TUNNEL_IDLE },
};

#undef S
#undef E
#undef LIVE
#define S(state) (1u << L2TP_SESSION_##state)
#define E(event) (UINT32_C(1) << SESSION_EV_##event)

/* RFC 2661 7.4.1, with wait-local between ICRP and ICCN: our kernel session comes first */
static const struct fsm_row lac_incoming_rows[] = {
	{ S(IDLE), E(OPEN), SESSION_ACT_NONE, L2TP_SESSION_WAIT_TUNNEL },
	{ S(WAIT_TUNNEL), E(TUNNEL_OPEN), SESSION_ACT_SEND_ICRQ, L2TP_SESSION_WAIT_REPLY },
	{ S(WAIT_REPLY), E(ICRP), SESSION_ACT_CREATE, L2TP_SESSION_WAIT_LOCAL },
	{ S(WAIT_REPLY), E(ICRP_BAD), SESSION_ACT_CDN, L2TP_SESSION_IDLE },
	{ S(WAIT_LOCAL), E(READY), SESSION_ACT_SEND_ICCN, L2TP_SESSION_ESTABLISHED },
	{ S(ESTABLISHED), E(SLI), SESSION_ACT_ACCM, FSM_SAME },
};

/* RFC 2661 7.4.2, with wait-local before ICRP: for our policy, then for the kernel session */
static const struct fsm_row lns_incoming_rows[] = {
	{ S(IDLE), E(ICRQ), SESSION_ACT_OFFER, L2TP_SESSION_WAIT_LOCAL },
	{ S(WAIT_LOCAL), E(ACCEPT), SESSION_ACT_CREATE, L2TP_SESSION_WAIT_LOCAL },
	{ S(WAIT_LOCAL), E(READY), SESSION_ACT_SEND_ICRP, L2TP_SESSION_WAIT_CONNECT },
	{ S(WAIT_CONNECT), E(ICCN), SESSION_ACT_UP, L2TP_SESSION_ESTABLISHED },
	{ S(WAIT_CONNECT), E(ICCN_BAD), SESSION_ACT_CDN, L2TP_SESSION_IDLE },
	{ S(ESTABLISHED), E(WEN), SESSION_ACT_ERRORS, FSM_SAME },
};

/* RFC 2661 7.5.1; wait-cs-answer also covers our kernel session, its "ready" is the bearer's answer */
static const struct fsm_row lac_outgoing_rows[] = {
	{ S(IDLE), E(OCRQ), SESSION_ACT_OFFER, L2TP_SESSION_WAIT_LOCAL },
	{ S(WAIT_LOCAL), E(ACCEPT), SESSION_ACT_SEND_OCRP_CREATE, L2TP_SESSION_WAIT_CS_ANSWER },
	{ S(WAIT_CS_ANSWER), E(READY), SESSION_ACT_SEND_OCCN, L2TP_SESSION_ESTABLISHED },
	{ S(ESTABLISHED), E(SLI), SESSION_ACT_ACCM, FSM_SAME },
};

/* RFC 2661 7.5.2; the kernel session is made while the LAC dials, as data may follow OCCN at once */
static const struct fsm_row lns_outgoing_rows[] = {
	{ S(IDLE), E(OPEN), SESSION_ACT_NONE, L2TP_SESSION_WAIT_TUNNEL },
	{ S(WAIT_TUNNEL), E(TUNNEL_OPEN), SESSION_ACT_SEND_OCRQ, L2TP_SESSION_WAIT_REPLY },
	{ S(WAIT_REPLY), E(OCRP), SESSION_ACT_CREATE, L2TP_SESSION_WAIT_CONNECT },
	{ S(WAIT_REPLY), E(OCRP_BAD), SESSION_ACT_CDN, L2TP_SESSION_IDLE },
	{ S(WAIT_CONNECT), E(READY), SESSION_ACT_NONE, L2TP_SESSION_WAIT_CONNECT },
	{ S(WAIT_CONNECT), E(OCCN), SESSION_ACT_UP, L2TP_SESSION_ESTABLISHED },
	{ S(WAIT_CONNECT), E(OCCN_EARLY), SESSION_ACT_NONE, L2TP_SESSION_WAIT_LOCAL },
	{ S(WAIT_CONNECT), E(OCCN_BAD), SESSION_ACT_CDN, L2TP_SESSION_IDLE },
	{ S(WAIT_LOCAL), E(READY), SESSION_ACT_UP, L2TP_SESSION_ESTABLISHED },
	{ S(ESTABLISHED), E(WEN), SESSION_ACT_ERRORS, FSM_SAME },
};

/* States in which the peer knows of the call. */
#define KNOWN	(S(WAIT_REPLY) | S(WAIT_CONNECT) | S(WAIT_CS_ANSWER) | S(WAIT_LOCAL) | S(ESTABLISHED))

/*
 * The same in all four tables. The RFC lets a LAC in wait-reply clean up silently at an ICCN; a CDN
 * costs nothing and ends the call at the peer, too.
 */
static const struct fsm_row session_rows[] = {
	/* too early, or to the wrong side: neither is worth a call */
	{ KNOWN, E(WEN) | E(SLI), SESSION_ACT_NONE, FSM_SAME },
	{ KNOWN, E(CDN), SESSION_ACT_DOWN, L2TP_SESSION_IDLE },
	{ KNOWN, E(CLOSE) | E(FAILED) | E(TIMEOUT) | E(BAD), SESSION_ACT_CDN, L2TP_SESSION_IDLE },
	{ KNOWN, E(VIOLATION), SESSION_ACT_CDN_FSM, L2TP_SESSION_IDLE },
	{ S(WAIT_TUNNEL), E(CLOSE) | E(FAILED), SESSION_ACT_DOWN, L2TP_SESSION_IDLE },
	{ KNOWN | S(WAIT_TUNNEL), E(TUNNEL_DOWN), SESSION_ACT_DOWN, L2TP_SESSION_IDLE },
};

static const char *const tunnel_event_names[TUNNEL_EV_COUNT] = {
	[TUNNEL_EV_SCCRQ] = "SCCRQ",
	[TUNNEL_EV_SCCRP] = "SCCRP",
	[TUNNEL_EV_SCCRP_BAD] = "SCCRP not acceptable",
	[TUNNEL_EV_SCCCN] = "SCCCN",
	[TUNNEL_EV_SCCCN_BAD] = "SCCCN not acceptable",
	[TUNNEL_EV_STOPCCN] = "StopCCN",
	[TUNNEL_EV_HELLO] = "HELLO",
	[TUNNEL_EV_BAD] = "bad message",
	[TUNNEL_EV_OPEN] = "open",
	[TUNNEL_EV_CLOSE] = "close",
	[TUNNEL_EV_SETUP_TIMEOUT] = "setup timeout",
	[TUNNEL_EV_TIE_LOST] = "tie lost",
	[TUNNEL_EV_GIVE_WAY] = "give way",
	[TUNNEL_EV_LOST] = "no answer",
	[TUNNEL_EV_CYCLE_OVER] = "cycle over",
	[TUNNEL_EV_VIOLATION] = "violation",
};

static const char *const session_event_names[SESSION_EV_COUNT] = {
	[SESSION_EV_ICRQ] = "ICRQ",
	[SESSION_EV_ICRP] = "ICRP",
	[SESSION_EV_ICRP_BAD] = "ICRP not acceptable",
	[SESSION_EV_ICCN] = "ICCN",
	[SESSION_EV_ICCN_BAD] = "ICCN not acceptable",
	[SESSION_EV_OCRQ] = "OCRQ",
	[SESSION_EV_OCRP] = "OCRP",
	[SESSION_EV_OCRP_BAD] = "OCRP not acceptable",
	[SESSION_EV_OCCN] = "OCCN",
	[SESSION_EV_OCCN_EARLY] = "OCCN before ready",
	[SESSION_EV_OCCN_BAD] = "OCCN not acceptable",
	[SESSION_EV_CDN] = "CDN",
	[SESSION_EV_WEN] = "WEN",
	[SESSION_EV_SLI] = "SLI",
	[SESSION_EV_BAD] = "bad message",
	[SESSION_EV_OPEN] = "open",
	[SESSION_EV_TUNNEL_OPEN] = "tunnel open",
	[SESSION_EV_ACCEPT] = "accept",
	[SESSION_EV_READY] = "ready",
	[SESSION_EV_FAILED] = "failed",
	[SESSION_EV_CLOSE] = "close",
	[SESSION_EV_TIMEOUT] = "timeout",
	[SESSION_EV_TUNNEL_DOWN] = "tunnel down",
	[SESSION_EV_VIOLATION] = "violation",
};
/* clang-format on */

const char *l2tp_tunnel_state_name(enum l2tp_tunnel_state state)
{
	switch (state) {
	case L2TP_TUNNEL_IDLE:
		return "idle";
	case L2TP_TUNNEL_WAIT_CTL_REPLY:
		return "wait-ctl-reply";
	case L2TP_TUNNEL_WAIT_CTL_CONN:
		return "wait-ctl-conn";
	case L2TP_TUNNEL_ESTABLISHED:
		return "established";
	case L2TP_TUNNEL_CLOSING:
		return "closing";
	}
	return "unknown";
}

const char *l2tp_session_state_name(enum l2tp_session_state state)
{
	switch (state) {
	case L2TP_SESSION_IDLE:
		return "idle";
	case L2TP_SESSION_WAIT_TUNNEL:
		return "wait-tunnel";
	case L2TP_SESSION_WAIT_REPLY:
		return "wait-reply";
	case L2TP_SESSION_WAIT_CONNECT:
		return "wait-connect";
	case L2TP_SESSION_WAIT_CS_ANSWER:
		return "wait-cs-answer";
	case L2TP_SESSION_WAIT_LOCAL:
		return "wait-local";
	case L2TP_SESSION_ESTABLISHED:
		return "established";
	}
	return "unknown";
}

static const char *tunnel_state(unsigned state)
{
	return l2tp_tunnel_state_name((enum l2tp_tunnel_state)state);
}

static const char *session_state(unsigned state)
{
	return l2tp_session_state_name((enum l2tp_session_state)state);
}

const struct fsm fsm_tunnel = {
	.rows = tunnel_rows,
	.row_count = COUNT(tunnel_rows),
	.first_own = TUNNEL_EV_OPEN,
	.violation = TUNNEL_EV_VIOLATION,
	.events = tunnel_event_names,
	.state_name = tunnel_state,
};

#define SESSION_FSM(table)                                                                         \
	{                                                                                          \
		.rows = table, .row_count = COUNT(table), .common = session_rows,                  \
		.common_count = COUNT(session_rows), .first_own = SESSION_EV_OPEN,                 \
		.violation = SESSION_EV_VIOLATION, .events = session_event_names,                  \
		.state_name = session_state,                                                       \
	}

const struct fsm *fsm_session(bool outgoing, enum l2tp_role role)
{
	static const struct fsm tables[2][2] = {
		[false][L2TP_ROLE_LAC] = SESSION_FSM(lac_incoming_rows),
		[false][L2TP_ROLE_LNS] = SESSION_FSM(lns_incoming_rows),
		[true][L2TP_ROLE_LAC] = SESSION_FSM(lac_outgoing_rows),
		[true][L2TP_ROLE_LNS] = SESSION_FSM(lns_outgoing_rows),
	};

	return &tables[outgoing][role];
}

static const struct fsm_row *find_in(
	const struct fsm_row *rows, unsigned count, unsigned state, unsigned event)
{
	for (unsigned i = 0; i < count; i++)
		if ((rows[i].states >> state & 1) && (rows[i].events >> event & 1))
			return &rows[i];
	return NULL;
}

static const struct fsm_row *find(const struct fsm *fsm, unsigned state, unsigned event)
{
	const struct fsm_row *row = find_in(fsm->rows, fsm->row_count, state, event);

	return row ? row : find_in(fsm->common, fsm->common_count, state, event);
}

bool fsm_step(const struct fsm *fsm, struct fsm_state *state, unsigned event, usec_t now,
	struct fsm_result *ret)
{
	const struct fsm_row *row = find(fsm, state->now, event);
	unsigned from = state->now;

	if (!row && event < fsm->first_own)
		row = find(fsm, state->now, fsm->violation);
	if (!row)
		return false;
	if (row->next != FSM_SAME && row->next != from) {
		state->now = row->next;
		state->since = now;
	}
	*ret = (struct fsm_result){
		.action = row->action,
		.moved = state->now != from,
		.from = fsm->state_name(from),
		.event = fsm->events[event],
		.to = fsm->state_name(state->now),
	};
	return true;
}
