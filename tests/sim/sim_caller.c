/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The caller of each core: hands it what happens, and does what its effects ask for. */
#include <stdlib.h>
#include <string.h>

#include "sim_caller.h"
#include "sim_check.h"
#include "sim_net.h"

#define STEP_MAX 2000000u

static void local_answer(unsigned n, enum kind kind, const struct l2tp_effect *effect)
{
	struct event *ev = event_add(sim.now + below(sim.local_delay), kind, n, 0);

	ev->tid = effect->tid;
	ev->sid = effect->sid;
}

static const char *const effect_names[] = { "SEND", "TUNNEL_UP", "TUNNEL_DOWN", "TUNNEL_GONE",
	"SESSION_OFFER", "SESSION_CREATE", "SESSION_UP", "SESSION_DOWN", "SESSION_MOVED",
	"SESSION_ACCM", "SESSION_ERRORS", "SESSION_SPEED", "TRACE" };

static void tell(unsigned n, const struct l2tp_effect *effect)
{
	if (!verbose)
		return;
	switch (effect->type) {
	case L2TP_EFFECT_TRACE:
		say(n, "tid %u sid %u: %s --%s--> %s", effect->tid, effect->sid, effect->trace.from,
			effect->trace.event, effect->trace.to);
		break;
	case L2TP_EFFECT_TUNNEL_DOWN:
	case L2TP_EFFECT_SESSION_DOWN:
		say(n, "tid %u sid %u %s who %d result %u/%u: %s", effect->tid, effect->sid,
			effect_names[effect->type], effect->reason.who, effect->reason.result,
			effect->reason.error, effect->reason.text);
		break;
	case L2TP_EFFECT_SEND:
		break;
	case L2TP_EFFECT_TUNNEL_UP:
	case L2TP_EFFECT_TUNNEL_GONE:
	case L2TP_EFFECT_SESSION_OFFER:
	case L2TP_EFFECT_SESSION_CREATE:
	case L2TP_EFFECT_SESSION_UP:
	case L2TP_EFFECT_SESSION_MOVED:
	case L2TP_EFFECT_SESSION_ACCM:
	case L2TP_EFFECT_SESSION_SPEED:
	case L2TP_EFFECT_SESSION_ERRORS:
		say(n, "tid %u sid %u %s", effect->tid, effect->sid, effect_names[effect->type]);
		break;
	}
}

void drain(unsigned n)
{
	struct node *node = &sim.nodes[n];
	const struct l2tp_effect *effect;

	while ((effect = l2tp_core_next_effect(node->core))) {
		tell(n, effect);
		if (effect->tid)
			check_tunnel(n, effect, &node->tunnels[effect->tid]);
		if (effect->sid)
			check_session(n, effect, &node->sessions[effect->sid]);
		if (effect->type == L2TP_EFFECT_SEND)
			transmit(n, effect);
		else if (effect->type == L2TP_EFFECT_SESSION_OFFER)
			local_answer(n, EV_ANSWER, effect);
		else if (effect->type == L2TP_EFFECT_SESSION_CREATE)
			local_answer(n, EV_READY, effect);
		else if (effect->type == L2TP_EFFECT_TUNNEL_UP && chance(sim.tunnel_error))
			local_answer(n, EV_NO_TUNNEL, effect);
	}
}

static void take_packet(const struct event *ev)
{
	struct node *node = &sim.nodes[ev->node];
	struct l2tp_span host;
	uint8_t *buf;

	if (node->silent)
		return;
	/* a buffer of its very size, so that a sanitizer sees every step beyond it */
	buf = malloc(ev->len);
	if (!buf)
		abort();
	memcpy(buf, ev->data, ev->len);
	if (l2tp_core_input(node->core, clock_of(ev->node), &ev->path, buf, ev->len, &host) ==
		L2TP_INPUT_SCCRQ)
		l2tp_core_accept(node->core, clock_of(ev->node), &ev->path, buf, ev->len,
			&sim.params[ev->node]);
	free(buf);
}

