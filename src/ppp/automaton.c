/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "automaton.h"

#include <stdint.h>

struct automaton_cell {
	uint16_t actions;
	uint8_t legal_next; /* next state + 1; 0: illegal */
};

/* clang-format off */

#define TO(next)	     { 0, (next) + 1 }
#define DO(actions, next)    { (actions), (next) + 1 }
#define ILLEGAL		     { 0, 0 }
#define TLD AUT_TLD
#define TLS AUT_TLS
#define IRC AUT_IRC
#define ZRC AUT_ZRC
#define SCR AUT_SCR
#define STR AUT_STR
#define SCA AUT_SCA
#define SCN AUT_SCN
#define STA AUT_STA
#define SCJ AUT_SCJ
#define SER AUT_SER
#define TLU AUT_TLU
#define TLF AUT_TLF

/*
 * The table of RFC 1661 4.1, in its rows and columns. Its footnotes: not passive [p], an Open in a
 * state that has one already restarts nothing [r], crossed connections [x] as written.
 */
static const struct automaton_cell cells[AUT_EVENT_COUNT][AUT_STATE_COUNT] = {
	/*		      0 Initial     1 Starting	       2 Closed		   3 Stopped			4 Closing	   5 Stopping */
	[AUT_EV_UP] =	    { TO(2),	    DO(IRC | SCR, 6), ILLEGAL,		   ILLEGAL,			ILLEGAL,	   ILLEGAL,
	/*		      6 Req-Sent    7 Ack-Rcvd	       8 Ack-Sent	   9 Opened */
			      ILLEGAL,	    ILLEGAL,	       ILLEGAL,		   ILLEGAL },
	[AUT_EV_DOWN] =	    { ILLEGAL,	    ILLEGAL,	       TO(0),		   DO(TLS, 1),			TO(0),		   TO(1),
			      TO(1),	    TO(1),	       TO(1),		   DO(TLD, 1) },
	[AUT_EV_OPEN] =	    { DO(TLS, 1),   TO(1),	       DO(IRC | SCR, 6),   TO(3),			TO(5),		   TO(5),
			      TO(6),	    TO(7),	       TO(8),		   TO(9) },
	[AUT_EV_CLOSE] =    { TO(0),	    DO(TLF, 0),	       TO(2),		   TO(2),			TO(4),		   TO(4),
			      DO(IRC | STR, 4), DO(IRC | STR, 4), DO(IRC | STR, 4), DO(TLD | IRC | STR, 4) },

	[AUT_EV_TO_PLUS] =  { ILLEGAL,	    ILLEGAL,	       ILLEGAL,		   ILLEGAL,			DO(STR, 4),	   DO(STR, 5),
			      DO(SCR, 6),   DO(SCR, 6),	       DO(SCR, 8),	   ILLEGAL },
	[AUT_EV_TO_MINUS] = { ILLEGAL,	    ILLEGAL,	       ILLEGAL,		   ILLEGAL,			DO(TLF, 2),	   DO(TLF, 3),
			      DO(TLF, 3),   DO(TLF, 3),	       DO(TLF, 3),	   ILLEGAL },

	[AUT_EV_RCR_PLUS] = { ILLEGAL,	    ILLEGAL,	       DO(STA, 2),	   DO(IRC | SCR | SCA, 8),	TO(4),		   TO(5),
			      DO(SCA, 8),   DO(SCA | TLU, 9),  DO(SCA, 8),	   DO(TLD | SCR | SCA, 8) },
	[AUT_EV_RCR_MINUS] = { ILLEGAL,	    ILLEGAL,	       DO(STA, 2),	   DO(IRC | SCR | SCN, 6),	TO(4),		   TO(5),
			      DO(SCN, 6),   DO(SCN, 7),	       DO(SCN, 6),	   DO(TLD | SCR | SCN, 6) },
	[AUT_EV_RCA] =	    { ILLEGAL,	    ILLEGAL,	       DO(STA, 2),	   DO(STA, 3),			TO(4),		   TO(5),
			      DO(IRC, 7),   DO(SCR, 6),	       DO(IRC | TLU, 9),   DO(TLD | SCR, 6) },
	[AUT_EV_RCN] =	    { ILLEGAL,	    ILLEGAL,	       DO(STA, 2),	   DO(STA, 3),			TO(4),		   TO(5),
			      DO(IRC | SCR, 6), DO(SCR, 6),    DO(IRC | SCR, 8),   DO(TLD | SCR, 6) },

	[AUT_EV_RTR] =	    { ILLEGAL,	    ILLEGAL,	       DO(STA, 2),	   DO(STA, 3),			DO(STA, 4),	   DO(STA, 5),
			      DO(STA, 6),   DO(STA, 6),	       DO(STA, 6),	   DO(TLD | ZRC | STA, 5) },
	[AUT_EV_RTA] =	    { ILLEGAL,	    ILLEGAL,	       TO(2),		   TO(3),			DO(TLF, 2),	   DO(TLF, 3),
			      TO(6),	    TO(6),	       TO(8),		   DO(TLD | SCR, 6) },

	[AUT_EV_RUC] =	    { ILLEGAL,	    ILLEGAL,	       DO(SCJ, 2),	   DO(SCJ, 3),			DO(SCJ, 4),	   DO(SCJ, 5),
			      DO(SCJ, 6),   DO(SCJ, 7),	       DO(SCJ, 8),	   DO(SCJ, 9) },
	[AUT_EV_RXJ_PLUS] = { ILLEGAL,	    ILLEGAL,	       TO(2),		   TO(3),			TO(4),		   TO(5),
			      TO(6),	    TO(6),	       TO(8),		   TO(9) },
	[AUT_EV_RXJ_MINUS] = { ILLEGAL,	    ILLEGAL,	       DO(TLF, 2),	   DO(TLF, 3),			DO(TLF, 2),	   DO(TLF, 3),
			      DO(TLF, 3),   DO(TLF, 3),	       DO(TLF, 3),	   DO(TLD | IRC | STR, 5) },

	[AUT_EV_RXR] =	    { ILLEGAL,	    ILLEGAL,	       TO(2),		   TO(3),			TO(4),		   TO(5),
			      TO(6),	    TO(7),	       TO(8),		   DO(SER, 9) },
};

