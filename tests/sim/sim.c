// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two whole cores in virtual time, joined by a network that loses, doubles, delays and reorders,
 *and driven by a script made of a seed: open (also both at once, with ties), calls, closes, kernel
 *errors, refusals, silence, news of the line, a machine that sleeps, a forger.
 *
 *	sim [--seeds FROM-TO] [--loss PERCENT] [-v]
 *
 * A failing seed is printed and does the same again. What must hold is in the functions named
 *check_*.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <l2tp/core.h>

#include "sim.h"

#define SCRIPT	 (60 * SEC)   /* the script is played in this time */
#define QUIET	 (300 * SEC)  /* then the network is perfect; after this both sides agree */
#define THE_END	 (2000 * SEC) /* and after this nothing may be left */
#define STEP_MAX 2000000u

enum kind { EV_PACKET, EV_ANSWER, EV_READY, EV_NO_TUNNEL, EV_OP };
enum op {
	OP_OPEN,
	OP_CALL,
	OP_CLOSE_CALL,
	OP_CLOSE_TUNNEL,
	OP_SILENCE,
	OP_SPEAK,
	OP_DATA,
	OP_NEWS,
	OP_SLEEP,
	OP_COUNT
};

struct event {
	usec_t at;
	uint64_t order;
	enum kind kind;
	unsigned node;
	uint16_t tid, sid;
	enum op op;
	struct l2tp_path path;
	size_t len;
	uint8_t data[];
};

/* What the caller of a core knows about its objects. */
struct known_session {
	bool exists, placed, offered, created, ready, up;
	uint16_t tid;
};
struct known_tunnel {
	bool exists, up, down;
	unsigned sessions;
	uint32_t last_serial;
	bool any_serial;
};

struct node {
	struct l2tp_core *core;
	struct l2tp_addr addr;
	uint64_t random;
	uint16_t next_port;
	bool silent;
	usec_t ahead; /* of sim.now: its clock went on while it slept */
	struct known_tunnel *tunnels;
	struct known_session *sessions;
	unsigned placed, ups, refused, failed, closed, tunnel_ups;
};

static struct sim {
	uint64_t seed, random, order;
	usec_t now;
	struct event **heap;
	size_t count, room;
	struct node nodes[NODES];
	unsigned loss, dup, slow;  /* per mille; slow: delayed so much that it is overtaken */
	usec_t delay, local_delay; /* of the network, and of the caller's answers */
	unsigned refuse, kernel_error, tunnel_error; /* per mille */
	unsigned forge;				     /* so many datagrams also come from a forger */
	bool other_port, silence, slept, tunnel_closed, perfect;
	bool crossed; /* both open at the same moment, and nobody opens again */
	uint8_t secret[NODES][8];
	bool has_secret[NODES], same_secret;
	struct l2tp_tunnel_params params[NODES];
} sim;

static bool verbose;
static uint64_t total_messages;
static unsigned ties, single_tunnels;

uint64_t sim_draw(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t below(uint64_t limit)
{
	return limit ? sim_draw(&sim.random) % limit : 0;
}

bool chance(unsigned per_mille)
{
	return below(1000) < per_mille;
}

static void env_random(void *user, void *buf, size_t len)
{
	struct node *node = user;
	uint8_t *out = buf;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)sim_draw(&node->random);
}

__attribute__((format(printf, 2, 3))) static void say(unsigned node, const char *format, ...)
{
	va_list args;

	if (!verbose)
		return;
	printf("%12.6f %c ", (double)sim.now / 1e6, 'A' + (int)node);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void fail(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "sim: seed %" PRIu64 " at %.6f s: ", sim.seed, (double)sim.now / 1e6);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(1);
}

/* --- time ------------------------------------------------------------------------------------ */

