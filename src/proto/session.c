/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session_msg.h"
#include "admit.h"
#include "tunnel.h"

#define DEFAULT_SPEED	    10000000u
#define DEFAULT_MAXIMUM_BPS 0x7fffffffu
#define DEFAULT_SETUP	    (60 * USEC_PER_SEC)

/* A session with its three strings, in state idle. 0, -ENOSPC (no id) or -ENOMEM. */
static int session_new(struct l2tp_core *core, struct tunnel *t, struct l2tp_span calling,
	struct l2tp_span called, struct l2tp_span sub_address, struct session **ret)
{
	size_t sizes[3] = { text_size(calling), text_size(called), text_size(sub_address) };
	struct session *s;
	int r;

	if (!limbo_is_empty(&core->limbo))
		return -ENOMEM;
	s = calloc(1, sizeof(*s) + sizes[0] + sizes[1] + sizes[2]);
	if (!s)
		return -ENOMEM;
	if (timers_reserve(&core->timers) < 0) {
		free(s);
		return -ENOMEM;
	}
	r = ids_add(&core->sids, &core->env, core->now, s, t->tid);
	if (r < 0) {
		timers_release(&core->timers, &s->timer);
		free(s);
		return r;
	}
	s->sid = (uint16_t)r;
	s->timer.owner = TIMER_SESSION;
	s->fsm.since = core->now;
	s->tunnel = t;
	s->calling = l2tp_text_copy(s->strings, sizes[0], calling);
	s->called = l2tp_text_copy(s->strings + sizes[0], sizes[1], called);
	s->sub_address = l2tp_text_copy(s->strings + sizes[0] + sizes[1], sizes[2], sub_address);
	TAILQ_INSERT_TAIL(&t->sessions, s, link);
	t->session_count++;
	t->had_calls = true;
	core->stats.sessions++;
	tunnel_sessions_changed(core, t);
	*ret = s;
	return 0;
}

void session_free(struct session *s)
{
	session_extra_free(s->extra);
	free(s);
}

/* Leave every table. told: nothing is owed to the caller, so it is freed when the input ends. */
static void forget(struct l2tp_core *core, struct session *s, bool told)
{
	struct tunnel *t = s->tunnel;

	ids_remove(&core->sids, core->now, s->sid, t->tid,
		s->created ? IDS_REST_FULL : IDS_REST_BRIEF);
	if (s->counted)
		source_call(t, -1);
	timers_release(&core->timers, &s->timer);
	TAILQ_REMOVE(&t->sessions, s, link);
	if (told)
		TAILQ_INSERT_HEAD(&core->dead_sessions, s, link);
	else
		limbo_session_down(core, s);
	t->session_count--;
	core->stats.sessions--;
	tunnel_sessions_changed(core, t);
}

static void set_owes(struct session *s, enum session_owes owes)
{
	s->tunnel->owing -= s->owes != SESSION_OWES_NOTHING;
	s->tunnel->owing += owes != SESSION_OWES_NOTHING;
	s->owes = owes;
}

/* RFC 2661 4.4.3: nothing is requested that the peer did not announce; if it announced anything. */
static uint32_t allowed(uint32_t wanted, uint32_t announced)
{
	/* bits that mean nothing are not to be sent back */
	announced &= 3;
	if (wanted & announced)
		return wanted & announced;
	return announced ? announced : wanted;
}

static void set_params(struct session *s, const struct l2tp_call_params *params)
{
	s->tx_speed = params->tx_speed ? params->tx_speed : DEFAULT_SPEED;
	s->rx_speed = params->rx_speed;
	/* RFC 2661 5.4: the LAC requires, with an AVP that only ICCN and OCCN have */
	s->require_seq = params->require_seq && s->role == L2TP_ROLE_LAC;
	s->send_seq = params->send_seq || s->require_seq;
	s->setup_timeout = params->setup_timeout ? params->setup_timeout : DEFAULT_SETUP;
	s->cookie = params->cookie;
	s->keep_proxy = params->keep_proxy;
	if (s->role == L2TP_ROLE_LAC)
		s->speed_updates = params->speed_updates && !s->outgoing;
	if (params->framing_type)
		s->framing_type = params->framing_type;
	else if (!s->framing_type)
		s->framing_type = L2TP_FRAMING_SYNC;
}

