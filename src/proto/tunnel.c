/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "admit.h"
#include "session.h"
#include "tunnel_input.h"
#include "tunnel_send.h"
#include "tunnel_tie.h"
#include "tunnel_accept.h"
#include "tunnel_probe.h"

/* RFC 2661 5.8: a cap on the retransmission interval must be no less */
#define MIN_RETRANSMIT_CAP (8 * USEC_PER_SEC)
/* Longest of our two names: together they fit into a message, hidden or not. */
#define NAME_MAX_LEN 255
/* Just long enough for our kernel session to be made, too short for a peer to notice. */
#define ACK_DELAY (20 * USEC_PER_MSEC)

static usec_t usec_or(usec_t value, usec_t fallback)
{
	return value ? value : fallback;
}

static void set_params(struct tunnel *t, const struct l2tp_tunnel_params *params)
{
	struct xport_params xp = {
		.retransmit = usec_or(params->retransmit, USEC_PER_SEC),
		.retransmit_cap = usec_or(params->retransmit_cap, MIN_RETRANSMIT_CAP),
		.max_retransmits = params->max_retransmits ? params->max_retransmits : 5,
		.ack_delay = ACK_DELAY,
		.receive_window = params->receive_window ? params->receive_window : 16,
	};

	if (xp.retransmit_cap < MIN_RETRANSMIT_CAP)
		xp.retransmit_cap = MIN_RETRANSMIT_CAP;
	xport_init(&t->xport, &xp);
	t->receive_window = xp.receive_window;
	t->hello = usec_or(params->hello, 60 * USEC_PER_SEC);
	t->setup_timeout = usec_or(params->setup_timeout, 60 * USEC_PER_SEC);
	t->linger = usec_or(params->linger, 10 * USEC_PER_SEC);
	t->firmware = params->firmware;
	t->framing_cap =
		params->framing_cap ? params->framing_cap : L2TP_FRAMING_SYNC | L2TP_FRAMING_ASYNC;
	t->bearer_cap =
		params->bearer_cap ? params->bearer_cap : L2TP_BEARER_DIGITAL | L2TP_BEARER_ANALOG;
	t->has_tie = params->tie_breaker;
	t->hide = params->hide && params->secret.data;
	t->cookie = params->cookie;
}

/* Without an id yet. */
static struct tunnel *make(struct l2tp_core *core, const struct l2tp_tunnel_params *params)
{
	struct tunnel *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->identity = identity_get(&core->identities, params);
	if (!t->identity) {
		free(t);
		return NULL;
	}
	TAILQ_INIT(&t->sessions);
	t->heard_at = core->now;
	t->fsm.since = core->now;
	t->state_at = t->probe_at = USEC_INFINITY;
	t->timer.owner = TIMER_TUNNEL;
	set_params(t, params);
	return t;
}

int tunnel_new(struct l2tp_core *core, const struct l2tp_path *path, struct source *source,
	const struct l2tp_tunnel_params *params, bool initiator, struct tunnel **ret)
{
	struct tunnel *t;
	int r = -ENOMEM;

	assert(params->hostname && params->hostname[0] && strlen(params->hostname) <= NAME_MAX_LEN);
	assert(!params->vendor || strlen(params->vendor) <= NAME_MAX_LEN);
	t = limbo_is_empty(&core->limbo) ? make(core, params) : NULL;
	if (!t)
		goto no_tunnel;
	if (timers_reserve(&core->timers) < 0)
		goto no_timer;
	r = ids_add(&core->tids, &core->env, core->now, t, 0);
	if (r < 0)
		goto no_id;
	t->tid = (uint16_t)r;
	t->path = *path;
	t->initiator = t->proven = initiator;
	source_join(core, t, source, !initiator);
	*ret = t;
	return 0;

no_id:
	timers_release(&core->timers, &t->timer);
no_timer:
	tunnel_free(core, t);
no_tunnel:
	source_put(core, source);
	return r;
}

void tunnel_free(struct l2tp_core *core, struct tunnel *t)
{
	struct session *s;

	while ((s = TAILQ_FIRST(&t->sessions))) {
		TAILQ_REMOVE(&t->sessions, s, link);
		session_free(s);
	}
	xport_free(&t->xport);
	identity_put(&core->identities, t->identity);
	free(t->peer_hostname);
	free(t);
}

