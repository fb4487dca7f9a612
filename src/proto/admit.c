/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admit.h"

#include "tunnel.h"

/* Longer than most answers take, and shorter than the time after which an SCCRQ is said again. */
#define MOMENT (300 * USEC_PER_MSEC)
/* A source with so many entries of a kind makes room in its own. */
#define FEW 8u
/* Requests for calls of a peer that proved a secret, or that we chose, may be so many times more.
 */
#define TRUST 8u

/* What a limit counts. */
static unsigned count_at(
	const struct l2tp_core *core, const struct source *at, enum l2tp_limit limit)
{
	switch (limit) {
	case L2TP_LIMIT_TUNNELS:
		return at ? at->opened : core->stats.tunnels;
	case L2TP_LIMIT_HALF_OPEN:
		return at ? source_count(at, SOURCE_HALF_OPEN)
			  : core->sources.listed[SOURCE_HALF_OPEN];
	case L2TP_LIMIT_IDLE:
		return at ? source_count(at, SOURCE_IDLE) : core->sources.listed[SOURCE_IDLE];
	case L2TP_LIMIT_CLOSING:
		return at ? source_count(at, SOURCE_CLOSING) : core->sources.listed[SOURCE_CLOSING];
	case L2TP_LIMIT_CALLS:
		break;
	}
	return at ? at->calls : core->stats.sessions;
}

static bool is_full(const struct l2tp_core *core, const struct source *at, enum l2tp_limit limit,
	enum l2tp_scope scope)
{
	unsigned max = core->limits.max[limit][scope];

	return max && count_at(core, at, limit) >= max;
}

/* victim ends. at_once: without the courtesies of RFC 2661 5.7, as its place is needed now. */
static void give_way(struct l2tp_core *core, struct tunnel *victim, bool at_once)
{
	enum l2tp_rank rank = (enum l2tp_rank)victim->place.rank;
	struct l2tp_reason why;

	core->stats.gave_way[rank]++;
	talkers_note(&core->talkers, core->now, &victim->path.peer);
	reason_tunnel(&why, L2TP_WHO_LOCAL, L2TP_STOPCCN_ERROR, L2TP_ERR_RESOURCES,
		"too many tunnels without a call; it gave way to others");
	if (rank == L2TP_RANK_CLOSING)
		tunnel_step(core, victim, TUNNEL_EV_CYCLE_OVER, NULL, NULL);
	else if (rank == L2TP_RANK_IDLE && !at_once)
		tunnel_step(core, victim, TUNNEL_EV_CLOSE, NULL, &why);
	else
		tunnel_step(core, victim, TUNNEL_EV_GIVE_WAY, NULL, &why);
	tunnel_settle(core, victim);
}

/* Who gives way in a part of the network, or everywhere: of these kinds in turn. */
static struct tunnel *find_victim(
	const struct l2tp_core *core, const struct source *at, enum l2tp_limit limit)
{
	struct tunnel *victim = NULL;

	switch (limit) {
	case L2TP_LIMIT_TUNNELS:
		victim = source_oldest(core, at, SOURCE_CLOSING);
		if (!victim)
			victim = source_oldest(core, at, SOURCE_HALF_OPEN);
		if (!victim)
			victim = source_oldest(core, at, SOURCE_IDLE);
		break;
	case L2TP_LIMIT_HALF_OPEN:
		victim = source_oldest(core, at, SOURCE_HALF_OPEN);
		break;
	case L2TP_LIMIT_IDLE:
		victim = source_oldest(core, at, SOURCE_IDLE);
		break;
	case L2TP_LIMIT_CLOSING:
		victim = source_oldest(core, at, SOURCE_CLOSING);
		break;
	case L2TP_LIMIT_CALLS:
		break;
	}
	return victim;
}

static bool is_idle(const struct tunnel *t)
{
	return t->fsm.now == L2TP_TUNNEL_ESTABLISHED && !t->session_count && !t->authenticated &&
	       !t->initiator;
}

/* The limit is reached. */
static bool make_room_at(
	struct l2tp_core *core, struct source *source, enum l2tp_limit limit, enum l2tp_scope scope)
{
	struct source *at = source ? source_at(source, scope) : NULL;
	struct tunnel *victim;

