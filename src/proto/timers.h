/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deadlines: a binary heap of timers that live inside their owners.
 */
#ifndef L2TP_TIMERS_H
#define L2TP_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#include <l2tp/types.h>

enum timer_owner { TIMER_TUNNEL, TIMER_SESSION };

struct timer {
	usec_t at;
	uint32_t pos; /* place in the heap, from 1; 0: not armed */
	enum timer_owner owner;
};

struct timers {
	struct timer **heap; /* heap[0] is not used */
	uint32_t count, room;
	uint32_t reserved; /* timers that may be armed at the same time */
};

void timers_free(struct timers *timers);
/* Make room for one more owner, so that arming cannot fail. 0 or -ENOMEM. */
int timers_reserve(struct timers *timers);
/* An owner goes: disarm its timer and give its room back. */
void timers_release(struct timers *timers, struct timer *timer);
/* Arm, move, or with USEC_INFINITY disarm. */
void timers_set(struct timers *timers, struct timer *timer, usec_t at);
/* The earliest deadline; USEC_INFINITY if none. */
usec_t timers_next(const struct timers *timers);
/* Disarm and return the earliest timer that is due, or NULL. */
struct timer *timers_pop(struct timers *timers, usec_t now);

#endif