static bool earlier(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static struct event *event_add(usec_t at, enum kind kind, unsigned node, size_t len)
{
	struct event *ev = calloc(1, sizeof(*ev) + len);
	size_t pos;

	if (sim.count == sim.room) {
		sim.room = sim.room ? sim.room * 2 : 256;
		sim.heap = realloc(sim.heap, sim.room * sizeof(*sim.heap));
	}
	if (!ev || !sim.heap)
		abort();
	ev->at = at;
	ev->order = sim.order++;
	ev->kind = kind;
	ev->node = node;
	ev->len = len;
	for (pos = sim.count++; pos && earlier(ev, sim.heap[(pos - 1) / 2]); pos = (pos - 1) / 2)
		sim.heap[pos] = sim.heap[(pos - 1) / 2];
	sim.heap[pos] = ev;
	return ev;
}

static struct event *event_take(void)
{
	struct event *first = sim.heap[0], *last = sim.heap[--sim.count];
	size_t pos = 0, child;

	while ((child = 2 * pos + 1) < sim.count) {
		if (child + 1 < sim.count && earlier(sim.heap[child + 1], sim.heap[child]))
			child++;
		if (!earlier(sim.heap[child], last))
			break;
		sim.heap[pos] = sim.heap[child];
		pos = child;
	}
	sim.heap[pos] = last;
	return first;
}

/* --- network --------------------------------------------------------------------------------- */

static usec_t clock_of(unsigned n)
{
	return sim.now + sim.nodes[n].ahead;
}

static unsigned node_at(const struct l2tp_addr *addr)
{
	for (unsigned i = 0; i < NODES; i++)
		if (l2tp_addr_same_host(&sim.nodes[i].addr, addr))
			return i;
	fail("datagram to nowhere");
}

/* Somebody off the path who guessed the ids, but has another address or port: nothing changes. */
static void forge(const struct event *ev)
{
	/* before the true one: else its number would be the past */
	struct event *copy = event_add(sim.now, EV_PACKET, ev->node, ev->len);

	copy->path = ev->path;
	memcpy(copy->data, ev->data, ev->len);
	if (chance(500))
		l2tp_addr_parse("198.51.100.66", l2tp_addr_port(&ev->path.peer), &copy->path.peer);
	else
		l2tp_addr_set_port(&copy->path.peer, 666);
	if (copy->len > L2TP_CTRL_HDR_LEN && chance(500))
		copy->data[19] = chance(500) ? L2TP_MSG_STOPCCN : L2TP_MSG_CDN;
}

static void packet(unsigned from, const struct l2tp_effect *effect)
{
	usec_t delay = sim.delay / 2 + below(sim.delay);
	struct event *ev;

	if (!sim.perfect && chance(sim.slow))
		delay += below(3 * SEC);
	ev = event_add(sim.now + delay, EV_PACKET, node_at(&effect->path.peer), effect->send.len);
	ev->path.local = effect->path.peer;
	ev->path.peer = effect->path.local;
	/* RFC 2661 8.1: the responder may answer from a port of its choice */
	if (sim.other_port && l2tp_addr_port(&ev->path.peer) == L2TP_PORT)
		l2tp_addr_set_port(&ev->path.peer, (uint16_t)(7000 + from));
	memcpy(ev->data, effect->send.data, effect->send.len);
	/* a request, and the first answer to one, may come from any port */
	if ((ev->data[4] || ev->data[5]) && effect->send.msg_type != L2TP_MSG_SCCRP &&
		sim.nodes[from].tunnels[effect->tid].up && chance(sim.forge))
		forge(ev);
}

static void transmit(unsigned from, const struct l2tp_effect *effect)
{
	total_messages++;
	say(from, "tid %u SEND %s%s", effect->tid, l2tp_msg_name(effect->send.msg_type),
		effect->send.retransmit ? " again" : "");
	if (sim.nodes[from].silent || (!sim.perfect && chance(sim.loss))) {
		say(from, "  lost");
		return;
	}
	packet(from, effect);
	if (!sim.perfect && chance(sim.dup))
		packet(from, effect);
}

/* --- what the caller of a core sees ----------------------------------------------------------- */

static void check_session(unsigned n, const struct l2tp_effect *effect, struct known_session *s)
{
	switch (effect->type) {
	case L2TP_EFFECT_SESSION_OFFER:
		CHECK(!s->exists, "%c: offer of a session that exists", 'A' + n);
		*s = (struct known_session){ .exists = true, .offered = true, .tid = effect->tid };
		break;
	case L2TP_EFFECT_SESSION_CREATE:
		CHECK(s->exists && !s->created, "%c: create out of order", 'A' + n);
		s->created = true;
		break;
	case L2TP_EFFECT_SESSION_UP:
		CHECK(s->exists && s->ready && !s->up, "%c: up out of order", 'A' + n);
		s->up = true;
		sim.nodes[n].ups++;
		break;
	case L2TP_EFFECT_SESSION_DOWN:
		CHECK(s->exists, "%c: down of an unknown session %u", 'A' + n, effect->sid);
		/* a call that was on its way while the other end closed the idle tunnel */
		if (strncmp(effect->reason.text, "no calls for ", 13) == 0)
			sim.tunnel_closed = true;
		*s = (struct known_session){ 0 };
		break;
	case L2TP_EFFECT_SESSION_MOVED:
		CHECK(s->exists && s->placed && !s->created && s->tid == effect->moved.from_tid,
			"%c: session %u moved that was not waiting", 'A' + n, effect->sid);
		s->tid = effect->tid;
		break;
	case L2TP_EFFECT_SESSION_ACCM:
		CHECK(s->up && effect->accm.send == effect->accm.recv + 1, "%c: wrong ACCM",
			'A' + n);
		break;
	case L2TP_EFFECT_SESSION_ERRORS:
		CHECK(s->up && effect->call_errors[0] == 1 && effect->call_errors[5] == 6,
			"%c: wrong errors", 'A' + n);
		break;
	case L2TP_EFFECT_SESSION_SPEED:
	case L2TP_EFFECT_SEND:
	case L2TP_EFFECT_TUNNEL_UP:
	case L2TP_EFFECT_TUNNEL_DOWN:
	case L2TP_EFFECT_TUNNEL_GONE:
	case L2TP_EFFECT_TRACE:
		break;
	}
}

/*
 * The network is bad enough to lose a tunnel or call. One that is slower than the first
 * retransmission counts as such: every message goes out twice and one at a time.
 */
static bool spoils(void)
{
	return sim.loss || sim.slow || sim.silence || sim.slept || sim.delay > SEC / 20;
}

static bool has_tie(void)
{
	return sim.params[0].tie_breaker || sim.params[1].tie_breaker;
}

/* The reasons a tunnel may end for here; no fault of a session is among them. */
static void check_tunnel_reason(unsigned n, const struct l2tp_reason *why)
{
	switch (why->who) {
	case L2TP_WHO_TIMEOUT:
		/* a loser that crossed the winner's SCCRP is answered, and that answer by nobody */
		CHECK(spoils() || has_tie(), "%c: timeout of a perfect network: %s", 'A' + n,
			why->text);
		sim.tunnel_closed = true; /* a call may have been placed in it */
		break;
	case L2TP_WHO_LOCAL:
	case L2TP_WHO_PEER:
		if (!sim.same_secret && why->result == L2TP_STOPCCN_NOT_AUTHORIZED)
			break;
		if (!sim.same_secret && why->result == L2TP_STOPCCN_ERROR)
			break; /* what was hidden cannot be read */
		if (sim.tunnel_error && why->result == L2TP_STOPCCN_ERROR &&
			why->error == L2TP_ERR_RESOURCES)
			break;
		if (why->who == L2TP_WHO_LOCAL && !why->result) {
			CHECK(has_tie(), "%c: a tie without tie breakers", 'A' + n);
			break;
		}
		CHECK(why->stopccn && why->result == L2TP_STOPCCN_CLEAR,
			"%c: tunnel ended with result %u error %u: %s", 'A' + n, why->result,
			why->error, why->text);
		break;
	}
}

static void check_tunnel(unsigned n, const struct l2tp_effect *effect, struct known_tunnel *t)
{
	if (effect->type == L2TP_EFFECT_SEND || effect->type == L2TP_EFFECT_TRACE) {
		t->exists = true;
		return;
	}
	CHECK(t->exists, "%c: effect %d of an unknown tunnel", 'A' + n, effect->type);
	switch (effect->type) {
	case L2TP_EFFECT_TUNNEL_UP:
		CHECK(!t->up && !t->down, "%c: tunnel up twice", 'A' + n);
		t->up = true;
		sim.nodes[n].tunnel_ups++;
		break;
	case L2TP_EFFECT_TUNNEL_DOWN:
		CHECK(!t->down && !t->sessions, "%c: tunnel down twice or before its sessions",
			'A' + n);
		t->down = true;
		check_tunnel_reason(n, &effect->reason);
		break;
	case L2TP_EFFECT_TUNNEL_GONE:
		CHECK(t->down, "%c: tunnel gone before it was down", 'A' + n);
		*t = (struct known_tunnel){ 0 };
		break;
	case L2TP_EFFECT_SESSION_OFFER:
		/* RFC 2661 5.8: in order, once; serials were given in the order of the requests */
		CHECK(!t->any_serial || effect->offer.serial > t->last_serial,
			"%c: request delivered twice or out of order", 'A' + n);
		t->any_serial = true;
		t->last_serial = effect->offer.serial;
		t->sessions++;
		CHECK(t->up && !t->down, "%c: offer outside a tunnel", 'A' + n);
		break;
	case L2TP_EFFECT_SESSION_DOWN:
		CHECK(t->sessions--, "%c: more sessions down than there were", 'A' + n);
		break;
	case L2TP_EFFECT_SESSION_MOVED:
		CHECK(sim.nodes[n].tunnels[effect->moved.from_tid].sessions--,
			"%c: a session moved that was not there", 'A' + n);
		t->sessions++;
		/* fall through */
	case L2TP_EFFECT_SESSION_CREATE:
	case L2TP_EFFECT_SESSION_UP:
	case L2TP_EFFECT_SESSION_ACCM:
	case L2TP_EFFECT_SESSION_ERRORS:
	case L2TP_EFFECT_SESSION_SPEED:
		CHECK(t->up && !t->down, "%c: session outside a tunnel", 'A' + n);
		break;
	case L2TP_EFFECT_SEND:
	case L2TP_EFFECT_TRACE:
		break;
	}
}

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
	case L2TP_EFFECT_SESSION_ERRORS:
	case L2TP_EFFECT_SESSION_SPEED:
		say(n, "tid %u sid %u %s", effect->tid, effect->sid, effect_names[effect->type]);
		break;
	}
}