static const struct l2tp_reason no_tunnel = { .stopccn = true,
	.result = L2TP_STOPCCN_ERROR,
	.error = L2TP_ERR_RESOURCES,
	.text = "scripted kernel error" };
const struct l2tp_reason hang_up = { .result = L2TP_CDN_ADMIN, .text = "scripted" };

static void answer(const struct event *ev)
{
	struct node *node = &sim.nodes[ev->node];
	struct l2tp_call_params params = { .send_seq = ev->sid & 1 };

	if (!node->sessions[ev->sid].exists || node->sessions[ev->sid].tid != ev->tid)
		return;
	if (chance(sim.refuse)) {
		node->refused++;
		l2tp_core_close_session(node->core, clock_of(ev->node), ev->tid, ev->sid, &hang_up);
	} else {
		l2tp_core_accept_call(node->core, clock_of(ev->node), ev->tid, ev->sid, &params);
	}
}

static void ready(const struct event *ev)
{
	struct node *node = &sim.nodes[ev->node];
	struct known_session *s = &node->sessions[ev->sid];
	bool error = chance(sim.kernel_error);

	if (!s->exists || !s->created || s->ready || s->tid != ev->tid)
		return;
	s->ready = !error;
	node->failed += error;
	l2tp_core_session_ready(node->core, clock_of(ev->node), ev->tid, ev->sid, error ? -12 : 0,
		"scripted kernel error");
}

/* What may happen on the line of a call at any time; the core knows who may tell whom. */
static void op_news(unsigned n, uint16_t tid, uint16_t sid)
{
	static const uint32_t errors[6] = { 1, 2, 3, 4, 5, 6 };
	struct node *node = &sim.nodes[n];
	uint32_t accm = (uint32_t)below(1u << 31);

	if (chance(200))
		l2tp_core_send_speed(node->core, clock_of(n), tid, sid, accm + 1, accm);
	else if (chance(200))
		l2tp_core_ask_speed(node->core, clock_of(n), tid, sid);
	else if (chance(500))
		l2tp_core_send_accm(node->core, clock_of(n), tid, sid, accm + 1, accm);
	else
		l2tp_core_send_errors(node->core, clock_of(n), tid, sid, errors);
}

static void op_open(unsigned n)
{
	struct node *node = &sim.nodes[n];
	struct l2tp_path path = { .local = node->addr, .peer = sim.nodes[!n].addr };
	int tid;

	l2tp_addr_set_port(&path.local, ++node->next_port);
	tid = l2tp_core_open_tunnel(node->core, clock_of(n), &path, &sim.params[n]);
	CHECK(tid > 0, "open_tunnel: %d", tid);
	node->tunnels[tid].exists = true;
	say(n, "open tid %d", tid);
}

/* Some tunnel or session of a node, by chance; 0 if it has none. */
static uint16_t some_tunnel(const struct node *node)
{
	uint16_t tid = l2tp_core_next_tunnel(node->core, (uint16_t)below(65536));

	return tid ? tid : l2tp_core_next_tunnel(node->core, 0);
}

static uint16_t some_session(const struct node *node, uint16_t tid)
{
	uint16_t sid = l2tp_core_next_session(node->core, tid, (uint16_t)below(65536));

	return sid ? sid : l2tp_core_next_session(node->core, tid, 0);
}

