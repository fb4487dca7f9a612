/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ids.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define CANDIDATES 16

/* What a resting id points to. */
static char resting_mark;

void ids_init(struct ids *ids, usec_t quarantine)
{
	*ids = (struct ids){ .quarantine = quarantine };
}

void ids_free(struct ids *ids)
{
	for (size_t i = 0; i < sizeof(ids->pages) / sizeof(ids->pages[0]); i++)
		free(ids->pages[i]);
	free(ids->resting);
	*ids = (struct ids){ 0 };
}

static void *slot(const struct ids *ids, uint16_t id)
{
	void **page = ids->pages[id / IDS_PAGE];

	return page ? page[id % IDS_PAGE] : NULL;
}

void *ids_get(const struct ids *ids, uint16_t id)
{
	void *object = slot(ids, id);

	return object == &resting_mark ? NULL : object;
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

static void wake(struct ids *ids, usec_t now)
{
	while (ids->count && ids->resting[ids->first].until <= now) {
		uint16_t id = ids->resting[ids->first].id;

		ids->pages[id / IDS_PAGE][id % IDS_PAGE] = NULL;
		ids->first = (ids->first + 1) % ids->room;
		ids->count--;
	}
}

/* One more id can rest, so that ids_remove() cannot fail. */
static int reserve(struct ids *ids)
{
	unsigned room = ids->room ? ids->room * 2 : 64;
	struct ids_resting *ring;

	if (ids->used + ids->count < ids->room)
		return 0;
	ring = malloc(room * sizeof(*ring));
	if (!ring)
		return -ENOMEM;
	for (unsigned i = 0; i < ids->count; i++)
		ring[i] = ids->resting[(ids->first + i) % ids->room];
	free(ids->resting);
	ids->resting = ring;
	ids->first = 0;
	ids->room = room;
	return 0;
}

/* A free id, or 0. Nearly always one draw is enough; a full table is searched from a random place.
 */
static uint16_t draw(const struct ids *ids, const struct l2tp_env *env)
{
	uint16_t candidates[CANDIDATES];
	uint16_t id;

	env->random(env->user, candidates, sizeof(candidates));
	for (int i = 0; i < CANDIDATES; i++)
		if (candidates[i] && !slot(ids, candidates[i]))
			return candidates[i];
	id = candidates[0];
	do {
		if (id && !slot(ids, id))
			return id;
		id++;
	} while (id != candidates[0]);
	return 0;
}

int ids_add(struct ids *ids, const struct l2tp_env *env, usec_t now, void *object)
{
	uint16_t id;
	void ***page;

	wake(ids, now);
	if (reserve(ids) < 0)
		return -ENOMEM;
	id = draw(ids, env);
	if (!id)
		return -ENOSPC;
	page = &ids->pages[id / IDS_PAGE];
	if (!*page)
		*page = calloc(IDS_PAGE, sizeof(**page));
	if (!*page)
		return -ENOMEM;
	(*page)[id % IDS_PAGE] = object;
	ids->used++;
	return id;
}

void ids_remove(struct ids *ids, usec_t now, uint16_t id)
{
	assert(ids_get(ids, id));
	ids->pages[id / IDS_PAGE][id % IDS_PAGE] = &resting_mark;
	ids->used--;
	ids->resting[(ids->first + ids->count++) % ids->room] = (struct ids_resting){
		.until = ids->quarantine < USEC_INFINITY - now ? now + ids->quarantine
							       : USEC_INFINITY,
		.id = id,
	};
}

uint16_t ids_spare(const struct ids *ids, const struct l2tp_env *env)
{
	uint16_t id = draw(ids, env);

	return id ? id : 1;
}