int session_place(struct l2tp_core *core, struct tunnel *t, const struct l2tp_call_params *params)
{
	struct session *s;
	int r;

	if (!admit_own_call(core, t))
		return -ENOSPC;
	r = session_new(core, t, l2tp_span_of(params->calling), l2tp_span_of(params->called),
		l2tp_span_of(params->sub_address), &s);
	if (r < 0)
		return r;
	if (session_extra_params(&s->extra, params) < 0) {
		forget(core, s, true);
		return -ENOMEM;
	}
	s->outgoing = params->outgoing;
	s->role = params->outgoing ? L2TP_ROLE_LNS : L2TP_ROLE_LAC;
	set_params(s, params);
	s->bearer_type = params->bearer_type;
	s->minimum_bps = params->minimum_bps;
	s->maximum_bps = params->maximum_bps ? params->maximum_bps : DEFAULT_MAXIMUM_BPS;
	s->serial = core->next_serial++;
	r = s->sid;
	session_step(core, s, SESSION_EV_OPEN, NULL, NULL);
	if (t->fsm.now == L2TP_TUNNEL_ESTABLISHED)
		session_tunnel_open(core, s);
	return r;
}

bool session_offer(struct l2tp_core *core, struct tunnel *t, const struct l2tp_msg *msg)
{
	struct session *s;

	if (session_new(core, t, msg->calling_number, msg->called_number, msg->sub_address, &s) < 0)
		return false;
	s->counted = true;
	source_call(t, 1);
	s->outgoing = msg->type == L2TP_MSG_OCRQ;
	s->role = s->outgoing ? L2TP_ROLE_LAC : L2TP_ROLE_LNS;
	s->peer_sid = msg->assigned_sid;
	s->serial = msg->call_serial;
	s->bearer_type = msg->bearer_type;
	s->framing_type = msg->framing_type;
	s->minimum_bps = msg->minimum_bps;
	s->maximum_bps = msg->maximum_bps;
	session_step(core, s, s->outgoing ? SESSION_EV_OCRQ : SESSION_EV_ICRQ, msg, NULL);
	return true;
}

void session_accept(
	struct l2tp_core *core, struct session *s, const struct l2tp_call_params *params)
{
	set_params(s, params);
	if (s->role == L2TP_ROLE_LAC)
		session_extra_params(&s->extra, params);
	/* the peer may have asked for either; one has to be named in the end */
	if (s->framing_type & L2TP_FRAMING_SYNC)
		s->framing_type = L2TP_FRAMING_SYNC;
	session_step(core, s, SESSION_EV_ACCEPT, NULL, NULL);
}

void session_tunnel_open(struct l2tp_core *core, struct session *s)
{
	struct tunnel *t = s->tunnel;
	struct l2tp_reason why;

	/* RFC 2661 6.9: without Bearer Capabilities the peer cannot place calls */
	if (s->outgoing && !t->peer_bearer_cap) {
		reason_session(&why, L2TP_WHO_LOCAL, 0, 0, "the peer cannot place outgoing calls");
		session_step(core, s, SESSION_EV_FAILED, NULL, &why);
		return;
	}
	s->framing_type = allowed(s->framing_type, t->peer_framing_cap);
	if (s->outgoing)
		s->bearer_type = allowed(
			s->bearer_type ? s->bearer_type : t->bearer_cap, t->peer_bearer_cap);
	session_step(core, s, SESSION_EV_TUNNEL_OPEN, NULL, NULL);
}

static char *stack(char **at, const char *str)
{
	char *copy = *at;

	*at = stpcpy(copy, str) + 1;
	return copy;
}

/* Memory lacks to tell the caller what comes next. */
static void give_up(struct l2tp_core *core, struct session *s)
{
	struct l2tp_reason why;

	reason_session(&why, L2TP_WHO_LOCAL, L2TP_CDN_ERROR, L2TP_ERR_RESOURCES, "out of memory");
	session_step(core, s, SESSION_EV_FAILED, NULL, &why);
}

static void offer(struct l2tp_core *core, struct session *s)
{
	size_t size = strlen(s->calling) + strlen(s->called) + strlen(s->sub_address) + 3;
	struct effect_node *node = core_effect(core, L2TP_EFFECT_SESSION_OFFER, s->tunnel, s, size);
	struct l2tp_reason why;
	char *at;

	if (!node) {
		/* the caller never heard of it */
		reason_session(
			&why, L2TP_WHO_LOCAL, L2TP_CDN_ERROR, L2TP_ERR_RESOURCES, "out of memory");
		session_send_cdn(core, s->tunnel, s->sid, s->peer_sid, &why);
		forget(core, s, true);
		return;
	}
	at = (char *)node->bytes;
	node->effect.offer.role = s->role;
	node->effect.offer.serial = s->serial;
	node->effect.offer.bearer_type = s->bearer_type;
	node->effect.offer.framing_type = s->framing_type;
	node->effect.offer.calling = stack(&at, s->calling);
	node->effect.offer.called = stack(&at, s->called);
	node->effect.offer.sub_address = stack(&at, s->sub_address);
	set_owes(s, SESSION_OWES_ANSWER);
}

