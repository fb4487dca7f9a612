/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core's own state, shared by core.c, tunnel*.c and session*.c only.
 *
 * Ownership: core -> tunnels -> sessions. An object that ends leaves every table at once and is
 * freed when the input that ended it returns, so a pointer on the stack never dangles.
 */
#ifndef PROTO_CORE_PRIV_H
#define PROTO_CORE_PRIV_H

#include <sys/queue.h>

#include <l2tp/core.h>

#include "effects.h"
#include "fsm.h"
#include "identity.h"
#include "ids.h"
#include "reason.h"
#include "source.h"
#include "talkers.h"
#include "timers.h"

struct tunnel;
struct session;

LIST_HEAD(tunnel_list, tunnel);
TAILQ_HEAD(session_list, session);

#define CORE_PEER_BUCKETS	65536u
#define CORE_UNANSWERED_BUCKETS 256u
#define CORE_CHALLENGE_KEY	16

struct l2tp_core {
	struct l2tp_env env;
	struct l2tp_limits limits;
	usec_t now;
	uint64_t seed;	      /* makes the hashes below unpredictable */
	uint32_t next_serial; /* RFC 2661 4.4.4: Call Serial Number, unique and increasing */
	struct effects effects;
	struct timers timers;
	struct ids tids, sids;
	usec_t call_price; /* one request for a call is paid for in this time; 0: no limit */
	struct l2tp_core_stats stats;
	struct tunnel *dead_tunnels;
	struct session_list dead_sessions;
	/* by which our own challenges are known when they come back */
	uint8_t challenge_key[CORE_CHALLENGE_KEY];
	struct talkers talkers;
	struct identities identities;
	struct sources sources;
	/* tunnels in wait-ctl-reply, by the peer's host */
	struct tunnel_list unanswered[CORE_UNANSWERED_BUCKETS];
	/*
	 * Tunnels whose peer's id is known, in rings: by its address, port and tunnel id, and by
	 * its address and port.
	 */
	uint16_t by_peer[CORE_PEER_BUCKETS];
	uint16_t by_port[CORE_PEER_BUCKETS];
};

/* now + wait, or never. */
static inline usec_t usec_after(usec_t now, usec_t wait)
{
	return wait < USEC_INFINITY - now ? now + wait : USEC_INFINITY;
}

/* Finalizer of splitmix64: every bit of the input moves every bit of the output. */
static inline uint64_t core_hash(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* A datagram of peer is dropped without an answer. */
void core_drop(struct l2tp_core *core, enum l2tp_drop why, const struct l2tp_addr *peer);
/* Append SEND; t NULL: an answer without state. */
void core_send(struct l2tp_core *core, const struct tunnel *t, const struct l2tp_path *path,
	uint16_t type, const uint8_t *data, size_t len, bool retransmit);
/* Append an effect about t, and s unless that is NULL. */
struct effect_node *core_effect(struct l2tp_core *core, enum l2tp_effect_type type,
	const struct tunnel *t, const struct session *s, size_t extra);
void core_trace(struct l2tp_core *core, const struct tunnel *t, const struct session *s,
	const struct fsm_result *step);

/* Heads of the rings and lists that tunnels of a peer are in. */
uint16_t *core_by_peer(struct l2tp_core *core, const struct l2tp_addr *peer, uint16_t peer_tid);
uint16_t *core_by_port(struct l2tp_core *core, const struct l2tp_addr *peer);
struct tunnel_list *core_unanswered(struct l2tp_core *core, const struct l2tp_addr *peer);

#endif
