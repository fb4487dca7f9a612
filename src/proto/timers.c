/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "timers.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* Of one parent: they share a line or two of the cache. */
#define CHILDREN 4u

void timers_free(struct timers *timers)
{
	free(timers->heap);
	free(timers->pos);
	free(timers->timer);
	free(timers->spare);
	*timers = (struct timers){ 0 };
}

/* *array with room elements of size. */
static bool widen(void *array, uint32_t room, size_t size)
{
	void **at = array, *wide = realloc(*at, room * size);

	if (wide)
		*at = wide;
	return wide;
}

int timers_reserve(struct timers *timers)
{
	if (timers->reserved + 1 >= timers->room) {
		uint32_t room = timers->room ? timers->room * 2 : 64;

		if (!widen(&timers->heap, room, sizeof(*timers->heap)) ||
			!widen(&timers->pos, room, sizeof(*timers->pos)) ||
			!widen(&timers->timer, room, sizeof(*timers->timer)) ||
			!widen(&timers->spare, room, sizeof(*timers->spare)))
			return -ENOMEM;
		timers->room = room;
	}
	timers->reserved++;
	return 0;
}

static uint32_t parent_of(uint32_t pos)
{
	return (pos + CHILDREN - 2) / CHILDREN;
}

/* The earliest child of pos; 0 if there is none. */
static uint32_t first_child(const struct timers *timers, uint32_t pos)
{
	uint32_t child = CHILDREN * (pos - 1) + 2, end = child + CHILDREN, first = child;

	if (child > timers->count)
		return 0;
	if (end > timers->count + 1)
		end = timers->count + 1;
	while (++child < end)
		if (timers->heap[child].at < timers->heap[first].at)
			first = child;
	return first;
}

static void place(struct timers *timers, uint32_t pos, struct timers_entry entry)
{
	timers->heap[pos] = entry;
	timers->pos[entry.slot] = pos;
}

/* Put an entry where it belongs, beginning with the free place at pos. */
static void sift(struct timers *timers, uint32_t pos, struct timers_entry entry)
{
	uint32_t next;

	while (pos > 1 && timers->heap[next = parent_of(pos)].at > entry.at) {
		place(timers, pos, timers->heap[next]);
		pos = next;
	}
	while ((next = first_child(timers, pos)) && timers->heap[next].at < entry.at) {
		place(timers, pos, timers->heap[next]);
		pos = next;
	}
	place(timers, pos, entry);
}

bool timers_armed(const struct timers *timers, const struct timer *timer)
{
	return timer->slot && timer->slot != timers->popped && timers->pos[timer->slot];
}

static void take_out(struct timers *timers, uint32_t slot)
{
	struct timers_entry last;

	if (!timers->pos[slot])
		return;
	last = timers->heap[timers->count--];
	if (last.slot != slot)
		sift(timers, timers->pos[slot], last);
	timers->pos[slot] = 0;
	if (timers->popped == slot)
		timers->popped = 0;
}

void timers_release(struct timers *timers, struct timer *timer)
{
	if (timer->slot) {
		take_out(timers, timer->slot);
		timers->spare[timers->spares++] = timer->slot;
		timer->slot = 0;
	}
	assert(timers->reserved);
	timers->reserved--;
}

/* A timer's first time. */
static void take_slot(struct timers *timers, struct timer *timer)
{
	timer->slot = timers->spares ? timers->spare[--timers->spares] : ++timers->slots;
	assert(timer->slot < timers->room);
	timers->timer[timer->slot] = timer;
	timers->pos[timer->slot] = 0;
}

void timers_set(struct timers *timers, struct timer *timer, usec_t at)
{
	if (timer->at == at && timers_armed(timers, timer))
		return;
	timer->at = at;
	if (at == USEC_INFINITY) {
		if (timer->slot)
			take_out(timers, timer->slot);
		return;
	}
	if (!timer->slot)
		take_slot(timers, timer);
	if (timers->popped == timer->slot)
		timers->popped = 0;
	if (!timers->pos[timer->slot]) {
		assert(timers->count < timers->reserved);
		timers->pos[timer->slot] = ++timers->count;
	}
	sift(timers, timers->pos[timer->slot],
		(struct timers_entry){ .at = at, .slot = timer->slot });
}

usec_t timers_next(const struct timers *timers)
{
	uint32_t first = timers->count ? 1 : 0;

	if (first && timers->heap[1].slot == timers->popped)
		first = first_child(timers, 1);
	return first ? timers->heap[first].at : USEC_INFINITY;
}

/*
 * Who is due is nearly always armed again at once: the entry stays, to be moved just once, until
 * another one is asked for.
 */
struct timer *timers_pop(struct timers *timers, usec_t now)
{
	if (timers->popped)
		take_out(timers, timers->popped);
	if (!timers->count || timers->heap[1].at > now)
		return NULL;
	timers->popped = timers->heap[1].slot;
	return timers->timer[timers->popped];
}
