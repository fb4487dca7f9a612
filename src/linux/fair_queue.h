/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Things to do for peers, so that none waits for all that another one ordered: networks take turns,
 * and in a network its addresses. What one address ordered is done in that order.
 */
#ifndef LINUX_FAIR_QUEUE_H
#define LINUX_FAIR_QUEUE_H

#include <stdint.h>
#include <sys/queue.h>

struct fair_lane;

/* The first member of what is queued. */
struct fair_item {
	STAILQ_ENTRY(fair_item) entry;
	uint64_t network, source; /* whose it is; the caller's numbers */
};

TAILQ_HEAD(fair_lanes, fair_lane);

struct fair_queue {
	struct fair_lane *networks; /* by their number */
	struct fair_lanes turns;    /* the next one first */
};

void fair_queue_init(struct fair_queue *queue);
/* The item stays the caller's, and where it is until fair_queue_next() returns it. 0 or -ENOMEM. */
int fair_queue_add(struct fair_queue *queue, struct fair_item *item);
/* Whose turn it is; NULL: nothing waits. An empty queue holds no memory. */
struct fair_item *fair_queue_next(struct fair_queue *queue);

#endif