static void drain(unsigned n)
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

/* --- the caller's side ------------------------------------------------------------------------ */

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
static const struct l2tp_reason hang_up = { .result = L2TP_CDN_ADMIN, .text = "scripted" };

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

	if (chance(500))
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

static void run_until(usec_t end)
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

static void set_up_params(unsigned n, bool hide)
{
	struct l2tp_tunnel_params *params = &sim.params[n];

	*params = (struct l2tp_tunnel_params){
		.hostname = n ? "lns.example" : "lac.example",
		.vendor = chance(500) ? "sim" : NULL,
		.receive_window = (uint16_t)(1 + below(64)),
		.hello = (5 + below(55)) * SEC,
		.max_retransmits = (unsigned)(3 + below(5)),
		.retransmit = (200 + below(1000)) * MSEC,
		.linger = chance(500) ? USEC_INFINITY : (1 + below(100)) * SEC,
		.tie_breaker = chance(300),
		.cookie = n + 1,
	};
	if (!sim.has_secret[n])
		return;
	params->secret.data = sim.secret[n];
	params->secret.len = sizeof(sim.secret[n]);
	params->hide = hide;
}

static void set_up(uint64_t seed, int loss)
{
	static const struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;
	bool hide;

	sim.seed = sim.random = seed;
	sim.now = 1000 * SEC;
	sim.loss = loss >= 0 ? (unsigned)loss * 10 : chance(300) ? 0 : (unsigned)below(400);
	sim.dup = chance(300) ? 0 : (unsigned)below(200);
	sim.slow = chance(500) ? 0 : (unsigned)below(100);
	sim.delay = 1 + below(chance(100) ? 2 * SEC : 100 * MSEC);
	sim.local_delay = 1 + below(50 * MSEC);
	sim.refuse = chance(500) ? 0 : (unsigned)below(300);
	sim.kernel_error = chance(500) ? 0 : (unsigned)below(300);
	sim.tunnel_error = chance(900) ? 0 : (unsigned)below(300);
	sim.forge = chance(700) ? 0 : (unsigned)below(500);
	sim.other_port = chance(200);
	sim.silence = chance(150);
	sim.has_secret[0] = sim.has_secret[1] = chance(500);
	sim.same_secret = !chance(50);
	memset(sim.secret, 's', sizeof(sim.secret));
	if (!sim.same_secret) {
		sim.has_secret[below(2)] = true;
		sim.secret[0][0] = 'x';
	}
	hide = chance(300);
	for (unsigned i = 0; i < NODES; i++) {
		struct node *node = &sim.nodes[i];
		struct l2tp_env env = { .user = node, .random = env_random };
		struct known_tunnel *tunnels = node->tunnels;
		struct known_session *sessions = node->sessions;

		*node = (struct node){ .tunnels = tunnels,
			.sessions = sessions,
			.random = seed * NODES + i,
			.next_port = 40000 };
		l2tp_addr_parse(i ? "192.0.2.2" : "192.0.2.1", L2TP_PORT, &node->addr);
		set_up_params(i, hide);
		node->core = l2tp_core_new(&env, &limits);
		if (!node->core)
			abort();
	}
}

