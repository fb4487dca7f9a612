/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold: after every effect, when the network has been good for a while, and at the end.
 */
#include <string.h>

#include "sim_check.h"

void check_session(unsigned n, const struct l2tp_effect *effect, struct known_session *s)
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
	case L2TP_EFFECT_SESSION_SPEED:
		CHECK(s->up, "%c: a speed of a call that is not up", 'A' + n);
		break;
	case L2TP_EFFECT_SESSION_ERRORS:
		CHECK(s->up && effect->call_errors[0] == 1 && effect->call_errors[5] == 6,
			"%c: wrong errors", 'A' + n);
		break;
		/* told by the LAC, or asked for and still what ICCN said */
		CHECK(s->up && (effect->speed.tx == effect->speed.rx + 1 ||
				       effect->speed.tx == effect->speed.rx),
			"%c: wrong speed", 'A' + n);
		break;
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

void check_tunnel(unsigned n, const struct l2tp_effect *effect, struct known_tunnel *t)
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
	case L2TP_EFFECT_SESSION_SPEED:
	case L2TP_EFFECT_SESSION_ERRORS:
		CHECK(t->up && !t->down, "%c: session outside a tunnel", 'A' + n);
		break;
	case L2TP_EFFECT_SEND:
	case L2TP_EFFECT_TRACE:
		break;
	}
}

/* Every call that is up at one end is up at the other, and nothing is under way any more. */
void check_agreement(void)
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
	sim_ties.seen++;
	sim_ties.single += sim.nodes[0].tunnel_ups == 1;
}

/* Where nothing goes wrong, every call comes up. */
void check_success(void)
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

void check_empty(void)
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
