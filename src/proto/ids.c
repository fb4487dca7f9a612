/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ids.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define CANDIDATES 4
/* So far a crowded table is searched for an id that has rested, before one that has not is taken.
 */
#define SEARCH 4096u

/*
 * A place in the table is 0 (free), the address of an object, or what says that the id rests:
 * bit 0 set, as in no address; bit 1 brief; bits 2 to 17 the last owner; above since when, in ms.
 */
#define BRIEF	    2u
#define OWNER_SHIFT 2
#define SINCE_SHIFT 18
/* ms */
#define BRIEF_REST 1000u

void ids_init(struct ids *ids, usec_t quarantine)
{
	*ids = (struct ids){ .quarantine = quarantine };
}

void ids_free(struct ids *ids)
{
	for (size_t i = 0; i < sizeof(ids->pages) / sizeof(ids->pages[0]); i++)
		free(ids->pages[i]);
	*ids = (struct ids){ 0 };
}

static uint64_t place_of(const struct ids *ids, uint16_t id)
{
	const uint64_t *page = ids->pages[id / IDS_PAGE];

	return page ? page[id % IDS_PAGE] : 0;
}

uint16_t ids_next(const struct ids *ids, uint16_t id)
{
	uint32_t it = (uint32_t)id + 1;

	while (it < 65536) {
		if (!ids->pages[it / IDS_PAGE])
			it = (it / IDS_PAGE + 1) * IDS_PAGE;
		else if (ids_get(ids, (uint16_t)it))
			return (uint16_t)it;
		else
			it++;
	}
	return 0;
}

static uint16_t owner_of(uint64_t place)
{
	return (uint16_t)(place >> OWNER_SHIFT);
}

/* How long it has rested beyond what it has to, in ms; negative: it still has to. */
static int64_t rested(const struct ids *ids, uint64_t place, usec_t now, uint16_t owner)
{
	uint64_t need = ids->quarantine / USEC_PER_MSEC;

	if (place & BRIEF && need > BRIEF_REST)
		need = BRIEF_REST;
	else if (owner && owner_of(place) != owner)
		need /= 2;
	return (int64_t)(now / USEC_PER_MSEC) - (int64_t)(place >> SINCE_SHIFT) - (int64_t)need;
}

/* A crowded table: the first free id from a random place on, or the one that has rested longest. */
static uint16_t search(const struct ids *ids, usec_t now, uint16_t owner, uint16_t from)
{
	int64_t best_rest = INT64_MIN;
	uint16_t id = from, best = 0;

	for (uint32_t i = 0; i < 65536 && (i < SEARCH || !best); i++, id++) {
		uint64_t place = place_of(ids, id);
		int64_t rest;

		if (!id || (place && !(place & IDS_RESTS)))
			continue;
		rest = place ? rested(ids, place, now, owner) : 0;
		if (rest >= 0)
			return id;
		if (rest <= best_rest || (owner && owner_of(place) == owner))
			continue;
		best = id;
		best_rest = rest;
	}
	return best;
}

/* A free id, or 0. Nearly always one draw is enough. */
static uint16_t draw(const struct ids *ids, const struct l2tp_env *env, usec_t now, uint16_t owner)
{
	uint16_t candidates[CANDIDATES];

	env->random(env->user, candidates, sizeof(candidates));
	for (int i = 0; i < CANDIDATES; i++) {
		uint64_t place = place_of(ids, candidates[i]);

		if (candidates[i] &&
			(!place || (place & IDS_RESTS && rested(ids, place, now, owner) >= 0)))
			return candidates[i];
	}
	return ids->used < 65535 ? search(ids, now, owner, candidates[0]) : 0;
}

int ids_add(struct ids *ids, const struct l2tp_env *env, usec_t now, void *object, uint16_t owner)
{
	uint64_t **page;
	uint16_t id;

	id = draw(ids, env, now, owner);
	if (!id)
		return -ENOSPC;
	page = &ids->pages[id / IDS_PAGE];
	if (!*page)
		*page = calloc(IDS_PAGE, sizeof(**page));
	if (!*page)
		return -ENOMEM;
	(*page)[id % IDS_PAGE] = (uintptr_t)object;
	assert(ids_get(ids, id) == object);
	ids->used++;
	return id;
}

void ids_remove(struct ids *ids, usec_t now, uint16_t id, uint16_t owner, enum ids_rest rest)
{
	uint64_t place = 0;

	assert(ids_get(ids, id));
	if (rest != IDS_REST_NONE)
		place = now / USEC_PER_MSEC << SINCE_SHIFT | (uint64_t)owner << OWNER_SHIFT |
			IDS_RESTS;
	if (rest == IDS_REST_BRIEF)
		place |= BRIEF;
	ids->pages[id / IDS_PAGE][id % IDS_PAGE] = place;
	ids->used--;
}

uint16_t ids_spare(const struct ids *ids, const struct l2tp_env *env, usec_t now)
{
	uint16_t id = draw(ids, env, now, 0);

	return id ? id : 1;
}
