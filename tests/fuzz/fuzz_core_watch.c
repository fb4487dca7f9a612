/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz_core_watch.h"

#include <string.h>

#include "tunnel.h"

struct core_watch core_watch;

/* Which ids the effects spoke of: bit 0 exists, bit 1 up, bit 2 tunnel down. */
static uint8_t tunnels[65536], sessions[65536];
/* How many of them are not 0; all are again after a run. */
static unsigned known;

static void become(uint8_t *what, uint8_t value)
{
	known += (value != 0) - (*what != 0);
	*what = value;
}

void watch_begin(struct l2tp_core *core)
{
	core_watch = (struct core_watch){ .core = core };
}

void watch_tunnel(uint16_t tid)
{
	become(&tunnels[tid], 1);
}

void watch_session(uint16_t sid)
{
	become(&sessions[sid], 1);
}

bool watch_is_empty(void)
{
	return !known;
}

/* Read every octet an effect owns, so that a sanitizer looks at them, too. */
static void touch(const char *str)
{
	static volatile size_t sink;

	sink = sink + strlen(str);
}

static void check_session_effect(const struct l2tp_effect *effect)
{
	uint8_t *s = &sessions[effect->sid];

	switch (effect->type) {
	case L2TP_EFFECT_SESSION_OFFER:
		touch(effect->offer.calling);
		touch(effect->offer.called);
		touch(effect->offer.sub_address);
		CHECK(!*s);
		become(s, 1);
		break;
	case L2TP_EFFECT_SESSION_CREATE:
		CHECK(*s == 1);
		break;
	case L2TP_EFFECT_SESSION_UP:
		CHECK(*s == 1);
		become(s, 3);
		break;
	case L2TP_EFFECT_SESSION_DOWN:
		touch(effect->reason.text);
		CHECK(*s & 1);
		become(s, 0);
		break;
	case L2TP_EFFECT_SESSION_MOVED:
		CHECK(*s == 1 && tunnels[effect->tid] & 2);
		break;
	case L2TP_EFFECT_SESSION_ACCM:
	case L2TP_EFFECT_SESSION_ERRORS:
	case L2TP_EFFECT_SESSION_SPEED:
		CHECK(*s == 3);
		break;
	case L2TP_EFFECT_SEND:
	case L2TP_EFFECT_TUNNEL_UP:
	case L2TP_EFFECT_TUNNEL_DOWN:
	case L2TP_EFFECT_TUNNEL_GONE:
		CHECK(false);
		break;
	case L2TP_EFFECT_TRACE:
		break;
	}
}

static void check_tunnel_effect(const struct l2tp_effect *effect)
{
	uint8_t *t = &tunnels[effect->tid];

	/* the trace of its beginning was lost */
	if (core_watch.oom && effect->tid && !*t)
		become(t, 1);
	switch (effect->type) {
	case L2TP_EFFECT_SEND:
		CHECK(effect->send.len >= L2TP_CTRL_HDR_LEN);
		CHECK((effect->send.data[2] << 8 | effect->send.data[3]) == (int)effect->send.len);
		break;
	case L2TP_EFFECT_TUNNEL_UP:
		CHECK(*t == 1);
		become(t, *t | 2);
		break;
	case L2TP_EFFECT_TUNNEL_DOWN:
		touch(effect->reason.text);
		CHECK(*t && !(*t & 4));
		become(t, *t | 4);
		core_watch.tunnels_down++;
		break;
	case L2TP_EFFECT_TUNNEL_GONE:
		CHECK(*t & 4);
		become(t, 0);
		break;
	case L2TP_EFFECT_TRACE:
		if (strcmp(effect->trace.from, "idle") == 0)
			become(t, 1);
		break;
	case L2TP_EFFECT_SESSION_OFFER:
	case L2TP_EFFECT_SESSION_CREATE:
	case L2TP_EFFECT_SESSION_UP:
	case L2TP_EFFECT_SESSION_DOWN:
	case L2TP_EFFECT_SESSION_MOVED:
	case L2TP_EFFECT_SESSION_ACCM:
	case L2TP_EFFECT_SESSION_ERRORS:
	case L2TP_EFFECT_SESSION_SPEED:
		CHECK(false);
		break;
	}
}

void watch_drain(void)
{
	const struct l2tp_effect *effect;

	while ((effect = l2tp_core_next_effect(core_watch.core))) {
		CHECK(effect->tid || effect->type == L2TP_EFFECT_SEND);
		if (effect->sid)
			check_session_effect(effect);
		else
			check_tunnel_effect(effect);
	}
}

void watch_counts(void)
{
	const struct l2tp_core_stats *stats = &core_watch.core->stats;
	const unsigned *listed = core_watch.core->sources.listed;
	unsigned counts[RANK_KEPT + 1] = { 0 }, all = 0, idle = 0;
	uint16_t tid = 0;

	while ((tid = ids_next(&core_watch.core->tids, tid))) {
		const struct tunnel *t = ids_get(&core_watch.core->tids, tid);

		counts[t->place.rank]++;
		idle += t->fsm.now == L2TP_TUNNEL_ESTABLISHED && !t->session_count &&
			!t->initiator && !t->authenticated;
		all++;
	}
	CHECK(stats->tunnels == all && all <= 8);
	CHECK(stats->idle == idle && idle <= counts[L2TP_RANK_IDLE]);
	CHECK(listed[SOURCE_HALF_OPEN] ==
		counts[L2TP_RANK_UNANSWERED] + counts[L2TP_RANK_ANSWERED]);
	CHECK(listed[SOURCE_IDLE] == counts[L2TP_RANK_IDLE] && listed[SOURCE_IDLE] <= 4);
	CHECK(listed[SOURCE_CLOSING] == counts[L2TP_RANK_CLOSING] && listed[SOURCE_CLOSING] <= 3);
	CHECK(listed[SOURCE_HALF_OPEN] <= 4 && stats->sessions <= 20);
}

uint64_t watch_innocent_ends(void)
{
	const struct l2tp_core_stats *stats = &core_watch.core->stats;
	uint64_t sum = stats->overflows;

	for (unsigned i = 0; i < L2TP_RANK_COUNT; i++)
		sum += stats->gave_way[i];
	return sum;
}
