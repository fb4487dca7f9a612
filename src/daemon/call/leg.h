/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PPP channels that the plane makes (PLANE_LEG_OPEN), to whom they were ordered for. */
#ifndef DAEMON_CALL_LEG_H
#define DAEMON_CALL_LEG_H

#include "call.h"

/* A member of who waits for it; zero: does not wait. */
struct leg_order {
	UT_hash_handle hh; /* by cookie, while it is being made */
	uint64_t cookie;   /* 0: nothing is */
	/* It is there (result->leg is the waiter's now), or result->error says why not. */
	void (*done)(struct leg_order *order, const struct plane_result *result);
};

/* Order it with the fd or the pppoe of job. 0, or -errno: then job->fd is still the caller's. */
int leg_order(struct daemon *d, struct leg_order *order, struct plane_job *job);
/* Nobody waits any more: what comes of it is closed. */
void leg_forget(struct daemon *d, struct leg_order *order);
/* LEG_OPEN is done. */
void leg_plane_result(struct daemon *d, struct plane_result *result);

#endif
