/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option negotiation automaton of RFC 1661 section 4, which LCP and every network control
 * protocol run: its table and nothing else. Who owns a state carries the actions out.
 */
#ifndef PPP_AUTOMATON_H
#define PPP_AUTOMATON_H

#include <stdbool.h>

/* RFC 1661 4.2, numbered as there */
enum automaton_state {
	AUT_INITIAL,
	AUT_STARTING,
	AUT_CLOSED,
	AUT_STOPPED,
	AUT_CLOSING,
	AUT_STOPPING,
	AUT_REQ_SENT,
	AUT_ACK_RCVD,
	AUT_ACK_SENT,
	AUT_OPENED,
};
#define AUT_STATE_COUNT 10

/* RFC 1661 4.3 */
enum automaton_event {
	AUT_EV_UP,
	AUT_EV_DOWN,
	AUT_EV_OPEN,
	AUT_EV_CLOSE,
	AUT_EV_TO_PLUS,
	AUT_EV_TO_MINUS,
	AUT_EV_RCR_PLUS,
	AUT_EV_RCR_MINUS,
	AUT_EV_RCA,
	AUT_EV_RCN,
	AUT_EV_RTR,
	AUT_EV_RTA,
	AUT_EV_RUC,
	AUT_EV_RXJ_PLUS,
	AUT_EV_RXJ_MINUS,
	AUT_EV_RXR,
};
#define AUT_EVENT_COUNT 16

/*
 * RFC 1661 4.4, as bits: a step may want several. "Multiple actions may be implemented in any
 * convenient order" (4.1); carry them out in the order given here.
 */
enum automaton_action {
	AUT_TLD = 1 << 0,  /* this layer down */
	AUT_TLS = 1 << 1,  /* this layer started */
	AUT_IRC = 1 << 2,  /* initialise the restart counter */
	AUT_ZRC = 1 << 3,  /* zero it, and start the timer */
	AUT_SCR = 1 << 4,  /* send Configure-Request, and start the timer */
	AUT_STR = 1 << 5,  /* send Terminate-Request, and start the timer */
	AUT_SCA = 1 << 6,  /* send Configure-Ack */
	AUT_SCN = 1 << 7,  /* send Configure-Nak or Configure-Reject */
	AUT_STA = 1 << 8,  /* send Terminate-Ack */
	AUT_SCJ = 1 << 9,  /* send Code-Reject */
	AUT_SER = 1 << 10, /* send Echo-Reply */
	AUT_TLU = 1 << 11, /* this layer up */
	AUT_TLF = 1 << 12, /* this layer finished */
};

/*
 * Take one step: *state moves, *ret_actions is what is to be done. False for an event that is
 * illegal in this state (RFC 1661 4.4): nothing changes.
 */
bool automaton_step(enum automaton_state *state, enum automaton_event event, unsigned *ret_actions);
/* The restart timer runs in this state (RFC 1661 4.1: where timeouts have an entry). */
bool automaton_timer_runs(enum automaton_state state);

/* "req-sent", "RCR+"; never NULL */
const char *automaton_state_name(enum automaton_state state);
const char *automaton_event_name(enum automaton_event event);

#endif