	do {
		victim = NULL;
		if (scope == L2TP_SCOPE_NETWORK && limit != L2TP_LIMIT_TUNNELS &&
			count_at(core, source, limit) >= FEW)
			victim = find_victim(core, source, limit);
		if (!victim)
			victim = find_victim(core, at, limit);
		if (!victim)
			break;
		/* it has a call by now */
		if (victim->place.rank == L2TP_RANK_IDLE && !is_idle(victim)) {
			source_rank(core, victim, RANK_KEPT);
			victim = NULL;
			continue;
		}
	} while (!victim && is_full(core, at, limit, scope));
	if (!victim && !is_full(core, at, limit, scope))
		return true;
	core->stats.limits[limit][scope]++;
	if (!victim)
		return false;
	give_way(core, victim, limit == L2TP_LIMIT_TUNNELS);
	return true;
}

static bool make_room(struct l2tp_core *core, struct source *source, enum l2tp_limit limit)
{
	if (is_full(core, source, limit, L2TP_SCOPE_SOURCE) &&
		!make_room_at(core, source, limit, L2TP_SCOPE_SOURCE))
		return false;
	if (is_full(core, source->network, limit, L2TP_SCOPE_NETWORK) &&
		!make_room_at(core, source, limit, L2TP_SCOPE_NETWORK))
		return false;
	return !is_full(core, NULL, limit, L2TP_SCOPE_ALL) ||
	       make_room_at(core, source, limit, L2TP_SCOPE_ALL);
}

/* With one more, the newcomer's part still has half as many at most as that of the victim. */
static bool is_lighter(
	const struct source *source, const struct tunnel *victim, enum l2tp_scope scope)
{
	const struct source *of = victim->place.source;

	switch (scope) {
	case L2TP_SCOPE_ALL:
		source = source->network;
		of = of->network;
		break;
	case L2TP_SCOPE_NETWORK:
		break;
	case L2TP_SCOPE_SOURCE:
	case L2TP_SCOPE_TUNNEL:
		return false;
	}
	return (source_count(source, SOURCE_HALF_OPEN) + 1) * 2 <=
	       source_count(of, SOURCE_HALF_OPEN);
}

/* The limit of half-open tunnels is reached there, and who would have to go had no moment yet. */
static bool is_rush(struct l2tp_core *core, struct source *source, enum l2tp_scope scope)
{
	struct source *at = source_at(source, scope);
	const struct tunnel *victim;

	if (!is_full(core, at, L2TP_LIMIT_HALF_OPEN, scope))
		return false;
	victim = find_victim(core, at, L2TP_LIMIT_HALF_OPEN);
	if (core->now - victim->fsm.since >= MOMENT || is_lighter(source, victim, scope))
		return false;
	core->stats.limits[L2TP_LIMIT_HALF_OPEN][scope]++;
	return true;
}

enum admit admit_tunnel(struct l2tp_core *core, struct source *source)
{
	for (enum l2tp_scope scope = L2TP_SCOPE_ALL; scope <= L2TP_SCOPE_SOURCE; scope++)
		if (is_rush(core, source, scope))
			return ADMIT_LATER;
	return make_room(core, source, L2TP_LIMIT_HALF_OPEN) &&
			       make_room(core, source, L2TP_LIMIT_TUNNELS)
		       ? ADMIT_YES
		       : ADMIT_NO;
}

bool admit_own_tunnel(struct l2tp_core *core)
{
	return !is_full(core, NULL, L2TP_LIMIT_TUNNELS, L2TP_SCOPE_ALL) ||
	       make_room_at(core, NULL, L2TP_LIMIT_TUNNELS, L2TP_SCOPE_ALL);
}