static void plan(enum op op, unsigned node, usec_t at)
{
	event_add(sim.now + at, EV_OP, node, 0)->op = op;
}

static void write_script(void)
{
	unsigned opener = (unsigned)below(NODES);
	/* with the network slower than a retransmission, many calls would take their time */
	unsigned calls = (unsigned)below(chance(100) && sim.delay < SEC / 10 ? 200 : 12);
	unsigned closes = chance(500) ? 0 : (unsigned)below(calls + 1);

	plan(OP_OPEN, opener, 0);
	sim.crossed = chance(200);
	if (sim.crossed)
		plan(OP_OPEN, !opener, 0);
	else if (chance(150))
		plan(OP_OPEN, !opener, below(100 * MSEC));
	if (!sim.crossed && chance(200))
		plan(OP_OPEN, (unsigned)below(NODES), below(SCRIPT));
	for (unsigned i = 0; i < calls; i++)
		plan(OP_CALL, chance(800) ? opener : !opener, chance(500) ? 1 : below(SCRIPT / 2));
	for (unsigned i = 0; i < closes; i++)
		plan(OP_CLOSE_CALL, (unsigned)below(NODES), below(SCRIPT));
	if (chance(200))
		plan(OP_CLOSE_TUNNEL, (unsigned)below(NODES), below(SCRIPT));
	if (sim.silence) {
		unsigned node = (unsigned)below(NODES);
		usec_t at = below(SCRIPT);

		plan(OP_SILENCE, node, at);
		plan(OP_SPEAK, node, at + below(50 * SEC));
	}
	if (chance(100))
		plan(OP_SLEEP, (unsigned)below(NODES), below(SCRIPT));
	for (unsigned i = 0; i < 8; i++)
		plan(OP_NEWS, (unsigned)below(NODES), below(SCRIPT));
	for (unsigned i = 0; i < 3; i++)
		plan(OP_DATA, (unsigned)below(NODES), below(SCRIPT));
}

