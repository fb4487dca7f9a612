// SPDX-License-Identifier: GPL-2.0-or-later
#include "tunnel.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "tunnel_input.h"
#include "tunnel_send.h"
#include "tunnel_tie.h"

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
	t->cookie = params->cookie;
}

static int copy_params(struct tunnel *t, const struct l2tp_tunnel_params *params)
{
	t->hostname = strdup(params->hostname);
	if (!t->hostname)
		return -ENOMEM;
	if (params->vendor) {
		t->vendor = strdup(params->vendor);
		if (!t->vendor)
			return -ENOMEM;
	}
	if (!params->secret.data)
		return 0;
	/* one more, so that an empty secret is still a secret */
	t->secret = malloc(params->secret.len + 1);
	if (!t->secret)
		return -ENOMEM;
	memcpy(t->secret, params->secret.data, params->secret.len);
	t->secret_len = params->secret.len;
	t->hide = params->hide;
	return 0;
}

int tunnel_new(struct l2tp_core *core, const struct l2tp_path *path,
	const struct l2tp_tunnel_params *params, bool initiator, struct tunnel **ret)
{
	struct tunnel *t;
	int r;

	assert(params->hostname && params->hostname[0] && strlen(params->hostname) <= NAME_MAX_LEN);
	assert(!params->vendor || strlen(params->vendor) <= NAME_MAX_LEN);
	if (core->stats.tunnels >= core->limits.max_tunnels)
		return -ENOSPC;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	TAILQ_INIT(&t->sessions);
	t->path = *path;
	t->initiator = t->proven = initiator;
	t->heard_at = core->now;
	t->fsm.since = core->now;
	t->state_at = USEC_INFINITY;
	t->timer.owner = TIMER_TUNNEL;
	set_params(t, params);
	r = copy_params(t, params);
	if (r == 0)
		r = timers_reserve(&core->timers);
	if (r < 0) {
		tunnel_free(t);
		return r;
	}
	r = ids_add(&core->tids, &core->env, core->now, t);
	if (r < 0) {
		timers_release(&core->timers, &t->timer);
		tunnel_free(t);
		return r;
	}
	t->tid = (uint16_t)r;
	core->stats.tunnels++;
	*ret = t;
	return 0;
}

void tunnel_free(struct tunnel *t)
{
	struct session *s;

	while ((s = TAILQ_FIRST(&t->sessions))) {
		TAILQ_REMOVE(&t->sessions, s, link);
		session_free(s);
	}
	xport_free(&t->xport);
	if (t->secret)
		explicit_bzero(t->secret, t->secret_len);
	free(t->secret);
	free(t->hostname);
	free(t->vendor);
	free(t->peer_hostname);
	free(t->peer_vendor);
	free(t);
}

/*
 * A tunnel that failed before it was established counts until it is gone, else a peer that fails on
 * purpose could fill all of max_tunnels with closing ones.
 */
static void not_half_open(struct l2tp_core *core, struct tunnel *t)
{
	if (!t->half_open)
		return;
	t->half_open = false;
	core->stats.half_open--;
	--*core_half_open(core, &t->path.peer);
}

/* Take it out of all tables; freed when the input ends. */
static void tunnel_bury(struct l2tp_core *core, struct tunnel *t)
{
	ids_remove(&core->tids, core->now, t->tid);
	timers_release(&core->timers, &t->timer);
	if (t->in_by_peer)
		LIST_REMOVE(t, peer_link);
	t->in_by_peer = false;
	not_half_open(core, t);
	core->stats.tunnels--;
	LIST_INSERT_HEAD(&core->dead_tunnels, t, peer_link);
}

void tunnel_set_peer(
	struct l2tp_core *core, struct tunnel *t, const struct l2tp_addr *peer, uint16_t peer_tid)
{
	if (t->in_by_peer)
		LIST_REMOVE(t, peer_link);
	t->path.peer = *peer;
	t->peer_tid = peer_tid;
	t->in_by_peer = peer_tid != 0;
	if (t->in_by_peer)
		LIST_INSERT_HEAD(core_peer_bucket(core, peer, peer_tid), t, peer_link);
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
	struct session *s;