static unsigned rank_of(const struct tunnel *t)
{
	if (t->initiator)
		return RANK_KEPT;
	switch ((enum l2tp_tunnel_state)t->fsm.now) {
	case L2TP_TUNNEL_IDLE:
	case L2TP_TUNNEL_WAIT_CTL_REPLY:
		break;
	case L2TP_TUNNEL_WAIT_CTL_CONN:
		return t->proven ? L2TP_RANK_ANSWERED : L2TP_RANK_UNANSWERED;
	case L2TP_TUNNEL_ESTABLISHED:
		return is_idle(t) ? L2TP_RANK_IDLE : RANK_KEPT;
	case L2TP_TUNNEL_CLOSING:
		return t->authenticated ? RANK_KEPT : L2TP_RANK_CLOSING;
	}
	return RANK_KEPT;
}

/*
 * Calls come and go all the time, so a tunnel that gets one stays in the list of idle ones until
 * somebody looks for one to end there.
 */
void admit_rank(struct l2tp_core *core, struct tunnel *t)
{
	unsigned rank = rank_of(t);
	bool idle = rank == L2TP_RANK_IDLE;

	core->stats.idle += (unsigned)idle - t->place.idle;
	t->place.idle = idle;
	if (rank == t->place.rank || (t->session_count && t->place.rank == L2TP_RANK_IDLE))
		return;
	if (rank == L2TP_RANK_IDLE)
		make_room(core, t->place.source, L2TP_LIMIT_IDLE);
	else if (rank == L2TP_RANK_CLOSING)
		make_room(core, t->place.source, L2TP_LIMIT_CLOSING);
	source_rank(core, t, rank);
}

/*
 * A bucket that leaks: each request is paid for some time later, and no more than the burst may be
 * unpaid.
 */
static bool pays(struct l2tp_core *core, struct tunnel *t)
{
	usec_t until = t->calls_until > core->now ? t->calls_until : core->now;
	unsigned trust = t->authenticated || t->initiator ? TRUST : 1;
	usec_t price;

	if (!core->call_price)
		return true;
	price = core->call_price / trust;
	if (until + price > core->now + price * core->limits.call_burst * trust) {
		core->stats.refused_rate++;
		talkers_note(&core->talkers, core->now, &t->path.peer);
		return false;
	}
	t->calls_until = until + price;
	return true;
}

/* The first limit in the way of one more call in t, or L2TP_SCOPE_COUNT. peers: the peer places it.
 */
static enum l2tp_scope calls_full_at(
	const struct l2tp_core *core, const struct tunnel *t, bool peers)
{
	const unsigned *max = core->limits.max[L2TP_LIMIT_CALLS];

	if (max[L2TP_SCOPE_TUNNEL] && t->session_count >= max[L2TP_SCOPE_TUNNEL])
		return L2TP_SCOPE_TUNNEL;
	if (is_full(core, NULL, L2TP_LIMIT_CALLS, L2TP_SCOPE_ALL))
		return L2TP_SCOPE_ALL;
	if (!peers || t->initiator)
		return L2TP_SCOPE_COUNT;
	for (enum l2tp_scope scope = L2TP_SCOPE_NETWORK; scope <= L2TP_SCOPE_SOURCE; scope++)
		if (is_full(core, source_at(t->place.source, scope), L2TP_LIMIT_CALLS, scope))
			return scope;
	return L2TP_SCOPE_COUNT;
}

bool admit_own_call(const struct l2tp_core *core, const struct tunnel *t)
{
	return calls_full_at(core, t, false) == L2TP_SCOPE_COUNT;
}

const char *admit_call(struct l2tp_core *core, struct tunnel *t)
{
	enum l2tp_scope scope = calls_full_at(core, t, true);

	if (scope != L2TP_SCOPE_COUNT) {
		core->stats.limits[L2TP_LIMIT_CALLS][scope]++;
		core->stats.refused_calls++;
		talkers_note(&core->talkers, core->now, &t->path.peer);
		return "too many calls";
	}
	return pays(core, t) ? NULL : "too many requests for calls in a short time";
}

bool admit_answer(struct l2tp_core *core, struct tunnel *t)
{
	return pays(core, t);
}

bool admit_is_crowded(const struct l2tp_core *core)
{
	unsigned max = core->limits.max[L2TP_LIMIT_HALF_OPEN][L2TP_SCOPE_ALL];

	return max && core->sources.listed[SOURCE_HALF_OPEN] > max / 2;
}
