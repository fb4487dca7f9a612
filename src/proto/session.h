/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One call: RFC 2661 7.4 and 7.5, both roles of both.
 */
#ifndef PROTO_SESSION_H
#define PROTO_SESSION_H

#include "core_priv.h"
#include "session_extra.h"

/* What the caller of the core owes a session. */
enum session_owes {
	SESSION_OWES_NOTHING,
	SESSION_OWES_ANSWER, /* to SESSION_OFFER */
	SESSION_OWES_KERNEL, /* to SESSION_CREATE */
};

struct session {
	union {
		TAILQ_ENTRY(session) link; /* in tunnel->sessions; later in core->dead_sessions */
		struct limbo_link limbo;   /* or there */
	};
	struct tunnel *tunnel;
	struct timer timer; /* the peer has so long to go on */
	struct fsm_state fsm;
	uint16_t sid, peer_sid;
	enum l2tp_role role;
	enum session_owes owes;
	bool outgoing, send_seq, require_seq, keep_proxy, speed_updates;
	bool counted; /* as a call that the peer placed */
	bool created; /* SESSION_CREATE was said */
	uint32_t serial, tx_speed, rx_speed, framing_type, bearer_type;
	uint32_t minimum_bps, maximum_bps;
	usec_t errors_at;	     /* no WEN before */
	struct session_extra *extra; /* NULL: none */
	usec_t setup_timeout;
	uint64_t cookie;
	const char *calling, *called, *sub_address; /* all inside strings */
	char strings[];
};

/* Free a session that is in no table any more, or everything of a core that ends. */
void session_free(struct session *s);
/* We place a call. Its id, or -ENOSPC, -ENOMEM. */
int session_place(struct l2tp_core *core, struct tunnel *t, const struct l2tp_call_params *params);
/* The peer asks for a call: an ICRQ or OCRQ that may be taken. False: no room. */
bool session_offer(struct l2tp_core *core, struct tunnel *t, const struct l2tp_msg *msg);
void session_accept(
	struct l2tp_core *core, struct session *s, const struct l2tp_call_params *params);
/* The tunnel is open: send our request. */
void session_tunnel_open(struct l2tp_core *core, struct session *s);
void session_step(struct l2tp_core *core, struct session *s, enum session_event event,
	const struct l2tp_msg *msg, const struct l2tp_reason *why);
void session_timeout(struct l2tp_core *core, struct session *s);
/*
 * The tunnel it waits for lost a tie, so it becomes one of to, which is established. False: to is
 * full.
 */
bool session_move(struct l2tp_core *core, struct session *s, struct tunnel *to);

#endif
