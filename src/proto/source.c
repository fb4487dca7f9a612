/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include "tunnel.h"

#define IN_SOURCE  offsetof(struct tunnel, place.in_source)
#define IN_NETWORK offsetof(struct tunnel, place.in_network)

/* A peer whose machine was exchanged, or many behind one address, are far below. */
#define GUESSES 64u
/* s: so long they are counted together, and so long it is believed that there are more */
#define GUESS_TIME 60u

enum source_kind { KIND_NONE, KIND_IPV4, KIND_IPV4_NETWORK, KIND_IPV6, KIND_IPV6_NETWORK };

void sources_init(struct sources *sources)
{
	for (unsigned group = 0; group < SOURCE_GROUPS; group++)
		for (unsigned level = 0; level < SOURCE_LEVELS; level++)
			TAILQ_INIT(&sources->levels[group][level]);
}

void sources_free(struct sources *sources)
{
	for (unsigned i = 0; i < SOURCE_BUCKETS; i++) {
		struct source *it;

		while ((it = sources->buckets[i])) {
			sources->buckets[i] = it->next;
			free(it);
		}
	}
}

/* --- finding --- */

static enum source_kind kind_of(const struct l2tp_addr *addr, bool network)
{
	if (addr->sa.sa_family == AF_INET)
		return network ? KIND_IPV4_NETWORK : KIND_IPV4;
	if (addr->sa.sa_family == AF_INET6)
		return network ? KIND_IPV6_NETWORK : KIND_IPV6;
	return KIND_NONE;
}

static uint64_t prefix_of(const struct l2tp_addr *addr, bool network)
{
	uint64_t prefix = 0;

	if (addr->sa.sa_family == AF_INET)
		memcpy(&prefix, &addr->in.sin_addr, network ? 3 : 4);
	else if (addr->sa.sa_family == AF_INET6)
		memcpy(&prefix, &addr->in6.sin6_addr, network ? 7 : 8);
	return prefix;
}

static struct source **bucket(struct l2tp_core *core, uint64_t prefix, enum source_kind kind)
{
	uint64_t hash = core_hash(core_hash(core->seed + kind) ^ prefix);

	return &core->sources.buckets[hash % SOURCE_BUCKETS];
}

static struct source *find(struct l2tp_core *core, uint64_t prefix, enum source_kind kind)
{
	struct source *it = *bucket(core, prefix, kind);

	while (it && (it->prefix != prefix || it->kind != kind))
		it = it->next;
	return it;
}

static struct source *source_find(struct l2tp_core *core, const struct l2tp_addr *addr)
{
	return find(core, prefix_of(addr, false), kind_of(addr, false));
}

static struct source *get(struct l2tp_core *core, const struct l2tp_addr *addr, bool network)
{
	enum source_kind kind = kind_of(addr, network);
	uint64_t prefix = prefix_of(addr, network);
	struct source *source = find(core, prefix, kind), **first;

	if (source) {
		source->refs++;
		return source;
	}
	source = calloc(1, network ? sizeof(struct source_network) : sizeof(struct source));
	if (!source)
		return NULL;
	source->prefix = prefix;
	source->kind = (uint8_t)kind;
	source->refs = 1;
	first = bucket(core, prefix, kind);
	source->next = *first;
	*first = source;
	return source;
}

void source_put(struct l2tp_core *core, struct source *source)
{
	struct source *network = source->network;
	struct source **at;

	if (--source->refs)
		return;
	at = bucket(core, source->prefix, (enum source_kind)source->kind);
	while (*at != source)
		at = &(*at)->next;
	*at = source->next;
	free(source);
	if (network)
		source_put(core, network);
}

struct source *source_get(struct l2tp_core *core, const struct l2tp_addr *addr)
{
	struct source *source = get(core, addr, false);

	if (!source || source->network)
		return source;
	/* a source that is new has the one reference to its network */
	source->network = get(core, addr, true);
	if (source->network)
		return source;
	source_put(core, source);
	return NULL;
}

/* --- counts and ranks --- */

/* The power of two that count, not 0, is in. */
static unsigned level_of(unsigned count)
{
	return 31 - (unsigned)__builtin_clz(count);
}

static enum source_group group_of(unsigned rank)
{
	static const enum source_group groups[L2TP_RANK_COUNT] = {
		[L2TP_RANK_CLOSING] = SOURCE_CLOSING,
		[L2TP_RANK_UNANSWERED] = SOURCE_HALF_OPEN,
		[L2TP_RANK_ANSWERED] = SOURCE_HALF_OPEN,
		[L2TP_RANK_IDLE] = SOURCE_IDLE,
	};

	return groups[rank];
}

unsigned source_count(const struct source *source, enum source_group group)
{
	switch (group) {
	case SOURCE_CLOSING:
		return source->count[L2TP_RANK_CLOSING];
	case SOURCE_HALF_OPEN:
		return (unsigned)source->count[L2TP_RANK_UNANSWERED] +
		       source->count[L2TP_RANK_ANSWERED];
	case SOURCE_IDLE:
		break;
	}
	return source->count[L2TP_RANK_IDLE];
}

/* The network leaves the queue of those with about so many tunnels of a group. */
static void leave_level(
	struct sources *sources, struct source *network, enum source_group group, unsigned level)
{
	struct source_network_list *queue = &sources->levels[group][level];

