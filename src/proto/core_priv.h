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
#include "ids.h"
#include "reason.h"
#include "timers.h"

struct tunnel;
struct session;

LIST_HEAD(tunnel_list, tunnel);
TAILQ_HEAD(session_list, session);

#define CORE_PEER_BUCKETS   65536u
#define CORE_SOURCE_BUCKETS 4096u

struct l2tp_core {
	struct l2tp_env env;
	struct l2tp_limits limits;
	usec_t now;
	uint64_t seed;	      /* makes the two hashes below unpredictable */
	uint32_t next_serial; /* RFC 2661 4.4.4: Call Serial Number, unique and increasing */
	struct effects effects;
	struct timers timers;
	struct ids tids, sids;
	struct l2tp_core_stats stats;
	struct tunnel_list dead_tunnels;
	struct session_list dead_sessions;
	struct tunnel_list unanswered; /* tunnels in wait-ctl-reply */
	/* by the peer's address, port and tunnel id; tunnels whose peer id is known */
	struct tunnel_list by_peer[CORE_PEER_BUCKETS];
	/*
	 * Half-open tunnels by hashed network of the source. Two networks may share a counter;
	 * nobody can choose which, and there is nothing to allocate for a flood.
	 */
	uint16_t half_open[CORE_SOURCE_BUCKETS];
};

/* now + wait, or never. */
static inline usec_t usec_after(usec_t now, usec_t wait)
{
	return wait < USEC_INFINITY - now ? now + wait : USEC_INFINITY;
}

void core_drop(struct l2tp_core *core, enum l2tp_drop why);
/* Append SEND; t NULL: an answer without state. */
void core_send(struct l2tp_core *core, const struct tunnel *t, const struct l2tp_path *path,
	uint16_t type, const uint8_t *data, size_t len, bool retransmit);
/* Append an effect about t, and s unless that is NULL. */
struct effect_node *core_effect(struct l2tp_core *core, enum l2tp_effect_type type,
	const struct tunnel *t, const struct session *s, size_t extra);
void core_trace(struct l2tp_core *core, const struct tunnel *t, const struct session *s,
	const struct fsm_result *step);

/* Bucket of a peer's tunnel, and the counter of the network a source belongs to. */
struct tunnel_list *core_peer_bucket(
	struct l2tp_core *core, const struct l2tp_addr *peer, uint16_t peer_tid);
uint16_t *core_half_open(struct l2tp_core *core, const struct l2tp_addr *source);

#endif