static void create(struct l2tp_core *core, struct session *s)
{
	struct effect_node *node = core_effect(core, L2TP_EFFECT_SESSION_CREATE, s->tunnel, s, 0);
	struct l2tp_effect *effect;

	if (!node) {
		give_up(core, s);
		return;
	}
	effect = &node->effect;
	s->created = true;
	effect->create.role = s->role;
	effect->create.peer_tid = s->tunnel->peer_tid;
	effect->create.peer_sid = s->peer_sid;
	effect->create.send_seq = s->send_seq;
	effect->create.require_seq = s->require_seq;
	set_owes(s, SESSION_OWES_KERNEL);
}

/* The call is over: tell, and leave every table. */
static void down(struct l2tp_core *core, struct session *s, const struct l2tp_reason *why)
{
	struct tunnel *t = s->tunnel;
	struct effect_node *node;
	struct l2tp_reason close;

	node = core_effect(core, L2TP_EFFECT_SESSION_DOWN, t, s, 0);
	if (node)
		node->effect.reason = *why;
	set_owes(s, SESSION_OWES_NOTHING);
	forget(core, s, node != NULL);
	/* a tunnel being opened for calls nobody wants any more */
	if (t->fsm.now == L2TP_TUNNEL_WAIT_CTL_REPLY && !t->session_count) {
		reason_tunnel(&close, L2TP_WHO_LOCAL, L2TP_STOPCCN_CLEAR, 0, "%s", why->text);
		tunnel_step(core, t, TUNNEL_EV_CLOSE, NULL, &close);
	}
}

static void hang_up(struct l2tp_core *core, struct session *s, const struct l2tp_reason *why)
{
	session_send_cdn(core, s->tunnel, s->sid, s->peer_sid, why);
	down(core, s, why);
}

static void request(struct l2tp_core *core, struct session *s)
{
	struct l2tp_reason why;

	if (session_send_request(core, s) == 0)
		return;
	reason_session(&why, L2TP_WHO_LOCAL, L2TP_CDN_ERROR, L2TP_ERR_LENGTH,
		"the call's attributes do not fit into a message");
	session_step(core, s, SESSION_EV_FAILED, NULL, &why);
}

/* What the message of an accepted step tells about the call. */
static void absorb(struct session *s, const struct l2tp_msg *msg)
{
	switch (msg->type) {
	case L2TP_MSG_ICRQ:
		s->speed_updates = l2tp_msg_has(msg, L2TP_AVP_CONNECT_SPEED_UPDATE_ENABLE);
		session_extra_absorb(&s->extra, msg, s->keep_proxy);
		break;
	case L2TP_MSG_OCRP:
		session_extra_absorb(&s->extra, msg, s->keep_proxy);
		s->peer_sid = msg->assigned_sid;
		break;
	case L2TP_MSG_ICRP:
		s->peer_sid = msg->assigned_sid;
		break;
	case L2TP_MSG_ICCN:
		/* what the caller said to the LAC is a help, not a condition: memory may lack */
		session_extra_absorb(&s->extra, msg, s->keep_proxy);
		/* fall through */
	case L2TP_MSG_OCCN:
		s->tx_speed = msg->tx_speed;
		/* RFC 2661 4.4.4: without Rx Connect Speed the call is symmetric */
		s->rx_speed = l2tp_msg_has(msg, L2TP_AVP_RX_CONNECT_SPEED) ? msg->rx_speed
									   : msg->tx_speed;
		s->framing_type = msg->framing_type;
		if (l2tp_msg_has(msg, L2TP_AVP_SEQUENCING_REQUIRED))
			s->require_seq = s->send_seq = true;
		break;
	}
}

static void up(struct l2tp_core *core, struct session *s)
{
	set_owes(s, SESSION_OWES_NOTHING);
	if (!core_effect(core, L2TP_EFFECT_SESSION_UP, s->tunnel, s, 0))
		give_up(core, s);
}

static void tell_accm(struct l2tp_core *core, const struct session *s, const struct l2tp_msg *msg)
{
	struct effect_node *node = core_effect(core, L2TP_EFFECT_SESSION_ACCM, s->tunnel, s, 0);

	if (!node)
		return;
	node->effect.accm.send = msg->accm_send;
	node->effect.accm.recv = msg->accm_recv;
}

static void tell_errors(struct l2tp_core *core, const struct session *s, const struct l2tp_msg *msg)
{
	struct effect_node *node = core_effect(core, L2TP_EFFECT_SESSION_ERRORS, s->tunnel, s, 0);

	if (!node)
		return;
	memcpy(node->effect.call_errors, msg->call_errors, sizeof(node->effect.call_errors));
}

