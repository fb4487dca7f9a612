/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deadlines: a heap of timers that live inside their owners.
 *
 * With 50,000 owners all over the memory, what costs is to touch those that have nothing to do with
 * the matter. So the heap has the deadlines itself, and where in the heap a timer stands is not
 * kept in the timer but in a small array; each has a slot there from the first time it is armed.
 */
#ifndef PROTO_TIMERS_H
#define PROTO_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#include <l2tp/types.h>

enum timer_owner { TIMER_TUNNEL, TIMER_SESSION };

struct timer {
	usec_t at;
	uint32_t slot; /* from 1; 0: never armed */
	enum timer_owner owner;
};

struct timers_entry {
	usec_t at;
	uint32_t slot;
};

struct timers {
	struct timers_entry *heap; /* from 1 */
	uint32_t *pos;		   /* by slot: place in the heap; 0: not armed */
	struct timer **timer;	   /* by slot */
	uint32_t *spare;	   /* slots given back */
	uint32_t count, slots, spares, room;
	uint32_t popped;   /* slot whose timer is disarmed, but still in the heap */
	uint32_t reserved; /* timers that may be armed at the same time */
};

void timers_free(struct timers *timers);
/* Make room for one more owner, so that arming cannot fail. 0 or -ENOMEM. */
int timers_reserve(struct timers *timers);
/* An owner goes: disarm its timer and give its room back. */
void timers_release(struct timers *timers, struct timer *timer);
/* Arm, move, or with USEC_INFINITY disarm. */
void timers_set(struct timers *timers, struct timer *timer, usec_t at);
bool timers_armed(const struct timers *timers, const struct timer *timer);
/* The earliest deadline; USEC_INFINITY if none. */
usec_t timers_next(const struct timers *timers);
/* Disarm and return the earliest timer that is due, or NULL. */
struct timer *timers_pop(struct timers *timers, usec_t now);

#endif