/* It cannot be found by its peer any more. */
static void leave_peer(struct l2tp_core *core, struct tunnel *t)
{
	const struct l2tp_addr *peer = &t->path.peer;

	if (!t->in_by_peer)
		return;
	ring_remove(&core->tids, core_by_peer(core, peer, t->peer_tid), t->tid, TUNNEL_PEER_LINK);
	ring_remove(&core->tids, core_by_port(core, peer), t->tid, TUNNEL_PORT_LINK);
	t->in_by_peer = false;
}

/* Take it out of all tables; freed when the input ends. */
static void tunnel_bury(struct l2tp_core *core, struct tunnel *t)
{
	leave_peer(core, t);
	source_leave(core, t);
	/* the caller is told in order, and so are the peers: what is late is not from the new one
	 */
	ids_remove(&core->tids, core->now, t->tid, 0,
		t->was_up || t->initiator ? IDS_REST_FULL : IDS_REST_NONE);
	timers_release(&core->timers, &t->timer);
}

void tunnel_set_peer(
	struct l2tp_core *core, struct tunnel *t, const struct l2tp_addr *peer, uint16_t peer_tid)
{
	leave_peer(core, t);
	t->path.peer = *peer;
	t->peer_tid = peer_tid;
	t->in_by_peer = peer_tid != 0;
	if (!t->in_by_peer)
		return;
	ring_add(&core->tids, core_by_peer(core, peer, peer_tid), t->tid, TUNNEL_PEER_LINK);
	ring_add(&core->tids, core_by_port(core, peer), t->tid, TUNNEL_PORT_LINK);
}

/* Where our last messages have to go, from one that ends the tunnel before it was established. */
static void learn_peer(struct l2tp_core *core, struct tunnel *t, const struct l2tp_msg *msg)
{
	if (!t->peer_tid && l2tp_msg_has(msg, L2TP_AVP_ASSIGNED_TUNNEL_ID))
		tunnel_set_peer(core, t, &t->path.peer, msg->assigned_tid);
}

/* All calls end, then the tunnel itself, for the same reason. */
static void clear(struct l2tp_core *core, struct tunnel *t, const struct l2tp_reason *why)
{
	struct effect_node *node;
	struct session *s;

	while ((s = TAILQ_FIRST(&t->sessions)))
		session_step(core, s, SESSION_EV_TUNNEL_DOWN, NULL, why);
	node = core_effect(core, L2TP_EFFECT_TUNNEL_DOWN, t, NULL, 0);
	if (node)
		node->effect.reason = *why;
	else
		limbo_tunnel_down(core, t);
}

/* It is freed when the input ends, or when its end was told. */
static void gone(struct l2tp_core *core, struct tunnel *t)
{
	tunnel_bury(core, t);
	if (!core_effect(core, L2TP_EFFECT_TUNNEL_GONE, t, NULL, 0)) {
		limbo_tunnel_gone(core, t);
		return;
	}
	t->next_dead = core->dead_tunnels;
	core->dead_tunnels = t;
}

static void stop(struct l2tp_core *core, struct tunnel *t, const struct l2tp_reason *why)
{
	/* RFC 2661 5.7: StopCCN clears all calls, so nothing that still waits is worth sending */
	xport_cut(&t->xport);
	tunnel_send_stopccn(core, t, why);
	clear(core, t, why);
}

/* Somebody else needs its place. A peer that may not have asked for it is not told. */
static void give_way(struct l2tp_core *core, struct tunnel *t, const struct l2tp_reason *why)
{
	if (t->proven) {
		xport_cut(&t->xport);
		tunnel_send_stopccn(core, t, why);
	}
	clear(core, t, why);
	gone(core, t);
}

static void stopped(struct l2tp_core *core, struct tunnel *t, const struct l2tp_msg *msg)
{
	struct l2tp_reason why;

	learn_peer(core, t, msg);
	xport_purge(&t->xport);
	reason_peer(&why, msg);
	clear(core, t, &why);
}