/* Every call that is up at one end is up at the other, and nothing is under way any more. */
static void check_agreement(void)
{
	for (unsigned n = 0; n < NODES; n++) {
		const struct l2tp_core *here = sim.nodes[n].core, *there = sim.nodes[!n].core;
		uint16_t tid, sid;

		for (tid = l2tp_core_next_tunnel(here, 0); tid;
			tid = l2tp_core_next_tunnel(here, tid)) {
			struct l2tp_tunnel_info t, other;
			struct l2tp_session_info s, twin;

			CHECK(l2tp_core_tunnel_info(here, tid, &t), "tunnel lost");
			CHECK(t.state == L2TP_TUNNEL_ESTABLISHED || t.state == L2TP_TUNNEL_CLOSING,
				"%c: tunnel %u stuck", 'A' + n, tid);
			if (t.state == L2TP_TUNNEL_CLOSING)
				continue;
			CHECK(l2tp_core_tunnel_info(there, t.peer_tid, &other) &&
					other.peer_tid == tid &&
					other.state == L2TP_TUNNEL_ESTABLISHED,
				"%c: tunnel %u is up here only", 'A' + n, tid);
			for (sid = l2tp_core_next_session(here, tid, 0); sid;
				sid = l2tp_core_next_session(here, tid, sid)) {
				CHECK(l2tp_core_session_info(here, tid, sid, &s), "session lost");
				CHECK(s.state == L2TP_SESSION_ESTABLISHED,
					"%c: session %u stuck in %s", 'A' + n, sid,
					l2tp_session_state_name(s.state));
				CHECK(l2tp_core_session_info(
					      there, t.peer_tid, s.peer_sid, &twin) &&
						twin.peer_sid == sid &&
						twin.state == L2TP_SESSION_ESTABLISHED,
					"%c: session %u is up here only", 'A' + n, sid);
				CHECK(twin.role != s.role && twin.outgoing == s.outgoing &&
						twin.serial == s.serial &&
						twin.require_seq == s.require_seq &&
						strcmp(twin.called, s.called) == 0,
					"%c: session %u differs at the peer", 'A' + n, sid);
			}
		}
	}
}

