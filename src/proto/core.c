/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The surface of the core: every input enters and leaves here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "admit.h"
#include "session.h"
#include "session_msg.h"
#include "session_speed.h"
#include "tunnel.h"
#include "tunnel_input.h"
#include "tunnel_send.h"
#include "tunnel_accept.h"
#include "tunnel_probe.h"

/* Longest StopCCN to tunnel 0 that is looked at. */
#define ORPHAN_MAX 2048

static void enter(struct l2tp_core *core, usec_t now)
{
	if (now > core->now)
		core->now = now;
}

/* The end of an input: nobody holds a pointer to the dead any more. */
static void leave(struct l2tp_core *core)
{
	struct session *s;
	struct tunnel *t;

	while ((s = TAILQ_FIRST(&core->dead_sessions))) {
		TAILQ_REMOVE(&core->dead_sessions, s, link);
		session_free(s);
	}
	while ((t = core->dead_tunnels)) {
		core->dead_tunnels = t->next_dead;
		tunnel_free(core, t);
	}
}

static struct tunnel *find_tunnel(const struct l2tp_core *core, uint16_t tid)
{
	return ids_get(&core->tids, tid);
}

static struct session *find_session(const struct l2tp_core *core, uint16_t tid, uint16_t sid)
{
	struct session *s = ids_get(&core->sids, sid);

	return s && s->tunnel->tid == tid ? s : NULL;
}

struct l2tp_core *l2tp_core_new(const struct l2tp_env *env, const struct l2tp_limits *limits)
{
	struct l2tp_core *core = calloc(1, sizeof(*core));

	if (!core)
		return NULL;
	core->env = *env;
	core->limits = *limits;
	core->call_price = limits->call_rate ? USEC_PER_SEC / limits->call_rate : 0;
	ids_init(&core->tids, limits->id_quarantine);
	ids_init(&core->sids, limits->id_quarantine);
	effects_init(&core->effects);
	limbo_init(&core->limbo);
	TAILQ_INIT(&core->dead_sessions);
	sources_init(&core->sources);
	env->random(env->user, &core->seed, sizeof(core->seed));
	env->random(env->user, core->challenge_key, sizeof(core->challenge_key));
	env->random(env->user, &core->next_serial, sizeof(core->next_serial));
	/* far from the wrap, so that it increases in any log a person reads */
	core->next_serial >>= 8;
	return core;
}

void l2tp_core_free(struct l2tp_core *core)
{
	uint16_t tid;

	if (!core)
		return;
	leave(core);
	limbo_free(core);
	for (tid = ids_next(&core->tids, 0); tid; tid = ids_next(&core->tids, tid))
		tunnel_free(core, ids_get(&core->tids, tid));
	sources_free(&core->sources);
	explicit_bzero(core->challenge_key, sizeof(core->challenge_key));
	effects_free(&core->effects);
	timers_free(&core->timers);
	ids_free(&core->tids);
	ids_free(&core->sids);
	free(core);
}

const struct l2tp_effect *l2tp_core_next_effect(struct l2tp_core *core)
{
	const struct l2tp_effect *effect;

	if (core->limbo.session || core->limbo.tunnel)
		limbo_release(core);
	effect = effects_next(&core->effects);
	return effect || limbo_is_empty(&core->limbo) ? effect : limbo_next(core);
}

usec_t l2tp_core_next_timeout(const struct l2tp_core *core)
{
	return timers_next(&core->timers);
}

void l2tp_core_timeout(struct l2tp_core *core, usec_t now)
{
	struct timer *timer;

	enter(core, now);
	while ((timer = timers_pop(&core->timers, core->now))) {
		char *at = (char *)timer;

		switch (timer->owner) {
		case TIMER_TUNNEL:
			tunnel_timeout(core, (void *)(at - offsetof(struct tunnel, timer)));
			break;
		case TIMER_SESSION:
			session_timeout(core, (void *)(at - offsetof(struct session, timer)));
			break;
		}
	}
	leave(core);
}

/*
 * RFC 2661 4.4.3: a StopCCN of a peer that did not learn our id comes to tunnel 0 and names the
 * peer's own. If it did not even get as far as telling that, it can only be about our unanswered
 * SCCRQ.
 */
static struct tunnel *find_orphan(
	struct l2tp_core *core, const struct l2tp_path *path, const uint8_t *buf, size_t len)
{
	struct tunnel *t, *only = NULL;
	uint8_t copy[ORPHAN_MAX];
	struct l2tp_verdict verdict;
	struct l2tp_msg msg;
	uint16_t head;

