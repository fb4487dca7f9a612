/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fair_queue.h"

#include <errno.h>
#include <stdlib.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* A network, or an address in one. */
struct fair_lane {
	UT_hash_handle hh;
	uint64_t number;
	TAILQ_ENTRY(fair_lane) turn;
	struct fair_lane *sources; /* of a network */
	struct fair_lanes turns;
	STAILQ_HEAD(, fair_item) items; /* of an address */
};

void fair_queue_init(struct fair_queue *queue)
{
	queue->networks = NULL;
	TAILQ_INIT(&queue->turns);
}

/* The lane with this number, which is the last one to have its turn if it is new. */
static struct fair_lane *lane_get(
	struct fair_lane **lanes, struct fair_lanes *turns, uint64_t number)
{
	struct fair_lane *lane;

	HASH_FIND(hh, *lanes, &number, sizeof(number), lane);
	if (lane)
		return lane;
	lane = calloc(1, sizeof(*lane));
	if (!lane)
		return NULL;
	lane->number = number;
	TAILQ_INIT(&lane->turns);
	STAILQ_INIT(&lane->items);
	HASH_ADD(hh, *lanes, number, sizeof(lane->number), lane);
	if (!lane->hh.tbl) {
		free(lane);
		return NULL;
	}
	TAILQ_INSERT_TAIL(turns, lane, turn);
	return lane;
}

static void lane_drop(struct fair_lane **lanes, struct fair_lanes *turns, struct fair_lane *lane)
{
	HASH_DEL(*lanes, lane);
	TAILQ_REMOVE(turns, lane, turn);
	free(lane);
}

/* It has had its turn: the last one, or gone if it has nothing more. */
static void lane_done(struct fair_lane **lanes, struct fair_lanes *turns, struct fair_lane *lane)
{
	if (TAILQ_EMPTY(&lane->turns) && STAILQ_EMPTY(&lane->items)) {
		lane_drop(lanes, turns, lane);
		return;
	}
	TAILQ_REMOVE(turns, lane, turn);
	TAILQ_INSERT_TAIL(turns, lane, turn);
}

int fair_queue_add(struct fair_queue *queue, struct fair_item *item)
{
	struct fair_lane *network = lane_get(&queue->networks, &queue->turns, item->network);
	struct fair_lane *source =
		network ? lane_get(&network->sources, &network->turns, item->source) : NULL;

	if (!source) {
		if (network && TAILQ_EMPTY(&network->turns))
			lane_drop(&queue->networks, &queue->turns, network);
		return -ENOMEM;
	}
	STAILQ_INSERT_TAIL(&source->items, item, entry);
	return 0;
}

struct fair_item *fair_queue_next(struct fair_queue *queue)
{
	struct fair_lane *network = TAILQ_FIRST(&queue->turns), *source;
	struct fair_item *item;

	if (!network)
		return NULL;
	source = TAILQ_FIRST(&network->turns);
	item = STAILQ_FIRST(&source->items);
	STAILQ_REMOVE_HEAD(&source->items, entry);
	lane_done(&network->sources, &network->turns, source);
	lane_done(&queue->networks, &queue->turns, network);
	return item;
}