	TAILQ_REMOVE(queue, (struct source_network *)network, level[group]);
	if (TAILQ_EMPTY(queue))
		sources->busy[group] &= ~(1u << level);
}

static void enter_level(
	struct sources *sources, struct source *network, enum source_group group, unsigned level)
{
	TAILQ_INSERT_TAIL(
		&sources->levels[group][level], (struct source_network *)network, level[group]);
	sources->busy[group] |= 1u << level;
}

/* A network has one more or fewer of a group now. */
static void place_network(
	struct l2tp_core *core, struct source *network, enum source_group group, int change)
{
	unsigned now = source_count(network, group), before = now - (unsigned)change;

	core->sources.listed[group] += (unsigned)change;
	if (before && now && level_of(before) == level_of(now))
		return;
	if (before)
		leave_level(&core->sources, network, group, level_of(before));
	if (now)
		enter_level(&core->sources, network, group, level_of(now));
}

static void take_out(struct l2tp_core *core, struct tunnel *t, unsigned rank)
{
	struct source *source = t->place.source, *network = source->network;

	ring_remove(&core->tids, &source->oldest[rank], t->tid, IN_SOURCE);
	ring_remove(&core->tids, &network->oldest[rank], t->tid, IN_NETWORK);
	source->count[rank]--;
	network->count[rank]--;
	place_network(core, network, group_of(rank), -1);
}

static void put_in(struct l2tp_core *core, struct tunnel *t, unsigned rank)
{
	struct source *source = t->place.source, *network = source->network;

	ring_add(&core->tids, &source->oldest[rank], t->tid, IN_SOURCE);
	ring_add(&core->tids, &network->oldest[rank], t->tid, IN_NETWORK);
	source->count[rank]++;
	network->count[rank]++;
	place_network(core, network, group_of(rank), 1);
}

void source_rank(struct l2tp_core *core, struct tunnel *t, unsigned rank)
{
	unsigned old = t->place.rank;

	if (old == rank)
		return;
	t->place.rank = (uint8_t)rank;
	if (old != RANK_KEPT)
		take_out(core, t, old);
	if (rank != RANK_KEPT)
		put_in(core, t, rank);
}

void source_join(struct l2tp_core *core, struct tunnel *t, struct source *source, bool opened)
{
	t->place.source = source;
	t->place.rank = RANK_KEPT;
	t->place.opened = opened;
	source->opened += opened;
	source->network->opened += opened;
	core->stats.tunnels++;
}

void source_leave(struct l2tp_core *core, struct tunnel *t)
{
	struct source *source = t->place.source;

	source_rank(core, t, RANK_KEPT);
	core->stats.idle -= t->place.idle;
	source->opened -= t->place.opened;
	source->network->opened -= t->place.opened;
	core->stats.tunnels--;
	t->place.source = NULL;
	source_put(core, source);
}

void source_call(struct tunnel *t, int change)
{
	t->place.source->calls += (uint16_t)change;
	t->place.source->network->calls += (uint16_t)change;
}

struct source *source_at(struct source *source, enum l2tp_scope scope)
{
	switch (scope) {
	case L2TP_SCOPE_ALL:
		return NULL;
	case L2TP_SCOPE_NETWORK:
		return source->network;
	case L2TP_SCOPE_SOURCE:
	case L2TP_SCOPE_TUNNEL:
		break;
	}
	return source;
}

/* Of half-open tunnels the larger kind; see admit.h. */
static enum l2tp_rank first_rank(const struct source *at, enum source_group group)
{
	switch (group) {
	case SOURCE_CLOSING:
		return L2TP_RANK_CLOSING;
	case SOURCE_HALF_OPEN:
		return at->count[L2TP_RANK_ANSWERED] > at->count[L2TP_RANK_UNANSWERED]
			       ? L2TP_RANK_ANSWERED
			       : L2TP_RANK_UNANSWERED;
	case SOURCE_IDLE:
		break;
	}
	return L2TP_RANK_IDLE;
}

struct tunnel *source_oldest(
	const struct l2tp_core *core, const struct source *at, enum source_group group)
{
	const struct sources *sources = &core->sources;

	if (!at) {
		uint32_t busy = sources->busy[group];

		if (!busy)
			return NULL;
		at = &TAILQ_FIRST(&sources->levels[group][level_of(busy)])->source;
	}
	return ring_first(&core->tids, at->oldest[first_rank(at, group)]);
}

/* --- guesses --- */

static uint32_t seconds(const struct l2tp_core *core)
{
	return (uint32_t)(core->now / USEC_PER_SEC);
}

void source_strange(struct l2tp_core *core, const struct l2tp_addr *addr)
{
	struct source *source = source_find(core, addr);

	if (!source)
		return;
	if (seconds(core) - source->strange_since >= GUESS_TIME) {
		source->strange_since = seconds(core);
		source->strange = 0;
	}
	if (++source->strange < GUESSES)
		return;
	source->strange = GUESSES;
	source->strange_since = seconds(core);
	core->sources.guessed_until = core->now + GUESS_TIME * USEC_PER_SEC;
}

bool source_is_guessed(const struct l2tp_core *core, const struct tunnel *t)
{
	const struct source *source = t->place.source;

	return core->now < core->sources.guessed_until && source->strange >= GUESSES &&
	       seconds(core) - source->strange_since < GUESS_TIME;
}
