// SPDX-License-Identifier: GPL-2.0-or-later
#include "timers.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

void timers_free(struct timers *timers)
{
	free(timers->heap);
	*timers = (struct timers){ 0 };
}

int timers_reserve(struct timers *timers)
{
	if (timers->reserved + 1 >= timers->room) {
		uint32_t room = timers->room ? timers->room * 2 : 64;
		struct timer **heap = realloc(timers->heap, room * sizeof(struct timer *));

		if (!heap)
			return -ENOMEM;
		timers->heap = heap;
		timers->room = room;
	}
	timers->reserved++;
	return 0;
}

static void place(struct timers *timers, uint32_t pos, struct timer *timer)
{
	timers->heap[pos] = timer;
	timer->pos = pos;
}

static void sift_up(struct timers *timers, struct timer *timer)
{
	uint32_t pos = timer->pos;

	while (pos > 1 && timers->heap[pos / 2]->at > timer->at) {
		place(timers, pos, timers->heap[pos / 2]);
		pos /= 2;
	}
	place(timers, pos, timer);
}

static void sift_down(struct timers *timers, struct timer *timer)
{
	uint32_t pos = timer->pos;

	for (;;) {
		uint32_t child = pos * 2;

		if (child > timers->count)
			break;
		if (child < timers->count && timers->heap[child + 1]->at < timers->heap[child]->at)
			child++;
		if (timers->heap[child]->at >= timer->at)
			break;
		place(timers, pos, timers->heap[child]);
		pos = child;
	}
	place(timers, pos, timer);
}

static void disarm(struct timers *timers, struct timer *timer)
{
	struct timer *last = timers->heap[timers->count];
	uint32_t pos = timer->pos;

	timers->count--;
	timer->pos = 0;
	if (last == timer)
		return;
	place(timers, pos, last);
	sift_up(timers, last);
	sift_down(timers, last);
}

void timers_release(struct timers *timers, struct timer *timer)
{
	if (timer->pos)
		disarm(timers, timer);
	assert(timers->reserved);
	timers->reserved--;
}

void timers_set(struct timers *timers, struct timer *timer, usec_t at)
{
	if (at == USEC_INFINITY) {
		if (timer->pos)
			disarm(timers, timer);
		timer->at = at;
		return;
	}
	if (timer->pos && timer->at == at)
		return;
	timer->at = at;
	if (!timer->pos) {
		assert(timers->count < timers->reserved);
		timer->pos = ++timers->count;
	}
	sift_up(timers, timer);
	sift_down(timers, timer);
}

usec_t timers_next(const struct timers *timers)
{
	return timers->count ? timers->heap[1]->at : USEC_INFINITY;
}

struct timer *timers_pop(struct timers *timers, usec_t now)
{
	struct timer *timer;

	if (!timers->count || timers->heap[1]->at > now)
		return NULL;
	timer = timers->heap[1];
	disarm(timers, timer);
	return timer;
}