static void act(struct l2tp_core *core, struct session *s, const struct fsm_result *step,
	const struct l2tp_msg *msg, const struct l2tp_reason *why)
{
	struct l2tp_reason fault;

	switch ((enum session_action)step->action) {
	case SESSION_ACT_NONE:
		break;
	case SESSION_ACT_SEND_ICRQ:
	case SESSION_ACT_SEND_OCRQ:
		request(core, s);
		break;
	case SESSION_ACT_OFFER:
		offer(core, s);
		break;
	case SESSION_ACT_CREATE:
		create(core, s);
		break;
	case SESSION_ACT_SEND_ICRP:
		set_owes(s, SESSION_OWES_NOTHING);
		session_send_reply(core, s);
		break;
	case SESSION_ACT_SEND_OCRP_CREATE:
		session_send_reply(core, s);
		create(core, s);
		break;
	case SESSION_ACT_SEND_ICCN:
	case SESSION_ACT_SEND_OCCN:
		session_send_connected(core, s);
		up(core, s);
		break;
	case SESSION_ACT_UP:
		up(core, s);
		break;
	case SESSION_ACT_ACCM:
		tell_accm(core, s, msg);
		break;
	case SESSION_ACT_ERRORS:
		tell_errors(core, s, msg);
		break;
	case SESSION_ACT_CDN:
		hang_up(core, s, why);
		break;
	case SESSION_ACT_CDN_FSM:
		/* CDN has no result for a state machine error; error 6 tells it in words */
		reason_session(&fault, L2TP_WHO_LOCAL, L2TP_CDN_ERROR, L2TP_ERR_VENDOR,
			"%s in state %s", step->event, step->from);
		hang_up(core, s, &fault);
		break;
	case SESSION_ACT_DOWN:
		down(core, s, why);
		break;
	}
}

/* How long the state may last: only the peer has a deadline. */
static void entered(struct l2tp_core *core, struct session *s)
{
	usec_t at = USEC_INFINITY;

	switch ((enum l2tp_session_state)s->fsm.now) {
	case L2TP_SESSION_WAIT_REPLY:
	case L2TP_SESSION_WAIT_CONNECT:
		at = usec_after(core->now, s->setup_timeout);
		break;
	case L2TP_SESSION_IDLE:
	case L2TP_SESSION_WAIT_TUNNEL:
	case L2TP_SESSION_WAIT_CS_ANSWER:
	case L2TP_SESSION_WAIT_LOCAL:
	case L2TP_SESSION_ESTABLISHED:
		break;
	}
	timers_set(&core->timers, &s->timer, at);
}

void session_step(struct l2tp_core *core, struct session *s, enum session_event event,
	const struct l2tp_msg *msg, const struct l2tp_reason *why)
{
	struct fsm_result step;

	if (!fsm_step(fsm_session(s->outgoing, s->role), &s->fsm, event, core->now, &step))
		return;
	if (step.moved) {
		entered(core, s);
		core_trace(core, s->tunnel, s, &step);
	}
	if (event == SESSION_EV_READY)
		set_owes(s, SESSION_OWES_NOTHING);
	if (msg && s->fsm.now != L2TP_SESSION_IDLE)
		absorb(s, msg);
	act(core, s, &step, msg, why);
}

bool session_move(struct l2tp_core *core, struct session *s, struct tunnel *to)
{
	struct tunnel *from = s->tunnel;
	struct effect_node *node;

	if (!admit_own_call(core, to))
		return false;
	node = core_effect(core, L2TP_EFFECT_SESSION_MOVED, to, s, 0);
	if (!node)
		return false;
	node->effect.moved.from_tid = from->tid;
	TAILQ_REMOVE(&from->sessions, s, link);
	from->session_count--;
	TAILQ_INSERT_TAIL(&to->sessions, s, link);
	to->session_count++;
	to->had_calls = true;
	s->tunnel = to;
	/* not told to anybody yet, and it should increase (RFC 2661 4.4.4) */
	s->serial = core->next_serial++;
	tunnel_sessions_changed(core, to);
	return true;
}

void session_timeout(struct l2tp_core *core, struct session *s)
{
	struct tunnel *t = s->tunnel;
	struct l2tp_reason why;

	reason_session(&why, L2TP_WHO_TIMEOUT, L2TP_CDN_TIMEOUT, 0,
		"no answer to the call within %u s", (unsigned)(s->setup_timeout / USEC_PER_SEC));
	session_step(core, s, SESSION_EV_TIMEOUT, NULL, &why);
	tunnel_settle(core, t);
}