static void opened(struct l2tp_core *core, struct tunnel *t)
{
	struct effect_node *node = core_effect(core, L2TP_EFFECT_TUNNEL_UP, t, NULL, 0);
	struct session *s, *next;
	struct l2tp_reason why;

	if (!node) {
		reason_tunnel(&why, L2TP_WHO_LOCAL, L2TP_STOPCCN_ERROR, L2TP_ERR_RESOURCES,
			"out of memory");
		tunnel_step(core, t, TUNNEL_EV_CLOSE, NULL, &why);
		return;
	}
	node->effect.tunnel_up.peer_tid = t->peer_tid;
	node->effect.tunnel_up.initiator = t->initiator;
	t->was_up = true;
	t->authenticated = t->identity->secret != NULL;
	tunnel_supersede(core, t);
	if (!t->initiator)
		tunnel_tie_settle(core, t);
	for (s = TAILQ_FIRST(&t->sessions); s; s = next) {
		next = TAILQ_NEXT(s, link);
		session_tunnel_open(core, s);
	}
}

static void act(struct l2tp_core *core, struct tunnel *t, const struct fsm_result *step,
	const struct l2tp_msg *msg, const struct l2tp_reason *why)
{
	struct l2tp_reason fault;

	switch ((enum tunnel_action)step->action) {
	case TUNNEL_ACT_NONE:
		break;
	case TUNNEL_ACT_SEND_SCCRQ:
		tunnel_send_sccrq(core, t);
		break;
	case TUNNEL_ACT_SEND_SCCRP:
		tunnel_send_sccrp(core, t);
		break;
	case TUNNEL_ACT_SEND_SCCCN:
		tunnel_learn(t, msg);
		tunnel_set_peer(core, t, &t->path.peer, msg->assigned_tid);
		tunnel_send_scccn(core, t);
		opened(core, t);
		break;
	case TUNNEL_ACT_OPENED:
		opened(core, t);
		break;
	case TUNNEL_ACT_STOP:
		/* a refused SCCRP still tells where StopCCN belongs */
		if (msg)
			learn_peer(core, t, msg);
		stop(core, t, why);
		break;
	case TUNNEL_ACT_STOP_FSM:
		reason_tunnel(&fault, L2TP_WHO_LOCAL, L2TP_STOPCCN_FSM, 0, "%s in state %s",
			step->event, step->from);
		stop(core, t, &fault);
		break;
	case TUNNEL_ACT_STOPPED:
		stopped(core, t, msg);
		break;
	case TUNNEL_ACT_LOST:
	case TUNNEL_ACT_DISCARD:
		clear(core, t, why);
		gone(core, t);
		break;
	case TUNNEL_ACT_LEARN_PEER:
		learn_peer(core, t, msg);
		xport_resend(&t->xport);
		break;
	case TUNNEL_ACT_GIVE_WAY:
		give_way(core, t, why);
		break;
	case TUNNEL_ACT_GONE:
		gone(core, t);
		break;
	}
}

/* What being in a state means: its deadline and the lists the tunnel is in. */
static void entered(struct l2tp_core *core, struct tunnel *t, bool was_unanswered)
{
	if (was_unanswered)
		LIST_REMOVE(t, unanswered_link);
	t->state_at = USEC_INFINITY;
	switch ((enum l2tp_tunnel_state)t->fsm.now) {
	case L2TP_TUNNEL_IDLE:
		break;
	case L2TP_TUNNEL_WAIT_CTL_REPLY:
		LIST_INSERT_HEAD(core_unanswered(core, &t->path.peer), t, unanswered_link);
		t->state_at = usec_after(core->now, t->setup_timeout);
		break;
	case L2TP_TUNNEL_WAIT_CTL_CONN:
		t->state_at = usec_after(core->now, t->setup_timeout);
		break;
	case L2TP_TUNNEL_ESTABLISHED:
		tunnel_sessions_changed(core, t);
		break;
	case L2TP_TUNNEL_CLOSING:
		t->state_at = core->now + xport_cycle(&t->xport.params);
		break;
	}
}

void tunnel_step(struct l2tp_core *core, struct tunnel *t, enum tunnel_event event,
	const struct l2tp_msg *msg, const struct l2tp_reason *why)
{
	bool unanswered = t->fsm.now == L2TP_TUNNEL_WAIT_CTL_REPLY;
	struct fsm_result step;

	if (!fsm_step(&fsm_tunnel, &t->fsm, event, core->now, &step))
		return;
	if (step.moved) {
		entered(core, t, unanswered);
		core_trace(core, t, NULL, &step);
	}
	act(core, t, &step, msg, why);
	if (step.moved && t->fsm.now != L2TP_TUNNEL_IDLE)
		admit_rank(core, t);
}

/*
 * A peer opens a tunnel to place a call: its first ICRQ may be lost now and then. One that proved
 * nothing is not waited for so long.
 */