	if (len > sizeof(copy))
		return NULL;
	memcpy(copy, buf, len);
	l2tp_msg_decode(copy, len, NULL, &msg, &verdict);
	if (verdict.kind == L2TP_VERDICT_DROP || msg.type != L2TP_MSG_STOPCCN)
		return NULL;
	head = *core_by_peer(core, &path->peer, msg.assigned_tid);
	t = ring_first(&core->tids, head);
	for (; t; t = ring_next(&core->tids, head, t, TUNNEL_PEER_LINK))
		/* once established the peer knows our id: who says 0 still has only guessed its own
		 */
		if (t->fsm.now != L2TP_TUNNEL_ESTABLISHED && t->peer_tid == msg.assigned_tid &&
			l2tp_addr_equal(&t->path.peer, &path->peer))
			return t;
	LIST_FOREACH (t, core_unanswered(core, &path->peer), unanswered_link) {
		uint16_t port = l2tp_addr_port(&t->path.local);

		if (!l2tp_addr_same_host(&t->path.peer, &path->peer) ||
			(port && port != l2tp_addr_port(&path->local)))
			continue;
		if (only)
			return NULL;
		only = t;
	}
	return only;
}

static enum l2tp_input input(struct l2tp_core *core, const struct l2tp_path *path, uint8_t *buf,
	size_t len, struct l2tp_span *ret_host)
{
	struct l2tp_header hdr;
	struct tunnel *t;

	if (l2tp_header_parse(buf, len, &hdr) < 0 || !hdr.control) {
		core_drop(core, L2TP_DROP_MALFORMED, &path->peer);
		return L2TP_INPUT_DONE;
	}
	if (hdr.tid == 0 && l2tp_msg_peek_sccrq(buf, len, ret_host))
		return L2TP_INPUT_SCCRQ;
	t = hdr.tid ? find_tunnel(core, hdr.tid) : find_orphan(core, path, buf, len);
	if (!t) {
		core_drop(core, hdr.tid ? L2TP_DROP_NO_TUNNEL : L2TP_DROP_NOT_SCCRQ, &path->peer);
		return L2TP_INPUT_DONE;
	}
	tunnel_input(core, t, path, buf, len, &hdr);
	return L2TP_INPUT_DONE;
}

enum l2tp_input l2tp_core_input(struct l2tp_core *core, usec_t now, const struct l2tp_path *path,
	uint8_t *buf, size_t len, struct l2tp_span *ret_host)
{
	enum l2tp_input ret;

	enter(core, now);
	ret = input(core, path, buf, len, ret_host);
	leave(core);
	return ret;
}

void l2tp_core_accept(struct l2tp_core *core, usec_t now, const struct l2tp_path *path,
	uint8_t *buf, size_t len, const struct l2tp_tunnel_params *params)
{
	enter(core, now);
	tunnel_accept(core, path, buf, len, params);
	leave(core);
}

void l2tp_core_refuse(struct l2tp_core *core, usec_t now, const struct l2tp_path *path,
	uint8_t *buf, size_t len, enum l2tp_stopccn_result result, enum l2tp_error error,
	const char *text)
{
	struct l2tp_verdict verdict;
	struct l2tp_reason why;
	struct l2tp_msg msg;

	enter(core, now);
	l2tp_msg_decode(buf, len, NULL, &msg, &verdict);
	reason_tunnel(&why, L2TP_WHO_LOCAL, result, error, "%s", text ? text : "");
	if (verdict.kind != L2TP_VERDICT_DROP)
		tunnel_refuse(core, path, len, msg.assigned_tid, &why);
}

int l2tp_core_open_tunnel(struct l2tp_core *core, usec_t now, const struct l2tp_path *path,
	const struct l2tp_tunnel_params *params)
{
	struct source *source;
	struct tunnel *t;
	int r;

	enter(core, now);
	if (!admit_own_tunnel(core))
		return -ENOSPC;
	source = source_get(core, &path->peer);
	if (!source)
		return -ENOMEM;
	r = tunnel_new(core, path, source, params, true, &t);
	if (r < 0)
		return r;
	r = t->tid;
	tunnel_step(core, t, TUNNEL_EV_OPEN, NULL, NULL);
	tunnel_settle(core, t);
	leave(core);
	return r;
}

int l2tp_core_place_call(
	struct l2tp_core *core, usec_t now, uint16_t tid, const struct l2tp_call_params *params)
{
	struct tunnel *t = find_tunnel(core, tid);
	int r;

	enter(core, now);
	if (!t || t->fsm.now == L2TP_TUNNEL_CLOSING)
		return -ENOENT;
	if (params->outgoing && t->fsm.now == L2TP_TUNNEL_ESTABLISHED && !t->peer_bearer_cap)
		return -EOPNOTSUPP;
	r = session_place(core, t, params);
	tunnel_settle(core, t);
	leave(core);
	return r;
}