/*
 * RFC 2661 4.4.3. An SCCRP that overtakes the SCCRQ of the same node finds its tunnel wanted still,
 * so now and then there are two (see tunnel_tie.c); main() looks at how often.
 */
static void count_ties(void)
{
	for (unsigned n = 0; n < NODES; n++)
		CHECK(sim.nodes[n].tunnel_ups == 2 || (has_tie() && sim.nodes[n].tunnel_ups == 1),
			"%u tunnels %s a tie breaker", sim.nodes[n].tunnel_ups,
			has_tie() ? "with" : "without");
	/* without a secret another port is another peer */
	if (!has_tie() || !sim.has_secret[0])
		return;
	ties++;
	single_tunnels += sim.nodes[0].tunnel_ups == 1;
}

/* Where nothing goes wrong, every call comes up. */
static void check_success(void)
{
	unsigned placed = 0, ups = 0, spoiled = 0;

	for (unsigned n = 0; n < NODES; n++) {
		placed += sim.nodes[n].placed;
		ups += sim.nodes[n].ups;
		spoiled += sim.nodes[n].refused + sim.nodes[n].failed + sim.nodes[n].closed;
	}
	if (spoils() || sim.tunnel_closed || spoiled || !sim.same_secret)
		return;
	CHECK(ups == 2 * placed, "%u calls, but only %u ends up", placed, ups);
	if (sim.crossed)
		count_ties();
}