static void op_call(unsigned n)
{
	struct node *node = &sim.nodes[n];
	struct l2tp_call_params params = {
		.outgoing = chance(250),
		.calling = "100",
		.called = chance(500) ? "200" : NULL,
		.require_seq = chance(200),
		.speed_updates = chance(500),
		.setup_timeout = 20 * SEC,
	};
	uint16_t tid = some_tunnel(node);
	struct l2tp_tunnel_info info;
	int sid;

	if (!tid || !l2tp_core_tunnel_info(node->core, tid, &info))
		return;
	sid = l2tp_core_place_call(node->core, clock_of(n), tid, &params);
	CHECK((sid > 0) == (info.state != L2TP_TUNNEL_CLOSING), "place_call: %d", sid);
	if (sid < 0)
		return;
	CHECK(!node->sessions[sid].exists, "session id %d given twice", sid);
	node->sessions[sid] = (struct known_session){ .exists = true, .placed = true, .tid = tid };
	node->tunnels[tid].sessions++;
	node->placed++;
	say(n, "tid %u place call sid %d", tid, sid);
}

static void operate(const struct event *ev)
{
	struct node *node = &sim.nodes[ev->node];
	uint16_t tid = some_tunnel(node), sid = tid ? some_session(node, tid) : 0;

	switch (ev->op) {
	case OP_OPEN:
		op_open(ev->node);
		break;
	case OP_CALL:
		op_call(ev->node);
		break;
	case OP_CLOSE_CALL:
		if (!sid)
			break;
		node->closed++;
		l2tp_core_close_session(node->core, clock_of(ev->node), tid, sid, &hang_up);
		break;
	case OP_CLOSE_TUNNEL:
		sim.tunnel_closed = true;
		l2tp_core_close_tunnel(node->core, clock_of(ev->node), tid, &hang_up);
		break;
	case OP_SILENCE:
	case OP_SPEAK:
		node->silent = ev->op == OP_SILENCE;
		say(ev->node, node->silent ? "silent" : "speaks again");
		break;
	case OP_DATA:
		l2tp_core_saw_data(node->core, clock_of(ev->node), tid);
		break;
	case OP_NEWS:
		op_news(ev->node, tid, sid);
		break;
	case OP_SLEEP:
		/* a minute or a day: deadlines of before are all over */
		node->ahead += below(chance(500) ? 60 * SEC : 24 * 3600 * SEC);
		sim.slept = true;
		say(ev->node, "slept");
		break;
	case OP_COUNT:
		break;
	}
}

/* --- one run ---------------------------------------------------------------------------------- */

static void happen(struct event *ev)
{
	switch (ev->kind) {
	case EV_PACKET:
		take_packet(ev);
		break;
	case EV_ANSWER:
		answer(ev);
		break;
	case EV_READY:
		ready(ev);
		break;
	case EV_NO_TUNNEL:
		sim.tunnel_closed = true;
		l2tp_core_close_tunnel(
			sim.nodes[ev->node].core, clock_of(ev->node), ev->tid, &no_tunnel);
		break;
	case EV_OP:
		operate(ev);
		break;
	}
	drain(ev->node);
	free(ev);
}

void run_until(usec_t end)
{
	for (unsigned steps = 0; steps < STEP_MAX; steps++) {
		usec_t at = sim.count ? sim.heap[0]->at : USEC_INFINITY;
		unsigned who = NODES;

		for (unsigned i = 0; i < NODES; i++) {
			usec_t t = l2tp_core_next_timeout(sim.nodes[i].core);

			if (t != USEC_INFINITY)
				t = t > sim.nodes[i].ahead ? t - sim.nodes[i].ahead : 0;
			if (t < at) {
				at = t;
				who = i;
			}
		}
		if (at > end)
			break;
		CHECK(at >= sim.now || who == NODES || sim.slept, "deadline in the past");
		sim.now = at > sim.now ? at : sim.now;
		if (who == NODES) {
			happen(event_take());
			continue;
		}
		l2tp_core_timeout(sim.nodes[who].core, clock_of(who));
		drain(who);
		CHECK(l2tp_core_next_timeout(sim.nodes[who].core) > clock_of(who),
			"a deadline stays");
	}
	CHECK(!sim.count || sim.heap[0]->at > end, "too many steps");
	if (sim.now < end)
		sim.now = end;
}