static usec_t idle_time(const struct l2tp_core *core, const struct tunnel *t)
{
	usec_t most = core->limits.first_call;

	if (t->initiator || t->had_calls)
		return t->linger;
	if (!t->identity->secret && most)
		return t->setup_timeout < most ? t->setup_timeout : most;
	return t->setup_timeout > t->linger ? t->setup_timeout : t->linger;
}

void tunnel_sessions_changed(struct l2tp_core *core, struct tunnel *t)
{
	if (t->fsm.now == L2TP_TUNNEL_ESTABLISHED)
		t->state_at = t->session_count ? USEC_INFINITY
					       : usec_after(core->now, idle_time(core, t));
	if (t->fsm.now == L2TP_TUNNEL_ESTABLISHED && t->was_up)
		admit_rank(core, t);
}

/*
 * RFC 2661 5.5: a Hello after silence of any message, control or data. While a message of ours
 * waits for its acknowledgement, that one finds out whether the peer lives.
 */
static usec_t hello_at(const struct tunnel *t)
{
	if (t->fsm.now != L2TP_TUNNEL_ESTABLISHED || t->xport.queued)
		return USEC_INFINITY;
	return usec_after(t->heard_at, t->hello);
}

static void state_timeout(struct l2tp_core *core, struct tunnel *t)
{
	struct l2tp_reason why;

	t->state_at = USEC_INFINITY;
	switch ((enum l2tp_tunnel_state)t->fsm.now) {
	case L2TP_TUNNEL_IDLE:
		break;
	case L2TP_TUNNEL_WAIT_CTL_REPLY:
	case L2TP_TUNNEL_WAIT_CTL_CONN:
		reason_tunnel(&why, L2TP_WHO_TIMEOUT, L2TP_STOPCCN_CLEAR, 0,
			"tunnel not established within %u s",
			(unsigned)(t->setup_timeout / USEC_PER_SEC));
		tunnel_step(core, t, TUNNEL_EV_SETUP_TIMEOUT, NULL, &why);
		break;
	case L2TP_TUNNEL_ESTABLISHED:
		reason_tunnel(&why, L2TP_WHO_LOCAL, L2TP_STOPCCN_CLEAR, 0, "no calls for %u s",
			(unsigned)(idle_time(core, t) / USEC_PER_SEC));
		tunnel_step(core, t, TUNNEL_EV_CLOSE, NULL, &why);
		break;
	case L2TP_TUNNEL_CLOSING:
		tunnel_step(core, t, TUNNEL_EV_CYCLE_OVER, NULL, NULL);
		break;
	}
}

static void overflowed(struct l2tp_core *core, struct tunnel *t)
{
	struct l2tp_reason why;

	t->overflowed = false;
	core->stats.overflows++;
	reason_tunnel(&why, L2TP_WHO_TIMEOUT, L2TP_STOPCCN_ERROR, L2TP_ERR_RESOURCES,
		"the peer does not acknowledge: %u messages wait for it", t->xport.queued);
	tunnel_step(core, t, TUNNEL_EV_BAD, NULL, &why);
}

void tunnel_timeout(struct l2tp_core *core, struct tunnel *t)
{
	if (xport_timeout(&t->xport, core->now) == XPORT_DEAD)
		tunnel_unanswered(core, t);
	else
		tunnel_last_wait(core, t);
	if (t->state_at <= core->now)
		state_timeout(core, t);
	if (t->probe_at <= core->now)
		tunnel_probe_now(core, t);
	if (hello_at(t) <= core->now && tunnel_send_hello(core, t) < 0)
		t->heard_at = core->now - t->hello + USEC_PER_SEC; /* no memory: in a second */
	tunnel_settle(core, t);
}

void tunnel_settle(struct l2tp_core *core, struct tunnel *t)
{
	usec_t at, hello;

	if (t->overflowed)
		overflowed(core, t);
	if (t->fsm.now == L2TP_TUNNEL_IDLE)
		return;
	tunnel_transmit(core, t);
	if (xport_wants_zlb(&t->xport, core->now, t->owing))
		tunnel_send_zlb(core, t);
	at = xport_deadline(&t->xport);
	if (t->state_at < at)
		at = t->state_at;
	if (t->probe_at < at)
		at = t->probe_at;
	hello = hello_at(t);
	timers_set(&core->timers, &t->timer, hello < at ? hello : at);
}
