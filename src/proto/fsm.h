/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machines of RFC 2661 section 7 as tables.
 *
 * A message is judged before it becomes an event ("SCCRP", or "SCCRP not acceptable"), so that a
 * row says all there is: in these states, at these events, do this, go there. Nobody but fsm_step()
 * writes a state. A message for which there is no row is a violation; what an order or a deadline
 * finds no row for came too late and does nothing.
 */
#ifndef PROTO_FSM_H
#define PROTO_FSM_H

#include <l2tp/core.h>

enum tunnel_event {
	/* from the peer */
	TUNNEL_EV_SCCRQ,
	TUNNEL_EV_SCCRP,
	TUNNEL_EV_SCCRP_BAD,
	TUNNEL_EV_SCCCN,
	TUNNEL_EV_SCCCN_BAD,
	TUNNEL_EV_STOPCCN,
	TUNNEL_EV_HELLO,
	TUNNEL_EV_BAD, /* a message that clears the tunnel whatever the state */
	/* our own */
	TUNNEL_EV_OPEN,
	TUNNEL_EV_CLOSE,
	TUNNEL_EV_SETUP_TIMEOUT,
	TUNNEL_EV_TIE_LOST, /* the peer's tunnel takes the place of ours */
	TUNNEL_EV_GIVE_WAY, /* a limit is reached, and it is the one to go */
	TUNNEL_EV_LOST,	    /* the last retransmission was not answered */
	TUNNEL_EV_CYCLE_OVER,
	TUNNEL_EV_VIOLATION, /* what fsm_step() makes of a message without a row */
};
#define TUNNEL_EV_COUNT 16

enum tunnel_action {
	TUNNEL_ACT_NONE,
	TUNNEL_ACT_SEND_SCCRQ,
	TUNNEL_ACT_SEND_SCCRP,
	TUNNEL_ACT_SEND_SCCCN, /* and the tunnel is open */
	TUNNEL_ACT_OPENED,
	TUNNEL_ACT_STOP,       /* send StopCCN, clear all */
	TUNNEL_ACT_STOP_FSM,   /* the same with result 7 */
	TUNNEL_ACT_STOPPED,    /* by the peer: clear all */
	TUNNEL_ACT_LOST,       /* clear all, no use in sending anything */
	TUNNEL_ACT_LEARN_PEER, /* the answer came after we gave up: now StopCCN has an address */
	TUNNEL_ACT_DISCARD,    /* without a word to the peer */
	TUNNEL_ACT_GIVE_WAY,   /* with one, which nobody repeats, if the peer is known to exist */
	TUNNEL_ACT_GONE,
};

enum session_event {
	/* from the peer */
	SESSION_EV_ICRQ,
	SESSION_EV_ICRP,
	SESSION_EV_ICRP_BAD,
	SESSION_EV_ICCN,
	SESSION_EV_ICCN_BAD,
	SESSION_EV_OCRQ,
	SESSION_EV_OCRP,
	SESSION_EV_OCRP_BAD,
	SESSION_EV_OCCN,
	SESSION_EV_OCCN_EARLY, /* before our kernel session was ready */
	SESSION_EV_OCCN_BAD,
	SESSION_EV_CDN,
	SESSION_EV_WEN,
	SESSION_EV_SLI,
	SESSION_EV_BAD, /* a message that clears the session whatever the state */
	/* our own */
	SESSION_EV_OPEN,
	SESSION_EV_TUNNEL_OPEN,
	SESSION_EV_ACCEPT,
	SESSION_EV_READY,
	SESSION_EV_FAILED,
	SESSION_EV_CLOSE,
	SESSION_EV_TIMEOUT,
	SESSION_EV_TUNNEL_DOWN,
	SESSION_EV_VIOLATION,
};
#define SESSION_EV_COUNT 24

enum session_action {
	SESSION_ACT_NONE,
	SESSION_ACT_SEND_ICRQ,
	SESSION_ACT_SEND_OCRQ,
	SESSION_ACT_OFFER,
	SESSION_ACT_CREATE, /* ask for the kernel session */
	SESSION_ACT_SEND_ICRP,
	SESSION_ACT_SEND_ICCN,	      /* and the call is up */
	SESSION_ACT_SEND_OCRP_CREATE, /* and ask for the kernel session */
	SESSION_ACT_SEND_OCCN,	      /* and the call is up */
	SESSION_ACT_UP,
	SESSION_ACT_ACCM,    /* pass on what SLI says */
	SESSION_ACT_ERRORS,  /* pass on what WEN says */
	SESSION_ACT_CDN,     /* send CDN, clear */
	SESSION_ACT_CDN_FSM, /* the same for a message out of order */
	SESSION_ACT_DOWN,    /* clear */
};

#define FSM_SAME 0xff /* next: no change */

struct fsm_row {
	uint16_t states; /* bits 1 << state */
	uint32_t events; /* bits 1 << event */
	uint8_t action, next;
};

struct fsm {
	const struct fsm_row *rows, *common; /* common: looked at after rows; may be NULL */
	unsigned row_count, common_count;
	unsigned first_own; /* events below are messages of the peer */
	unsigned violation; /* event in place of a message without a row */
	const char *const *events;
	const char *(*state_name)(unsigned state);
};

/* Where one object stands. Written by fsm_step() only; zero is idle. */
struct fsm_state {
	uint8_t now;
	usec_t since;
};

struct fsm_result {
	uint8_t action;
	bool moved;
	const char *from, *event, *to;
};

extern const struct fsm fsm_tunnel;
/* The table of a call. */
const struct fsm *fsm_session(bool outgoing, enum l2tp_role role);

/* Take one step: false if nothing happens. The action is done afterwards, by the owner. */
bool fsm_step(const struct fsm *fsm, struct fsm_state *state, unsigned event, usec_t now,
	struct fsm_result *ret);

#endif