	while ((s = TAILQ_FIRST(&t->sessions)))
		session_step(core, s, SESSION_EV_TUNNEL_DOWN, NULL, why);
	core_effect(core, L2TP_EFFECT_TUNNEL_DOWN, t, NULL, 0)->effect.reason = *why;
}

static void gone(struct l2tp_core *core, struct tunnel *t)
{
	core_effect(core, L2TP_EFFECT_TUNNEL_GONE, t, NULL, 0);
	tunnel_bury(core, t);
}

static void stop(struct l2tp_core *core, struct tunnel *t, const struct l2tp_reason *why)
{
	/* RFC 2661 5.7: StopCCN clears all calls, so nothing that still waits is worth sending */
	xport_cut(&t->xport);
	tunnel_send_stopccn(core, t, why);
	clear(core, t, why);
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
	struct session *s, *next;
	struct l2tp_effect *effect = &core_effect(core, L2TP_EFFECT_TUNNEL_UP, t, NULL, 0)->effect;

	effect->tunnel_up.peer_tid = t->peer_tid;
	effect->tunnel_up.initiator = t->initiator;
	t->authenticated = t->secret != NULL;
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
		LIST_INSERT_HEAD(&core->unanswered, t, unanswered_link);
		t->state_at = usec_after(core->now, t->setup_timeout);
		break;
	case L2TP_TUNNEL_WAIT_CTL_CONN:
		t->half_open = true;
		core->stats.half_open++;
		++*core_half_open(core, &t->path.peer);
		t->state_at = usec_after(core->now, t->setup_timeout);
		break;
	case L2TP_TUNNEL_ESTABLISHED:
		not_half_open(core, t);
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
}

/* A peer opens a tunnel to place a call: its first ICRQ may be lost now and then. */
static usec_t idle_time(const struct tunnel *t)
{
	bool first = !t->initiator && !t->had_calls;

	return first && t->setup_timeout > t->linger ? t->setup_timeout : t->linger;
}

void tunnel_sessions_changed(struct l2tp_core *core, struct tunnel *t)
{
	if (t->fsm.now == L2TP_TUNNEL_ESTABLISHED)
		t->state_at =
			t->session_count ? USEC_INFINITY : usec_after(core->now, idle_time(t));
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
			(unsigned)(idle_time(t) / USEC_PER_SEC));
		tunnel_step(core, t, TUNNEL_EV_CLOSE, NULL, &why);
		break;
	case L2TP_TUNNEL_CLOSING:
		tunnel_step(core, t, TUNNEL_EV_CYCLE_OVER, NULL, NULL);
		break;
	}
}

static void lost(struct l2tp_core *core, struct tunnel *t)
{
	struct l2tp_reason why;
	char peer[L2TP_ADDR_STRLEN];

	reason_tunnel(&why, L2TP_WHO_TIMEOUT, 0, 0, "no answer from %s after %u tries",
		l2tp_addr_format(&t->path.peer, peer), t->xport.params.max_retransmits + 1);
	tunnel_step(core, t, TUNNEL_EV_LOST, NULL, &why);
}

void tunnel_timeout(struct l2tp_core *core, struct tunnel *t)
{
	if (xport_timeout(&t->xport, core->now) == XPORT_DEAD)
		lost(core, t);
	if (t->state_at <= core->now)
		state_timeout(core, t);
	if (hello_at(t) <= core->now)
		tunnel_send_hello(core, t);
	tunnel_settle(core, t);
}

void tunnel_settle(struct l2tp_core *core, struct tunnel *t)
{
	usec_t at, hello;

	if (t->fsm.now == L2TP_TUNNEL_IDLE)
		return;
	tunnel_transmit(core, t);
	if (xport_wants_zlb(&t->xport, core->now, t->owing))
		tunnel_send_zlb(core, t);
	at = xport_deadline(&t->xport);
	if (t->state_at < at)
		at = t->state_at;
	hello = hello_at(t);
	timers_set(&core->timers, &t->timer, hello < at ? hello : at);
}
