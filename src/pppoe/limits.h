/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often something may happen, in memory that does not grow with who asks.
 */
#ifndef PPPOE_LIMITS_H
#define PPPOE_LIMITS_H

#include <l2tp/types.h>

/* So many a second, and as many at once after a quiet second. Zero is a full one. */
struct limit_rate {
	usec_t due; /* the time by which those allowed so far are due */
};

/* Take one; false: too soon. rate 0: no limit. */
bool limit_rate_take(struct limit_rate *limit, usec_t now, unsigned rate);

/*
 * Who has to wait: a small table without chains, so a newcomer takes the place of another whose key
 * falls on the same one. That one is let through early, nothing worse.
 */
#define LIMIT_HOLDS 1024

struct limit_holds {
	struct {
		uint64_t key;
		usec_t until;
	} slots[LIMIT_HOLDS];
};

/* key: a good hash of who it is. */
void limit_hold(struct limit_holds *holds, uint64_t key, usec_t until);
bool limit_is_held(const struct limit_holds *holds, uint64_t key, usec_t now);

#endif