void l2tp_core_accept_call(struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid,
	const struct l2tp_call_params *params)
{
	struct session *s = find_session(core, tid, sid);

	enter(core, now);
	if (!s || s->owes != SESSION_OWES_ANSWER)
		return;
	session_accept(core, s, params);
	tunnel_settle(core, s->tunnel);
	leave(core);
}

void l2tp_core_session_ready(
	struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid, int error, const char *text)
{
	struct session *s = find_session(core, tid, sid);
	struct l2tp_reason why;

	enter(core, now);
	if (!s || s->owes != SESSION_OWES_KERNEL)
		return;
	if (error)
		reason_session(&why, L2TP_WHO_LOCAL, L2TP_CDN_ERROR, L2TP_ERR_RESOURCES, "%s",
			text ? text : "");
	session_step(core, s, error ? SESSION_EV_FAILED : SESSION_EV_READY, NULL, &why);
	tunnel_settle(core, s->tunnel);
	leave(core);
}

void l2tp_core_close_session(struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid,
	const struct l2tp_reason *reason)
{
	struct session *s = find_session(core, tid, sid);
	struct l2tp_reason why = *reason;

	enter(core, now);
	if (!s)
		return;
	if (why.stopccn || !why.result) {
		why.stopccn = false;
		why.result = L2TP_CDN_ADMIN;
		why.error = 0;
	}
	session_step(core, s, SESSION_EV_CLOSE, NULL, &why);
	tunnel_settle(core, s->tunnel);
	leave(core);
}

void l2tp_core_close_tunnel(
	struct l2tp_core *core, usec_t now, uint16_t tid, const struct l2tp_reason *reason)
{
	struct tunnel *t = find_tunnel(core, tid);
	struct l2tp_reason why = *reason;

	enter(core, now);
	if (!t)
		return;
	if (!why.stopccn || !why.result) {
		why.stopccn = true;
		why.result = L2TP_STOPCCN_CLEAR;
		why.error = 0;
	}
	tunnel_step(core, t, TUNNEL_EV_CLOSE, NULL, &why);
	tunnel_settle(core, t);
	leave(core);
}

void l2tp_core_send_accm(struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid,
	uint32_t send, uint32_t recv)
{
	struct session *s = find_session(core, tid, sid);

	enter(core, now);
	if (!s)
		return;
	session_send_accm(core, s, send, recv);
	tunnel_settle(core, s->tunnel);
	leave(core);
}

void l2tp_core_send_errors(struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid,
	const uint32_t call_errors[static 6])
{
	struct session *s = find_session(core, tid, sid);

	enter(core, now);
	if (!s)
		return;
	session_send_errors(core, s, call_errors);
	tunnel_settle(core, s->tunnel);
	leave(core);
}

void l2tp_core_probe_tunnel(struct l2tp_core *core, usec_t now, uint16_t tid)
{
	struct tunnel *t = find_tunnel(core, tid);

	enter(core, now);
	if (!t)
		return;
	tunnel_probe(core, t);
	tunnel_settle(core, t);
	leave(core);
}

enum l2tp_twin l2tp_core_twin(
	struct l2tp_core *core, usec_t now, const struct l2tp_path *path, uint16_t except)
{
	enum l2tp_twin twin;

	enter(core, now);
	twin = tunnel_twin(core, path, except, 0);
	leave(core);
	return twin;
}

void l2tp_core_data_unanswered(struct l2tp_core *core, usec_t now, uint16_t tid, usec_t patience)
{
	struct tunnel *t = find_tunnel(core, tid);

	enter(core, now);
	if (!t)
		return;
	tunnel_data_unanswered(core, t, patience);
	tunnel_settle(core, t);
	leave(core);
}

void l2tp_core_send_speed(
	struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid, uint32_t tx, uint32_t rx)
{
	struct session *s = find_session(core, tid, sid);

	enter(core, now);
	if (!s)
		return;
	session_speed_send(core, s, tx, rx);
	tunnel_settle(core, s->tunnel);
	leave(core);
}

void l2tp_core_ask_speed(struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid)
{
	struct session *s = find_session(core, tid, sid);

	enter(core, now);
	if (!s)
		return;
	session_speed_ask(core, s);
	tunnel_settle(core, s->tunnel);
	leave(core);
}

void l2tp_core_saw_data(struct l2tp_core *core, usec_t now, uint16_t tid)
{
	struct tunnel *t = find_tunnel(core, tid);

	enter(core, now);
	if (!t)
		return;
	t->heard_at = core->now;
	t->data_heard = true;
	tunnel_settle(core, t);
	leave(core);
}

void l2tp_core_set_local(struct l2tp_core *core, uint16_t tid, const struct l2tp_addr *local)
{
	struct tunnel *t = find_tunnel(core, tid);

	if (t)
		t->path.local = *local;
}
