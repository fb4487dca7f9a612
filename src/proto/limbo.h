/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ends that have to be told and cannot be queued for lack of memory. The caller has a process, a
 * socket, a kernel session that only the word of the end makes it close, so that word must not be
 * lost: the object itself waits in place of its effect, and is freed when it was told.
 *
 * Order is kept: what is in limbo is told after everything in the queue, so while something is,
 * other ends go there, too, and nothing begins.
 */
#ifndef PROTO_LIMBO_H
#define PROTO_LIMBO_H

#include <sys/queue.h>

#include <l2tp/core.h>

struct l2tp_core;
struct session;
struct tunnel;

enum limbo_kind { LIMBO_SESSION, LIMBO_TUNNEL };

/* In a session or tunnel. */
struct limbo_link {
	STAILQ_ENTRY(limbo_link) next;
	enum limbo_kind kind;
};

struct limbo {
	STAILQ_HEAD(, limbo_link) waiting;
	struct l2tp_effect effect; /* the one the caller is looking at */
	struct session *session;   /* which is about this one, to be freed afterwards */
	struct tunnel *tunnel;
};

void limbo_init(struct limbo *limbo);
static inline bool limbo_is_empty(const struct limbo *limbo)
{
	return STAILQ_EMPTY(&limbo->waiting);
}
/* s is in no table any more: SESSION_DOWN is owed. */
void limbo_session_down(struct l2tp_core *core, struct session *s);
/* TUNNEL_DOWN is owed. */
void limbo_tunnel_down(struct l2tp_core *core, struct tunnel *t);
/* t is in no table any more: TUNNEL_GONE is owed. */
void limbo_tunnel_gone(struct l2tp_core *core, struct tunnel *t);
/* What was looked at may go. */
void limbo_release(struct l2tp_core *core);
/* The next one, or NULL. */
const struct l2tp_effect *limbo_next(struct l2tp_core *core);
/* Of a core that ends. */
void limbo_free(struct l2tp_core *core);

#endif
