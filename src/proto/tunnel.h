/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One control connection: RFC 2661 7.2, its authentication, its transport.
 */
#ifndef PROTO_TUNNEL_H
#define PROTO_TUNNEL_H

#include "challenge.h"
#include "core_priv.h"
#include "xport.h"

/*
 * So many times what it sent goes to an address that has not proved itself; and after the first
 * answer only so many while much is half-open, as then most of those addresses are forged.
 */
#define AMPLIFICATION_MAX     5
#define AMPLIFICATION_CROWDED 2
/* Room for any message we build: at most six strings, hidden or not. */
#define MESSAGE_MAX 8192

struct tunnel {
	struct timer timer; /* the earliest of all deadlines below */
	struct fsm_state fsm;
	struct xport xport;
	struct l2tp_path path;
	struct session_list sessions;
	unsigned session_count;
	unsigned owing; /* sessions that will send a message as soon as our side is ready */
	uint16_t tid, peer_tid;
	bool initiator, authenticated;
	bool in_by_peer, hide;
	bool challenge_sent, response_due, had_calls, was_up;
	bool has_tie; /* tie_breaker is the SCCRQ's, whoever sent that */
	/*
	 * proven: the peer opened the tunnel and showed that it reads what is sent to its address.
	 * Until then octets are counted: the SCCRQ may be forged to have us flood somebody else.
	 */
	bool proven;
	bool asked;	 /* a probe is under way; see tunnel_probe.h */
	bool silent;	 /* asked, as data goes out and nothing comes back */
	bool data_heard; /* since the last Hello of ours */
	bool overflowed; /* more waits for the peer's acknowledgement than we keep */
	uint32_t unproven_rx, unproven_tx;
	usec_t hello;
	usec_t state_at; /* the state ends by itself: setup timeout, linger, cycle over */
	usec_t heard_at; /* last control message or data of the peer */
	usec_t probe_at, probed_at; /* next and last; never: USEC_INFINITY, 0 */
	uint64_t rx_messages, tx_messages;
	uint64_t cookie;
	struct source_place place;
	struct ring_link peer_link, port_link; /* in core->by_peer, by_port; if in_by_peer */
	/* what every message needs is above, so that it takes few lines of the cache */
	LIST_ENTRY(tunnel) unanswered_link; /* in core->unanswered */
	struct tunnel *next_dead;
	struct limbo_link limbo;
	bool down_owed, gone_owed; /* it is in there */
	struct identity *identity;
	uint64_t tie_breaker;
	uint8_t challenge[CHALLENGE_LEN];  /* ours */
	uint8_t response[16];		   /* to the peer's challenge; if response_due */
	char *peer_hostname, *peer_vendor; /* NULL until known; one piece of memory */
	uint16_t firmware, receive_window;
	uint32_t framing_cap, bearer_cap, peer_framing_cap, peer_bearer_cap;
	usec_t setup_timeout, linger;
	usec_t calls_until; /* the peer's requests so far are paid by then; see admit_request() */
	uint64_t request_hash; /* of the SCCRQ the tunnel was made from */
	uint64_t retransmits, duplicates;
	uint32_t deviations[L2TP_DEV_COUNT];
};

static inline struct l2tp_secret tunnel_secret(const struct tunnel *t)
{
	return (struct l2tp_secret){ .data = t->identity->secret, .len = t->identity->secret_len };
}

/*
 * A new tunnel in state idle. Takes over the caller's reference to source, also on error. 0,
 * -ENOSPC or -ENOMEM.
 */
int tunnel_new(struct l2tp_core *core, const struct l2tp_path *path, struct source *source,
	const struct l2tp_tunnel_params *params, bool initiator, struct tunnel **ret);
/* Free a tunnel that is in no table any more, or everything of a core that ends. */
void tunnel_free(struct l2tp_core *core, struct tunnel *t);
/* The peer's tunnel id is known, and its address final: it can be found by them. */
void tunnel_set_peer(
	struct l2tp_core *core, struct tunnel *t, const struct l2tp_addr *peer, uint16_t peer_tid);
/* In core->by_peer, core->by_port: walk. */
#define TUNNEL_PEER_LINK offsetof(struct tunnel, peer_link)
#define TUNNEL_PORT_LINK offsetof(struct tunnel, port_link)
/* One event. msg and why as far as the event has them. */
void tunnel_step(struct l2tp_core *core, struct tunnel *t, enum tunnel_event event,
	const struct l2tp_msg *msg, const struct l2tp_reason *why);
/* The number of its sessions changed. */
void tunnel_sessions_changed(struct l2tp_core *core, struct tunnel *t);
/* Its timer fired. */
void tunnel_timeout(struct l2tp_core *core, struct tunnel *t);
/* Every input that touched a tunnel ends with this: transmit, acknowledge, arm the timer. */
void tunnel_settle(struct l2tp_core *core, struct tunnel *t);

#endif