static const char *const event_names[AUT_EVENT_COUNT] = {
	"up", "down", "open", "close", "TO+", "TO-", "RCR+", "RCR-", "RCA", "RCN",
	"RTR", "RTA", "RUC", "RXJ+", "RXJ-", "RXR",
};
/* clang-format on */

bool automaton_step(enum automaton_state *state, enum automaton_event event, unsigned *ret_actions)
{
	const struct automaton_cell *cell = &cells[event][*state];

	if (!cell->legal_next)
		return false;
	*state = (enum automaton_state)(cell->legal_next - 1);
	*ret_actions = cell->actions;
	return true;
}

bool automaton_timer_runs(enum automaton_state state)
{
	return cells[AUT_EV_TO_PLUS][state].legal_next;
}

const char *automaton_state_name(enum automaton_state state)
{
	switch (state) {
	case AUT_INITIAL:
		return "initial";
	case AUT_STARTING:
		return "starting";
	case AUT_CLOSED:
		return "closed";
	case AUT_STOPPED:
		return "stopped";
	case AUT_CLOSING:
		return "closing";
	case AUT_STOPPING:
		return "stopping";
	case AUT_REQ_SENT:
		return "req-sent";
	case AUT_ACK_RCVD:
		return "ack-rcvd";
	case AUT_ACK_SENT:
		return "ack-sent";
	case AUT_OPENED:
		return "opened";
	}
	return "unknown";
}

const char *automaton_event_name(enum automaton_event event)
{
	return event < AUT_EVENT_COUNT ? event_names[event] : "unknown";
}