static void check_empty(void)
{
	for (unsigned n = 0; n < NODES; n++) {
		struct l2tp_core_stats stats;

		l2tp_core_stats(sim.nodes[n].core, &stats);
		CHECK(!stats.tunnels && !stats.sessions && !stats.half_open,
			"%c: %u tunnels, %u sessions, %u half-open left", 'A' + n, stats.tunnels,
			stats.sessions, stats.half_open);
		CHECK(l2tp_core_next_timeout(sim.nodes[n].core) == USEC_INFINITY,
			"%c: a deadline is left", 'A' + n);
		CHECK(!stats.drops[L2TP_DROP_MALFORMED], "%c: malformed message", 'A' + n);
	}
}

static void close_all(unsigned n)
{
	struct node *node = &sim.nodes[n];
	uint16_t tid = 0;

	while ((tid = l2tp_core_next_tunnel(node->core, tid)))
		l2tp_core_close_tunnel(node->core, clock_of(n), tid, &hang_up);
	drain(n);
}

static void run(uint64_t seed, int loss)
{
	struct known_tunnel *tunnels[NODES];
	struct known_session *sessions[NODES];

	for (unsigned i = 0; i < NODES; i++) {
		tunnels[i] = sim.nodes[i].tunnels;
		sessions[i] = sim.nodes[i].sessions;
	}
	free(sim.heap);
	memset(&sim, 0, sizeof(sim));
	for (unsigned i = 0; i < NODES; i++) {
		sim.nodes[i].tunnels = tunnels[i] ? tunnels[i] : calloc(65536, sizeof(**tunnels));
		sim.nodes[i].sessions =
			sessions[i] ? sessions[i] : calloc(65536, sizeof(**sessions));
		if (!sim.nodes[i].tunnels || !sim.nodes[i].sessions)
			abort();
	}
	set_up(seed, loss);
	write_script();
	run_until(1000 * SEC + SCRIPT);
	run_until(1000 * SEC + SCRIPT + 60 * SEC);
	sim.perfect = true;
	/* an answer that takes longer than a retransmission cycle is none */
	if (sim.delay > SEC / 10)
		sim.delay = SEC / 10;
	for (unsigned i = 0; i < NODES; i++)
		sim.nodes[i].silent = false;
	run_until(1000 * SEC + SCRIPT + QUIET);
	check_agreement();
	check_success();
	close_all((unsigned)below(NODES));
	run_until(1000 * SEC + THE_END);
	check_empty();
	for (unsigned i = 0; i < NODES; i++)
		l2tp_core_free(sim.nodes[i].core);
}

static int usage(void)
{
	fprintf(stderr, "usage: sim [--seeds FROM-TO] [--loss PERCENT] [-v]\n");
	return 2;
}

int main(int argc, char **argv)
{
	uint64_t from = 1, to = 2000;
	int loss = -1;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0) {
			verbose = true;
		} else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc) {
			int got = sscanf(argv[++i], "%" SCNu64 "-%" SCNu64, &from, &to);

			if (got < 1)
				return usage();
			if (got == 1)
				to = from;
		} else if (strcmp(argv[i], "--loss") == 0 && i + 1 < argc) {
			loss = atoi(argv[++i]);
			if (loss < 0 || loss > 100)
				return usage();
		} else {
			return usage();
		}
	}
	for (uint64_t seed = from; seed <= to; seed++) {
		run(seed, loss);
		if (sim.loss < 600)
			sim_xport(sim.loss, sim.dup, sim.slow);
	}
	for (unsigned i = 0; i < NODES; i++) {
		free(sim.nodes[i].tunnels);
		free(sim.nodes[i].sessions);
	}
	free(sim.heap);
	if (ties > 20 && single_tunnels * 10 < ties * 9) {
		fprintf(stderr, "sim: one tunnel in only %u of %u ties\n", single_tunnels, ties);
		return 1;
	}
	printf("sim: seeds %" PRIu64 "-%" PRIu64 " passed, %" PRIu64 " messages\n", from, to,
		total_messages);
	return 0;
}
