/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One control connection: RFC 2661 7.2, its authentication, its transport.
 */
#ifndef PROTO_TUNNEL_H
#define PROTO_TUNNEL_H

#include "core_priv.h"
#include "xport.h"

#define CHALLENGE_LEN 16
/* So many times what it sent goes to an address that has not proved itself. */
#define AMPLIFICATION_MAX 5
/* Room for any message we build: at most six strings, hidden or not. */
#define MESSAGE_MAX 8192

struct tunnel {
	LIST_ENTRY(tunnel) peer_link;	    /* in core->by_peer; later in core->dead_tunnels */
	LIST_ENTRY(tunnel) unanswered_link; /* in core->unanswered */
	struct timer timer;		    /* the earliest of all deadlines below */
	struct fsm_state fsm;
	struct xport xport;
	struct l2tp_path path;
	struct session_list sessions;
	unsigned session_count;
	unsigned owing; /* sessions that will send a message as soon as our side is ready */
	uint16_t tid, peer_tid;
	bool initiator, authenticated;
	bool in_by_peer, half_open, hide;
	bool challenge_sent, response_due, had_calls;
	bool has_tie; /* tie_breaker is the SCCRQ's, whoever sent that */
	/*
	 * proven: the peer opened the tunnel and showed that it reads what is sent to its address.
	 * Until then octets are counted: the SCCRQ may be forged to have us flood somebody else.
	 */
	bool proven;
	uint32_t unproven_rx, unproven_tx;
	usec_t hello;
	usec_t state_at; /* the state ends by itself: setup timeout, linger, cycle over */
	usec_t heard_at; /* last control message or data of the peer */
	uint64_t rx_messages, tx_messages;
	uint64_t cookie;
	/* what every message needs is above, so that it takes few lines of the cache */
	uint64_t tie_breaker;
	uint8_t challenge[CHALLENGE_LEN]; /* ours */
	uint8_t response[16];		  /* to the peer's challenge; if response_due */
	uint8_t *secret;		  /* wiped when freed */
	size_t secret_len;
	char *hostname, *vendor;	   /* vendor may be NULL */
	char *peer_hostname, *peer_vendor; /* NULL until known */
	uint16_t firmware, receive_window;
	uint32_t framing_cap, bearer_cap, peer_framing_cap, peer_bearer_cap;
	usec_t setup_timeout, linger;
	uint64_t request_hash; /* of the SCCRQ the tunnel was made from */
	uint64_t retransmits, duplicates;
	uint64_t deviations[L2TP_DEV_COUNT];
};

static inline struct l2tp_secret tunnel_secret(const struct tunnel *t)
{
	return (struct l2tp_secret){ t->secret, t->secret_len };
}

/* A new tunnel in state idle. 0, -ENOSPC or -ENOMEM. */
int tunnel_new(struct l2tp_core *core, const struct l2tp_path *path,
	const struct l2tp_tunnel_params *params, bool initiator, struct tunnel **ret);
/* Free a tunnel that is in no table any more, or everything of a core that ends. */
void tunnel_free(struct tunnel *t);
/* The peer's tunnel id is known, and its address final: it can be found by them. */
void tunnel_set_peer(
	struct l2tp_core *core, struct tunnel *t, const struct l2tp_addr *peer, uint16_t peer_tid);
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
